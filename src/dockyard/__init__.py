"""Dockyard: one application, described once in Compose; tested, delivered, dispatched and operated.

For programs: `environment`, `attach`, and services described in code (`Service`, `Healthcheck`, `Ready`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dockyard.api.blocking import Environment as Environment
    from dockyard.api.clones.opening import Clone as Clone
    from dockyard.api.clones.opening import Clones as Clones
    from dockyard.api.environment import Address as Address
    from dockyard.api.environment import AsyncEnvironment as AsyncEnvironment
    from dockyard.api.environment import Done as Done
    from dockyard.api.errors import CommandFailed as CommandFailed
    from dockyard.api.errors import EnvironmentFailed as EnvironmentFailed
    from dockyard.api.errors import TookTooLong as TookTooLong
    from dockyard.api.opening import attach as attach
    from dockyard.api.opening import environment as environment
    from dockyard.api.services import Healthcheck as Healthcheck
    from dockyard.api.services import Service as Service
    from dockyard.model.errors import UserError as UserError
    from dockyard.model.extension import HttpReady as HttpReady
    from dockyard.model.extension import QueryReady as QueryReady
    from dockyard.model.extension import Ready as Ready
    from dockyard.model.verdict import Verdict as Verdict

__version__ = "0.1.0"

_WHERE = {
    "Environment": "api.blocking",
    "Clone": "api.clones.opening",
    "Clones": "api.clones.opening",
    "Address": "api.environment",
    "AsyncEnvironment": "api.environment",
    "Done": "api.environment",
    "CommandFailed": "api.errors",
    "EnvironmentFailed": "api.errors",
    "TookTooLong": "api.errors",
    "attach": "api.opening",
    "environment": "api.opening",
    "Healthcheck": "api.services",
    "Service": "api.services",
    "UserError": "model.errors",
    "HttpReady": "model.extension",
    "QueryReady": "model.extension",
    "Ready": "model.extension",
    "Verdict": "model.verdict",
}


def __getattr__(name: str) -> Any:
    """The words for programs are imported when they are used: the command needs none of them."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"dockyard.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_WHERE])
