"""Who goes first where an engine has more to do than it can do at once.

Creates and starts are bound by the engine's CPU: all at once they end all at the end. In turns, those that most others wait for end
first, and what follows them (their probes, their dependants' release) happens while the rest still starts. The total stays the same.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from dockyard.model.application import Application


def ranks(application: Application) -> Mapping[str, int]:
    """Each service's place: how many levels of dependencies are below it. Pure; what it joins counts as well."""
    found: dict[str, int] = {}

    def rank(name: str, above: tuple[str, ...]) -> int:
        service = application.services.get(name)
        if service is None or name in above:
            return 0
        if name not in found:
            joined = [
                value.partition(":")[2]
                for value in (service.network_mode, service.pid, service.ipc)
                if value.startswith("service:")
            ]
            below = [*service.depends_on, *joined, *(text.partition(":")[0] for text in service.volumes_from)]
            found[name] = 1 + max((rank(one, (*above, name)) for one in below), default=-1)
        return found[name]

    for name in application.services:
        rank(name, ())
    return found


class Turns:
    """At most `slots` at once; whoever waits with the lowest rank is next."""

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = 0

    @asynccontextmanager
    async def turn(self, rank: int) -> AsyncIterator[None]:
        await self._enter(rank)
        try:
            yield
        finally:
            self._free += 1
            self._wake()

    async def _enter(self, rank: int) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._waiting, (rank, self._count, future))
        # Those who come in the same moment are all asked before the first is chosen.
        asyncio.get_running_loop().call_soon(self._wake)
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self._free += 1
            self._wake()
            raise

    def _wake(self) -> None:
        while self._free and self._waiting:
            _, _, future = heapq.heappop(self._waiting)
            if not future.done():
                self._free -= 1
                future.set_result(None)
