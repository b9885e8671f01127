"""Which of the engine's objects nobody answers for any more. Stateless: labels and markers are read, nothing else.

A placement goes when its deadline (the highest of its labels and its keep markers) has passed by the engine's clock, or when its owner is known
to be dead and nobody kept it. An owner is judged dead only where host, boot id and PID namespace are one's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from dockyard.engines.protocol import Engine
from dockyard.model.facts import Found, FoundKind, Leftover
from dockyard.model.placement import CLAIM, FILLED, FILLING, MARKER, SNAPSHOT, Owner, marker_name, whole

KEEP = "keep"


class Dead(msgspec.Struct, frozen=True):
    """A placement that is to go: why, and all of its objects."""

    placement: str
    why: str
    objects: tuple[Found, ...]


Alive = Callable[[Owner], "bool | None"]
"""Whether an owner lives; None where that can't be told from here."""


def decide(inventory: Iterable[Found], now: float, alive: Alive) -> list[Dead]:
    """Pure but for `alive`. `now`: Unix seconds by the engine's clock."""
    by_placement: dict[str, list[Found]] = {}
    for found in inventory:
        if found.placement and not found.cache:
            by_placement.setdefault(found.placement, []).append(found)
    dead: list[Dead] = []
    for placement, objects in by_placement.items():
        why = _why_dead(placement, objects, now, alive)
        if why:
            dead.append(Dead(placement, why, tuple(objects)))
    return dead


def _why_dead(placement: str, objects: Sequence[Found], now: float, alive: Alive) -> str:
    kept = kept_until(placement, objects)
    # Who makes what is to stand by, or has claimed it, answers for all of it, as long as he said; in between its own deadline decides.
    objects = _answering(placement, objects) or objects
    deadline = max([kept or 0, *(o.deadline for o in objects)]) if kept is None else kept
    if deadline and now > deadline:
        return "its deadline has passed"
    if kept is not None:
        return ""
    owners = {o.owner for o in objects if o.owner}
    parsed = [Owner.parse(text) for text in owners]
    if not owners:
        # an image tag carries no owner: it belongs to what else is there, else its deadline decides
        return ""
    if all(owner is not None and alive(owner) is False for owner in parsed):
        return "its owner is gone"
    return ""


def _answering(placement: str, objects: Sequence[Found]) -> list[Found]:
    """The marker of the claimer, or of the maker of what isn't whole yet."""
    if claimed := [o for o in objects if o.name == marker_name(placement, CLAIM)]:
        return claimed
    if any(o.name.startswith(f"{marker_name(placement, FILLED)}-") for o in objects):
        return []
    return [o for o in objects if o.name == marker_name(placement, FILLING)]


def kept_until(placement: str, objects: Iterable[Found]) -> int | None:
    """The highest deadline that the placement's keep markers give; None: it has none."""
    prefix = marker_name(placement, KEEP) + "-"
    until = [whole(o.name.removeprefix(prefix)) for o in objects if o.kind is FoundKind.MARKER and o.name.startswith(prefix)]
    return max((number for number in until if number is not None), default=None)


class Swept(msgspec.Struct, frozen=True):
    """What a sweep removed, and what it could not."""

    dead: tuple[Dead, ...]
    leftovers: tuple[Leftover, ...] = ()
    cache: tuple[Found, ...] = ()


def cache_of(inventory: Iterable[Found], dead: Iterable[Dead]) -> tuple[tuple[Found, ...], tuple[Leftover, ...]]:
    """What of the shared cache goes once the dead have; and what stays, since somebody stands on it: no engine knows of that. Pure."""
    going = {one.placement for one in dead}
    used: dict[str, str] = {}
    for found in inventory:
        if found.placement and found.placement not in going and SNAPSHOT in found.labels and MARKER not in found.labels:
            used[found.labels[SNAPSHOT]] = found.placement
    cache = [found for found in inventory if found.cache]
    gone = tuple(found for found in cache if found.labels.get(SNAPSHOT) not in used)
    stays = tuple(
        Leftover(found.kind, found.name, f"{used[found.labels[SNAPSHOT]]} stands on it") for found in cache if found not in gone
    )
    return gone, stays


async def foresee(engine: Engine, now: float, alive: Alive, *, cache: bool = False) -> Swept:
    """What `sweep` would do now."""
    inventory = await engine.inventory()
    dead = decide(inventory, now + engine.facts.clock_offset, alive)
    gone, stays = cache_of(inventory, dead) if cache else ((), ())
    return Swept(tuple(dead), stays, gone)


async def sweep(engine: Engine, now: float, alive: Alive, *, cache: bool = False) -> Swept:
    """Remove all that nobody answers for; with `cache`, the shared cache too. `now`: Unix seconds by our clock."""
    inventory = await engine.inventory()
    dead = decide(inventory, now + engine.facts.clock_offset, alive)
    if dead:
        # Somebody who was at the end of clearing away after himself looks dead, and what he had is no longer there.
        inventory = await engine.inventory()
        dead = decide(inventory, now + engine.facts.clock_offset, alive)
    gone, stays = cache_of(inventory, dead) if cache else ((), ())
    going = [*(found for one in dead for found in one.objects), *gone]
    leftovers = await engine.remove(going) if going else ()
    still = {(one.kind, one.name) for one in leftovers}
    return Swept(tuple(dead), (*leftovers, *stays), tuple(one for one in gone if (one.kind, one.name) not in still))
