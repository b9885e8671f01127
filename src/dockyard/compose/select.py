"""An application narrowed: to some services and what they need, and to what those use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from dockyard.compose.schema import suggest
from dockyard.model.application import Application
from dockyard.model.errors import Problem, UserError
from dockyard.model.service import Dependency, Service


def select(app: Application, names: Sequence[str] = (), *, dependencies: bool = True, all_resources: bool = False) -> Application:
    """Only the named services (none: all) and their dependencies; without what no service uses, unless asked for.

    UserError for a name that isn't there.
    """
    unknown = [name for name in names if name not in app.services]
    if unknown:
        raise UserError(*(Problem(f"no such service: {name}", hint=suggest(name, app.services)) for name in unknown))
    kept = _closure(app, names) if dependencies else set(names)
    services = {name: _without(s, kept) for name, s in app.services.items() if name in kept} if names else app.services
    set_aside = {name: service for name, service in app.services.items() if name not in services}
    narrowed = msgspec.structs.replace(app, services=services, disabled={**app.disabled, **set_aside})
    return narrowed if all_resources else _used(narrowed)


def _closure(app: Application, names: Sequence[str]) -> set[str]:
    kept: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in kept and name in app.services:
            kept.add(name)
            waiting.extend(app.services[name].depends_on)
    return kept


def _without(service: Service, kept: set[str]) -> Service:
    depends_on: dict[str, Dependency] = {name: d for name, d in service.depends_on.items() if name in kept}
    return msgspec.structs.replace(service, depends_on=depends_on)


def _used(app: Application) -> Application:
    used: dict[str, set[str]] = {kind: set() for kind in ("networks", "volumes", "secrets", "configs", "models")}
    for service in app.services.values():
        used["networks"].update(service.networks)
        used["volumes"].update(m.source for m in service.volumes if m.type == "volume" and m.source)
        used["secrets"].update(s.source for s in service.secrets)
        used["secrets"].update(s.source for s in (service.build.secrets if service.build else ()))
        used["configs"].update(c.source for c in service.configs)
        used["models"].update(service.models)
    fields: dict[str, Any] = {
        kind: {name: item for name, item in getattr(app, kind).items() if name in names} for kind, names in used.items()
    }
    return msgspec.structs.replace(app, **fields)
