"""Runs that need the same fixed thing on an engine (an address range, a host port) take turns, and say so.

The claim is a marker on the engine, so that it holds between machines: created atomically, swept with its owner or deadline.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from dockyard.engines.protocol import Engine
from dockyard.environments.request import Request
from dockyard.model.application import Network
from dockyard.model.placement import Placement
from dockyard.record.recorder import Recorder

PAUSE = 0.5
"""Seconds between two tries for a turn."""


def wanted(request: Request) -> list[str]:
    """What only one run on an engine may hold at a time, in one order for all (no two runs wait for each other)."""
    application = request.application
    found: set[str] = set()
    for name in request.choice.services:
        service = application.services[name]
        if service.network_mode == "host":
            found.add("the host's network")
        for network in service.networks:
            found |= _fixed_ranges(application.networks.get(network))
        if request.publish == "fixed":
            found |= {f"port {port.published}/{port.protocol or 'tcp'}" for port in service.ports if port.published}
    return sorted(found)


def _fixed_ranges(network: Network | None) -> set[str]:
    if network is None or network.external:
        return set()
    return {f"subnet {pool.subnet}" for pool in network.ipam.config if pool.subnet}


@asynccontextmanager
async def held(engine: Engine, placement: Placement, keys: Iterable[str], recorder: Recorder) -> AsyncIterator[None]:
    """Hold all `keys` for this placement while the body runs."""
    mine: list[str] = []
    try:
        for key in keys:
            name = f"dockyard-turn-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
            await _take(engine, placement, key, name, recorder)
            mine.append(name)
        yield
    finally:
        for name in mine:
            await engine.unmark(name)


async def _take(engine: Engine, placement: Placement, key: str, name: str, recorder: Recorder) -> None:
    labels = placement.labels()
    told = False
    while not await engine.mark(name, labels):
        if not told:
            recorder.event("note", why=f"waits its turn: another run on this engine holds {key}")
            told = True
        await asyncio.sleep(PAUSE)
