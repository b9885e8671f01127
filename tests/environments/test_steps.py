"""Steps as soon as they can be, never twice, never cut off half-way; so many starts at a time, those in front first."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockyard.environments.slots import Slots
from dockyard.environments.steps import Do, End, Steps
from dockyard.model.errors import Fatal, Retry
from dockyard.model.plan import Act, Plan, Step


class Said:
    """What a recorder is told."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str]] = []

    def event(self, kind: str, subject: str = "", **more: Any) -> None:
        self.events.append((kind, subject))


def _step(name: str, *needs: str, after: tuple[str, ...] = (), act: Act = Act.READY) -> Step:
    return Step(act=act, subject=name, needs=tuple(f"{act} {n}" for n in needs), after=tuple(f"{act} {n}" for n in after))


def _steps(*steps: Step, do: Do, said: Said | None = None, failed: Callable[..., None] | None = None, starts: int = 99) -> Steps:
    acts = dict.fromkeys(Act, do)
    recorder: Any = said or Said()
    return Steps(
        Plan(instances=(), steps=steps), acts, recorder, lambda: 0.0, failed or (lambda step, error: None), starts=starts
    )


async def test_each_step_runs_once_after_what_it_needs_and_independent_ones_at_the_same_time() -> None:
    log: list[str] = []

    async def do(step: Step) -> End:
        log.append(f"+{step.subject}")
        await asyncio.sleep(0.01)
        log.append(f"-{step.subject}")
        return End.DONE

    await _steps(_step("c", "a", "b"), _step("a"), _step("b"), do=do).run()
    assert log == ["+a", "+b", "-a", "-b", "+c", "-c"]


@pytest.mark.parametrize("end", [End.NO, Fatal("it broke")])
async def test_what_needs_a_step_that_did_not_go_well_is_skipped_and_what_comes_after_it_is_not(end: End | Exception) -> None:
    ran: list[str] = []
    failures: list[tuple[str, str]] = []

    async def do(step: Step) -> End:
        ran.append(step.subject)
        if step.subject == "bad":
            if isinstance(end, Exception):
                raise end
            return end
        return End.DONE

    steps = _steps(
        *(_step("bad"), _step("needs", "bad"), _step("deeper", "needs"), _step("after", after=("bad",)), _step("apart")),
        do=do,
        failed=lambda step, error: failures.append((step.subject, str(error))),
    )
    await steps.run()
    assert set(ran) == {"bad", "after", "apart"}
    assert steps.ends["ready needs"].result() is steps.ends["ready deeper"].result() is End.SKIPPED
    assert failures == ([("bad", "it broke")] if isinstance(end, Exception) else []), "a test that says no is no fault"


async def test_only_a_retry_is_tried_again_three_times_visibly_and_after_as_long_as_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("dockyard.environments.steps.asyncio.sleep", sleep)
    tries = {"asked": 0, "unasked": 0, "never": 0}

    async def do(step: Step) -> End:
        tries[step.subject] += 1
        if step.subject == "never":
            raise Fatal("no such image")
        if tries[step.subject] <= 3:
            raise Retry("too many requests", 7.0 if step.subject == "asked" else None)
        return End.DONE

    said = Said()
    for name in tries:
        pauses.clear()
        steps = _steps(_step(name), do=do, said=said)
        await steps.run()
        if name == "asked":
            assert pauses == [7.0, 7.0, 7.0] and len(steps.retries) == 3
        if name == "unasked":
            assert pauses == [1.0, 2.0, 4.0]
    assert tries == {"asked": 4, "unasked": 4, "never": 1}
    assert said.events.count(("step.retried", "ready asked")) == 3


async def test_after_the_third_retry_it_has_failed() -> None:
    failures: list[str] = []

    async def do(step: Step) -> End:
        raise Retry("503", 0.0)

    steps = _steps(_step("a"), do=do, failed=lambda step, error: failures.append(str(error)))
    await steps.run()
    assert failures == ["503"] and len(steps.retries) == 3


