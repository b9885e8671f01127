"""The examples, run as a user runs them: what they end with, what they leave as evidence, and that nothing else stays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from dev.demo import left

EXAMPLES = Path(__file__).parents[2] / "examples"
DOCKYARD = Path(sys.executable).parent / "dockyard"

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]


def run(example: str, host: str, report: Path, *arguments: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    """`dockyard test` in the example's folder, and the folder of this run's report."""
    command = [DOCKYARD, "test", "--host", host, "--report", report, *arguments]
    ended = subprocess.run(command, cwd=EXAMPLES / example, capture_output=True, text=True, check=False)
    return ended, report / "latest"


def verdict(report: Path) -> dict[str, Any]:
    return json.loads((report / "verdict.json").read_text())


def test_the_shop_is_tested_through_its_api_and_through_a_browser(docker_host: str, tmp_path: Path) -> None:
    ended, report = run("shop", docker_host, tmp_path, "--cold")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    told = verdict(report)
    assert told["verdict"] == "passed"
    assert {t["service"]: t["counts"]["total"] for t in told["tests"]} == {"api-tests": 4, "browser-tests": 3}
    assert left(docker_host, told["placement"]) == []

    assert (report / "reports/api-tests/reports/api.xml").is_file()
    assert (report / "reports/browser-tests/reports/browser.xml").is_file()
    cases = {case.get("name") for case in ElementTree.parse(report / "junit.xml").iter("testcase")}
    assert {"test_a_person_orders_an_anchor", "test_an_order_beyond_the_stock_is_refused"} <= cases
    assert "shipped" in (report / "services/worker.log").read_text()
    assert "stock: 002_prices.sql" in (report / "services/migrate.log").read_text()
    # the secret was in two databases' files and in no one's output
    secret = (EXAMPLES / "shop/secrets/database-password").read_text().strip()
    assert [f.name for f in report.rglob("*") if f.is_file() and secret in f.read_text(errors="replace")] == []


def test_the_shops_api_and_data_are_tested_from_this_machine_by_two_workers(docker_host: str, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n2",
        "-p",
        "no:cacheprovider",
        f"--dockyard-report={tmp_path}",
        f"--junitxml={tmp_path}/junit.xml",
    ]
    environ = {**os.environ, "DOCKER_HOST": docker_host}
    environ.pop("API_URL", None)
    ended = subprocess.run(command, cwd=EXAMPLES / "shop", env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    counts = next(ElementTree.parse(tmp_path / "junit.xml").iter("testsuite"))
    assert (counts.get("tests"), counts.get("failures"), counts.get("errors"), counts.get("skipped")) == ("9", "0", "0", "0")
    (told,) = (verdict(run) for run in tmp_path.iterdir() if run.is_dir())  # one run: the workers shared it
    assert {s["key"] for s in told["services"]} == {"api", "worker", "migrate", "orders-db", "stock-db", "queue"}
    assert told["verdict"] == "passed" and left(docker_host, told["placement"]) == []


def test_a_shop_with_less_stock_than_its_tests_expect_has_failed_tests(docker_host: str, tmp_path: Path) -> None:
    file = tmp_path / "empty.yaml"
    empty = "from shop import connections; connections.stock().cursor().execute('UPDATE products SET pieces = 0')"
    command = f'python -m shop.migrate && python -c "{empty}"'
    file.write_text(json.dumps({"services": {"migrate": {"command": ["sh", "-c", command]}}}))
    files = ["-f", "compose.yaml", "-f", str(file)]
    ended, report = run("shop", docker_host, tmp_path / "report", *files, "--cold", "api-tests")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    told = verdict(report)
    assert told["verdict"] == "failed"
    assert [t["counts"]["failed"] for t in told["tests"]] == [1]
    assert "browser" not in {s["key"] for s in told["services"]}, "api-tests alone need no browser"
    assert left(docker_host, told["placement"]) == []


def test_the_shops_databases_are_filled_once_and_its_next_tests_begin_with_clones_of_both(
    docker_host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))  # whose key is in the key of what is kept
    try:
        ended, report = run("shop", docker_host, tmp_path / "first", "api-tests")
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert [told.partition(" as ")[0] for told in verdict(report)["snapshots"]] == ["orders-db, stock-db: kept"]
        ended, report = run("shop", docker_host, tmp_path / "second", "api-tests")
        assert ended.returncode == 0, ended.stdout + ended.stderr
        services = {service["key"]: service for service in verdict(report)["services"]}
        begun = {key for key, service in services.items() if service["made"] == "snapshot"}
        assert begun == {"orders-db", "stock-db", "migrate"} and services["migrate"]["exit_codes"] == []
        assert left(docker_host, verdict(report)["placement"]) == []
    finally:
        rm = [DOCKYARD, "snapshot", "rm", "--host", docker_host]
        subprocess.run(rm, cwd=EXAMPLES / "shop", capture_output=True, check=False)


def test_a_service_that_does_not_start_is_the_environments_fault_and_told_first(docker_host: str, tmp_path: Path) -> None:
    ended, report = run("broken", docker_host, tmp_path)
    assert ended.returncode == 3, ended.stdout + ended.stderr
    summary = ended.stdout[ended.stdout.index("ENVIRONMENT-FAILED") :].splitlines()
    assert "api exited with 78" in summary[0]
    assert "settings.yaml: key database.url is missing" in "".join(summary[1:5])
    told = verdict(report)
    assert told["verdict"] == "environment-failed"
    assert [t for t in told["tests"] if t["passed"]] == []
    assert left(docker_host, told["placement"]) == []


def test_the_smallest_example_passes(docker_host: str, tmp_path: Path) -> None:
    ended, report = run("hello", docker_host, tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "hello" in (report / "services/sut.log").read_text()


def test_an_environment_that_is_kept_is_seen_as_left_until_it_is_removed(docker_host: str, tmp_path: Path) -> None:
    """Or else "nothing is left", above, would say nothing."""
    ended, report = run("hello", docker_host, tmp_path, "--keep=always", "--for", "5m")
    placement = verdict(report)["placement"]
    try:
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert {thing.split()[0] for thing in left(docker_host, placement)} == {"container", "network", "volume"}
    finally:
        subprocess.run([DOCKYARD, "env", "rm", "--host", docker_host, placement], capture_output=True, check=False)
    assert left(docker_host, placement) == []


def test_the_demo_ends_well_only_as_both_runs_came_out_as_they_should(docker_host: str, tmp_path: Path) -> None:
    dev = [sys.executable, EXAMPLES.parent / "tools" / "dev", "demo", "--report", tmp_path]
    environ = {**os.environ, "DOCKER_HOST": docker_host}
    ended = subprocess.run(dev, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "nothing of them is left" in ended.stdout
    assert verdict(tmp_path / "shop" / "latest")["code"] == 0
    assert verdict(tmp_path / "broken" / "latest")["code"] == 3
