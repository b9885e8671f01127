"""Follows what the engine says of a placement's containers, through dropped connections and restarts.

Promises every change once, in order, from the moment of `begin`. After a dropped connection the engine is looked at again and what happened
in between is made up from the difference; where the engine itself was away and what ran is gone, that is Fatal.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any

from dockyard.engines.docker import changes
from dockyard.engines.docker.api import Api, Dropped, EngineError
from dockyard.engines.docker.client_errors import translate
from dockyard.model.errors import Fatal
from dockyard.model.facts import Change, ChangeKind, InstanceFacts, State

_AGAIN = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 6.4, 6.4)
"""Seconds between tries to reach an engine that dropped the connection: about half a minute in all."""

_REPLAYED = 0.15
"""Seconds in which a new connection has replayed what the engine still has."""

_SETTLED = 1.0
"""Seconds after which an engine that came back has ended what it does not keep."""

BEFORE = 1.0
"""Seconds before it is begun from which on a site listens: clocks differ."""

Observe = Callable[[], Awaitable[Mapping[str, InstanceFacts]]]


class Follower:
    """The one events stream of a placement. `changes` may be called by several; each gets what comes after its call."""

    def __init__(self, api: Api, filters: dict[str, list[str]], observe: Observe, since: float) -> None:
        """`since`: Unix seconds by the engine's clock from which on changes count."""
        self._api, self._filters, self._observe, self._since = api, filters, observe, since
        self._known: dict[str, InstanceFacts] = {}
        self._kept: list[Change] = []
        self._queues: list[asyncio.Queue[Change | BaseException]] = []
        self._task: asyncio.Task[None] | None = None
        self._broken: BaseException | None = None
        self._seen: set[Change] = set()
        self._killed: dict[str, float] = {}
        """Instances that the engine was asked to kill, and when (its clock)."""
        self._last = 0.0
        self._away = False
        """The engine was away since it was last heard and seen: it refused a connection, or has forgotten what it told us."""
        self._unsure = False
        """The connection has dropped, and it is not known yet what happened meanwhile."""
        self._held: list[dict[str, Any]] = []
        self._began = since + BEFORE
        self._remembered = False
        """Since then the engine has told something again that it had told before."""
        self.strangers: Collection[str] = ()
        """Ids of containers whose changes aren't told."""
        self.made: Callable[[str, str], bool] = _any
        """Whether a container (instance key, id) was made to its end. An engine that gives up a creation half-way removes what it had begun,
        and tells of it: that is no loss of an instance, and the creation's own error says what is wrong."""
        self._undecided: dict[str, list[dict[str, Any]]] = {}
        self._stood: frozenset[str] = frozenset()

    def begin(self) -> None:
        """Start listening; nothing is lost from now on."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="events")

    def runs(self, key: str) -> None:
        """It was started before anybody listened."""
        self._known[key] = InstanceFacts(key=key, id="", state=State.RUNNING, started_at=self._since)

    def await_decision(self, keys: Iterable[str]) -> None:
        """These were booted beforehand. Until it is decided whether each is taken, nothing of it is told."""
        self._undecided = {key: [] for key in keys}
        self._stood = frozenset(self._undecided)

    def decided(self, key: str, state: State | None) -> None:
        """`state`: it is taken, and was so when it was looked at; None: it isn't, its container is a stranger. What was heard of it
        since it was looked at is told now."""
        held = self._undecided.pop(key, None)
        if held is None:
            return
        if state is not None:
            self._known[key] = InstanceFacts(key=key, id="", state=state, started_at=self._since)
        for event in held:
            self._take(event)

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._task

    async def changes(self) -> AsyncIterator[Change]:
        """What has come since `begin`, then what comes."""
        self.begin()
        queue: asyncio.Queue[Change | BaseException] = asyncio.Queue()
        for change in self._kept:
            queue.put_nowait(change)
        if self._broken is not None:
            queue.put_nowait(self._broken)
        self._queues.append(queue)
        try:
            while True:
                change = await queue.get()
                if isinstance(change, BaseException):
                    raise change
                yield change
        finally:
            self._queues.remove(queue)

    async def next_start(self, key: str, after: int) -> bool:
        """Wait until the instance starts once more than `after` times; False when it was removed instead."""
        seen = 0
        async for change in self.changes():
            if change.key != key:
                continue
            if change.kind is ChangeKind.STARTED:
                seen += 1
                if seen > after:
                    return True
            elif change.kind is ChangeKind.LOST:
                return False
        return False

    def ended(self, key: str) -> bool:
        """Whether its end was told, and no start after it."""
        known = self._known.get(key)
        return known is not None and known.state is State.EXITED

    async def end_of(self, key: str) -> None:
        """Return when its end was told."""
        async for change in self.changes():
            if change.key == key and change.kind in (ChangeKind.EXITED, ChangeKind.LOST):
                return

    def starts(self, key: str) -> int:
        return sum(change.key == key and change.kind is ChangeKind.STARTED for change in self._kept)

    async def _run(self) -> None:
        try:
            await self._listen()
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self._broken = translate(error) if isinstance(error, EngineError) else error
            for queue in self._queues:
                queue.put_nowait(self._broken)

    async def _listen(self) -> None:
        tries = 0
        looking: asyncio.Task[None] | None = None
        listening: asyncio.Task[None] | None = None
        try:
            while True:
                listening = asyncio.create_task(self._hear())
                await asyncio.wait({listening, *({looking} if looking else ())}, return_when=asyncio.FIRST_COMPLETED)
                if looking is not None and looking.done() and looking.exception() is None:
                    # Heard and looked again: as if nothing had been.
                    tries, looking = 0, None
                if looking is not None and looking.done():
                    listening.cancel()
                    looking.result()
                dropped = (await asyncio.gather(listening, return_exceptions=True))[0]
                if isinstance(dropped, BaseException) and not isinstance(dropped, Dropped):
                    raise dropped
                self._away = self._away or (isinstance(dropped, Dropped) and not dropped.begun)
                self._unsure, self._remembered = True, False
                if looking is not None:
                    looking.cancel()
                if tries >= len(_AGAIN):
                    raise Fatal("the engine does not answer any more", "look at its service and its log")
                await asyncio.sleep(_AGAIN[tries])
                tries += 1
                looking = asyncio.create_task(self._catch_up())
        finally:
            under_way = [task for task in (looking, listening) if task is not None]
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _hear(self) -> None:
        """Events until the connection drops."""
        async for event in self._api.events(self._filters, self._from()):
            if event.get("Action") == "kill":
                self._killed[changes.key_of(event)] = changes.at(event)
                await self._still_there(event)
            self._take(event)

    async def _still_there(self, event: dict[str, Any]) -> None:
        """An engine that is told to end takes no more connections, then ends its containers, and only then drops ours."""
        try:
            await self._api.client.ping()
        except Dropped as dropped:
            key = changes.key_of(event) or "a container"
            raise Fatal(
                f"the engine is being stopped or restarted, and ends {key}", "run it again; live-restore keeps containers"
            ) from dropped

    def _from(self) -> str:
        """`since` of the next listening, a moment early: the engine replays what it still has from there."""
        return f"{self._last - 0.001 if self._last else self._since:.9f}"

    def _take(self, event: dict[str, Any]) -> None:
        if event.get("Actor", {}).get("ID") in self.strangers:
            return
        change = changes.of_event(event, self._killed)
        self._remembered = self._remembered or change in self._seen
        if self._unsure:
            # An engine that comes back tells first of what it lost: whether that is an end or the end of all is seen by a look.
            self._held.append(event)
            return
        # A replay brings known ones again; and what was made up from a look is not told twice.
        if change is not None and change.key in self._stood:
            if change.at < self._began:
                return  # of its boot
            if change.key in self._undecided:
                self._undecided[change.key].append(event)
                return
        if change is None or change in self._seen or changes.stale(self._known.get(change.key), change):
            return
        self._seen.add(change)
        self._last = max(self._last, change.at)
        if change.kind is not ChangeKind.LOST or self.made(change.key, event.get("Actor", {}).get("ID", "")):
            self._tell(change)

    def _tell(self, change: Change) -> None:
        self._known[change.key] = changes.known(self._known.get(change.key), change)
        self._kept.append(change)
        for queue in self._queues:
            queue.put_nowait(change)

    async def _catch_up(self) -> None:
        """Tell what happened while nobody listened, once what the engine replays has come. Fatal where what ran is gone with the engine."""
        await asyncio.sleep(_REPLAYED)
        now = await self._look()
        # It keeps its last events in memory (moby, daemon/events: 256), and tells them again while it is the same process.
        self._away = self._away or (self._last > 0 and not self._remembered)
        if self._away:
            # It may still be ending what it found when it came back.
            await asyncio.sleep(_SETTLED)
            now = await self._look()
            self._must_have_survived(now)
        else:
            self._take_held()
        for change in changes.since(dict(self._known), now, max((found.finished_at for found in now.values()), default=0.0)):
            self._tell(change)
        self._away = False
        self._take_held()

    def _must_have_survived(self, now: Mapping[str, InstanceFacts]) -> None:
        """Fatal where nothing that ran before the engine went away runs now: that is no end of a service's own."""
        ran = {key: was for key, was in self._known.items() if was.state is State.RUNNING}
        gone = [key for key in ran if key not in now or now[key].state is not State.RUNNING]
        told = {
            change.key
            for event in self._held
            if (change := changes.of_event(event, self._killed)) and change.kind is not ChangeKind.STARTED
        }
        survived = [key for key in ran if key not in (*gone, *told) and now[key].started_at <= ran[key].started_at]
        if ran and not survived:
            raise Fatal(
                f"the engine was restarted, and {', '.join(sorted(ran))} did not survive it",
                "run it again; live-restore keeps containers",
            )

    def _take_held(self) -> None:
        self._unsure = False
        held, self._held = self._held, []
        for event in held:
            self._take(event)

    async def _look(self) -> dict[str, InstanceFacts]:
        while True:
            try:
                return dict(await self._observe())
            except Dropped as dropped:
                self._away = self._away or not dropped.begun
                await asyncio.sleep(_REPLAYED)


def _any(_key: str, _identity: str) -> bool:
    return True
