"""The tooling ends what it started and nothing else."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

from dev import process


def test_a_remembered_process_is_ended_and_forgotten(tmp_path: Path) -> None:
    note = tmp_path / "note"
    with (tmp_path / "log").open("wb") as log:
        pid = process.spawn(["sleep", "60"], note, log)
    assert process.alive(note) == pid
    process.end(note)
    assert process.alive(note) is None
    assert not note.exists()


def test_what_is_spawned_minds_the_signals_that_we_ignore(tmp_path: Path) -> None:
    note, before = tmp_path / "note", signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with (tmp_path / "log").open("wb") as log:
            pid = process.spawn(["sleep", "60"], note, log)
        status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
        assert not int(status["SigIgn"], 16) & 1 << (signal.SIGHUP - 1)
    finally:
        signal.signal(signal.SIGHUP, before)
        process.end(note)


def test_a_stranger_with_the_same_pid_is_left_alone(tmp_path: Path) -> None:
    note = tmp_path / "note"
    with subprocess.Popen(["sleep", "60"]) as stranger:
        try:
            note.write_text(json.dumps({"pid": stranger.pid, "started": "1", "boot": _boot()}))
            assert process.alive(note) is None
            process.end(note)
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_after_a_reboot_no_pid_counts(tmp_path: Path) -> None:
    note = tmp_path / "note"
    with (tmp_path / "log").open("wb") as log:
        process.spawn(["sleep", "60"], note, log)
    known = note.read_text()
    note.write_text(json.dumps({**json.loads(known), "boot": "another"}))
    assert process.alive(note) is None
    note.write_text(known)
    process.end(note)


def test_a_process_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    note, ready = tmp_path / "note", tmp_path / "ready"
    with (tmp_path / "log").open("wb") as log:
        process.spawn(["sh", "-c", f"trap '' TERM; touch '{ready}'; while :; do sleep 0.1; done"], note, log)
    while not ready.exists():
        pass
    process.end(note, patience=0.2)
    assert process.alive(note) is None


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
