"""kill -9 of a run before, in and after every call that it makes to the engine; then the watchdog, or one sweep; all objects compared."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from tests.support.killing import BUILT, VICTIM, Killed, kill_at, objects
from tests.support.wire import Moment

from bench.figures import Row

WITHIN = 10.0
AT_ONCE = 4


def measure(folder: Path, rounds: int) -> list[Row]:
    del rounds
    host = os.environ["DOCKER_HOST"]
    before = objects(host)
    by_guard = asyncio.run(_all(folder, host, guard_too=False))
    by_sweep = asyncio.run(_all(folder, host, guard_too=True))
    by_guard += asyncio.run(_all(folder / "built", host, guard_too=False, file=BUILT, words=("--standby",)))
    by_sweep += asyncio.run(_all(folder / "built", host, guard_too=True, file=BUILT, words=("--standby",)))
    left = objects(host) - before
    slowest = max(k.seconds for k in by_guard)
    kills = [k for k in (*by_guard, *by_sweep) if k.call]
    return [
        Row(
            "kill -9 before, in and after every engine call, then the watchdog or one sweep",
            f"**{len(left)} left** of {len(kills)} kills; the watchdog was done after {slowest:.1f} s at the latest",
            "all objects of the engine, before and after",
            f"0 left within {WITHIN:g} s",
            "",
            not left and slowest <= WITHIN,
            note=", ".join(sorted(left)[:5]),
        )
    ]


async def _all(folder: Path, host: str, *, guard_too: bool, file: str = VICTIM, words: tuple[str, ...] = ()) -> list[Killed]:
    """Every call of one run, by its number, until a run ends before its number comes."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, moment: Moment) -> Killed:
        async with slots:
            return await kill_at(folder, host, number, moment, guard_too=guard_too, within=60.0, file=file, words=words)

    whole = await kill_at(folder, host, 10_000, Moment.BEFORE, guard_too=False, within=60.0, file=file, words=words)
    # Of what builds and leaves another standing, each call is met at one moment, in turn.
    moments = [list(Moment) if file == VICTIM else [list(Moment)[n % len(Moment)]] for n in range(whole.calls)]
    return list(await asyncio.gather(*(one(n, m) for n, those in enumerate(moments) for m in those)))
