"""How far a log was read, so that reading can begin again without losing or repeating a line. Pure.

The engine filters by time, and times of two streams are not quite in order; so reading begins again a little before, and what was read
already is known by its bytes.
"""

from __future__ import annotations

from dockyard.engines.docker.facts import moment
from dockyard.engines.protocol import Chunk

_BEFORE = 5_000_000
"""Nanoseconds that a second reading begins earlier."""

_KEPT = 64 * 1024
"""Bytes that are remembered to know a repeated line by."""


class LogPlace:
    """`since`: Unix seconds by the engine's clock; 0: from the beginning."""

    def __init__(self, since: float) -> None:
        self._at = int(since * 1e9)
        self._tail: list[bytes] = []
        self._size = 0
        self._read = False
        self._repeating = b""

    def since(self) -> str:
        """Where the next reading begins, as the engine wants it."""
        at = self._at - (_BEFORE if self._read else 0)
        return f"{at // 1_000_000_000}.{at % 1_000_000_000:09d}" if at > 0 else ""

    def take(self, chunk: Chunk) -> Chunk:
        """The chunk without the lines that an earlier reading has given."""
        data = chunk.data
        if self._repeating:
            data = b"".join(line for line in data.splitlines(keepends=True) if not self._known(line))
        if data:
            self._at = max(self._at, latest(data))
            self._tail.append(data)
            self._size += len(data)
            while self._size - len(self._tail[0]) > _KEPT:
                self._size -= len(self._tail.pop(0))
        return Chunk(chunk.stream, data)

    def again(self) -> None:
        """Reading begins anew."""
        self._read = self._read or bool(self._tail)
        self._repeating = b"".join(self._tail)

    def _known(self, line: bytes) -> bool:
        return 0 < stamp(line) <= self._at and line.rstrip(b"\n") in self._repeating


def latest(data: bytes) -> int:
    """The time that the last line of a chunk begins with, in nanoseconds; 0 where it has none."""
    return stamp(data.rstrip(b"\n").rpartition(b"\n")[2])


def stamp(line: bytes) -> int:
    """The engine's time at a line's beginning (RFC 3339 with nanoseconds) as nanoseconds; 0 for none."""
    text = line[:40].partition(b" ")[0]
    if not 20 <= len(text) <= 35 or text[10:11] != b"T" or not text.endswith(b"Z"):
        return 0
    try:
        whole, _, fraction = text[:-1].decode("ascii").partition(".")
        return int(moment(whole + "Z")) * 1_000_000_000 + int(f"{fraction:0<9}"[:9])
    except ValueError:
        return 0
