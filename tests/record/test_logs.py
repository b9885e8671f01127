"""A service's log on disk: whole, in order, masked, stream by stream, whatever comes and however it is cut."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockyard.record import logs
from dockyard.record.logs import ServiceLog, between, read
from dockyard.record.mask import Mask


def _log(path: Path, *secrets: str, heard: list[tuple[str, bytes]] | None = None) -> ServiceLog:
    return ServiceLog(
        path,
        "web",
        Mask(secrets),
        lambda: 1000.0,
        lambda key, stream, line: (heard if heard is not None else []).append((stream, line)),
    )


def _stamped(second: int, text: bytes) -> bytes:
    return f"2026-01-02T03:04:{second:02d}.123456789Z ".encode() + text


def _texts(path: Path, stream: str) -> list[bytes]:
    return [text for _, of, text in read(path) if of == stream]


_lines = st.lists(st.binary(max_size=60).map(lambda b: b.replace(b"\n", b"?")), max_size=30)


@given(_lines, st.lists(st.integers(1, 90), max_size=40))
def test_no_line_is_lost_however_the_bytes_are_cut(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], cuts: list[int]
) -> None:
    path = tmp_path_factory.mktemp("log") / "web.log"
    heard: list[tuple[str, bytes]] = []
    log = _log(path, heard=heard)
    data = b"".join(_stamped(n, line) + b"\n" for n, line in enumerate(lines))
    at = 0
    for cut in (*cuts, len(data)):
        log.feed("stdout", data[at : at + cut])
        at += cut
    log.close()
    assert path.read_bytes().count(b"\n") == len(lines)
    assert [line for _, line in heard] == lines
    assert _texts(path, "stdout") == lines


@given(st.lists(st.integers(1, 9), max_size=30))
def test_no_secret_reaches_the_disk_however_the_bytes_are_cut(tmp_path_factory: pytest.TempPathFactory, cuts: list[int]) -> None:
    path = tmp_path_factory.mktemp("log") / "web.log"
    log = _log(path, "hunter22")
    data = b"".join(_stamped(n, b"password=hunter22;") + b"\n" for n in range(3)) + _stamped(9, b"hunter22")
    at = 0
    for cut in (*cuts, len(data)):
        log.feed("stdout", data[at : at + cut])
        at += cut
    log.close()
    assert b"hunter22" not in path.read_bytes()
    assert _texts(path, "stdout") == [b"password=***;"] * 3 + [b"***"]


def test_streams_are_apart_though_their_pieces_mix(tmp_path: Path) -> None:
    log = _log(tmp_path / "web.log")
    log.feed("stdout", _stamped(1, b"out "))
    log.feed("stderr", _stamped(2, b"err\n"))
    log.feed("stdout", b"goes on\n")
    log.close()
    assert _texts(tmp_path / "web.log", "stdout") == [b"out goes on"]
    assert _texts(tmp_path / "web.log", "stderr") == [b"err"]


def test_what_is_whole_is_on_disk_before_anything_is_closed(tmp_path: Path) -> None:
    log = _log(tmp_path / "web.log")
    log.feed("stdout", _stamped(1, b"first\n") + _stamped(2, b"begun"))
    assert (tmp_path / "web.log").read_bytes() == b"2026-01-02T03:04:01.123456789Z stdout first\n"
    log.close()
    assert _texts(tmp_path / "web.log", "stdout") == [b"first", b"begun"]


def test_a_last_line_without_an_end_is_there_when_no_more_will_come(tmp_path: Path) -> None:
    log = _log(tmp_path / "s.log")
    log.feed("stderr", b"2024-05-01T10:00:00.000000001Z FATAL no newline")
    assert log.tail(1) == []
    log.end()
    assert log.tail(1) == ["FATAL no newline"] and (tmp_path / "s.log").read_bytes().endswith(b" stderr FATAL no newline\n")
    log.end()
    assert log.lines == 1


def test_hostile_bytes_are_kept_as_they_are_on_disk_and_made_harmless_for_a_screen(tmp_path: Path) -> None:
    nasty = b"\x1b]0;title\x07\x1b[31m\xff\xfe\x00\rred"
    log = _log(tmp_path / "web.log")
    log.feed("stdout", _stamped(1, nasty + b"\n"))
    assert _texts(tmp_path / "web.log", "stdout") == [nasty]
    (shown,) = log.tail(5)
    assert "\x1b" not in shown and "\x00" not in shown and "red" in shown
    log.close()


def test_a_line_without_an_end_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LONGEST", 1000)
    log = _log(tmp_path / "web.log")
    log.feed("stdout", _stamped(1, b""))
    for _ in range(50):
        log.feed("stdout", b"x" * 100)
        assert sum(map(len, log._pending.values())) <= 1000
    log.close()
    assert b"".join(_texts(tmp_path / "web.log", "stdout")) == b"x" * 5000


def test_lines_without_a_time_get_ours(tmp_path: Path) -> None:
    log = _log(tmp_path / "web.log")
    log.feed_plain("stderr", b"2026-01-02T03:04:05Z is its own text\n")
    log.close()
    assert list(read(tmp_path / "web.log")) == [(1000.0, "stderr", b"2026-01-02T03:04:05Z is its own text")]


def test_the_last_lines_of_both_streams_stand_in_the_order_of_their_times(tmp_path: Path) -> None:
    log = _log(tmp_path / "web.log")
    log.feed("stderr", _stamped(2, b"second\n"))
    log.feed("stdout", _stamped(1, b"first\n") + _stamped(3, b"third\n"))
    assert log.tail(2) == ["second", "third"]
    log.close()


def test_a_slice_has_the_lines_of_its_time_and_the_last_of_many(tmp_path: Path) -> None:
    log = _log(tmp_path / "web.log")
    log.feed("stdout", b"".join(_stamped(n, f"line {n}\n".encode()) for n in range(30)))
    log.close()
    (first, _, _) = next(read(tmp_path / "web.log"))
    told = between(tmp_path / "web.log", first + 10, first + 12)
    assert [line.split(" ", 2)[2] for line in told] == ["line 10", "line 11", "line 12"]
    assert len(between(tmp_path / "web.log", 0, first + 99, most=5)) == 5


async def test_a_line_that_is_waited_for_is_seen_whether_it_was_there_or_comes(tmp_path: Path) -> None:
    log = _log(tmp_path / "web.log")
    log.feed("stdout", _stamped(1, b"listening on 80\n"))
    await asyncio.wait_for(log.seen(lambda line: "listening" in line), 1)
    waiting = asyncio.create_task(log.seen(lambda line: "ready" in line))
    await asyncio.sleep(0)
    log.feed("stdout", _stamped(2, b"x" * 20_000 + b" ready\n"))
    await asyncio.wait_for(waiting, 1)
    log.close()


@pytest.mark.parametrize("stamp", [b"", b"x", b"2026-13-01T00:00:00Z", b"9999999-01-01T00:00:00Z", b"\xff"])
def test_a_time_that_is_none_is_none(stamp: bytes) -> None:
    assert logs.seconds(stamp) is None
