"""The folder of reports: pruned by number and age, nothing else touched."""

from __future__ import annotations

import os
from pathlib import Path

from dockyard.record import reports
from dockyard.record.recorder import OURS

NOW = 1_000_000.0


def _report(root: Path, name: str, age: float, *, ours: bool = True, finished: bool = True) -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    if ours:
        (folder / OURS).touch()
    if finished:
        (folder / "verdict.json").write_text("{}")
        os.utime(folder / "verdict.json", (NOW - age, NOW - age))
    return folder


def test_the_newest_stay_and_the_others_go(tmp_path: Path) -> None:
    for n in range(6):
        _report(tmp_path, f"r{n}", age=n)
    assert sorted(reports.prune(tmp_path, number=4, age=1e9, now=NOW)) == ["r4", "r5"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r0", "r1", "r2", "r3"]


def test_what_is_older_than_its_time_goes_however_few_there_are(tmp_path: Path) -> None:
    _report(tmp_path, "old", age=100)
    _report(tmp_path, "new", age=10)
    assert reports.prune(tmp_path, number=99, age=50, now=NOW) == ["old"]


def test_nothing_goes_that_is_no_finished_report_of_ours(tmp_path: Path) -> None:
    _report(tmp_path, "mine", age=9e9, ours=False)
    _report(tmp_path, "running", age=0, finished=False)
    _report(tmp_path, "spared", age=9e9)
    (tmp_path / "a-file").write_text("x")
    elsewhere = _report(tmp_path.parent / f"{tmp_path.name}-elsewhere", "real", age=9e9)
    (tmp_path / "link").symlink_to(elsewhere)
    assert reports.prune(tmp_path, number=0, age=0, now=NOW, spare=["spared"]) == []
    assert (elsewhere / "verdict.json").exists()
    assert reports.prune(tmp_path / "absent", number=0, age=0, now=NOW) == []


def test_latest_leads_to_the_newest(tmp_path: Path) -> None:
    for run in ("one", "two"):
        (tmp_path / run).mkdir()
        reports.point_latest(tmp_path, run)
    assert os.readlink(tmp_path / "latest") == "two"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["latest", "one", "two"]
