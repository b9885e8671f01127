"""The engine's multiplexed output taken apart: 8-byte headers (Engine API, `ContainerAttach`, "Stream format"), or a terminal's raw bytes.

Incremental and bounded: frames come out whole up to `WHOLE` bytes and in pieces beyond, whatever length a header claims; a stream that
ends inside a frame gives what there was. Joining a long line's parts (the log drivers cut at 16 KiB) is done here as well,
because only here frame borders are known.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, AsyncIterator

from dockyard.engines.protocol import Chunk, Stream
from dockyard.model.errors import Fatal

WHOLE = 64 * 1024
"""Frames up to this many bytes are given whole; the drivers' own limit is 16 KiB and a time."""

_STREAMS = {0: Stream.STDOUT, 1: Stream.STDOUT, 2: Stream.STDERR}
_SYSTEM_ERROR = 3
_TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{9})?(?:Z|[+-]\d\d:\d\d) ")
_CUT = 16 * 1024
_STAMP = len("2006-01-02T15:04:05.000000000Z ")


class Garbled(Fatal):
    """Bytes where a header should be that are none: this is no multiplexed stream."""


class Demultiplexer:
    """`feed` it bytes as they come. Each chunk is one frame, but for frames longer than `WHOLE`."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._left = 0
        """Bytes still to come of a frame that is given in pieces."""
        self._stream = Stream.STDOUT

    def feed(self, data: bytes) -> list[Chunk]:
        held = self._held
        held += data
        made: list[Chunk] = []
        at, end = 0, len(held)
        while at < end:
            if self._left:
                taken = min(self._left, end - at)
                made.append(Chunk(self._stream, bytes(held[at : at + taken])))
                self._left -= taken
                at += taken
                continue
            if end - at < 8:
                break
            kind = held[at]
            if kind > _SYSTEM_ERROR or held[at + 1] or held[at + 2] or held[at + 3]:
                raise Garbled(f"the engine's output is garbled: no frame begins with {bytes(held[at : at + 8])!r}")
            length = int.from_bytes(held[at + 4 : at + 8], "big")
            if kind == _SYSTEM_ERROR:
                raise Fatal(
                    f"the engine could not go on: {bytes(held[at + 8 : at + 8 + min(length, 4096)]).decode(errors='replace')}"
                )
            if length > WHOLE:
                self._stream, self._left = _STREAMS[kind], length
                at += 8
            elif end - at - 8 >= length:
                if length:
                    made.append(Chunk(_STREAMS[kind], bytes(held[at + 8 : at + 8 + length])))
                at += 8 + length
            else:
                break
        del held[:at]
        return made

    def end(self) -> list[Chunk]:
        """What is left of a frame that was cut off."""
        rest = bytes(self._held[8:])
        stream = _STREAMS.get(self._held[0], Stream.STDOUT) if self._held else Stream.STDOUT
        self._held.clear()
        return [Chunk(stream, rest)] if rest else []


class Joiner:
    """Takes the times out of the middle of long lines: with timestamps, each part of a line that a log driver cut has one of its own.

    What comes out is the lines as they were written, each with the time of its beginning.
    """

    def __init__(self) -> None:
        self._open = {Stream.STDOUT: False, Stream.STDERR: False}

    def join(self, chunk: Chunk) -> bytes:
        """One frame's bytes, without its time where the stream's line is not at its beginning."""
        data = chunk.data
        if self._open[chunk.stream]:
            found = _TIME.match(data)
            if found:
                data = data[found.end() :]
        self._open[chunk.stream] = not chunk.data.endswith(b"\n")
        return data


class RawJoiner:
    """The same for a terminal's log, which has no frames: a part is known by its length and by the time that follows it."""

    def __init__(self) -> None:
        self._held = b""
        self._fresh = True
        self._length = 0
        """Of the part so far, its time not counted."""

    def join(self, data: bytes) -> bytes:
        data = self._held + data
        self._held = b""
        made: list[bytes] = []
        at = 0
        while at < len(data):
            if self._fresh or self._length == _CUT:
                if len(data) - at < _STAMP and data[at : at + 1].isdigit():
                    self._held = data[at:]
                    break
                found = _TIME.match(data, at)
                if found:
                    made.append(found[0] if self._fresh else b"")
                    at = found.end()
                self._fresh, self._length = False, 0
                continue
            newline = data.find(b"\n", at, at + _CUT - self._length)
            end = newline + 1 if newline >= 0 else min(len(data), at + _CUT - self._length)
            made.append(data[at:end])
            self._fresh, self._length = newline >= 0, self._length + end - at
            at = end
        return b"".join(made)

    def end(self) -> bytes:
        """What was held back for the rest of a time that didn't come."""
        held, self._held = self._held, b""
        return held


async def demultiplex(source: AsyncIterable[bytes], *, raw: bool = False) -> AsyncIterator[Chunk]:
    """The chunks of a stream as they come, frame by frame. `raw`: it is a terminal's, all of it standard output."""
    if raw:
        async for data in source:
            yield Chunk(Stream.STDOUT, data)
        return
    parts = Demultiplexer()
    async for data in source:
        for chunk in parts.feed(data):
            yield chunk
    for chunk in parts.end():
        yield chunk
