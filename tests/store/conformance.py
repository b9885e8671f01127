"""The store's contract as tests. A store passes them all: its test module has a fixture `store` and imports `*` from here.

What is asked is what `dockyard.store.contract` promises, and nothing of how; times are made up, so that nothing waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from dockyard.store.contract import Run, Store

__all__ = [
    "test_a_claim_is_had_by_one_of_many_at_once",
    "test_a_lease_that_ran_out_can_be_taken_and_the_old_token_is_worth_nothing",
    "test_a_lease_that_was_given_back_is_free_and_its_token_does_not_come_again",
    "test_a_run_is_remembered_from_its_beginning_to_its_verdict",
    "test_a_run_whose_beginning_was_not_remembered_is_remembered_by_its_end",
    "test_a_verdict_is_never_changed_by_a_later_call",
    "test_beginning_twice_changes_nothing",
    "test_events_of_several_writers_are_numbered_without_a_gap_and_read_on_from_where_one_was",
    "test_runs_come_newest_first_and_can_be_chosen",
    "test_text_of_any_kind_comes_back_as_it_was",
    "test_typical_durations_are_the_median_of_the_last_ten",
    "test_what_is_old_can_be_forgotten_with_all_that_belongs_to_it",
]


def a_run(number: int = 1, **more: object) -> Run:
    base: dict[str, object] = {"id": f"run-{number}", "placement": f"p-{number}", "project": "shop", "begun": float(number)}
    return Run(**{**base, **more})  # type: ignore[arg-type]


def ids(runs: Sequence[Run]) -> list[str]:
    return [run.id for run in runs]


async def test_a_run_is_remembered_from_its_beginning_to_its_verdict(store: Store) -> None:
    assert await store.run("run-1") is None
    await store.begin_run(a_run())
    assert await store.run("run-1") == a_run()
    ended = a_run(ended=9.5, verdict="failed", code=1, cause="sut exited with 1", engine="e", report="/r")
    await store.finish_run(ended)
    assert await store.run("run-1") == ended


async def test_a_run_whose_beginning_was_not_remembered_is_remembered_by_its_end(store: Store) -> None:
    await store.finish_run(a_run(verdict="passed", code=0))
    assert (await store.run("run-1")) == a_run(verdict="passed", code=0)


async def test_beginning_twice_changes_nothing(store: Store) -> None:
    await store.begin_run(a_run())
    await store.begin_run(a_run(project="other"))
    await store.finish_run(a_run(verdict="passed", code=0))
    await store.begin_run(a_run())
    assert await store.run("run-1") == a_run(verdict="passed", code=0)


async def test_a_verdict_is_never_changed_by_a_later_call(store: Store) -> None:
    await store.finish_run(a_run(verdict="failed", code=1, cause="first"))
    await store.finish_run(a_run(verdict="passed", code=0, cause="second"))
    assert await store.run("run-1") == a_run(verdict="failed", code=1, cause="first")


async def test_runs_come_newest_first_and_can_be_chosen(store: Store) -> None:
    for number in (2, 5, 1, 4, 3):
        word = "passed" if number % 2 else "failed"
        await store.finish_run(a_run(number, verdict=word, project="shop" if number < 4 else "blog"))
    assert ids(await store.runs()) == ["run-5", "run-4", "run-3", "run-2", "run-1"]
    assert ids(await store.runs(limit=2)) == ["run-5", "run-4"]
    assert ids(await store.runs(before=3.0)) == ["run-2", "run-1"]
    assert ids(await store.runs(project="blog")) == ["run-5", "run-4"]
    assert ids(await store.runs(verdict="passed", project="shop")) == ["run-3", "run-1"]


async def test_text_of_any_kind_comes_back_as_it_was(store: Store) -> None:
    odd = "quote ' \" ; drop table runs; -- größe \U0001f6a2 \n $1 %s"
    await store.finish_run(a_run(cause=odd, project=odd))
    assert (await store.run("run-1")) == a_run(cause=odd, project=odd)
    assert ids(await store.runs(project=odd)) == ["run-1"]
    await store.append("run-1", [(1.0, odd, {"why": odd, "deep": [1, None, {"x": True}]})])
    assert await store.events("run-1") == [(1, 1.0, odd, {"why": odd, "deep": [1, None, {"x": True}]})]


async def test_events_of_several_writers_are_numbered_without_a_gap_and_read_on_from_where_one_was(store: Store) -> None:
    await asyncio.gather(*(store.append("run-1", [(float(n), "note", {"n": n}), (n + 0.5, "note", {"n": n})]) for n in range(20)))
    await store.append("run-2", [(0.0, "other", {})])
    first = await store.events("run-1", limit=15)
    rest = await store.events("run-1", after=first[-1][0])
    assert [number for number, *_ in (*first, *rest)] == list(range(1, 41))
    told = [data["n"] for _, _, _, data in (*first, *rest)]
    assert sorted(told) == sorted([*range(20), *range(20)])
    assert all(told[n] == told[n + 1] for n in range(0, 40, 2)), "what one call appends stays together"
    assert await store.events("run-1", after=40) == []


async def test_what_is_old_can_be_forgotten_with_all_that_belongs_to_it(store: Store) -> None:
    for number in (1, 2, 3):
        await store.finish_run(a_run(number, verdict="passed", code=0))
        await store.append(f"run-{number}", [(float(number), "note", {})])
        await store.durations("shop", {f"service-{number}": 1.0}, at=float(number))
    lease = await store.claim("env", "one", now=0.0, seconds=10.0)
    assert await store.forget(3.0) == 2
    assert ids(await store.runs()) == ["run-3"] and await store.run("run-1") is None
    assert await store.events("run-2") == [] and len(await store.events("run-3")) == 1
    assert await store.typical("shop") == {"service-3": 1.0}
    assert lease is not None and await store.release(lease) is True
    assert await store.forget(3.0) == 0


async def test_typical_durations_are_the_median_of_the_last_ten(store: Store) -> None:
    assert await store.typical("shop") == {}
    for n in range(15):
        await store.durations("shop", {"db": float(n), "web": 1.0}, at=float(n))
    await store.durations("blog", {"db": 99.0}, at=99.0)
    assert await store.typical("shop") == {"db": 9.5, "web": 1.0}


async def test_a_claim_is_had_by_one_of_many_at_once(store: Store) -> None:
    claims = await asyncio.gather(*(store.claim("env", f"worker-{n}", now=100.0, seconds=30.0) for n in range(20)))
    (lease,) = [claim for claim in claims if claim is not None]
    assert lease.until == 130.0
    renewed = await store.renew(lease, now=120.0, seconds=30.0)
    assert renewed is not None and (renewed.until, renewed.token) == (150.0, lease.token)
    assert await store.claim("env", "late", now=149.9, seconds=1.0) is None
    assert await store.claim("another", "late", now=149.9, seconds=1.0) is not None


async def test_a_lease_that_ran_out_can_be_taken_and_the_old_token_is_worth_nothing(store: Store) -> None:
    old = await store.claim("env", "one", now=0.0, seconds=10.0)
    new = await store.claim("env", "two", now=10.0, seconds=10.0)
    assert old is not None and new is not None and new.token > old.token
    assert await store.renew(old, now=11.0, seconds=10.0) is None
    assert await store.release(old) is False
    assert await store.renew(new, now=25.0, seconds=10.0) is None, "what has run out is not renewed"


async def test_a_lease_that_was_given_back_is_free_and_its_token_does_not_come_again(store: Store) -> None:
    first = await store.claim("env", "one", now=0.0, seconds=10.0)
    assert first is not None and await store.release(first) is True
    assert await store.release(first) is False
    second = await store.claim("env", "two", now=1.0, seconds=10.0)
    assert second is not None and second.token > first.token
