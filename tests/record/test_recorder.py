"""The record of a run: on disk the moment it is known, masked, whole."""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec

from dockyard.model.event import Event
from dockyard.model.facts import Reading
from dockyard.model.verdict import Cause, Verdict, Word
from dockyard.record import probes
from dockyard.record.mask import Mask
from dockyard.record.recorder import OURS, Recorder


def _recorder(folder: Path, *secrets: str) -> Recorder:
    return Recorder(folder, lambda: 12.5, Mask(secrets))


def _verdict(*causes: Cause) -> Verdict:
    return Verdict(
        run="r1700", placement="p-1700", project="shop", verdict=Word.FAILED, code=1, causes=causes, kept_until=1700444939.25
    )


def test_an_event_is_on_disk_and_heard_at_once_and_masked_through_and_through(tmp_path: Path) -> None:
    recorder = _recorder(tmp_path / "r", "hunter22")
    heard: list[Event] = []
    recorder.listen(heard.append)
    recorder.event("note", "db", why="it said hunter22", deep={"list": ["hunter22", 5, {"x": "hunter22"}]})
    line = (tmp_path / "r" / "timeline.jsonl").read_bytes()
    assert b"hunter22" not in line and line.endswith(b"\n")
    assert msgspec.json.decode(line, type=Event) == heard[0]
    assert heard[0].at == 12.5 and heard[0].data["deep"]["list"] == ["***", 5, {"x": "***"}]
    assert (tmp_path / "r" / OURS).exists()


def test_a_secret_that_is_a_number_does_not_break_the_verdicts_file(tmp_path: Path) -> None:
    recorder = _recorder(tmp_path, "1700", "failed", "true")
    recorder.verdict(_verdict(Cause(what="the pin 1700 is true", service="db")))
    told = json.loads((tmp_path / "verdict.json").read_text())
    assert told["causes"][0]["what"] == "the pin *** is ***"
    assert (told["verdict"], told["kept_until"], told["run"]) == ("failed", 1700444939.25, "r1700")
    assert msgspec.json.decode((tmp_path / "verdict.json").read_bytes(), type=Verdict).verdict is Word.FAILED


def test_a_verdict_is_replaced_whole_and_told_to_who_listens(tmp_path: Path) -> None:
    recorder = _recorder(tmp_path)
    heard: list[Verdict] = []
    recorder.hear_verdict(heard.append)
    for _ in range(2):
        recorder.verdict(_verdict())
    assert len(heard) == 2
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == [OURS, "timeline.jsonl", "verdict.json"]


def test_logs_are_by_instance_and_counted(tmp_path: Path) -> None:
    recorder = _recorder(tmp_path)
    assert not recorder.has_log("web")
    recorder.log("web").feed_plain("stdout", b"one\ntwo\n")
    assert recorder.has_log("web") and recorder.bytes_logged == 8
    recorder.close()
    recorder.close()
    recorder.event("after", "closing")
    assert len((tmp_path / "services" / "web.log").read_text().splitlines()) == 2


def test_a_fault_of_our_own_is_written_with_what_is_needed_and_no_secret(tmp_path: Path) -> None:
    recorder = _recorder(tmp_path, "hunter22")
    try:
        raise ValueError("bad hunter22")
    except ValueError as error:
        path = recorder.internal(error)
    text = path.read_text()
    assert "test_recorder.py" in text and "Python 3" in text and "hunter22" not in text


def _reading(exit_code: int = 1, output: bytes = b"no", began: float = 1.0) -> Reading:
    return Reading(began=began, ended=began + 0.01, exit_code=exit_code, listening=False, output=output)


def test_equal_probes_in_a_row_are_folded_and_counted(tmp_path: Path) -> None:
    recorder = _recorder(tmp_path, "hunter22")
    for output in (b"no", b"no", b"no", b"hunter22\nsecond", b"no"):
        recorder.probe("db", _reading(output=output))
    recorder.probe("db", _reading(exit_code=-1))
    recorder.close()
    lines = (tmp_path / "services" / "db.probes.log").read_text().splitlines()
    assert [line.split(" ", 1)[1] if line[0] == "1" else line for line in lines] == [
        "exit 1 after 10 ms: no",
        "  … the same 2 more times",
        "exit 1 after 10 ms: *** | second",
        "exit 1 after 10 ms: no",
        "timeout after 10 ms: no",
    ]


def test_probes_that_never_repeat_are_bounded(tmp_path: Path) -> None:
    log = probes.ProbeLog(tmp_path / "x.log", Mask())
    for n in range(probes.MOST + 500):
        log.add(_reading(output=b"%d" % n))
    log.close()
    assert len((tmp_path / "x.log").read_text().splitlines()) == probes.MOST


def test_what_was_recorded_survives_a_kill(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        recorder = _recorder(tmp_path / "r")
        recorder.event("note", "one")
        recorder.log("web").feed_plain("stdout", b"line\n")
        recorder.probe("web", _reading())
        os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    assert b'"one"' in (tmp_path / "r" / "timeline.jsonl").read_bytes()
    assert (tmp_path / "r" / "services" / "web.log").read_bytes().endswith(b"stdout line\n")
    assert "exit 1" in (tmp_path / "r" / "services" / "web.probes.log").read_text()
