"""When a run starts a service's container again: one rule, for the engine that does it and for the judge of its exits."""

from __future__ import annotations

import msgspec

from dockyard.model.plan import Role
from dockyard.model.service import Service

NAMES = ("no", "on-failure", "always", "unless-stopped")
"""The policies that an engine knows (Engine API, RestartPolicy)."""

_ALSO = {"": "no", "none": "no", "any": "always"}


class Restart(msgspec.Struct, frozen=True):
    """`name`: no, on-failure, always or unless-stopped; `attempts` 0: without end, and only with on-failure (Engine API, RestartPolicy)."""

    name: str = "no"
    attempts: int = 0


def restart_of(service: Service, role: Role) -> Restart:
    """The policy that a run gives to a service. A test is run once; what is meant to complete isn't started again when it has."""
    if role is Role.TEST:
        return Restart()
    policy = _written(service)
    if role is Role.ONE_SHOT and policy.name in ("always", "unless-stopped"):
        return Restart("on-failure")
    return policy


def _written(service: Service) -> Restart:
    """`deploy.restart_policy` rules over `restart`; without a condition it means no restart (Compose 2.40, getRestartPolicy)."""
    name, _, count = service.restart.partition(":")
    attempts = int(count) if count.isascii() and count.isdigit() else 0
    policy = service.deploy.restart_policy if service.deploy is not None else None
    if policy is not None:
        name, attempts = policy.condition, policy.max_attempts or 0
    name = named(name)
    return Restart(name, attempts if name == "on-failure" else 0)


def named(text: str) -> str:
    """The engine's name of what `restart` or `deploy.restart_policy.condition` says."""
    return _ALSO.get(text, text)
