"""`dockyard` as people call it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

DOCKYARD = str(Path(sys.executable).parent / "dockyard")
NO_ENGINE = "unix:///nowhere/docker.sock"
FILE = """\
services:
  db: {image: "busybox:1.36", command: [sleep, "600"]}
  web: {image: "busybox:1.36", command: [sleep, "600"], depends_on: [db]}
  sut: {image: "busybox:1.36", command: [sh, -c, "echo testing; exit ${CODE:-0}"], depends_on: [web]}
"""

Dockyard = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a Compose file, and homes of its own for settings and state."""
    place = tmp_path / "shop"
    place.mkdir()
    (place / "compose.yaml").write_text(FILE)
    return place


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Without an engine, colours, or anything of who runs the tests."""
    given = {k: v for k, v in os.environ.items() if not k.startswith(("DOCKYARD_", "COMPOSE_", "DOCKER_", "GITHUB_", "GITLAB_"))}
    given |= {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path / "config"), "DOCKER_HOST": NO_ENGINE}
    for name in ("CI", "NO_COLOR", "FORCE_COLOR"):
        given.pop(name, None)
    return given


@pytest.fixture
def dockyard(folder: Path, environment: dict[str, str]) -> Dockyard:
    """Run `dockyard WORDS…` in the folder; `env` adds variables, `stdin` text."""

    def run(
        *words: str, env: dict[str, str] | None = None, stdin: str = "", cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [DOCKYARD, *words],
            cwd=cwd or folder,
            env={**environment, **(env or {})},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run
