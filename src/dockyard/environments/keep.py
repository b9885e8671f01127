"""Environments that stay: kept after a run, or brought up by hand; until their deadline, extended by markers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from dockyard.engines.protocol import Engine
from dockyard.environments.sweep import KEEP, kept_until
from dockyard.model.errors import Problem, UserError
from dockyard.model.facts import Found, FoundKind, Leftover
from dockyard.model.placement import (
    CLAIM,
    COMPOSE_DIRECTORY,
    DEADLINE,
    PLACEMENT,
    PROJECT,
    SERVICE,
    STANDBY,
    Placement,
    marker_name,
)
from dockyard.model.verdict import Verdict

if TYPE_CHECKING:
    from dockyard.environments.request import Request
    from dockyard.environments.run import Guard
    from dockyard.environments.work import Work
    from dockyard.record.recorder import Recorder


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """An environment that is there. `until`: Unix seconds by the engine's clock; `kept`: it outlives its owner."""

    placement: str
    project: str
    until: int
    kept: bool
    owner: str
    services: tuple[str, ...]
    running: int
    directory: str = ""
    """The folder of the Compose file that it was made of; "": that isn't known."""

    def of(self, project: str, directory: str) -> bool:
        """Whether it is that checkout's: two of them may have projects of one name."""
        return self.project == project and self.directory in ("", directory)


async def keep_standing(
    request: Request, engine: Engine, work: Work, guard: Guard, recorder: Recorder, verdict: Verdict
) -> Verdict:
    """Leave the environment of a run; the guard stays with it to its deadline."""
    until = int(work.clock() + engine.facts.clock_offset + request.keep.seconds)
    await _mark(engine, request.placement, until)
    guard.keep(request.placement, until)
    await work.evidence.quiet(0.3)
    await work.evidence.close()
    verdict = msgspec.structs.replace(verdict, kept_until=until - engine.facts.clock_offset)
    recorder.verdict(verdict)
    recorder.event("run.kept", request.placement.id, until=verdict.kept_until)
    return verdict


async def _mark(engine: Engine, placement: Placement, until: int) -> None:
    labels = {**placement.labels(), DEADLINE: str(until)}
    await engine.mark(marker_name(placement.id, KEEP, str(until)), labels)


async def standing(engine: Engine) -> list[Standing]:
    """Every environment on the engine, by id; what stands by for a run is none yet."""
    by_placement: dict[str, list[Found]] = {}
    for found in await engine.inventory():
        if found.placement and not found.cache:
            by_placement.setdefault(found.placement, []).append(found)
    return [
        _standing(placement, objects) for placement, objects in sorted(by_placement.items()) if not _waits(placement, objects)
    ]


def _waits(placement: str, objects: Sequence[Found]) -> bool:
    """Nobody has claimed it."""
    made = any(STANDBY in found.labels for found in objects)
    return made and all(found.name != marker_name(placement, CLAIM) for found in objects)


def _standing(placement: str, objects: Sequence[Found]) -> Standing:
    kept = kept_until(placement, objects)
    containers = [o for o in objects if o.kind is FoundKind.CONTAINER]
    return Standing(
        placement=placement,
        project=next((o.labels[PROJECT] for o in objects if PROJECT in o.labels), ""),
        until=kept if kept is not None else max((o.deadline for o in objects), default=0),
        kept=kept is not None,
        owner=next((o.owner for o in objects if o.owner), ""),
        services=tuple(sorted({o.service for o in containers if o.service})),
        running=sum(o.running for o in containers),
        directory=next((o.labels[COMPOSE_DIRECTORY] for o in containers if COMPOSE_DIRECTORY in o.labels), ""),
    )


async def find(engine: Engine, wanted: str) -> Standing:
    """The environment with this id, or the only one whose id begins so. UserError where there is none, or more than one."""
    there = await standing(engine)
    exact = [s for s in there if s.placement == wanted]
    found = exact or [s for s in there if s.placement.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(s.placement for s in (found or there)) or "none"
    what = f"{wanted} may be any of: {names}" if found else f"there is no environment {wanted}"
    raise UserError(Problem(what, hint="" if found else f"environments here: {names}"))


async def extend(engine: Engine, placement: str, until: int) -> None:
    """Give a placement a later deadline: one more marker, the highest counts."""
    there = [f for f in await engine.inventory() if f.placement == placement]
    labels = next((dict(f.labels) for f in there if f.labels.get(PLACEMENT) == placement), {PLACEMENT: placement})
    kept = {name: value for name, value in labels.items() if name.startswith("dockyard.") and name != SERVICE}
    await engine.mark(marker_name(placement, KEEP, str(until)), {**kept, DEADLINE: str(until)})


async def remove(engine: Engine, placement: str) -> Sequence[Leftover]:
    """Destroy an environment now; the tags of what it built and its markers too."""
    return await engine.remove([f for f in await engine.inventory() if f.placement == placement])
