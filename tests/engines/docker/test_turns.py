"""Those that others wait for go first."""

from __future__ import annotations

import asyncio

import pytest

from dockyard.engines.docker.turns import Turns, ranks
from dockyard.model.application import Application
from dockyard.model.service import Dependency, Service


def _needs(*names: str, **more: str) -> Service:
    return Service(depends_on={name: Dependency() for name in names}, **more)  # type: ignore[arg-type]


def test_a_rank_is_the_number_of_levels_below() -> None:
    application = Application(
        name="a",
        services={
            "test": _needs("e"),
            "e": _needs("c", "d"),
            "c": _needs("a"),
            "d": _needs("a"),
            "a": Service(),
            "joins": _needs(network_mode="service:c"),
        },
    )
    assert ranks(application) == {"a": 0, "c": 1, "d": 1, "e": 2, "test": 3, "joins": 2}


def test_a_cycle_ends() -> None:
    assert set(ranks(Application(name="a", services={"a": _needs("b"), "b": _needs("a")}))) == {"a", "b"}


async def test_the_lowest_rank_is_next_and_never_more_than_the_slots_at_once() -> None:
    turns = Turns(2)
    order: list[int] = []
    at_once = most = 0

    async def work(rank: int) -> None:
        nonlocal at_once, most
        async with turns.turn(rank):
            order.append(rank)
            at_once += 1
            most = max(most, at_once)
            await asyncio.sleep(0.001)
            at_once -= 1

    await asyncio.gather(*(work(rank) for rank in (5, 3, 4, 1, 2, 0)))
    assert order == [0, 1, 2, 3, 4, 5]
    assert most == 2


async def test_who_fails_or_is_cancelled_gives_the_turn_on() -> None:
    turns = Turns(1)

    async def fail() -> None:
        async with turns.turn(0):
            raise RuntimeError

    async def long() -> None:
        async with turns.turn(1):
            await asyncio.sleep(100)

    with pytest.raises(RuntimeError):
        await fail()
    holding, waiting = asyncio.create_task(long()), asyncio.create_task(long())
    await asyncio.sleep(0.01)
    waiting.cancel()
    holding.cancel()
    await asyncio.gather(holding, waiting, return_exceptions=True)
    async with asyncio.timeout(1), turns.turn(9):
        pass
