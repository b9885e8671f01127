"""Whole runs of `dockyard test` in a process of their own, followed by their events, and what they leave on an engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from dev import api

DOCKYARD = str(Path(sys.executable).parent / "dockyard")


def begin(
    folder: Path, host: str, text: str, *argv: str, env: dict[str, str] | None = None, program: list[str] | None = None
) -> subprocess.Popen[str]:
    """Start a run of the Compose file `text` in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "compose.yaml").write_text(text)
    environ = {**os.environ, "DOCKER_HOST": host, "XDG_STATE_HOME": str(folder / "state"), **(env or {})}
    command = [*(program or [DOCKYARD]), "test", "--json", *argv]
    return subprocess.Popen(
        command, cwd=folder, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def until(process: subprocess.Popen[str], kind: str, subject: str = "") -> str:
    """Read events until one of `kind` (and `subject`); the placement."""
    placement = ""
    assert process.stdout is not None
    for line in process.stdout:
        event = json.loads(line).get("event", {})
        placement = event.get("data", {}).get("placement", placement)
        if event.get("kind") == kind and event.get("subject", "").startswith(subject):
            return placement
    raise AssertionError(f"there was no {kind} {subject}: {process.stderr.read() if process.stderr else ''}")


def end(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The verdict, once the process has ended; its own code must be the verdict's."""
    assert process.stdout is not None and process.stderr is not None
    lines = process.stdout.read().splitlines()
    err = process.stderr.read()
    process.wait(30)
    assert lines, err
    verdict = json.loads(lines[-1]).get("verdict")
    assert isinstance(verdict, dict), (lines[-1], err)
    assert verdict["code"] == process.returncode, (verdict["causes"], err)
    assert err == ""
    return verdict


def run(folder: Path, host: str, text: str, *argv: str, **more: Any) -> dict[str, Any]:
    """A whole run's verdict."""
    return end(begin(folder, host, text, *argv, **more))


def events(verdict: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    lines = (Path(verdict["report"]) / "timeline.jsonl").read_text().splitlines()
    return [event for event in map(json.loads, lines) if event["kind"] == kind]


def left(host: str, placement: str) -> list[str]:
    """Everything of a placement that is on an engine."""
    filters = f'?all=1&filters={{"label":["dockyard.placement={placement}"]}}'
    found = [c["Names"][0] for c in api.call(host, "GET", f"/containers/json{filters}")]
    found += [n["Name"] for n in api.call(host, "GET", f"/networks{filters}")]
    found += [v["Name"] for v in api.call(host, "GET", f"/volumes{filters}")["Volumes"] or ()]
    tags = (tag for image in api.call(host, "GET", "/images/json") for tag in image["RepoTags"] or ())
    return found + [tag for tag in tags if tag.startswith("dockyard-run/") and placement in tag]


def nothing_left(host: str, placement: str, within: float = 15) -> bool:
    """Whether nothing of it is there, now or soon: the watchdog may be at work."""
    deadline = time.monotonic() + within
    while left(host, placement):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True
