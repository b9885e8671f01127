"""Takes a placement, or whatever a sweep found, off the engine: everything at once, as fast as the engine can, and what is left by name.

Networks are the slowest to go, so containers are taken off them by force first, all in parallel; then containers and networks go side
by side (a quarter faster than one after the other, measured on 20.10). What is already gone counts as removed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from dockyard.engines.docker.api import Api, Conflict, Missing
from dockyard.model.errors import DockyardError
from dockyard.model.facts import FoundKind, Leftover
from dockyard.model.placement import MARKER

_PAUSES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between tries to remove something that the engine still thinks is in use."""


class Holdings(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be removed, (id, name) each. `joined`: which container (id) is on which networks (id). `markers`: containers that only say something."""

    containers: tuple[tuple[str, str], ...] = ()
    running: frozenset[str] = frozenset()
    networks: tuple[tuple[str, str], ...] = ()
    volumes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    markers: tuple[tuple[str, str], ...] = ()
    joined: tuple[tuple[str, str], ...] = ()


async def holdings(api: Api, filters: dict[str, list[str]], placement: str = "") -> Holdings:
    """Everything that carries the labels, and the tags of what was built for `placement`."""
    containers, nets, volumes, images = await asyncio.gather(
        api.containers(filters), api.networks(filters), api.volumes(filters), api.run_tags()
    )
    ours = {net["Id"]: net["Name"] for net in nets}
    named = [(c["Id"], c["Names"][0].lstrip("/") if c.get("Names") else c["Id"][:12]) for c in containers]
    marks = {c["Id"] for c in containers if MARKER in (c.get("Labels") or {})}
    return Holdings(
        containers=tuple(one for one in named if one[0] not in marks),
        markers=tuple(one for one in named if one[0] in marks),
        running=frozenset(c["Id"] for c in containers if c.get("State") in ("running", "paused", "restarting")),
        networks=tuple(ours.items()),
        volumes=tuple(volume["Name"] for volume in volumes),
        tags=tuple(tag for tag in images if placement and tag.rpartition(":")[2].rpartition("-")[0] == placement),
        joined=tuple(
            (c["Id"], on["NetworkID"])
            for c in containers
            for on in ((c.get("NetworkSettings") or {}).get("Networks") or {}).values()
            if on.get("NetworkID") in ours
        ),
    )


async def remove(api: Api, what: Holdings) -> list[Leftover]:
    """Remove all of it. What could not be removed, and why. Markers outlive tags, which can't say themselves whose they are."""
    live = [(container, network) for container, network in what.joined if container in what.running]
    await asyncio.gather(*(_quiet(lambda c=c, n=n: api.disconnect(n, c)) for c, n in live))
    ours = frozenset(identity for identity, _ in what.containers)
    first = what.containers if what.tags else (*what.containers, *what.markers)
    containers = asyncio.gather(*_all(api, first))
    if what.running and not live:
        # Nobody said who is where (a sweep): a network goes when its containers are gone.
        await containers
    # Podman (4.3) removes a network that is in use when it is asked for by its id.
    named = [(name if api.podman else identity, name) for identity, name in what.networks]
    networks = asyncio.gather(
        *(_removed(FoundKind.NETWORK, name, lambda t=target: _network(api, t, ours)) for target, name in named)
    )
    left = [*await containers]
    left += await asyncio.gather(
        *(_removed(FoundKind.VOLUME, name, lambda n=name: api.remove_volume(n)) for name in what.volumes),
        *(_removed(FoundKind.IMAGE_TAG, name, lambda n=name: api.untag(n)) for name in what.tags),
    )
    if what.tags:
        left += await asyncio.gather(*_all(api, what.markers))
    left += await networks
    return [one for one in left if one is not None]


def _all(api: Api, containers: Sequence[tuple[str, str]]) -> list[Awaitable[Leftover | None]]:
    return [_removed(FoundKind.CONTAINER, name, lambda i=identity: api.remove(i)) for identity, name in containers]


async def _network(api: Api, network: str, ours: frozenset[str]) -> None:
    """Remove a network of ours. Who else is on it was put there by a service (through the engine's socket) or by a person."""
    try:
        await api.remove_network(network)
    except Missing:
        raise
    except DockyardError:
        found = await api.network(network)
        strangers = [identity for identity in found.get("Containers") or {} if identity not in ours]
        await asyncio.gather(
            *(_quiet(lambda s=stranger: _part(api, s, network, found.get("Name", ""))) for stranger in strangers)
        )
        raise


async def _part(api: Api, container: str, network: str, name: str) -> None:
    """A stranger that was made on our network goes with it; one that was only joined to it is taken off."""
    body = await api.container(container)
    made_on = [(body.get("HostConfig") or {}).get("NetworkMode")]
    if api.podman:
        # It says "bridge" for all of them.
        on = list((body.get("NetworkSettings") or {}).get("Networks") or {})
        made_on = on if len(on) == 1 else []
    if network in made_on or name in made_on:
        await api.remove(container)
    else:
        await api.disconnect(network, container)


async def stop(api: Api, containers: Sequence[str]) -> None:
    """Ask every process to end by its own signal within its own grace, all at once."""
    await asyncio.gather(*(_quiet(lambda c=container: api.stop(c)) for container in containers))


async def _quiet(act: Callable[[], Awaitable[None]]) -> None:
    """A step that only helps: what it can't do the removal itself will."""
    try:
        await act()
    except DockyardError:
        return


async def _removed(kind: FoundKind, name: str, act: Callable[[], Awaitable[None]]) -> Leftover | None:
    why = ""
    for pause in (*_PAUSES, None):
        try:
            await act()
            return None
        except Missing:
            return None
        except (Conflict, DockyardError) as error:
            why = str(error).partition("\n")[0]
        if pause is not None:
            await asyncio.sleep(pause)
    return Leftover(kind, name, why)
