"""Makes data that are kept: what fills them is brought up once more in an environment of its own, to which no test ever speaks.

When all of it is ready and the inputs have done their work, the services are stopped as they ask to be, and only what ended by itself and with 0 is
kept. It is a run like any other but for its test, which is that stop: so it is watched, recorded, timed and cleared away as every run is.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from dockyard.engines.protocol import Engine, SiteOptions
from dockyard.environments import snapshots, standby
from dockyard.environments.choose import Choice
from dockyard.environments.keeping import Keeping
from dockyard.environments.request import Clock, Interrupt, Keep, Request
from dockyard.environments.restoring import Decided
from dockyard.model.errors import DockyardError
from dockyard.model.facts import ImageFacts
from dockyard.model.placement import BUILDS, Placement, marker_name
from dockyard.model.snapshot import Data, Key, Snapshot
from dockyard.model.verdict import Verdict, Word
from dockyard.record.recorder import Recorder

if TYPE_CHECKING:
    from dockyard.environments.run import Guard
    from dockyard.environments.work import Work

BEYOND = 300
"""Seconds that the placement's deadline lies behind the time that filling may take."""
PAUSE = 0.2
"""Seconds between two looks whether somebody else is still at it."""
_WORTH = (Word.PASSED, Word.FAILED)
"""Verdicts after which the data can be filled: the environment was well."""


class Seeding:
    """What a run that began with empty data leaves for the next ones. Does nothing where none is asked for."""

    def __init__(self, request: Request, engine: Engine, work: Work | None, word: Word, clock: Clock) -> None:
        self._request, self._engine, self._clock = request, engine, clock
        found = work.restoring.decided() if work is not None else []
        wanted = found if word in _WORTH and not request.up else []
        self._begun_with = [one.snapshot for one in found if one.snapshot is not None]
        self._missing = [(one, one.key) for one in wanted if one.snapshot is None and one.key is not None]
        self._images = dict(work.images) if work is not None else {}

    async def hold(self, guard: Guard) -> None:
        """Before the run's own tags go: what it built is still needed. From here on the guard answers for what fills the data too."""
        for one, key in self._missing:
            place = snapshots.filling(key, self._request.application.name, self._request.placement)
            images = {name: self._images[name] for name in one.group.everybody}
            guard.watch(place)
            await _quietly(self._engine.mark(marker_name(place.id, BUILDS), place.labels()))
            await _quietly(standby.hold_images(self._engine, self._request.application, images, place))

    async def make(self, guard: Guard, interrupt: Interrupt, recorder: Recorder, verdict: Verdict) -> Verdict:
        """The verdict, with what was kept in it. It has been told, and the run's environment is gone."""
        now = self._clock() + self._engine.facts.clock_offset
        for one in self._begun_with:
            await _quietly(self._engine.snapshots.used(one, now))
        told: list[str] = []
        for one, key in self._missing:
            if interrupt.times:
                place = snapshots.filling(key, self._request.application.name, self._request.placement)
                await _clear(self._engine, place, guard)
                continue
            recorder.event("snapshot.making", ", ".join(one.group.services), why=one.why)
            try:
                made, why = await make(
                    self._engine, self._request, one, key, self._images, guard, interrupt, recorder, self._clock
                )
            except Exception as error:  # the verdict is told: nothing that comes after it may take it back
                recorder.internal(error)
                made, why = None, repr(error)
            told.append(tell(recorder, one, made, why))
        if told:
            verdict = msgspec.structs.replace(verdict, snapshots=tuple(told))
            recorder.verdict(verdict)
        if self._missing and self._request.snapshots is not None and not interrupt.times:
            await _quietly(prune(self._engine, self._request.snapshots, now, recorder))
        return verdict


async def _quietly(act: Awaitable[object]) -> None:
    """What is only tidy, or shows at the next call where it can't be done."""
    with contextlib.suppress(DockyardError):
        await act


