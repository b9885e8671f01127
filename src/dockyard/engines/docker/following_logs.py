"""Follows the log of one instance, through dropped connections and restarts: every line once, in order, to its very end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from dockyard.engines.docker import facts
from dockyard.engines.docker.api import Api, Dropped, Missing
from dockyard.engines.docker.following import Follower
from dockyard.engines.docker.log_place import LogPlace, reaches_back
from dockyard.engines.docker.scene import version
from dockyard.engines.protocol import Chunk
from dockyard.model.facts import State

_PAUSE = 0.2
"""Seconds before a log whose connection was dropped is asked for again."""

_LOGS_END_WELL = (1, 42)
"""Engines before that end a followed log before a last line without an end, now and then, and up to 0.1 s late."""

_QUIET = 0.005
"""Seconds without a line after which the log of an ended container is taken for read, but for its very end."""

_TAIL = 1000
"""Lines that are read again after an end: the engine finds the last ones without reading all."""

_DROPS = 3
"""Tries to read what an ended container has left, where the engine drops each."""


async def logs(
    api: Api, follower: Follower, key: str, identity: str, tty: bool, since: float, follow: bool, final: bool
) -> AsyncIterator[Chunk]:
    """An instance's log with timestamps. Ends when the container has ended for good (no restart of it comes), or is gone.

    `final`: the engine never starts it again by itself, so its first end is that.
    """
    place, tail, drops = LogPlace(since), 0, 0
    hasty = version(api.client.api) < _LOGS_END_WELL
    while True:
        starts = follower.starts(key)
        try:
            read = api.logs(identity, tty=tty, since=place.since(), follow=follow, tail=tail)
            if tail:
                last = [chunk async for chunk in read]
                if not reaches_back(last, tail):
                    tail = 0
                    continue
                read = _again(last)
            async for chunk in _until_quiet(read, follower, key) if follow and final and hasty else read:
                drops = 0
                new = place.take(chunk)
                if new.data:
                    yield new
        except Missing:
            return
        except Dropped:
            drops += 1
            if not follow and drops > _DROPS:
                return
            await asyncio.sleep(_PAUSE)
            place.again()
            continue
        if not follow:
            return
        place.again()
        if final and not hasty:
            return
        if final and follower.ended(key):
            follow, tail = False, _TAIL
            continue
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
            if not hasty:
                return
            # Before its last line, now and then: once more, without following.
            follow, tail = False, _TAIL
        elif not await follower.next_start(key, starts):
            return


async def _again(chunks: list[Chunk]) -> AsyncIterator[Chunk]:
    for chunk in chunks:
        yield chunk


async def _until_quiet(read: AsyncIterator[Chunk], follower: Follower, key: str) -> AsyncIterator[Chunk]:
    """A followed log to its end, or until nothing more comes after its container has ended."""
    ended = asyncio.ensure_future(follower.end_of(key))
    following: asyncio.Future[Chunk] | None = None
    try:
        while True:
            following = following or asyncio.ensure_future(anext(read))  # type: ignore[arg-type]
            if not ended.done():
                await asyncio.wait({following, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not following.done() and ended.done():
                await asyncio.wait({following}, timeout=_QUIET)
                if not following.done():
                    return
            if following.done():
                try:
                    chunk = following.result()
                except StopAsyncIteration:
                    return
                following = None
                yield chunk
    finally:
        ended.cancel()
        if following is not None:
            following.cancel()
        await asyncio.gather(ended, *([following] if following is not None else []), return_exceptions=True)


def _comes_back(body: dict[str, Any]) -> bool:
    """Whether the engine will start an exited container again by itself (moby, restartmanager)."""
    policy = (body.get("HostConfig") or {}).get("RestartPolicy") or {}
    name, code = policy.get("Name", ""), (body.get("State") or {}).get("ExitCode", 0)
    if name == "on-failure":
        most = policy.get("MaximumRetryCount", 0)
        return code != 0 and (not most or body.get("RestartCount", 0) < most)
    return False
