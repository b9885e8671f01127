"""Old containers of a claimed environment make way for those that are made in their place.

An old one gives its name away and is taken off its networks; from then on no name leads to it, and its address and ports are free. That is
all that anybody has to wait for: the container itself waits at its gate, speaks to nobody, and goes when the run has time for it. Removing one costs
an engine as much as half a start, which would come just when what replaces it is being started.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from dockyard.engines.docker.api import Api, EngineError
from dockyard.model.errors import DockyardError
from dockyard.model.facts import Waiting

LATER = 3.0
"""Seconds for which an old container that leads nowhere is left alone."""


class Parting:
    """Those that make way. `left`: their ids; what happens to them is nothing of the placement's."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.left: set[str] = set()
        self._waiting: dict[str, Waiting] = {}
        self._parting: list[asyncio.Task[None]] = []
        self._later: asyncio.Task[None] | None = None

    def part(self, waiting: Waiting) -> None:
        """Take it off its networks, while other things are done."""
        self.left.add(waiting.id)
        self._waiting[waiting.key] = waiting
        self._parting.append(asyncio.create_task(self._part(waiting)))
        self._later = self._later or asyncio.create_task(self._in_a_while())

    async def make_room(self, old: Sequence[Waiting], *, at_once: bool) -> None:
        """Their names are free on return; `at_once`: their addresses and ports too, which are fixed."""
        for number, waiting in enumerate(old):
            await self._api.rename(waiting.id, f"{waiting.name}-leaves-{number}")
            self.part(waiting)
        if at_once:
            await self.parted()

    async def remove(self, old: Sequence[Waiting]) -> None:
        """At once and wholly: their volumes are wanted."""
        self.left |= {waiting.id for waiting in old}
        await asyncio.gather(*(self._api.remove(waiting.id) for waiting in old))

    async def parted(self) -> None:
        """Return when nothing leads to those that make way any more."""
        if self._parting:
            await asyncio.gather(*self._parting)

    async def end(self, *, remove: bool) -> None:
        """Nothing is done later any more; `remove`: what still waits goes now, else with all the rest."""
        if self._later is not None:
            self._later.cancel()
            await asyncio.gather(self._later, return_exceptions=True)
        await self.parted()
        if remove:
            await self._gone()

    async def _in_a_while(self) -> None:
        await asyncio.sleep(LATER)
        await self._gone()

    async def _gone(self) -> None:
        await self.parted()
        waiting, self._waiting = self._waiting, {}
        await asyncio.gather(*(self._removed(one.id) for one in waiting.values()))

    async def _part(self, waiting: Waiting) -> None:
        """One that was booted runs: it isn't to speak to anybody either, so it goes wholly."""
        if waiting.booted or not await self._off_its_networks(waiting):
            await self._removed(waiting.id)

    async def _off_its_networks(self, waiting: Waiting) -> bool:
        try:
            await asyncio.gather(*(self._api.disconnect(network, waiting.id) for network in waiting.networks))
        except (EngineError, DockyardError):
            return False
        return True

    async def _removed(self, identity: str) -> None:
        """What is wrong with the engine is told by those who need it: what stays now goes with the rest at the end."""
        try:
            await self._api.remove(identity)
        except (EngineError, DockyardError):
            return
