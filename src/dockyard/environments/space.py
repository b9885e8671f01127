"""How much of an engine's disk what stands by may take: where it is too much, or the disk is nearly full, the oldest goes first.

What a gate holds takes next to nothing; what is booted has made its data. How full the disk is can only be seen where the engine's data is on
this machine; how much stands by takes, any engine tells, slowly, so it is asked only where somebody has set a bound.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from dockyard.engines.protocol import Engine
from dockyard.model.facts import Disk, StandingBy

LEAST_SHARE = 0.05
LEAST_FREE = 5 << 30
"""Of the engine's disk, the lesser of a share and of bytes: with less free, nothing is left standing."""

NEARLY_FULL = "the engine's disk is nearly full"


def nearly_full(disk: Disk | None) -> bool:
    """Not where it can't be seen."""
    return disk is not None and disk.free < min(disk.size * LEAST_SHARE, LEAST_FREE)


def beyond(waiting: Sequence[StandingBy], sizes: Mapping[str, int], most: int) -> list[StandingBy]:
    """Those that go so that the rest takes at most `most` bytes: the oldest first. `waiting`: the newest first; `sizes`: by placement."""
    total, gone = sum(sizes.get(one.placement, 0) for one in waiting), list[StandingBy]()
    for one in reversed(waiting):
        if total <= most:
            break
        total -= sizes.get(one.placement, 0)
        gone.append(one)
    return gone


async def make(
    engine: Engine, waiting: Sequence[StandingBy], drop: Callable[[StandingBy], Awaitable[object]]
) -> tuple[Sequence[StandingBy], str]:
    """What still stands by when there is room for one more; and why there is none, or ""."""
    left = list(waiting)
    while nearly_full(await engine.disk()):
        if not left:
            return left, NEARLY_FULL
        await drop(left.pop())
    return left, ""
