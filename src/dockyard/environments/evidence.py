"""Collects what a run leaves behind for people: logs, resource peaks, the tests' reports. Streams from the first moment."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from dockyard.engines.protocol import Site
from dockyard.model.errors import DockyardError, Fatal, Retry
from dockyard.record.recorder import Recorder

if TYPE_CHECKING:
    from dockyard.record import junit

LOGS_AFTER_END = 1.0
"""Seconds that the logs of what has ended may take to come."""

SAMPLE = 2.0
"""Seconds between two looks at what the containers use."""


def places(paths: Sequence[str]) -> list[str]:
    """Where each of `reports` goes below the instance's folder: what has the name of an earlier one beside it, not over it."""
    seen = Counter[str]()
    found: list[str] = []
    for path in paths:
        name = PurePosixPath(path).name
        seen[name] += 1
        found.append("" if seen[name] == 1 else str(seen[name]))
    return found


class Peaks(msgspec.Struct):
    """The most that an instance used: memory in bytes, CPU in seconds."""

    memory: int = 0
    cpu: float = 0


class Evidence:
    """The evidence of one placement while it lives."""

    def __init__(self, site: Site, recorder: Recorder, clock: Callable[[], float]) -> None:
        self._site, self._recorder, self._clock = site, recorder, clock
        self._followers: dict[str, asyncio.Task[None]] = {}
        self.peaks: dict[str, Peaks] = {}
        self._leaving = False

    def follow(self, key: str) -> None:
        """Begin to write the logs of an instance; once is enough."""
        if key not in self._followers:
            self._followers[key] = asyncio.create_task(self._write_logs(key), name=f"logs {key}")

    async def _write_logs(self, key: str) -> None:
        log = self._recorder.log(key)
        try:
            async for chunk in self._site.logs(key):
                log.feed(chunk.stream, chunk.data)
            log.end()
        except DockyardError as error:
            if not self._leaving:
                self._recorder.event("note", key, why=f"its logs broke off: {error}")

    async def ended(self, key: str, timeout: float) -> None:
        """Wait until the logs of an instance that has ended are all on disk."""
        task = self._followers.get(key)
        if task is not None:
            await asyncio.wait({task}, timeout=timeout)

    async def nearly_ended(self, key: str) -> None:
        """Wait until all but perhaps a last line without an end has come: `ended` has that too, but must wait for the engine to tidy up."""
        ended = asyncio.ensure_future(self.ended(key, LOGS_AFTER_END))
        quiet = asyncio.ensure_future(self.quiet(LOGS_AFTER_END))
        await asyncio.wait({ended, quiet}, return_when=asyncio.FIRST_COMPLETED)
        for future in (ended, quiet):
            future.cancel()
        await asyncio.gather(ended, quiet, return_exceptions=True)

    async def quiet(self, timeout: float) -> None:
        """Wait until what was written up to now has arrived: no log moved for a moment, or `timeout` has passed."""
        until = self._clock() + timeout
        seen = self._recorder.bytes_logged
        while self._clock() < until:
            await asyncio.sleep(0.02)
            if self._recorder.bytes_logged == seen:
                return
            seen = self._recorder.bytes_logged

    async def sample(self) -> None:
        """Until cancelled: what the containers use, each `SAMPLE` seconds."""
        while True:
            await asyncio.sleep(SAMPLE)
            await self.look()

    async def look(self) -> None:
        """One look at what the containers use."""
        try:
            usages = await self._site.usage()
        except DockyardError:
            return
        for usage in usages:
            peak = self.peaks.setdefault(usage.key, Peaks())
            peak.memory = max(peak.memory, usage.memory)
            peak.cpu = max(peak.cpu, usage.cpu)

    async def copy_reports(self, key: str, paths: tuple[str, ...]) -> tuple[junit.Found, list[str]]:
        """Copy `reports` out of an instance, masked, and read the JUnit cases in them as they came: a secret that is a word of XML's must
        hide no failure. Warnings for what wasn't there or was refused; Retry or Fatal where the engine didn't give them."""
        from dockyard.record import archives, junit

        warnings: list[str] = []
        reading = junit.Reading()
        mask, folder = self._recorder.mask, self._recorder.folder / "reports" / key
        for path, place in zip(paths, places(paths), strict=True):
            try:
                warnings += await archives.extract(self._site.read(key, path), folder / place, mask=mask, look=reading)
            except (Retry, Fatal):
                raise
            except OSError as error:
                self._recorder.broke(error)
            except DockyardError as error:
                warnings.append(f"{key}: {path} could not be copied: {error}")
        found = reading.found()
        return msgspec.structs.replace(found, unread=list(map(mask.text, found.unread))), warnings

    def merge_junit(self, tests: Sequence[tuple[str, float, float, junit.Found]]) -> None:
        """`junit.xml`: all tests' cases in one, each failed one with what the services logged in its time."""
        from dockyard.record import junit, logs

        def slices(begin: float, end: float) -> dict[str, list[str]]:
            names = {key for key, *_ in tests}
            return {
                path.stem: logs.between(path, begin, end, junit.SLICE)
                for path in sorted((self._recorder.folder / "services").glob("*.log"))
                if path.stem not in names and not path.stem.endswith(".probes")
            }

        if not tests:
            return
        merged = junit.merge(tests, slices, self._recorder.mask.text)
        if merged is not None:
            try:
                (self._recorder.folder / "junit.xml").write_bytes(merged)
            except OSError as error:
                self._recorder.broke(error)

    def leave(self) -> None:
        """What is watched goes now: that a log ends is no news any more."""
        self._leaving = True

    async def close(self) -> None:
        """End all that still follows."""
        for task in self._followers.values():
            task.cancel()
        await asyncio.gather(*self._followers.values(), return_exceptions=True)
