"""`x-dockyard.reports` are copied out of whatever names them, however the run ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.runs import run

pytestmark = pytest.mark.engine

FILE = """\
services:
  once: {image: busybox:1.36, command: [sh, -c, "echo 1 > /once"], x-dockyard: {reports: [/once]}}
  serves:
    image: busybox:1.36
    command: [sh, -c, "mkdir /cov; echo 80 > /cov/percent; touch /ready; sleep 600"]
    x-dockyard: {reports: [/cov, /never], ready: {file: /ready}}
  sut:
    image: busybox:1.36
    command: [sh, -c, "echo half > /partial; END"]
    depends_on: {once: {condition: service_completed_successfully}, serves: {condition: service_started}}
    x-dockyard: {reports: [/partial]}
"""


@pytest.mark.parametrize(("end", "verdict"), [("exit 0", "passed"), ("exit 1", "failed"), ("sleep 600", "timed-out")])
def test_reports_of_services_and_of_tests_that_never_ended_are_copied(
    end: str, verdict: str, docker_host: str, tmp_path: Path
) -> None:
    told = run(tmp_path, docker_host, FILE.replace("END", end), "--timeout", "15s")
    assert told["verdict"] == verdict, told["causes"]
    reports = Path(told["report"]) / "reports"
    found = {str(path.relative_to(reports)): path.read_text().strip() for path in reports.rglob("*") if path.is_file()}
    assert found == {"once/once": "1", "serves/cov/percent": "80", "sut/partial": "half"}
    assert [warning for warning in told["warnings"] if "/never" in warning]
