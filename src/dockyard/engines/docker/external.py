"""What the file says is there already: networks and volumes that are joined and never made. An engine makes a volume that isn't there,
silently and for ever, and a test of it would be a test of nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from dockyard.engines.docker.api import Api, Missing
from dockyard.model.application import Application
from dockyard.model.errors import Problem, UserError


async def must_be_there(api: Api, application: Application, services: Iterable[str]) -> None:
    """UserError, with its place, for each external network or volume of these services that the engine doesn't have."""
    used = [application.services[name] for name in services]
    volumes = {mount.source for service in used for mount in service.volumes if mount.type == "volume"}
    networks = {name for service in used for name in service.networks}
    wanted: list[tuple[str, str, str, Callable[[str], Awaitable[object]]]] = [
        ("volume", key, declared.name or key, api.volume)
        for key, declared in application.volumes.items()
        if declared.external and key in volumes
    ]
    wanted += [
        ("network", key, declared.name or key, api.network)
        for key, declared in application.networks.items()
        if declared.external and key in networks
    ]
    there = await asyncio.gather(*(_there(look, name) for _, _, name, look in wanted))
    problems = [
        Problem(
            f"external {kind} {name!r} is not there",
            application.locate(f"{kind}s.{key}"),
            f"{kind}s.{key}",
            f"docker {kind} create {name}; or, where each run is to have one of its own, leave `external` out",
        )
        for (kind, key, name, _), found in zip(wanted, there, strict=True)
        if not found
    ]
    if problems:
        raise UserError(*problems)


async def _there(look: Callable[[str], Awaitable[object]], name: str) -> bool:
    try:
        await look(name)
    except Missing:
        return False
    return True
