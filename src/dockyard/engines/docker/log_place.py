"""How far a log was read, so that reading can begin again without losing or repeating a line. Pure.

The engine filters by time, and times of two streams are not quite in order; so reading begins again a little before, and what was read
already is known by its bytes.
"""

from __future__ import annotations

import re
from collections import deque

from dockyard.engines.docker.facts import moment
from dockyard.engines.protocol import Chunk, Stream

_LINE = re.compile(rb"[^\n]*\n|[^\n]+")

_BEFORE = 5_000_000
"""Nanoseconds that a second reading begins earlier."""

_SECOND = 1_000_000_000

_ENTRY = 16 * 1024
"""Bytes of a line after which the engine begins a new entry."""


class LogPlace:
    """`since`: Unix seconds by the engine's clock; 0: from the beginning."""

    def __init__(self, since: float) -> None:
        self._at = int(since * 1e9)
        self._tail: deque[tuple[int, Chunk]] = deque()
        """What was read in the time that a second reading repeats, each piece with the time of its last line."""
        self._read: dict[int, list[bytes]] = {}
        """The lines of these pieces by their times; the last of each stream may be cut."""
        self._rest: dict[Stream, bytes | None] = {}
        """What is left of the known line that is being repeated; None between lines."""

    def since(self) -> str:
        """Where the next reading begins, as the engine wants it."""
        at = self._at - (_BEFORE if self._tail else 0)
        return f"{at // 1_000_000_000}.{at % 1_000_000_000:09d}" if at > 0 else ""

    def take(self, chunk: Chunk) -> Chunk:
        """The chunk without the lines that an earlier reading has given."""
        data = chunk.data
        if self._read:
            data = b"".join(self._new(chunk.stream, line) for line in lines(data))
        if data:
            at = latest(data) or self._at
            self._at = max(self._at, at)
            self._tail.append((at, Chunk(chunk.stream, data)))
            # An engine that tells whole seconds (Podman) goes by finer ones: of the second before it may give the end again.
            oldest = self._at - _BEFORE - (0 if self._at % _SECOND else _SECOND)
            while self._tail[0][0] < oldest:
                self._tail.popleft()
        return Chunk(chunk.stream, data)

    def again(self) -> None:
        """Reading begins anew."""
        self._rest, self._read = {}, {}
        for stream in Stream:
            for line in lines(b"".join(chunk.data for _, chunk in self._tail if chunk.stream is stream)):
                self._read.setdefault(stamp(line), []).append(line)

    def _new(self, stream: Stream, piece: bytes) -> bytes:
        """What an earlier reading has not given of a line, or of a piece of one."""
        rest = self._rest.get(stream)
        if rest is None:
            at = stamp(piece)
            rest = _take(self._read.get(at, []), piece) if at else b""
        known = min(len(rest), len(piece))
        self._rest[stream] = None if piece.endswith(b"\n") else rest[known:]
        return piece[known:]


def _take(known: list[bytes], piece: bytes) -> bytes:
    """The first of the known lines that the piece begins, or goes on with; it is repeated once, so it is known no longer."""
    found = next((n for n, line in enumerate(known) if line.startswith(piece) or piece.startswith(line)), None)
    return b"" if found is None else known.pop(found)


def lines(data: bytes) -> list[bytes]:
    """With their ends. A carriage return ends none: no time follows it."""
    return _LINE.findall(data)


def reaches_back(chunks: list[Chunk], tail: int) -> bool:
    """Whether the last `tail` entries of a log, of which those before `since` were left out, join what was read until `since`.

    An entry is a line, or 16 KiB of a longer one (moby, logger/copier): fewer than `tail` of them are all there are.
    """
    return sum(chunk.data.count(b"\n") + len(chunk.data) // _ENTRY + 1 for chunk in chunks) < tail


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
