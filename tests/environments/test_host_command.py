"""A command of this machine is the test: what happens to the services meanwhile counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.runs import run

pytestmark = pytest.mark.engine

DIES = """\
services:
  db:
    image: busybox:1.36
    command: [sh, -c, "touch /there; sleep 1; exit 3"]
    x-dockyard: {ready: {file: /there}}
"""

COMES_BACK = """\
services:
  db:
    image: busybox:1.36
    command: [sh, -c, "echo lives; sleep 0.5; test -e /died || { touch /died; exit 3; }; touch /again; sleep 60"]
    restart: on-failure
    x-dockyard: {ready: {log: lives}}
"""


def test_a_service_that_dies_while_the_command_runs_is_what_went_wrong(docker_host: str, tmp_path: Path) -> None:
    told = run(tmp_path, docker_host, DIES, "--", "sleep", "3")
    assert (told["verdict"], told["causes"][0]["service"]) == ("environment-failed", "db"), told["causes"]
    assert "exited with 3 while it was needed" in told["causes"][0]["what"]
    assert told["tests"][0]["passed"], "it was left to end"


def test_a_service_that_the_engine_starts_again_meanwhile_passes_its_gate_again(docker_host: str, tmp_path: Path) -> None:
    look = 'for i in $(seq 100); do test "$(grep -c lives "$LOG")" -ge 2 && exit 0; sleep 0.1; done; exit 1'
    log = str(tmp_path / "dockyard-report" / "latest" / "services" / "db.log")
    told = run(tmp_path, docker_host, COMES_BACK, "--", "sh", "-c", look, env={"LOG": log})
    assert told["verdict"] == "passed", told["causes"]
