"""Which kept data services would begin with now, without a run: what `dockyard plan` says of snapshots."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from dockyard.engines.protocol import Engine
from dockyard.environments import snapshots
from dockyard.environments.decide import image_subject
from dockyard.environments.request import Request
from dockyard.environments.restoring import Decided, decide
from dockyard.environments.run import options_of
from dockyard.model.facts import ImageFacts
from dockyard.model.placement import Placement
from dockyard.model.plan import Plan
from dockyard.model.snapshot import Data, begun_with


class ForeseenData(msgspec.Struct, frozen=True, kw_only=True):
    """Of one group: the snapshot that it would begin with, "" for none, and `why` not. `when`: what must come to the same first."""

    services: tuple[str, ...]
    snapshot: str = ""
    why: str = ""
    when: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()
    seconds: float = 0


async def foresee_data(engine: Engine, request: Request, plan: Plan) -> list[ForeseenData]:
    """An image that would be pulled or built isn't known: all else is compared."""
    return [_told(decided, unknown.values()) for decided, unknown in await _decided(engine, request, plan)]


async def data_of(engine: Engine, request: Request, plan: Plan) -> dict[str, Data]:
    """The same, by service, for whoever compares containers that stand on them."""
    found: dict[str, Data] = {}
    for decided, _ in await _decided(engine, request, plan):
        if decided.snapshot is not None:
            found |= begun_with(decided.snapshot, decided.group)
    return found


async def _decided(engine: Engine, request: Request, plan: Plan) -> list[tuple[Decided, dict[str, str]]]:
    """What each group would begin with, and what isn't known of it yet, by service."""
    asked = snapshots.groups(request.application, request.choice) if request.snapshots is not None else ()
    nobody = Placement("nobody", request.application.name, "", 0, "")
    found: list[tuple[Decided, dict[str, str]]] = []
    for group in asked:
        images: dict[str, ImageFacts] = {}
        unknown: dict[str, str] = {}
        for name in group.everybody:
            service = request.application.services[name]
            there = await engine.image(service.image, service.platform) if service.build is None else None
            if there is None:
                unknown[name] = f"{name} is built" if service.build is not None else f"{image_subject(service)} is pulled"
            images[name] = there if there is not None else ImageFacts(id="", reference="")
        decided = await decide(engine, request, nobody, options_of(request, plan, {}), group, images)
        if unknown and decided.key is not None:
            decided = await _as_far_as_known(engine, request, decided, unknown)
        found.append((decided, unknown))
    return found


async def _as_far_as_known(engine: Engine, request: Request, decided: Decided, unknown: Iterable[str]) -> Decided:
    """The newest snapshot that differs in nothing but what an image says that isn't known yet."""
    assert decided.key is not None
    apart = {f"{name}: {what}" for name in unknown for what in ("its image", "its mounts")}
    known = msgspec.structs.replace(decided.key, inputs={k: v for k, v in decided.key.inputs.items() if k not in apart})
    there = [
        msgspec.structs.replace(one, inputs={k: v for k, v in one.inputs.items() if k not in apart})
        for one in await engine.snapshots.find()
    ]
    mine = [one for one in there if one.project == request.application.name and set(one.services) == set(decided.group.services)]
    same = next((one for one in mine if one.inputs == known.inputs), None)
    why = "" if same is not None else snapshots.unlike(known, request.application.name, decided.group, there)
    return msgspec.structs.replace(decided, snapshot=same, why=why)


def _told(decided: Decided, unknown: Iterable[str]) -> ForeseenData:
    one = decided.snapshot
    if one is None:
        return ForeseenData(services=decided.group.services, why=decided.why)
    return ForeseenData(
        services=decided.group.services,
        snapshot=one.key,
        when=tuple(unknown),
        not_run=decided.group.one_shots,
        seconds=one.seconds,
    )