async def test_a_call_that_makes_something_is_not_cut_off_and_is_waited_for() -> None:
    made: list[str] = []
    under_way = asyncio.Event()

    async def do(step: Step) -> End:
        under_way.set()
        await asyncio.sleep(0.05)
        made.append(step.subject)
        return End.DONE

    steps = _steps(_step("c", act=Act.CREATE), do=do)
    running = asyncio.create_task(steps.run())
    await under_way.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert made == []
    assert not await steps.made(0.0), "it is still under way"
    assert await steps.made(1.0) and made == ["c"]


async def test_waiting_is_cut_off_at_once() -> None:
    async def do(step: Step) -> End:
        await asyncio.Event().wait()
        return End.DONE

    steps = _steps(_step("a"), _step("b", "a"), do=do)
    running = asyncio.create_task(steps.run())
    await asyncio.sleep(0.01)
    assert [s.subject for s in steps.pending()] == ["a"], "what a run waits for is what could go on"
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await steps.made(0.0)


async def test_of_many_starts_so_many_run_at_a_time_in_the_plans_order() -> None:
    begun: list[str] = []
    now = most = 0

    async def do(step: Step) -> End:
        nonlocal now, most
        begun.append(step.subject)
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.001)
        now -= 1
        return End.DONE

    names = [f"s{n}" for n in range(9)]
    await _steps(*(_step(n, act=Act.START) for n in names), do=do, starts=3).run()
    assert begun == names and most == 3


@given(st.integers(1, 4), st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=20), st.randoms())
@settings(deadline=None)
def test_slots_are_never_more_than_there_are_and_none_is_lost_to_a_waiter_that_gave_up(
    most: int, holders: list[tuple[int, bool]], chance: random.Random
) -> None:
    async def play() -> None:
        slots, now = Slots(most), 0

        async def hold(rank: int) -> None:
            nonlocal now
            async with slots.held(rank):
                now += 1
                try:
                    assert now <= most
                    for _ in range(chance.randrange(3)):
                        await asyncio.sleep(0)
                finally:
                    now -= 1

        tasks = [(asyncio.create_task(hold(rank)), gives_up) for rank, gives_up in holders]
        for task, gives_up in tasks:
            if gives_up:
                await asyncio.sleep(0)
                task.cancel()
        async with asyncio.timeout(5):
            results = await asyncio.gather(*(task for task, _ in tasks), return_exceptions=True)
        assert not [r for r in results if isinstance(r, AssertionError)]
        async with asyncio.timeout(5):
            for _ in range(most):
                await slots._take(0)

    asyncio.run(play())


async def test_who_stands_in_front_is_let_in_first_whenever_it_came() -> None:
    slots, order = Slots(1), []

    async def hold(rank: int) -> None:
        async with slots.held(rank):
            order.append(rank)
            await asyncio.sleep(0)

    await asyncio.gather(*(hold(rank) for rank in (5, 3, 9, 1)))
    assert order == [1, 3, 5, 9]


def test_a_core_is_left_to_what_stood_by() -> None:
    from dockyard.environments.slots import at_a_time

    assert [at_a_time(cpus, claimed=False) for cpus in (1, 2, 8)] == [(3, 2), (3, 2), (9, 8)]
    assert [at_a_time(cpus, claimed=True) for cpus in (1, 2, 8)] == [(1, 1), (2, 2), (8, 8)]


async def test_what_is_there_already_waits_for_no_turn() -> None:
    log: list[str] = []
    held = asyncio.Event()

    async def do(step: Step) -> End:
        log.append(step.subject)
        if step.subject == "long":
            await held.wait()
        if step.subject == "there":
            held.set()
        return End.DONE

    steps = (_step("long", act=Act.START), _step("next", act=Act.START), _step("there", act=Act.START))
    recorder: Any = Said()
    plan = Plan(instances=(), steps=steps)
    await Steps(
        plan,
        dict.fromkeys(Act, do),
        recorder,
        lambda: 0.0,
        lambda step, error: None,
        starts=1,
        free=lambda step: step.subject == "there",
    ).run()
    assert log[-1] == "next" and set(log[:2]) == {"long", "there"}
