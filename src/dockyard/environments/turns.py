"""Runs that need the same fixed thing on an engine (an address range, a host port) take turns, and say so.

The claim is a marker on the engine, so that it holds between machines: created atomically, swept with its owner or deadline.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from dockyard.engines.protocol import Engine
from dockyard.environments.choose import Choice
from dockyard.environments.judge import Blame, Fault
from dockyard.environments.request import Clock, Interrupt
from dockyard.model.application import Application, Network
from dockyard.model.errors import DockyardError
from dockyard.model.placement import Placement
from dockyard.record.recorder import Recorder

PAUSE = 0.5
"""Seconds between two tries for a turn."""


def wanted(application: Application, choice: Choice, publish: str) -> list[str]:
    """What only one run on an engine may hold at a time, in one order for all (no two runs wait for each other)."""
    found: set[str] = set()
    for name in choice.services:
        service = application.services[name]
        if service.network_mode == "host":
            found.add("the host's network")
        for network, on in service.networks.items():
            declared = application.networks.get(network)
            found |= _fixed_ranges(declared)
            if on is not None and declared is not None and declared.external:
                written = (address for address in (on.ipv4_address, on.ipv6_address, on.mac_address) if address)
                found |= {f"address {address} on {declared.name or network}" for address in written}
        if publish == "fixed":
            found |= {f"port {port.published}/{port.protocol or 'tcp'}" for port in service.ports if port.published}
    return sorted(found)


def _fixed_ranges(network: Network | None) -> set[str]:
    if network is None or network.external:
        return set()
    return {f"subnet {pool.subnet}" for pool in network.ipam.config if pool.subnet}


class NoTurn(DockyardError):
    """The turn did not come: somebody ended the run, or its time, before."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.what)


class Turn:
    """The turns of one run. `until`: Unix seconds by `clock` at which the run's time ends, waiting included."""

    def __init__(
        self, engine: Engine, placement: Placement, recorder: Recorder, interrupt: Interrupt, clock: Clock, until: float
    ) -> None:
        self._engine, self._placement, self._recorder = engine, placement, recorder
        self._interrupt, self._clock, self._until = interrupt, clock, until
        self._mine: list[str] = []

    @asynccontextmanager
    async def held(self, keys: Iterable[str]) -> AsyncIterator[None]:
        """Hold all `keys` while the body runs. NoTurn where that can't be."""
        try:
            for key in keys:
                name = f"dockyard-turn-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
                await self._take(key, name)
                self._mine.append(name)
            yield
        finally:
            for name in self._mine:
                await self._engine.unmark(name)

    def stay(self) -> None:
        """A kept environment goes on holding what it has; the marker goes with it."""
        self._mine.clear()

    async def _take(self, key: str, name: str) -> None:
        labels = self._placement.labels()
        told = False
        while not await self._engine.mark(name, labels):
            if self._interrupt.times:
                raise NoTurn(Fault(blame=Blame.ABORT, what=f"aborted by {self._interrupt.name}", at=self._clock()))
            if self._clock() >= self._until:
                what = f"the run's timeout ended while it waited its turn: another run on this engine holds {key}"
                raise NoTurn(Fault(blame=Blame.TIME, what=what, at=self._clock(), hint="dockyard env ls shows who stands there"))
            if not told:
                self._recorder.event("note", why=f"waits its turn: another run on this engine holds {key}")
                told = True
            await asyncio.sleep(PAUSE)
