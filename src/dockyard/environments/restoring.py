"""Whether services of an environment begin with data that are kept, and with which. Decided once for each group, when its images are known.

Nothing is made here: it is told to the site (through `data`) where a service's data are, and to whoever carries out the steps, whose work
is in them already.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec

from dockyard.engines.protocol import Engine, SiteOptions
from dockyard.environments import snapshots
from dockyard.environments.book import Book, Page
from dockyard.environments.request import Request
from dockyard.environments.steps import Do, End, Tells
from dockyard.model.errors import DockyardError, UserError
from dockyard.model.facts import ImageFacts
from dockyard.model.placement import Placement
from dockyard.model.plan import Step
from dockyard.model.snapshot import Data, Group, Key, Snapshot, begun_with


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """One group: the snapshot that it begins with; or None and why not. `key`: of what it is made from; None: nothing of it may be kept."""

    group: Group
    snapshot: Snapshot | None = None
    why: str = ""
    key: Key | None = None


class Restoring:
    """The groups of one environment. `data` is filled as they are decided."""

    def __init__(
        self, engine: Engine, request: Request, placement: Placement, options: SiteOptions, data: dict[str, Data]
    ) -> None:
        self._engine, self._request, self._placement, self._options = engine, request, placement, options
        self._data = data
        asked = snapshots.groups(request.application, request.choice) if request.snapshots is not None else ()
        self._group_of = {name: group for group in asked for name in group.everybody}
        self._deciding: dict[Group, asyncio.Task[Decided]] = {}

    async def settle(self, service: str, images: Mapping[str, ImageFacts]) -> Decided | None:
        """What is decided of the service's group; None where it is in none. The images of all of the group are known."""
        group = self._group_of.get(service)
        if group is None:
            return None
        if group not in self._deciding:
            self._deciding[group] = asyncio.create_task(self._decide(group, images))
        return await asyncio.shield(self._deciding[group])

    async def settle_known(self, images: Mapping[str, ImageFacts]) -> None:
        """Decide of every group whose images are all known."""
        for group in dict.fromkeys(self._group_of.values()):
            if all(name in images for name in group.everybody):
                await self.settle(group.services[0], images)

    async def begin(self, page: Page, images: Mapping[str, ImageFacts], recorder: Tells, now: float) -> bool:
        """Decide which data an instance begins with, on its page. False: its work is in them, so it isn't made."""
        service = page.instance.service
        decided = await self.settle(service, images)
        if decided is None:
            return True
        page.snapshot, page.seeded = decided.snapshot, decided.why if service in decided.group.services else ""
        page.in_snapshot = decided.snapshot is not None and service in decided.group.one_shots
        if service == decided.group.services[0]:
            tell_decided(recorder, decided)
        if page.in_snapshot:
            page.created_at = page.started_at = page.released_at = page.completed_at = now
        return not page.in_snapshot

    def decided(self) -> list[Decided]:
        """What is known by now, in the file's order."""
        found = [self._deciding[group] for group in dict.fromkeys(self._group_of.values()) if group in self._deciding]
        return [task.result() for task in found if task.done() and not task.cancelled() and task.exception() is None]

    def holds(self, service: str) -> Snapshot | None:
        """The snapshot that has the work of this service in it: it isn't made, nor run."""
        return next((one.snapshot for one in self.decided() if service in one.group.one_shots), None)

    async def _decide(self, group: Group, images: Mapping[str, ImageFacts]) -> Decided:
        try:
            return await self._found(group, images)
        except DockyardError as error:
            # What is not known to be there is made afresh; the engine's own faults show at the next call.
            return Decided(group=group, why=str(error).split("\n", 1)[0])

    async def _found(self, group: Group, images: Mapping[str, ImageFacts]) -> Decided:
        found = await decide(self._engine, self._request, self._placement, self._options, group, images)
        if found.key is None:
            return found
        snapshot = await self._engine.snapshots.reserve(found.key.hash, self._placement) if found.snapshot is not None else None
        if snapshot is not None:
            self._data |= begun_with(snapshot, group)
            return msgspec.structs.replace(found, snapshot=snapshot)
        return msgspec.structs.replace(found, snapshot=None, why=found.why or "the snapshot has just been removed")


async def decide(
    engine: Engine,
    request: Request,
    placement: Placement,
    options: SiteOptions,
    group: Group,
    images: Mapping[str, ImageFacts],
) -> Decided:
    """What a group would begin with now. Nothing is made, nor reserved."""
    terms = request.snapshots
    if terms is None:
        return Decided(group=group, why="snapshots are not asked for")
    if why := terms.why or engine.snapshots.why_not or snapshots.refusal(request.application, request.choice, group):
        return Decided(group=group, why=why)
    try:
        key = await engine.snapshots.key(placement, request.application, options, group, images, terms.secret, terms.scope)
    except UserError as error:
        return Decided(group=group, why=error.problems[0].what)
    there = await engine.snapshots.find()
    found = next((one for one in there if one.key == key.hash), None)
    if found is not None and _fits(found, key):
        return Decided(group=group, snapshot=found, key=key)
    return Decided(group=group, key=key, why=snapshots.unlike(key, request.application.name, group, there))


def unless_kept(book: Book, do: Do) -> Do:
    """Nothing is to be done for a one-shot whose work is in the data already: what waits for it goes on."""

    async def carry_out(step: Step) -> End:
        return End.DONE if book[step.subject].in_snapshot else await do(step)

    return carry_out


def _fits(snapshot: Snapshot, key: Key) -> bool:
    return {name: tuple(paths) for name, paths in snapshot.volumes.items()} == dict(key.targets)


def tell_decided(recorder: Tells, decided: Decided) -> None:
    """What a group begins with, for the record."""
    services = ", ".join(decided.group.services)
    one = decided.snapshot
    if one is None:
        recorder.event("snapshot.none", services, why=decided.why)
    else:
        recorder.event("snapshot.used", services, key=one.key, holds=list(decided.group.one_shots), seconds=one.seconds)
