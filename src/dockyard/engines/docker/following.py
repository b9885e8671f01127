"""Follows what the engine says of a placement: events and logs, through dropped connections and restarts.

Promises every change once, in order, from the moment of `begin`; every log line once, in order. After a dropped connection the engine is
looked at again and what happened in between is made up from the difference; where the engine itself was away and what ran is gone,
that is Fatal.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from dockyard.engines.docker import changes, facts
from dockyard.engines.docker.api import Api, Dropped, EngineError, Missing
from dockyard.engines.docker.client_errors import translate
from dockyard.engines.docker.log_place import LogPlace
from dockyard.engines.protocol import Chunk
from dockyard.model.errors import Fatal
from dockyard.model.facts import Change, ChangeKind, InstanceFacts, State

_AGAIN = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 6.4, 6.4)
"""Seconds between tries to reach an engine that dropped the connection: about half a minute in all."""

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
        self._last = 0

    def begin(self) -> None:
        """Start listening; nothing is lost from now on."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="events")

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

    def starts(self, key: str) -> int:
        return sum(change.key == key and change.kind is ChangeKind.STARTED for change in self._kept)

    async def _run(self) -> None:
        try:
            away = False
            tries = 0
            while True:
                try:
                    async for event in self._api.events(self._filters, self._from()):
                        tries, away = 0, False
                        self._take(event)
                except Dropped as dropped:
                    away = away or not dropped.begun
                if tries >= len(_AGAIN):
                    raise Fatal("the engine does not answer any more", "look at its service and its log")
                await asyncio.sleep(_AGAIN[tries])
                tries += 1
                away = await self._catch_up(away)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self._broken = translate(error) if isinstance(error, EngineError) else error
            for queue in self._queues:
                queue.put_nowait(self._broken)

    def _from(self) -> str:
        """`since` of the next listening: the engine replays what it still has from there."""
        if self._last:
            return f"{self._last // 1_000_000_000}.{self._last % 1_000_000_000:09d}"
        return f"{self._since:.9f}"

    def _take(self, event: dict[str, Any]) -> None:
        change = changes.of_event(event)
        # A replay after a dropped connection brings known ones again; events of one moment may come in any order.
        if change is None or change in self._seen:
            return
        self._seen.add(change)
        self._last = max(self._last, event.get("timeNano", 0))
        self._tell(change)

    def _tell(self, change: Change) -> None:
        self._known[change.key] = changes.known(self._known.get(change.key), change)
        if change.kind is ChangeKind.LOST:
            del self._known[change.key]
        self._kept.append(change)
        for queue in self._queues:
            queue.put_nowait(change)

    async def _catch_up(self, away: bool) -> bool:
        """Tell what happened while nobody listened. Returns whether the engine is still away."""
        before = dict(self._known)
        try:
            now = dict(await self._observe())
        except Dropped as dropped:
            return away or not dropped.begun
        ran = [key for key, was in before.items() if was.state is State.RUNNING]
        gone = [key for key in ran if key not in now or now[key].state is not State.RUNNING]
        if away and gone:
            raise Fatal(
                f"the engine was restarted, and {', '.join(sorted(gone))} did not survive it",
                "run it again; live-restore keeps containers",
            )
        for change in changes.since(before, now, max((found.finished_at for found in now.values()), default=0.0)):
            self._tell(change)
        return False


async def logs(
    api: Api, follower: Follower, key: str, identity: str, tty: bool, since: float, follow: bool
) -> AsyncIterator[Chunk]:
    """An instance's log with timestamps. Ends when the container has ended for good (no restart of it comes), or is gone."""
    place = LogPlace(since)
    while True:
        starts = follower.starts(key)
        try:
            async for chunk in api.logs(identity, tty=tty, since=place.since(), follow=follow):
                new = place.take(chunk)
                if new.data:
                    yield new
        except Missing:
            return
        except Dropped:
            await asyncio.sleep(_AGAIN[2])
        if not follow:
            return
        place.again()
        try:
            body = await api.container(identity)
        except Missing:
            return
        except Dropped:
            continue
        found = facts.instance(body, "")
        if found.state is State.RUNNING:
            # The stream ends a moment before the state says so; or it was started again already.
            await asyncio.sleep(0.01)
        elif found.state is not State.RESTARTING and not _comes_back(body):
            # 20.10 ends a followed log before its last line, now and then: once more, without following.
            follow = False
        elif not await follower.next_start(key, starts):
            return


def _comes_back(body: dict[str, Any]) -> bool:
    """Whether the engine will start an exited container again by itself (moby, restartmanager)."""
    policy = (body.get("HostConfig") or {}).get("RestartPolicy") or {}
    name, code = policy.get("Name", ""), (body.get("State") or {}).get("ExitCode", 0)
    if name == "on-failure":
        most = policy.get("MaximumRetryCount", 0)
        return code != 0 and (not most or body.get("RestartCount", 0) < most)
    return False
