"""Bytes of the engine's multiplexed streams, cut anywhere, cut off, and such as no engine sends."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockyard.engines.docker.stream import WHOLE, Demultiplexer, Garbled, Joiner, RawJoiner, demultiplex
from dockyard.engines.protocol import Chunk, Stream
from dockyard.model.errors import Fatal

STAMP = b"2026-11-23T12:00:26.150102762Z "
LATER = b"2026-11-23T12:00:27.000000001Z "


def frame(kind: int, data: bytes, length: int | None = None) -> bytes:
    return bytes([kind, 0, 0, 0]) + (len(data) if length is None else length).to_bytes(4, "big") + data


async def _source(parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def _all(source: AsyncIterator[Chunk]) -> list[Chunk]:
    async def gather() -> list[Chunk]:
        return [chunk async for chunk in source]

    return asyncio.run(gather())


def _cut(data: bytes, cuts: list[int]) -> list[bytes]:
    at = [0, *sorted(c % (len(data) + 1) for c in cuts), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(at)]


@given(
    frames=st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=40))),
    cuts=st.lists(st.integers(min_value=0, max_value=10_000), max_size=12),
)
def test_frames_come_out_whole_wherever_the_bytes_are_cut(frames: list[tuple[int, bytes]], cuts: list[int]) -> None:
    wire = b"".join(frame(kind, data) for kind, data in frames)
    parts = Demultiplexer()
    found = [chunk for piece in _cut(wire, cuts) for chunk in parts.feed(piece)] + parts.end()
    assert found == [Chunk({1: Stream.STDOUT, 2: Stream.STDERR}[kind], data) for kind, data in frames if data]


def test_a_frame_that_claims_four_gigabytes_is_passed_on_as_it_comes_and_not_held() -> None:
    parts = Demultiplexer()
    assert parts.feed(frame(1, b"a" * 100, length=2**32 - 1)) == [Chunk(Stream.STDOUT, b"a" * 100)]
    for _ in range(100):
        assert parts.feed(b"b" * 4096) == [Chunk(Stream.STDOUT, b"b" * 4096)]
    assert parts.end() == []


def test_what_is_held_of_a_frame_never_exceeds_the_length_that_is_given_whole() -> None:
    parts = Demultiplexer()
    assert parts.feed(frame(1, b"x" * (WHOLE - 1), length=WHOLE)) == []
    assert parts.feed(b"y") == [Chunk(Stream.STDOUT, b"x" * (WHOLE - 1) + b"y")]


def test_the_frame_after_a_long_one_is_found() -> None:
    parts = Demultiplexer()
    found = parts.feed(frame(2, b"z" * (WHOLE + 5)) + frame(1, b"next"))
    assert b"".join(c.data for c in found if c.stream is Stream.STDERR) == b"z" * (WHOLE + 5)
    assert found[-1] == Chunk(Stream.STDOUT, b"next")


def test_a_stream_that_is_cut_off_inside_a_frame_gives_what_there_was() -> None:
    wire = frame(1, b"whole\n") + frame(2, b"part", length=100)
    assert _all(demultiplex(_source([wire]))) == [Chunk(Stream.STDOUT, b"whole\n"), Chunk(Stream.STDERR, b"part")]


def test_a_stream_that_is_cut_off_inside_a_header_gives_nothing_of_it() -> None:
    assert _all(demultiplex(_source([frame(1, b"whole"), b"\x01\0\0"]))) == [Chunk(Stream.STDOUT, b"whole")]


@pytest.mark.parametrize("wire", [b"plain text and no frame", b"\x04\0\0\0\0\0\0\x01x", b"\x01\x01\0\0\0\0\0\x01x"])
def test_bytes_that_are_no_frames_are_refused(wire: bytes) -> None:
    with pytest.raises(Garbled):
        Demultiplexer().feed(wire)


def test_the_engines_own_error_in_a_stream_is_raised_with_its_words() -> None:
    with pytest.raises(Fatal, match="log file vanished"):
        Demultiplexer().feed(frame(3, b"log file vanished"))


def test_a_terminals_bytes_pass_as_they_are() -> None:
    assert _all(demultiplex(_source([b"\x01\0\0\0\0\0\0\x02", b"ab"]), raw=True)) == [
        Chunk(Stream.STDOUT, b"\x01\0\0\0\0\0\0\x02"),
        Chunk(Stream.STDOUT, b"ab"),
    ]


def test_a_line_that_the_log_driver_cut_has_one_time_again() -> None:
    joiner = Joiner()
    parts = [STAMP + b"a" * 16384, LATER + b"a" * 16384, LATER + b"end\n", STAMP + b"next\n"]
    joined = b"".join(joiner.join(Chunk(Stream.STDOUT, part)) for part in parts)
    assert joined == STAMP + b"a" * 32768 + b"end\n" + STAMP + b"next\n"


def test_the_parts_of_two_streams_are_not_mixed_up() -> None:
    joiner = Joiner()
    assert joiner.join(Chunk(Stream.STDOUT, STAMP + b"out")) == STAMP + b"out"
    assert joiner.join(Chunk(Stream.STDERR, STAMP + b"err\n")) == STAMP + b"err\n"
    assert joiner.join(Chunk(Stream.STDOUT, LATER + b"put\n")) == b"put\n"


@given(
    lines=st.lists(st.binary(max_size=30).map(lambda b: b.replace(b"\n", b"")), min_size=1, max_size=6),
    cuts=st.lists(st.integers(min_value=0, max_value=100_000), max_size=12),
    long=st.integers(min_value=0, max_value=40_000),
)
def test_a_terminals_long_line_has_one_time_wherever_the_bytes_are_cut(lines: list[bytes], cuts: list[int], long: int) -> None:
    texts = [*lines, b"x" * long]
    wire = b""
    for text in texts:
        text += b"\r\n"
        for at in range(0, len(text), 16384):
            wire += STAMP + text[at : at + 16384]
    joiner = RawJoiner()
    found = b"".join(joiner.join(piece) for piece in _cut(wire, cuts)) + joiner.end()
    assert found == b"".join(STAMP + text + b"\r\n" for text in texts)


def test_a_terminals_prompt_without_a_newline_is_not_held_back() -> None:
    assert RawJoiner().join(STAMP + b"password: ") == STAMP + b"password: "
