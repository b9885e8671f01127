"""So many at a time, the first in the plan first.

Starting containers is bound by the engine's CPU: all at once take as long in all as a few at a time, but then none is done early. In the plan's
order those that others wait for are up first, and become ready while the rest still starts.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


def at_a_time(cpus: int, *, claimed: bool) -> tuple[int, int]:
    """How many containers are started, and created, at a time.

    Where an environment was claimed, few are made anew, and what stood by is at work already: one for each core, so that what others wait for
    is made and started before the rest is.
    """
    if claimed:
        return cpus, cpus
    return max(3, cpus + 1), max(2, cpus)


class Slots:
    """`most` holders at a time; who waits is let in by rank, the smallest first."""

    def __init__(self, most: int) -> None:
        self._free = most
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = 0

    @asynccontextmanager
    async def held(self, rank: int) -> AsyncIterator[None]:
        """Hold a slot while the body runs."""
        await self._take(rank)
        try:
            yield
        finally:
            self._free += 1
            self._wake()

    async def _take(self, rank: int) -> None:
        # the caller's whole batch gets in line before anybody is let in
        self._count += 1
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (rank, self._count, turn))
        asyncio.get_running_loop().call_soon(self._wake)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._free += 1
                self._wake()
            raise

    def _wake(self) -> None:
        while self._free and self._waiting:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                self._free -= 1
                turn.set_result(None)
