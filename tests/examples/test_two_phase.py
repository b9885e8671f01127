"""Ready must mean ready: databases that start twice (tests/cases/two_phase/README.md) fool who looks often, and not Dockyard."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

CASES = Path(__file__).parent.parent / "cases" / "two_phase"
DOCKYARD = Path(sys.executable).parent / "dockyard"

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]

FILES = ["compose.yaml", "mariadb.yaml"]
REFUSED = {"compose.yaml": "Connection refused", "mariadb.yaml": "Can't connect to server"}


@pytest.mark.parametrize("file", FILES)
def test_a_dependant_that_connects_once_meets_the_real_server(file: str, docker_host: str, tmp_path: Path) -> None:
    command = [DOCKYARD, "test", "--host", docker_host, "-f", CASES / file, "--report", tmp_path]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    verdict = tmp_path / "latest" / "verdict.json"
    assert json.loads(verdict.read_text())["verdict"] == "passed"
    said = tmp_path / "latest" / "services" / "sut.log"
    assert "anchor" in said.read_text(), "the init script's table was not there"


@pytest.mark.parametrize("file", FILES)
def test_a_check_in_a_tight_loop_is_fooled_by_the_temporary_server(file: str, docker_host: str, compose_binary: Path) -> None:
    project = f"two-phase-{uuid.uuid4().hex[:8]}"
    compose = [compose_binary, "--project-name", project, "-f", CASES / file, "-f", CASES / "naive.yaml"]
    environ = {**os.environ, "DOCKER_HOST": docker_host}
    try:
        up = [*compose, "up", "--exit-code-from", "sut", "--no-color", "--timeout", "0"]
        ended = subprocess.run(up, env=environ, capture_output=True, text=True, check=False)
    finally:
        subprocess.run([*compose, "down", "-v", "-t", "0"], env=environ, capture_output=True, check=True)
    said = ended.stdout + ended.stderr
    assert ended.returncode != 0, said
    assert any("sut" in line and REFUSED[file] in line for line in said.splitlines()), said