def tell(recorder: Recorder, one: Decided, made: Snapshot | None, why: str) -> str:
    """Record what came of it; the same in words."""
    services = ", ".join(one.group.services)
    if made is None:
        recorder.event("snapshot.failed", services, why=why)
        return f"{services}: not kept: {why}"
    recorder.event("snapshot.made", services, key=made.key, size=made.size, seconds=made.seconds)
    return f"{services}: kept as {made.key[:12]}"


async def prune(
    engine: Engine, terms: snapshots.Terms, now: float, recorder: Recorder | None = None
) -> list[tuple[Snapshot, str]]:
    """Remove what is unused for too long, or too much. What went, and why."""
    gone: list[tuple[Snapshot, str]] = []
    for one, why in snapshots.surplus(await engine.snapshots.find(), terms, now):
        if not await engine.snapshots.remove(one.key):
            gone.append((one, why))
            if recorder is not None:
                recorder.event("snapshot.pruned", ", ".join(one.services), why=why, key=one.key)
    return gone


async def make(
    engine: Engine,
    request: Request,
    decided: Decided,
    key: Key,
    images: Mapping[str, ImageFacts],
    guard: Guard,
    interrupt: Interrupt,
    recorder: Recorder,
    clock: Clock,
    *,
    patient: bool = False,
) -> tuple[Snapshot | None, str]:
    """Fill and keep the group's data, for the run of `request`. None, and why not; nothing of it is left then. `patient`: wait for
    somebody else who is at it."""
    from dockyard.environments.run import run

    deadline = int(clock() + engine.facts.clock_offset + request.timeout + BEYOND)
    place = snapshots.filling(key, request.application.name, request.placement)
    place = msgspec.structs.replace(place, deadline=deadline)
    guard.watch(place)
    its: Recorder | None = None
    try:
        its = Recorder(recorder.folder / "snapshots" / decided.group.services[0], clock, recorder.mask)
        while (data := await engine.snapshots.begin(key, place)) is None:
            there = await engine.snapshots.find(key.hash)
            if there or not patient or interrupt.times:
                return (there[0], "") if there else (None, "another run is at it")
            await asyncio.sleep(PAUSE)
        keeping = Keeping(engine, key, place, data, decided.group, partial(_key_now, engine, request, decided, images))
        ours = _request(request, decided, place, images, data)
        verdict = await run(ours, engine, its, guard, interrupt, clock, inside=keeping.keep)
        why = keeping.why or (verdict.causes[0].what if verdict.causes else str(verdict.verdict))
        return keeping.made, "" if keeping.made is not None else why
    except (DockyardError, OSError) as error:
        return None, str(error).split("\n", 1)[0]
    finally:
        await asyncio.shield(_clear(engine, place, guard))
        if its is not None:
            its.close()


async def _key_now(engine: Engine, request: Request, decided: Decided, images: Mapping[str, ImageFacts]) -> Key:
    terms = request.snapshots
    assert terms is not None
    options = SiteOptions(services=request.choice.services)
    return await engine.snapshots.key(
        request.placement, request.application, options, decided.group, images, terms.secret, terms.scope
    )


async def _clear(engine: Engine, place: Placement, guard: Guard) -> None:
    """Whatever is not part of a whole snapshot goes; where it can't, the guard goes on."""
    try:
        left = await engine.remove([found for found in await engine.inventory() if found.placement == place.id])
    except DockyardError:
        return
    if not left:
        guard.gone(place)


def _request(
    request: Request, decided: Decided, place: Placement, images: Mapping[str, ImageFacts], data: Mapping[str, Data]
) -> Request:
    group = decided.group
    services = tuple(name for name in request.application.services if name in group.everybody)
    return msgspec.structs.replace(
        request,
        run=place.id,
        placement=place,
        choice=Choice(services, (), "what fills the data"),
        tests_within=0,
        command=(),
        publish="mapped",
        keep=Keep(),
        up=False,
        standby=None,
        claimed=None,
        snapshots=None,
        unclaimed="",
        begun=0,
        have={name: images[name] for name in services},
        data=data,
        completes=group.one_shots,
    )
