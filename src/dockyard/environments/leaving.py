"""What a run leaves for the next one: an environment that stands by, made once its own verdict is told and its own environment gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from dockyard.engines.protocol import Engine, SiteOptions
from dockyard.environments import standby
from dockyard.environments.filling import Filling
from dockyard.environments.keep import remove
from dockyard.model.errors import DockyardError
from dockyard.model.plan import Plan
from dockyard.model.verdict import Verdict, Word

if TYPE_CHECKING:
    from dockyard.environments.request import Clock, Interrupt, Request
    from dockyard.environments.run import Guard
    from dockyard.environments.work import Work
    from dockyard.record.recorder import Recorder

_WORTH = (Word.PASSED, Word.FAILED, Word.ENVIRONMENT_FAILED, Word.TIMED_OUT)
"""Verdicts after which somebody will want to run again at once; the engine's faults and an abort are none."""


class Leaving:
    """The next environment of a run. Does nothing where none is asked for, or the run gives no ground for one."""

    def __init__(
        self, request: Request, plan: Plan, engine: Engine, work: Work | None, options: SiteOptions, word: Word, clock: Clock
    ) -> None:
        self._request, self._plan, self._engine, self._options, self._clock = request, plan, engine, options, clock
        self._terms = request.standby if word in _WORTH and work is not None else None
        self._images = dict(work.images) if work is not None else {}
        self._edited = work is not None and any(page.anew for page in work.book.pages.values())
        self._why = ""

    async def hold(self, guard: Guard) -> None:
        """Before the run's own tags go: what it built is still needed. From here on the guard answers for the next one too."""
        if self._terms is None or self._terms.next is None:
            return
        by = self._request.placement
        guard.watch(self._terms.next)
        try:
            await standby.begin(self._engine, self._terms.next, self._terms.pool, by.owner, by.deadline)
            await standby.hold_images(self._engine, self._request.application, self._images, self._terms.next)
        except DockyardError as error:
            self._why = str(error)

    async def fill(self, guard: Guard, interrupt: Interrupt, recorder: Recorder, verdict: Verdict) -> Verdict:
        """The verdict, with what was left in it."""
        terms = self._terms
        if terms is None or terms.next is None:
            return verdict
        if interrupt.times:
            return verdict  # what was held is still watched: the guard clears it away
        began = self._clock()
        try:
            owner = self._request.placement
            now = began + self._engine.facts.clock_offset
            since = now if self._edited else 0  # where something had to be made anew, what else stands by is as old
            self._why = self._why or await standby.room(
                self._engine, terms, owner=owner.owner, deadline=owner.deadline, now=now, since=since
            )
            if not self._why:
                making = Filling(self._engine, self._request, self._plan, self._options, terms, self._clock, have=self._images)
                self._why = await making.run(terms.next, owner, guard, interrupt)
                self._why = self._why or await standby.trim(self._engine, terms, owner=owner.owner, deadline=owner.deadline)
                for note in making.notes:
                    recorder.event("note", why=note)
            if self._why and not await remove(self._engine, terms.next.id):
                guard.gone(terms.next)
        except DockyardError as error:
            self._why = str(error).split("\n", 1)[0]
        seconds = round(self._clock() - began, 4)
        recorder.event("standby.left", "" if self._why else terms.next.id, why=self._why, seconds=seconds)
        verdict = msgspec.structs.replace(verdict, standby=self._why or terms.next.id)
        recorder.verdict(verdict)
        return verdict
