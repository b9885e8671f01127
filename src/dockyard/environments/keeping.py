"""The test of an environment that fills data to be kept: that all of it stops cleanly, and that nothing was edited while it was filled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from dockyard.engines.protocol import Engine, Probe
from dockyard.environments import snapshots
from dockyard.environments.host_command import NAME
from dockyard.environments.life import Exit, says
from dockyard.environments.tell_services import tcp_ports
from dockyard.model.facts import State
from dockyard.model.placement import Placement
from dockyard.model.snapshot import Data, Group, Key, Snapshot
from dockyard.model.verdict import TestResult

if TYPE_CHECKING:
    from dockyard.environments.work import Work


PROBED_WITHIN = 10.0
"""Seconds for which it is looked whether a service that is ready listens."""


class Keeping:
    """One group's. `made`: what was kept; `why`: why nothing was. `key_now`: the key of what is in the files by then."""

    def __init__(
        self,
        engine: Engine,
        key: Key,
        place: Placement,
        data: Mapping[str, Data],
        group: Group,
        key_now: Callable[[], Awaitable[Key]],
    ) -> None:
        self._engine, self._key, self._place, self._data, self._group = engine, key, place, data, group
        self._key_now = key_now
        self.made: Snapshot | None = None
        self.why = ""

    async def keep(self, work: Work) -> None:
        """Called when all is ready: stop it, and keep what is there then."""
        began = work.clock()
        self.why = await self._listens(work) or await self._stop(work) or await self._edited()
        if not self.why:
            self.made = await self._engine.snapshots.keep(
                self._key, self._place, self._data, _seconds(work, self._group.services)
            )
            self.why = "" if self.made is not None else "another run was quicker"
        passed = self.made is not None
        seconds = round(work.clock() - began, 4)
        work.told_test(TestResult(service=NAME, exit_code=0 if passed else 1, seconds=seconds, passed=passed), work.clock())

    async def _listens(self, work: Work) -> str:
        """A database that is still being filled may answer its own check; it doesn't listen where others reach it yet."""
        for name in self._group.services:
            page = work.book[name]
            ports = tcp_ports(work.application.services[name], page.image)
            if not ports:
                continue
            async for reading in work.site.probe(page.instance, Probe(ports=ports, total=PROBED_WITHIN)):
                if reading.listening:
                    break
            else:
                return f"{name} is ready and listens on none of its ports ({', '.join(map(str, ports))})"
        return ""

    async def _edited(self) -> str:
        """Files are read while the data are filled, and the key was made of what they were before."""
        now = await self._key_now()
        if now.hash == self._key.hash:
            return ""
        return f"edited while the data were filled: {', '.join(snapshots.differing(self._key.inputs, now.inputs))}"

    async def _stop(self, work: Work) -> str:
        """First who might still speak to them, then those whose data are kept. Why they can't be, or ""."""
        for page in work.book.pages.values():
            page.ends_asked = True
        for name in self._group.services:
            if work.book[name].exits:
                return f"{name} {says(work.book[name].exits[-1])} while its data were filled"
        running = [key for key, page in work.book.pages.items() if page.running]
        await asyncio.gather(*(work.site.stop(key, 0) for key in running if key not in self._group.services))
        await asyncio.gather(*(work.site.stop(key, None) for key in self._group.services))
        there = await work.site.observe()
        for name in self._group.services:
            found = there.get(name)
            if found is None or found.state is not State.EXITED:
                return f"{name} can't be stopped"
            if found.exit_code or found.oom:
                end = Exit(at=found.finished_at, code=found.exit_code, oom=found.oom)
                return f"{name} {says(end)} when it was asked to stop, so its data may not be whole"
        return ""


def _seconds(work: Work, services: tuple[str, ...]) -> float:
    """From the first release on until all was ready or done."""
    pages = work.book.pages.values()
    began = min((work.book[name].released_at for name in services), default=0)
    return max(0.0, max(page.ready_at or page.completed_at for page in pages) - began)
