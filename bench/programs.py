"""Runs the programs that are compared, whole, and finds out when they said what."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DOCKYARD = str(Path(sys.executable).parent / "dockyard")


@dataclasses.dataclass(frozen=True)
class Told:
    """One whole `dockyard test`: process start and end and the verdict, all in Unix seconds."""

    began: float
    ended: float
    code: int
    verdict: dict[str, Any]
    output: str

    @property
    def phases(self) -> dict[str, float]:
        return self.verdict["phases"]

    @property
    def to_told(self) -> float:
        return self.phases["told"] - self.began

    @property
    def told_to_end(self) -> float:
        return self.ended - self.phases["told"]

    @property
    def plan_to_tests_ended(self) -> float:
        return self.phases["tests_ended"] - self.phases["begun"]


def dockyard_test(folder: Path, *argv: str, expect: int | None = 0) -> Told:
    """`dockyard test` in a folder. Raises where it ends otherwise than expected: a figure of a failed run is none."""
    report = folder / "dockyard-report"
    before = set(report.glob("*/verdict.json")) if report.is_dir() else set()
    began = time.time()
    done = subprocess.run(
        [DOCKYARD, "test", *argv],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    ended = time.time()
    new = [p for p in report.glob("*/verdict.json") if p not in before and p.parent.name != "latest"]
    if (expect is not None and done.returncode != expect) or len(new) != 1:
        raise RuntimeError(f"dockyard test in {folder} exited with {done.returncode}:\n{done.stdout}")
    return Told(began, ended, done.returncode, json.loads(new[0].read_text()), done.stdout)


def compose_up(folder: Path, project: str, test: str) -> float:
    """Seconds from the start of `docker compose up --exit-code-from` until it says that the test has exited."""
    began = time.time()
    process = subprocess.Popen(
        ["docker-compose", "-p", project, "up", "--exit-code-from", test, "--no-color"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = 0.0
    for line in process.stdout:
        if not said and f"{test}-1 exited with code" in line:
            said = time.time() - began
    code = process.wait()
    if code or not said:
        raise RuntimeError(f"docker compose up exited with {code}, and said {'nothing' if not said else 'it'} of {test}")
    return said


def compose_stands(folder: Path, project: str, test: str) -> None:
    """Everything up, the test ended, the services running."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    subprocess.run(["docker-compose", "-p", project, "up", "-d"], cwd=folder, check=True, **quiet)
    subprocess.run(["docker-compose", "-p", project, "wait", test], cwd=folder, check=True, **quiet)


def compose_down(folder: Path, project: str) -> float:
    """Seconds that `docker compose down -v -t 0` takes, whole process."""
    began = time.time()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(
        ["docker-compose", "-p", project, "down", "-v", "-t", "0"], cwd=folder, stdin=subprocess.DEVNULL, check=True, **quiet
    )
    return time.time() - began


def clean_environment() -> dict[str, str]:
    """What a program is started with: nothing that changes its output."""
    return {**os.environ, "NO_COLOR": "1", "COMPOSE_PROGRESS": "quiet"}
