"""A service's log on its way to disk: line by line, masked, each with its time and stream, written at once so that a kill loses nothing.

`services/<key>.log` has lines `<RFC 3339 time> stdout|stderr <text>`; bytes are kept as they came. In memory only the last lines stay.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from dockyard.record.mask import Mask
from dockyard.record.printable import printable

KEPT = 200
"""Last lines in memory, each cut to what a screen takes."""
LONGEST = 16 << 20
"""Bytes of a line without an end before it is written in parts: hostile output must not fill memory."""

_TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) ")
_LINE = re.compile(rb"(\S+) (stdout|stderr) ?(.*)", re.DOTALL)

Heard = Callable[[str, str, bytes], None]
"""Somebody who listens: key, stream, one masked line without its end."""


class ServiceLog:
    """The log of one instance. `feed` takes what the engine gives: lines that begin with the engine's time."""

    def __init__(
        self,
        path: Path,
        key: str,
        mask: Mask,
        clock: Callable[[], float],
        heard: Heard,
        broke: Callable[[OSError], None] | None = None,
    ) -> None:
        """`broke` is told when lines can't be written any more; without it that is raised."""
        self.path, self._key, self._broke = path, key, broke
        self._mask, self._clock, self._heard = mask, clock, heard
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._pending: dict[str, bytearray] = {}
        self._last: deque[tuple[bytes, str]] = deque(maxlen=KEPT)
        self._waiting: list[tuple[Callable[[str], object], asyncio.Future[None]]] = []
        self.lines = 0

    def feed(self, stream: str, data: bytes) -> None:
        """Bytes with the engine's time at the start of each line."""
        self._take(stream, data, stamped=True)

    def feed_plain(self, stream: str, data: bytes) -> None:
        """Bytes without times: a program of ours on this machine; the lines get ours."""
        self._take(stream, data, stamped=False)

    def _take(self, stream: str, data: bytes, *, stamped: bool) -> None:
        pending = self._pending.setdefault(stream, bytearray())
        pending += data
        end = pending.rfind(b"\n")
        if end < 0 and len(pending) < LONGEST:
            return
        whole = bytes(pending) if end < 0 else bytes(pending[:end])
        del pending[: len(pending) if end < 0 else end + 1]
        self._write(stream, whole.split(b"\n"), stamped=stamped)

    def _write(self, stream: str, lines: list[bytes], *, stamped: bool) -> None:
        out: list[bytes] = []
        for line in lines:
            stamp, text = self._apart(line) if stamped else (self._now(), line)
            text = self._mask.bytes(text)
            out.append(b"%s %s %s\n" % (stamp, stream.encode(), text))
            self._keep(stamp, stream, text)
        self.lines += len(lines)
        try:
            write_all(self._file, b"".join(out))
        except OSError as error:
            if self._broke is None:
                raise
            self._broke(error)

    def _apart(self, line: bytes) -> tuple[bytes, bytes]:
        found = _TIME.match(line)
        return (line[: found.end() - 1], line[found.end() :]) if found else (self._now(), line)

    def _now(self) -> bytes:
        return datetime.fromtimestamp(self._clock(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()

    def _keep(self, stamp: bytes, stream: str, text: bytes) -> None:
        shown = text[:8192].decode("utf-8", "replace")
        self._last.append((stamp, shown))
        if self._waiting:
            self._look(text.decode("utf-8", "replace"))
        self._heard(self._key, stream, text)

    def _look(self, line: str) -> None:
        for matches, future in list(self._waiting):
            if not future.done() and matches(line):
                future.set_result(None)

    async def seen(self, matches: Callable[[str], object], after: int = 0) -> None:
        """Return once a line matches, among the last ones or those to come; the first `after` lines don't count."""
        old = max(0, after - (self.lines - len(self._last)))
        if any(matches(line) for _, line in itertools.islice(self._last, old, None)):
            return
        waiting = (matches, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        try:
            await waiting[1]
        finally:
            self._waiting.remove(waiting)

    def tail(self, count: int) -> list[str]:
        """The last lines, fit for a screen, in the order of their times: stdout and stderr come on ways of their own."""
        return [printable(line) for _, line in sorted(self._last, key=lambda kept: kept[0])[-count:]]

    def end(self) -> None:
        """Nothing more will come of what has no end yet: a process may end in the middle of a line, which often says why."""
        for stream, pending in self._pending.items():
            if pending:
                self._write(stream, [bytes(pending)], stamped=True)
                pending.clear()

    def close(self) -> None:
        """Write what has no end yet. Once is enough."""
        if self._file < 0:
            return
        self.end()
        os.close(self._file)
        self._file = -1


def write_all(file: int, data: bytes) -> None:
    """Every byte: a write may take less than it is given."""
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def between(path: Path, begin: float, end: float, most: int = 200) -> list[str]:
    """Lines of a service's log from `begin` to `end` (Unix seconds), at most the last `most` of them, fit for a screen."""
    found: deque[str] = deque(maxlen=most)
    for at, stream, text in read(path):
        if at > end:
            break
        if at >= begin:
            found.append(f"{datetime.fromtimestamp(at, UTC):%H:%M:%S.%f} {stream} {printable(text)}")
    return list(found)


def read(path: Path) -> Iterator[tuple[float, str, bytes]]:
    """Time (Unix seconds), stream and text of each line on disk."""
    with path.open("rb") as lines:
        for line in lines:
            found = _LINE.fullmatch(line.rstrip(b"\n"))
            at = seconds(found[1]) if found else None
            if found and at is not None:
                yield at, found[2].decode(), found[3]


def seconds(stamp: bytes) -> float | None:
    """Unix seconds of an RFC 3339 time with any number of digits behind the second."""
    text = re.sub(r"(\.\d{6})\d*", r"\1", stamp.decode("ascii", "replace")).replace("Z", "+00:00")
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None
