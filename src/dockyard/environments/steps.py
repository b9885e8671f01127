"""Carries out the steps of a plan: each as soon as what it needs is done, all others at once.

Promises: a step runs at most once; a call that makes something on the engine is never cut off half-way (whoever cleans up must see it),
so the executor can say when all of them have ended; only `Retry` is tried again, visibly. What an act does is the caller's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Any, Protocol

from dockyard.environments.slots import Slots
from dockyard.model.errors import Retry
from dockyard.model.plan import Act, Plan, Step

RETRIES = 3
_MAKES = frozenset({Act.NETWORK, Act.VOLUME, Act.CREATE, Act.START})


class End(StrEnum):
    """How a step ended."""

    DONE = "done"
    NO = "no"
    """It was done, and says no (a test that failed): what needs it is not run, and that is no fault."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """Something that it needs did not go well."""


Do = Callable[[Step], Awaitable[End]]
OnFailure = Callable[[Step, BaseException], None]


class Tells(Protocol):
    """What hears of each step: a run's record."""

    def event(self, kind: str, subject: str = "", **data: Any) -> object: ...


class Steps:
    """The executor of one plan."""

    def __init__(
        self,
        plan: Plan,
        acts: Mapping[Act, Do],
        recorder: Tells,
        clock: Callable[[], float],
        on_failure: OnFailure,
        *,
        starts: int = 1 << 30,
        creates: int = 1 << 30,
        free: Callable[[Step], bool] = lambda step: False,
    ) -> None:
        """`starts`, `creates`: so many containers are started, and created, at a time. `free`: which of these steps wait for no turn."""
        self._plan = plan
        self._rank = {step.id: number for number, step in enumerate(plan.steps)}
        self._slots = Slots(starts)
        self._creates = Slots(creates)
        self._free = free
        self._acts = acts
        self._recorder = recorder
        self._clock = clock
        self._on_failure = on_failure
        self._making: set[asyncio.Task[Any]] = set()
        self.ends: dict[str, asyncio.Future[End]] = {}
        self.retries: list[str] = []

    async def run(self) -> None:
        """Return when every step has ended, one way or the other."""
        loop = asyncio.get_running_loop()
        self.ends = {step.id: loop.create_future() for step in self._plan.steps}
        async with asyncio.TaskGroup() as group:
            for step in self._plan.steps:
                group.create_task(self._settle(step), name=step.id)

    async def made(self, timeout: float) -> bool:
        """Wait until no call that makes something is under way; False where one still is after `timeout` seconds."""
        if self._making:
            await asyncio.wait(self._making, timeout=timeout)
        return not self._making

    def pending(self) -> list[Step]:
        """The steps that have begun or could begin, and haven't ended: what a run is waiting for."""
        return [s for s in self._plan.steps if not self._ended(s.id) and all(self._ended(n) for n in (*s.needs, *s.after))]

    def _ended(self, step_id: str) -> bool:
        return step_id in self.ends and self.ends[step_id].done()

    async def _settle(self, step: Step) -> None:
        end = self.ends[step.id]
        try:
            needs = [await self._end_of(n) for n in step.needs]
            for name in step.after:
                await self._end_of(name)
            if any(n is not End.DONE for n in needs):
                self._recorder.event("step.skipped", step.id, why=self._missing(step))
                end.set_result(End.SKIPPED)
                return
            end.set_result(await self._carry_out(step))
        except asyncio.CancelledError:
            end.cancel()
            raise

    async def _end_of(self, step_id: str) -> End:
        found = self.ends.get(step_id)
        return End.DONE if found is None else await asyncio.shield(found)

    def _missing(self, step: Step) -> str:
        return ", ".join(n for n in step.needs if n in self.ends and self.ends[n].result() is not End.DONE) + " did not go well"

    async def _carry_out(self, step: Step) -> End:
        began = self._clock()
        self._recorder.event("step.begun", step.id, why=step.why)
        try:
            end = await self._with_retries(step)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self._recorder.event("step.failed", step.id, why=str(error), seconds=round(self._clock() - began, 4))
            self._on_failure(step, error)
            return End.FAILED
        self._recorder.event("step.done", step.id, seconds=round(self._clock() - began, 4))
        return end

    async def _with_retries(self, step: Step) -> End:
        for attempt in range(1, RETRIES + 1):
            try:
                return await self._uncut(step)
            except Retry as error:
                after = error.after if error.after is not None else float(2 ** (attempt - 1))
                self.retries.append(f"{step.id}: {error} (again after {after:g} s)")
                self._recorder.event("step.retried", step.id, why=str(error), attempt=attempt, after=after)
                await asyncio.sleep(after)
        return await self._uncut(step)

    async def _uncut(self, step: Step) -> End:
        if step.act not in _MAKES:
            return await self._acts[step.act](step)
        slots = self._slots if step.act is Act.START else self._creates if step.act is Act.CREATE else None
        if slots is not None and not self._free(step):
            async with slots.held(self._rank[step.id]):
                return await self._whole(step)
        return await self._whole(step)

    async def _whole(self, step: Step) -> End:
        task = asyncio.ensure_future(_coroutine(self._acts[step.act](step)))
        self._making.add(task)
        task.add_done_callback(self._forget)
        return await asyncio.shield(task)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._making.discard(task)
        if not task.cancelled():
            task.exception()  # a run that was cut off doesn't ask for it any more


async def _coroutine(awaitable: Awaitable[End]) -> End:
    return await awaitable
