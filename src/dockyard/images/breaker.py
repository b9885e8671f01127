"""Breakers: what failed waits, longer each time; what stands below it waits with it; what flips for ever, or fails everywhere, is stopped.

Pure: a memory that is written down, and a word about each build before it begins. Siblings of what failed go on.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from dockyard.images.stale import short
from dockyard.images.tree import Tree

HOUR = 3600.0
WAITS = tuple(hours * HOUR for hours in (0, 0, 1, 2, 4, 8, 16, 32))
"""Seconds after the first failure, the second, … of the same content; the last for all further ones."""

FLIPS = 3
"""So often an image may come back to the digest it had before the last."""

FEWEST = 5
"""Builds that have to fail, with none that succeeded, before a wave stops itself."""

_KEPT = 2 * FLIPS + 2


class Failure(msgspec.Struct, frozen=True):
    """Of one image: `key` is the content that failed, `count` times, the last at `at`."""

    key: str
    count: int
    at: float


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered. `digests`: an image's last ones in order; `built` and `failed` count this wave's builds."""

    failures: Mapping[str, Failure] = {}
    digests: Mapping[str, tuple[str, ...]] = {}
    built: int = 0
    failed: int = 0


class Stop(msgspec.Struct, frozen=True):
    """Why a build doesn't begin; `until` in Unix seconds, 0: until somebody looks at it."""

    why: str
    until: float = 0.0


def wave(memory: Memory) -> Memory:
    """A new wave begins: only its own builds count for stopping itself."""
    return msgspec.structs.replace(memory, built=0, failed=0)


def fail(memory: Memory, image: str, key: str, now: float) -> Memory:
    """Other content than what failed before begins anew."""
    before = memory.failures.get(image)
    count = before.count + 1 if before is not None and before.key == key else 1
    failures = {**memory.failures, image: Failure(key, count, now)}
    return msgspec.structs.replace(memory, failures=failures, failed=memory.failed + 1)


def succeed(memory: Memory, image: str, digest: str) -> Memory:
    failures = {name: failure for name, failure in memory.failures.items() if name != image}
    had = memory.digests.get(image, ())
    digests = {**memory.digests, image: (*had, digest)[-_KEPT:]} if had[-1:] != (digest,) else memory.digests
    return msgspec.structs.replace(memory, failures=failures, digests=digests, built=memory.built + 1)


def ask(memory: Memory, tree: Tree, image: str, key: str, now: float) -> Stop | None:
    """Why the build of `image` from the content `key` may not begin now; None where it may."""
    if memory.failed >= FEWEST and not memory.built:
        return Stop(f"the wave stopped itself: all of its {memory.failed} builds failed")
    flips = _flips(memory.digests.get(image, ()))
    if flips >= FLIPS:
        last, other = memory.digests[image][-1], memory.digests[image][-2]
        return Stop(f"it goes back and forth between {short(other)} and {short(last)}: its build gives another result each time")
    own = memory.failures.get(image)
    if own is not None and own.key == key and (until := own.at + waiting(own.count)) > now:
        return Stop(f"it failed {own.count} times with the same content", until)
    return _behind(memory, tree, image)


def waiting(count: int) -> float:
    """Seconds after the `count`th failure."""
    return WAITS[min(count, len(WAITS)) - 1]


def _flips(digests: tuple[str, ...]) -> int:
    """How often, at the end, an image came back to the digest before the last."""
    found = 0
    for number in range(len(digests) - 1, 1, -1):
        if digests[number] != digests[number - 2]:
            break
        found += 1
    return found


def _behind(memory: Memory, tree: Tree, image: str) -> Stop | None:
    """A parent, near or far, that failed: what stands on it would be built on the old one."""
    seen = {image}
    ahead = [image]
    while ahead:
        for edge in tree.parents.get(ahead.pop(), ()):
            if edge.parent in memory.failures and edge.parent != image:
                failure = memory.failures[edge.parent]
                return Stop(f"{edge.parent.rpartition(' ')[0]}, which it stands on, failed", failure.at + waiting(failure.count))
            if edge.parent not in seen:
                seen.add(edge.parent)
                ahead.append(edge.parent)
    return None
