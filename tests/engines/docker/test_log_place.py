"""A log that is read again loses no line and repeats none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dockyard.engines.docker.log_place import LogPlace, stamp
from dockyard.engines.protocol import Chunk, Stream


def _line(nanos: int, text: str) -> bytes:
    return f"2026-01-02T03:04:05.{nanos:09d}Z {text}\n".encode()


def test_times_are_read_to_the_nanosecond() -> None:
    assert stamp(_line(123456789, "x")) == 1767323045_123456789
    assert stamp(b"no time here\n") == 0
    assert stamp(b"2026-01-02T03:04:05Z x") == 1767323045_000000000


def test_reading_begins_where_it_was_left() -> None:
    place = LogPlace(0)
    assert place.since() == ""
    place.take(Chunk(Stream.STDOUT, _line(500_000_000, "a")))
    place.again()
    assert place.since() == "1767323045.495000000"
    assert LogPlace(12.5).since() == "12.500000000"


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=30), st.integers(0, 30), st.integers(0, 4))
def test_every_line_comes_once_however_a_reading_was_cut(words: list[str], cut: int, late: int) -> None:
    lines = [_line(1000 * (n // 2), f"{word}{n}") for n, word in enumerate(words)]
    cut = min(cut, len(lines))
    place = LogPlace(0)
    got = place.take(Chunk(Stream.STDOUT, b"".join(lines[:cut]))).data if cut else b""
    place.again()
    again = lines[max(0, cut - late) :]
    got += place.take(Chunk(Stream.STDOUT, b"".join(again))).data
    assert got == b"".join(lines)
