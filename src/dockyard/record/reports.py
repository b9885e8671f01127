"""The folder of reports: named by run, pruned by number and age."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from dockyard.record.recorder import OURS

LATEST = "latest"


def prune(root: Path, *, number: int, age: float, now: float, spare: Iterable[str] = ()) -> list[str]:
    """Remove old reports below `root`: beyond the newest `number`, or older than `age` seconds. Names of what went.

    Only folders that carry our mark and a verdict (a run that still goes on has none) are looked at."""
    kept = set(spare)
    finished = [p for p in _ours(root) if p.name not in kept and (p / "verdict.json").is_file()]
    finished.sort(key=lambda p: (p / "verdict.json").stat().st_mtime, reverse=True)
    gone: list[str] = []
    for place, folder in enumerate(finished):
        if place >= number or (folder / "verdict.json").stat().st_mtime < now - age:
            shutil.rmtree(folder, ignore_errors=True)
            gone.append(folder.name)
    return gone


def _ours(root: Path) -> list[Path]:
    if not root.is_dir():
        return []
    return [p for p in root.iterdir() if p.is_dir() and not p.is_symlink() and (p / OURS).is_file()]


def point_latest(root: Path, run: str) -> None:
    """`latest` leads to the newest report; where links can't be made there is none."""
    link, beside = root / LATEST, root / f".{LATEST}.{run}"
    try:
        beside.symlink_to(run, target_is_directory=True)
        beside.replace(link)
    except OSError:
        beside.unlink(missing_ok=True)
