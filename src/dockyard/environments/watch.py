"""Follows what the engine says of a placement's containers, writes it in the book, and says what it means.

Two things are done here and nowhere else: a container that was started again is released again (it waits at its gate after each start),
and an end that nobody waits for is judged: covered by a restart policy, meant, or a death.
"""

from __future__ import annotations

from collections.abc import Callable

from dockyard.engines.protocol import Site
from dockyard.environments.book import Book, Page
from dockyard.environments.judge import Blame, Fault
from dockyard.environments.life import Exit, covered, crash_looping, says
from dockyard.model.application import Application
from dockyard.model.facts import Change, ChangeKind
from dockyard.model.plan import Role
from dockyard.record.recorder import Recorder

CREDIBLE = 60.0
"""Seconds that an event may be late: the engine may have been away for half a minute."""


class Watch:
    """The watch over one placement. `blame` is called for each death."""

    def __init__(
        self,
        site: Site,
        book: Book,
        application: Application,
        recorder: Recorder,
        clock: Callable[[], float],
        offset: float,
        blame: Callable[[Fault], None],
    ) -> None:
        self._site, self._book, self._application = site, book, application
        self._recorder, self._clock, self._offset = recorder, clock, offset
        self._blame = blame
        self._ready_at: dict[str, float] = {}

    async def run(self) -> None:
        """Until cancelled. Fatal when the engine was restarted and the containers are gone."""
        async for change in self._site.changes():
            page = self._book.pages.get(change.key)
            if page is None:
                continue
            await self._take(page, change)
            self._book.touch()

    async def _take(self, page: Page, change: Change) -> None:
        if change.kind is ChangeKind.STARTED:
            await self._started(page, change)
        elif change.kind is ChangeKind.OOM:
            page.oom = True
        elif change.kind is ChangeKind.EXITED:
            await self._exited(page, change)
        else:
            page.running = False
            self._blame(self._fault(page, self._at(change), "was removed by somebody else"))

    def _at(self, change: Change) -> float:
        """When it happened, by our clock. A time that can't be (the engine's clock has jumped) is now."""
        at, now = change.at - self._offset, self._clock()
        return at if now - CREDIBLE <= at <= now + 1 else now

    async def _started(self, page: Page, change: Change) -> None:
        page.starts += 1
        page.running = True
        page.started_at = page.started_at or self._at(change)
        page.ends_asked = False
        if page.starts == 1:
            return
        self._recorder.event("container.restarted", page.instance.key, restarts=page.starts - 1)
        if page.instance.gated and page.allowed and not page.completed_at:
            page.released_at = self._clock()
            await self._site.release(page.instance)
        elif not page.instance.gated:
            page.released_at = self._clock()

    async def _exited(self, page: Page, change: Change) -> None:
        page.running = False
        limit = 0
        if change.exit_code == 137 and not page.oom and (facts := (await self._site.observe()).get(change.key)) is not None:
            page.oom, limit = facts.oom, 0 if change.killed or facts.oom else facts.memory_limit
        end = Exit(at=self._at(change), code=change.exit_code, oom=page.oom, memory_limit=limit, released=page.allowed)
        page.exits.append(end)
        page.oom = False
        covers = covered(page.exits, page.restart)
        self._recorder.event(
            "container.exited", page.instance.key, why=says(end), exit_code=end.code, oom=end.oom, restarts=covers
        )
        if page.instance.role is not Role.SERVICE or page.ends_asked:
            return
        if not covers and page.ready_at and end.code != 0:
            self._blame(self._fault(page, end.at, f"{says(end)} while it was needed"))
        elif covers and crash_looping(page.exits, self._others_ready_at(page)):
            self._blame(self._fault(page, end.at, f"is in a crash loop: {len(page.exits)} exits, the last one {says(end)}"))

    def _others_ready_at(self, page: Page) -> float | None:
        networks = set(self._application.services[page.instance.service].networks)
        latest = 0.0
        for other in self._book.pages.values():
            if other is page or other.instance.role is Role.TEST:
                continue
            if not networks & set(self._application.services[other.instance.service].networks):
                continue
            if self._waits_for(other.instance.service, page.instance.service):
                continue
            if not self._book.ready(other.instance.key):
                return None
            latest = max(latest, other.ready_at, other.completed_at)
        return latest

    def _waits_for(self, service: str, on: str, seen: tuple[str, ...] = ()) -> bool:
        """What itself waits for the crashing service can't be what that one waits for."""
        if service in seen:
            return False
        below = self._application.services[service].depends_on if service in self._application.services else {}
        return on in below or any(self._waits_for(b, on, (*seen, service)) for b in below)

    @staticmethod
    def _fault(page: Page, at: float, what: str) -> Fault:
        return Fault(blame=Blame.ENVIRONMENT, service=page.instance.key, at=at, what=f"{page.instance.key} {what}")
