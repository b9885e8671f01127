"""Runs that are ended from outside: a signal, a second one, kill -9. Whatever it was, nothing is left."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from tests.support.killing import BUILT, kill_at, objects
from tests.support.runs import DOCKYARD, begin, end, left, until
from tests.support.wire import Moment

LONG = """\
services:
  db: {image: redis:7, healthcheck: {test: [CMD, redis-cli, ping]}, volumes: ["data:/data"]}
  sut: {image: busybox:1.36, command: [sh, -c, "echo begun; sleep 600"], depends_on: {db: {condition: service_healthy}}}
volumes: {data: {}}
"""

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_the_run_with_its_evidence_and_nothing_left(name: str, docker_host: str, tmp_path: Path) -> None:
    process = begin(tmp_path, docker_host, LONG)
    placement = until(process, "test.begun")
    time.sleep(0.3)
    process.send_signal(getattr(signal, name))
    began = time.monotonic()
    told = end(process)
    assert process.returncode == 130
    assert time.monotonic() - began < 8  # CI gives ten seconds
    assert told["verdict"] == "aborted"
    assert name in told["causes"][0]["what"]
    assert "begun" in (Path(told["report"]) / "services" / "sut.log").read_text()
    assert left(docker_host, placement) == []


def test_a_second_signal_skips_the_evidence_but_not_the_clean_up(docker_host: str, tmp_path: Path) -> None:
    process = begin(tmp_path, docker_host, LONG)
    placement = until(process, "test.begun")
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    assert end(process)["verdict"] == "aborted"
    assert process.returncode == 130
    assert left(docker_host, placement) == []


def test_a_signal_while_containers_are_made_leaves_nothing(docker_host: str, tmp_path: Path) -> None:
    process = begin(tmp_path, docker_host, LONG)
    placement = until(process, "step.begun")
    process.send_signal(signal.SIGTERM)
    assert end(process)["verdict"] == "aborted"
    assert process.returncode == 130
    assert left(docker_host, placement) == []


def test_the_watchdog_clears_away_after_a_kill(docker_host: str, tmp_path: Path) -> None:
    process = begin(tmp_path, docker_host, LONG)
    placement = until(process, "test.begun")
    process.kill()
    process.wait()
    assert left(docker_host, placement)
    until_then = time.monotonic() + 10
    while left(docker_host, placement) and time.monotonic() < until_then:
        time.sleep(0.1)
    assert left(docker_host, placement) == []


def test_a_kept_environment_stands_and_can_be_removed(docker_host: str, tmp_path: Path) -> None:
    text = LONG.replace("echo begun; sleep 600", "exit 1")
    process = begin(tmp_path, docker_host, text, "--keep=failure", "--for", "5m")
    told = end(process)
    assert process.returncode == 1
    placement = told["placement"]
    try:
        assert told["kept_until"] > time.time() + 200
        assert any(name.endswith("-db") for name in left(docker_host, placement))
        # another run's sweep leaves it alone
        other = tmp_path / "other"
        other.mkdir()
        begin(other, docker_host, "services: {sut: {image: busybox:1.36, command: ['true']}}").communicate()
        assert left(docker_host, placement)
    finally:
        env = {**os.environ, "DOCKER_HOST": docker_host}
        subprocess.run([DOCKYARD, "env", "rm", placement], env=env, check=True, stdout=subprocess.DEVNULL)
    assert left(docker_host, placement) == []


@pytest.mark.parametrize("moment", list(Moment))
@pytest.mark.parametrize("guard_too", [False, True], ids=["watchdog", "sweep"])
async def test_a_kill_around_any_call_to_the_engine_leaves_nothing(
    guard_too: bool, moment: Moment, docker_host: str, tmp_path: Path
) -> None:
    """Each fifth call of a run here; the benchmark has all of them."""
    slots = asyncio.Semaphore(3)

    async def one(number: int) -> None:
        async with slots:
            await kill_at(tmp_path, docker_host, number, moment, guard_too=guard_too, within=30)

    await asyncio.gather(*(one(number) for number in range(1, 30, 5)))
    reports = tmp_path.glob("*/dockyard-report/*/timeline.jsonl")
    begun = [json.loads(line) for report in reports for line in report.read_text().splitlines()[:1]]
    placements = {event["data"]["placement"] for event in begun if event["kind"] == "run.begun"}
    assert placements
    assert {placement: found for placement in placements if (found := left(docker_host, placement))} == {}


@pytest.mark.parametrize("guard_too", [False, True], ids=["watchdog", "sweep"])
async def test_a_kill_while_the_next_one_is_made_of_what_was_built_leaves_nothing(
    guard_too: bool, docker_host: str, tmp_path: Path
) -> None:
    """What a run has built is tagged for the next environment before its own goes; tags don't say whose they are."""
    before = objects(docker_host)
    words = ("--standby",)
    whole = await kill_at(tmp_path, docker_host, 10_000, Moment.BEFORE, guard_too=False, within=30, file=BUILT, words=words)
    slots = asyncio.Semaphore(3)

    async def one(number: int) -> str:
        async with slots:
            moment = list(Moment)[number % 3]
            killed = await kill_at(tmp_path, docker_host, number, moment, guard_too=guard_too, within=30, file=BUILT, words=words)
            return killed.call

    calls = await asyncio.gather(*(one(number) for number in range(whole.calls // 2, whole.calls, 4)))
    assert any(calls), "some were killed"
    assert sorted(objects(docker_host) - before) == []
