"""A log that is read again loses no line and repeats none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dockyard.engines.docker.log_place import LogPlace, reaches_back, stamp
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


@given(st.lists(st.tuples(st.sampled_from("aab"), st.integers(0, 900)), min_size=1, max_size=30), st.integers(0, 30))
def test_every_line_comes_once_from_an_engine_that_tells_whole_seconds(words: list[tuple[str, int]], cut: int) -> None:
    at, written = 0, []
    for word, milliseconds in words:
        at += milliseconds * 1_000_000
        written.append((at, f"2026-01-02T03:04:{5 + at // 1_000_000_000:02d}Z {word}\n".encode()))
    place = LogPlace(0)
    got = b"".join(place.take(Chunk(Stream.STDOUT, line)).data for _, line in written[:cut])
    place.again()
    since = int((place.since() or "0").replace(".", "")) - 1767323045 * 1_000_000_000
    again = [line for at, line in written if at >= since]
    assert got + place.take(Chunk(Stream.STDOUT, b"".join(again))).data == b"".join(line for _, line in written)


def test_the_last_entries_join_what_was_read_only_where_they_are_fewer_than_asked_for() -> None:
    line = b"2026-01-01T00:00:00.000000001Z a\n"
    assert reaches_back([], 10)
    assert reaches_back([Chunk(Stream.STDOUT, line * 8)], 10)
    assert not reaches_back([Chunk(Stream.STDOUT, line * 10)], 10)
    assert not reaches_back([Chunk(Stream.STDOUT, line + b"x" * (16 * 1024 * 9) + b"\n")], 10), "a long line is many entries"


def test_more_may_be_written_in_the_time_that_is_read_twice_than_any_fixed_memory_holds() -> None:
    lines = [_line(n, f"line {n}") for n in range(3000)] + [_line(3000, "x" * 100_000)]
    place = LogPlace(0)
    for line in lines:
        place.take(Chunk(Stream.STDOUT, line))
    place.again()
    assert place.take(Chunk(Stream.STDOUT, b"".join(lines))).data == b""


def test_a_line_that_was_cut_goes_on_where_it_was() -> None:
    line = _line(7, "one long line")
    place = LogPlace(0)
    got = place.take(Chunk(Stream.STDOUT, line[:35])).data + place.take(Chunk(Stream.STDOUT, line[35:38])).data
    place.take(Chunk(Stream.STDERR, _line(8, "between")))
    place.again()
    assert got + place.take(Chunk(Stream.STDOUT, line)).data == line


@given(st.integers(1, 30), st.integers(0, 40), st.lists(st.integers(1, 4)), st.lists(st.integers(1, 4)))
def test_long_lines_come_once_in_whatever_pieces_they_are_read(size: int, cut: int, first: list[int], second: list[int]) -> None:
    whole = [_line(1000 * n, f"{'x' * 9 * n}\r{n}") for n in range(7)] + [_line(9000, "no end").rstrip()]
    time = len(_line(0, "")) - 1
    entries = [line[at and at + time : at + size + time] for line in whole for at in range(0, len(line) - time, size)]
    assert b"".join(entries) == b"".join(whole)
    place = LogPlace(0)

    def read(entries: list[bytes], sizes: list[int]) -> bytes:
        got, at = b"", 0
        for many in [*sizes, len(entries)]:
            if at < len(entries):
                got += place.take(Chunk(Stream.STDOUT, b"".join(entries[at : at + many]))).data
            at += many
        return got

    got = read(entries[:cut], first)
    place.again()
    assert got + read(entries, second) == b"".join(whole)
