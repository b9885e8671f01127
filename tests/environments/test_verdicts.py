"""The verdict matrix, on a real engine, through the command: tests/cases/verdicts/*.yaml, a case needs no code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.conftest import PODMAN

from dev import api, namespaces

CASES = Path(__file__).parents[1] / "cases" / "verdicts"
DOCKYARD = str(Path(sys.executable).parent / "dockyard")
CODES = {"passed": 0, "failed": 1, "usage": 2, "environment-failed": 3, "timed-out": 4, "infrastructure": 5, "aborted": 130}
AT_ONCE = 4

pytestmark = pytest.mark.engine


def load() -> dict[str, dict[str, Any]]:
    return {name: case for file in sorted(CASES.glob("*.yaml")) for name, case in yaml.safe_load(file.read_text()).items()}


ALL = load()


@pytest.fixture(scope="module", params=["docker", pytest.param("podman", marks=pytest.mark.podman)])
def host(request: pytest.FixtureRequest) -> str:
    """A case's verdict is the same on every engine."""
    return request.getfixturevalue(f"{request.param}_host")


@pytest.fixture(scope="module")
def runs(host: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[tuple[int, list[dict[str, Any]]]]]]:
    """Every case under way, a few at a time; each test takes its own."""
    folder = tmp_path_factory.mktemp("verdicts")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = {name: pool.submit(run, case, folder / str(number), host) for number, (name, case) in enumerate(ALL.items())}
        yield found
        for future in found.values():
            future.cancel()


def run(case: dict[str, Any], folder: Path, host: str) -> tuple[int, list[dict[str, Any]]]:
    folder.mkdir()
    (folder / "compose.yaml").write_text(case["compose"])
    argv = [str(word) for word in case.get("argv", [])]
    env = {**os.environ, "DOCKER_HOST": host, "XDG_STATE_HOME": str(folder / "state")}
    with namespaces.enter_network(PODMAN.network_pid if host == PODMAN.host else None):
        done = subprocess.run(
            [DOCKYARD, "test", "--json", *argv],
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("name", ALL)
def test_a_small_application_gets_the_verdict_that_is_true(
    name: str, host: str, runs: dict[str, Future[tuple[int, list[dict[str, Any]]]]]
) -> None:
    expected = {**ALL[name]["expect"], **(ALL[name].get("podman", {}) if host == PODMAN.host else {})}
    code, said = runs[name].result()
    last = said[-1]
    verdict = last if expected["verdict"] == "usage" else last["verdict"]
    assert verdict["verdict"] == expected["verdict"], verdict
    assert code == verdict["code"] == CODES[expected["verdict"]]
    if expected["verdict"] == "usage":
        return
    assert not verdict["leftovers"]
    causes = verdict["causes"]
    assert bool(causes) == (expected["verdict"] != "passed"), causes
    if "service" in expected:
        assert causes[0]["service"] == expected["service"], causes
    if "cause" in expected:
        assert expected["cause"] in causes[0]["what"], causes
    if "lines" in expected:
        assert expected["lines"] in "\n".join(causes[0]["lines"])
    if "tests" in expected:
        assert sorted(t["service"] for t in verdict["tests"]) == expected["tests"]
    if "services" in expected:
        assert len(verdict["services"]) == expected["services"]
    if "warning" in expected:
        assert any(expected["warning"] in warning for warning in verdict["warnings"])


def test_no_case_leaves_anything(host: str, runs: dict[str, Future[tuple[int, list[dict[str, Any]]]]]) -> None:
    placements = {
        event["data"]["placement"]
        for _, said in (future.result() for future in runs.values())
        for event in (line.get("event", {}) for line in said)
        if event.get("kind") == "run.begun"
    }
    assert len(placements) > 40
    left = [
        one
        for path, key in (("/containers/json?all=1", None), ("/networks", None), ("/volumes", "Volumes"))
        for one in ((api.call(host, "GET", path)[key] if key else api.call(host, "GET", path)) or ())
        if (one.get("Labels") or {}).get("dockyard.placement") in placements
    ]
    assert left == []
    tags = [tag for image in api.call(host, "GET", "/images/json") for tag in image["RepoTags"] or ()]
    assert [tag for tag in tags if any(placement in tag for placement in placements)] == []
