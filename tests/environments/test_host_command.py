"""A command of this machine is the test: what happens to the services meanwhile counts."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from tests.support.runs import begin, nothing_left, run, until

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


QUIET = "services: {db: {image: busybox:1.36, command: [sleep, '600']}}\n"


def test_what_a_command_leaves_in_the_background_holds_no_verdict_up_and_ends_with_it(docker_host: str, tmp_path: Path) -> None:
    leaves = f'(trap "" TERM; sleep 300) & echo $! > {tmp_path}/pid; echo said; exit 0'
    told = run(tmp_path / "p", docker_host, QUIET, "--timeout", "60s", "--", "sh", "-c", leaves)
    assert (told["verdict"], told["tests"][0]["passed"]) == ("passed", True)
    assert any("still held its output" in warning for warning in told["warnings"])
    assert "said" in Path(told["report"], "services", "command.log").read_text()
    assert _over(int((tmp_path / "pid").read_text()))


def test_a_command_may_clean_up_when_the_run_is_ended(docker_host: str, tmp_path: Path) -> None:
    tidy = f'trap "echo tidied > {tmp_path}/tidied; exit 1" TERM; echo $$ > {tmp_path}/pid; while :; do sleep 0.1; done'
    process = begin(tmp_path / "p", docker_host, QUIET, "--", "sh", "-c", tidy)
    until(process, "test.begun")
    _written(tmp_path / "pid")
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 130
    assert (tmp_path / "tidied").read_text() == "tidied\n"


def test_a_command_does_not_outlive_a_run_that_is_killed(docker_host: str, tmp_path: Path) -> None:
    process = begin(tmp_path / "p", docker_host, QUIET, "--", "sh", "-c", f"echo $$ > {tmp_path}/pid; sleep 300 & wait")
    placement = until(process, "test.begun")
    pid = int(_written(tmp_path / "pid"))
    process.kill()
    process.communicate()
    assert nothing_left(docker_host, placement)
    assert _over(pid)


def _written(path: Path) -> str:
    limit = time.monotonic() + 30
    while not (path.exists() and path.read_text().strip()):
        assert time.monotonic() < limit, f"{path} was never written"
        time.sleep(0.05)
    return path.read_text()


def _over(pid: int) -> bool:
    """Whether no process of that number runs; a zombie that nobody reaps is over."""
    limit = time.monotonic() + 15
    while time.monotonic() < limit:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    return False
