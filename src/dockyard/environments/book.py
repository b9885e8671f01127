"""What a run knows of its instances while it goes on: the one mutable thing, written by the watch and the steps, read by all who wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from dockyard.environments.life import Exit, covered
from dockyard.model.facts import ImageFacts
from dockyard.model.plan import Instance
from dockyard.model.restart import Restart
from dockyard.model.snapshot import Snapshot


class Page(msgspec.Struct, kw_only=True):
    """One instance so far. Times are Unix seconds by our clock, 0: not yet."""

    instance: Instance
    restart: Restart
    image: ImageFacts | None = None
    created_at: float = 0
    started_at: float = 0
    released_at: float = 0
    ready_at: float = 0
    completed_at: float = 0
    starts: int = 0
    allowed: bool = False
    """Its process may run: it is released again whenever it is started again."""
    running: bool = False
    oom: bool = False
    has_check: bool = False
    exits: list[Exit] = []
    ends_asked: bool = False
    """Whoever has the environment in hand ended it: that is no fault."""
    waited: bool = False
    """It stood by, made for this run beforehand."""
    booted: bool = False
    """And it was booted: released and ready, or completed, before the run began."""
    snapshot: Snapshot | None = None
    """The kept data that it begins with, or that have its work in them."""
    in_snapshot: bool = False
    """Its work is in kept data: it isn't made, nor run."""
    seeded: str = ""
    """Why it begins with empty data, where kept ones are asked for."""
    anew: str = ""
    """What kept it from that, where something of it stood by."""

    @property
    def over(self) -> bool:
        """It has ended and the engine will not start it again."""
        return bool(self.exits) and not self.running and not covered(self.exits, self.restart)


class Book:
    """The pages by instance key, and a way to wait for any change of them."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self._changed = asyncio.Event()

    def open(self, page: Page) -> None:
        self.pages[page.instance.key] = page

    def __getitem__(self, key: str) -> Page:
        return self.pages[key]

    def touch(self) -> None:
        """Wake everybody who waits: something was written."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return once `holds()`; looked at after each change."""
        while not holds():
            await self._changed.wait()

    def ready(self, key: str) -> bool:
        """Ready, or completed where that is what it is for, or running without a check."""
        page = self.pages[key]
        return bool(page.ready_at or page.completed_at or (page.running and page.allowed and not page.has_check))
