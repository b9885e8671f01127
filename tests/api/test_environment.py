"""Environments from Python, on real engines: what a program can do with one, and that nothing of it is left."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from tests.support.runs import DOCKYARD, left, nothing_left

import dockyard
from dockyard import EnvironmentFailed, HttpReady, QueryReady, Ready, Service, TookTooLong, UserError

pytestmark = pytest.mark.engine

REDIS = Service("redis:7", ready=Ready(redis=QueryReady()))
WEB = Service(
    "busybox:1.36",
    command=["sh", "-c", "mkdir -p /www; cp /etc/hello /www/index.html; exec httpd -f -p 8080 -h /www"],
    files={"/etc/hello": "costs $5"},
    expose=[8080],
    ready=Ready(http=HttpReady(port=8080)),
)
DIES = Service("busybox:1.36", command=["sh", "-c", "sleep 0.7; echo why >&2; exit 3"])


@pytest.fixture(autouse=True)
def _state(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for engine in {"engine", "docker_host"} & set(request.fixturenames):
        request.getfixturevalue(engine)  # which are found by the state that is real
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def _dockyard(host: str, *argv: str) -> None:
    subprocess.run([DOCKYARD, *argv], check=True, env={**os.environ, "DOCKER_HOST": host})


async def test_an_environment_stands_while_the_block_runs_and_is_gone_after_it(engine: Any) -> None:
    opening = dockyard.environment({"db": REDIS, "web": WEB}, name="coded", host=engine.host)
    async with opening as env:
        placement = env.id
        assert env.services == ("db", "web")
        host, port = env.address("db")
        with socket.create_connection((host, port), 5) as redis:
            redis.sendall(b"PING\r\n")
            assert redis.recv(100) == b"+PONG\r\n"
        page = await asyncio.to_thread(lambda: urllib.request.urlopen(f"http://{env.address('web', 8080)}/", timeout=5).read())
        assert page == b"costs $5"
        assert env.variables()["DOCKYARD_SERVICE_DB_URL"] == f"redis://{env.address('db')}"
        assert left(engine.host, placement)
    assert left(engine.host, placement) == []
    assert opening.verdict is not None and opening.verdict.verdict == "passed"
    assert json.loads((env.report / "verdict.json").read_bytes())["tests"][0]["passed"]


async def test_commands_logs_and_files(docker_host: str, tmp_path: Path) -> None:
    async with dockyard.environment({"web": WEB}, host=docker_host) as env:
        found = await env.exec("web", "cat; echo $A >&2; exit 3", input="in", env={"A": "out"}, workdir="/tmp")
        assert found == (3, b"in", b"out\n")
        assert (await env.exec("web", ["echo", "$A"], check=True)).text == "$A"
        with pytest.raises(dockyard.CommandFailed, match=r"exited with 2:\n  no") as caught:
            await env.exec("web", "echo no; exit 2", check=True)
        assert caught.value.exit_code == 2
        assert (await env.exec("web", ["sleep", "9"], timeout=0.2)).exit_code == -1
        await env.exec("web", "for i in 1 2 3; do echo line $i > /proc/1/fd/1; done")
        assert await env.wait_log("web", "line [3]", timeout=10) == "line 3"
        assert await env.logs("web", tail=2) == "line 2\nline 3\n"
        with pytest.raises(TookTooLong, match=r"waited 0\.3 s for web to log"):
            await env.wait_log("web", "never", timeout=0.3)
        await env.write("web", "/www/new", "data", mode=0o600)
        assert await env.read("web", "/www/new") == b"data"
        assert (await env.exec("web", "stat -c %a:%u /www/new")).text == "600:0"
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "a").write_text("1")
        await env.copy_in("web", tmp_path / "folder", "/www/copied")
        assert await env.read("web", "/www/copied/a") == b"1"
        assert (await env.copy_out("web", "/www", tmp_path / "back")).name == "www"
        assert (tmp_path / "back" / "www" / "copied" / "a").read_text() == "1"
        for path in "/www", "/nothing":
            with pytest.raises(UserError):
                await env.read("web", path)
        with pytest.raises(UserError, match="there is no service 'wbe' here\n    there are: web"):
            await env.exec("wbe", "true")
        with pytest.raises(UserError, match="web has no port 81"):
            env.address("web", 81)


async def test_faults_that_are_asked_for_are_no_faults_of_the_environment(engine: Any) -> None:
    async with dockyard.environment({"db": REDIS}, name="faults", host=engine.host) as env:
        await env.pause("db")
        assert await env.state("db") == "paused"
        await env.unpause("db")
        await env.wait_ready("db")
        await env.kill("db")
        assert await env.wait_exit("db") == 137
        assert await env.state("db") == "exited"
        await env.start("db")
        assert (await env.exec("db", ["redis-cli", "ping"])).text == "PONG"
        with socket.create_connection(env.address("db"), 5):
            pass
        await env.restart("db", grace=1)
        assert (await env.exec("db", ["redis-cli", "ping"])).text == "PONG"
        await env.pause("db")
    assert left(engine.host, env.id) == [], "paused ones are removed too"


async def test_what_does_not_become_ready_is_told_with_its_last_lines_and_is_gone(docker_host: str) -> None:
    bad = Service("redis:7", command=["redis-server", "--bogus"], ready=Ready(tcp=6379))
    opening = dockyard.environment({"db": bad}, name="bad", host=docker_host)
    with pytest.raises(EnvironmentFailed, match="exited with 1 before it was ready") as caught:
        async with opening:
            raise AssertionError("never reached")
    assert "Bad directive" in str(caught.value) and str(caught.value.report) in str(caught.value)
    assert left(docker_host, caught.value.verdict.placement) == []


async def test_a_service_that_dies_in_the_block_is_told_though_the_block_went_well(docker_host: str) -> None:
    with pytest.raises(EnvironmentFailed, match="db exited with 3 while it was needed"):
        async with dockyard.environment({"db": DIES}, name="dies", host=docker_host):
            await asyncio.sleep(1.5)


async def test_the_blocks_own_error_goes_on_and_is_told_what_died(docker_host: str) -> None:
    with pytest.raises(ValueError, match="mine") as caught:
        async with dockyard.environment({"db": DIES}, name="dies", host=docker_host):
            await asyncio.sleep(1.5)
            raise ValueError("mine")
    assert "db exited with 3 while it was needed" in caught.value.__notes__[0]
    assert "| why" in caught.value.__notes__[0]


async def test_a_block_that_is_cancelled_leaves_nothing(docker_host: str) -> None:
    opening = dockyard.environment({"db": REDIS}, name="cancelled", host=docker_host)
    there = asyncio.Event()

    async def block() -> str:
        async with opening as env:
            there.set()
            await asyncio.sleep(60)
            return env.id

    task = asyncio.create_task(block())
    await there.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert opening.verdict is not None and opening.verdict.verdict == "aborted"
    assert left(docker_host, opening.verdict.placement) == []


async def test_an_opening_that_is_cancelled_leaves_nothing(docker_host: str) -> None:
    never = Service("busybox:1.36", command=["sleep", "60"], ready=Ready(file="/never"))
    opening = dockyard.environment({"a": never}, name="cancelled", host=docker_host)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.5), opening:
            raise AssertionError("never reached")
    assert opening.verdict is not None
    assert left(docker_host, opening.verdict.placement) == []


async def test_what_is_not_ready_in_time_is_told(docker_host: str) -> None:
    never = Service("busybox:1.36", command=["sleep", "60"], ready=Ready(file="/never"))
    with pytest.raises(EnvironmentFailed, match="timeout of 1 s ended while waiting for: ready a"):
        async with dockyard.environment({"a": never}, timeout=1, host=docker_host):
            raise AssertionError("never reached")


def test_a_block_that_takes_longer_than_it_may_is_cleared_away_under_its_hands(docker_host: str) -> None:
    with (
        pytest.raises(EnvironmentFailed, match="timeout of 1 s"),
        dockyard.environment({"db": REDIS}, most=1, host=docker_host) as env,
    ):
        time.sleep(2.5)
        assert left(docker_host, env.id) == []


def test_without_asyncio_it_is_the_same(docker_host: str) -> None:
    with dockyard.environment({"db": REDIS}, name="plain", host=docker_host) as env:
        assert env.exec("db", ["redis-cli", "ping"]).text == "PONG"
        assert "Ready to accept connections" in env.wait_log("db", "Ready")
        assert next(iter(env.follow("db")))
        env.restart("db", grace=1)
        assert env.exec("db", "redis-cli ping").text == "PONG"
    assert left(docker_host, env.id) == []


def test_a_file_is_read_as_the_command_reads_it_and_its_tests_stay_out(docker_host: str, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(
        "services:\n  db: {image: 'redis:${TAG}'}\n  side: {image: 'busybox:1.36', command: [sleep, '60']}\n  sut: {image: nobody/has-it, depends_on: [db]}\n"
    )
    with dockyard.environment(variables={"TAG": "7"}, host=docker_host) as env:
        assert env.services == ("db", "side")
    with dockyard.environment("compose.yaml", services="db", variables={"TAG": "7"}, host=docker_host) as env:
        assert env.services == ("db",)


def test_one_that_is_kept_can_be_attached_to_and_stays(docker_host: str) -> None:
    with dockyard.environment({"db": REDIS}, name="kept", keep="always", keep_for=300, host=docker_host) as env:
        env.exec("db", ["redis-cli", "set", "a", "b"])
    try:
        with dockyard.attach(env.id[:-2], host=docker_host) as again:
            assert again.exec("db", ["redis-cli", "get", "a"]).text == "b"
            assert again.address("db") == env.address("db")
            with pytest.raises(UserError, match="brought up by somebody else"):
                again.wait_ready("db")
        assert left(docker_host, env.id)
    finally:
        _dockyard(docker_host, "env", "rm", env.id)
    assert left(docker_host, env.id) == []


PROGRAM = """\
import sys, threading, time, dockyard
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
with dockyard.environment({"db": dockyard.Service("redis:7", ready=dockyard.Ready(tcp=6379))}, name="killed", host=sys.argv[1]) as env:
    print(env.id, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_program_that_is_killed_leaves_nothing(docker_host: str, how: signal.Signals, tmp_path: Path) -> None:
    program = [sys.executable, "-c", PROGRAM, docker_host]
    process = subprocess.Popen(
        program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path, env={**os.environ}
    )
    assert process.stdout is not None
    placement = process.stdout.readline().strip()
    assert placement, process.stderr.read() if process.stderr else ""
    process.send_signal(how)
    process.communicate(timeout=30)
    assert process.returncode != 0
    assert nothing_left(docker_host, placement, within=20)


def test_what_stands_by_is_claimed_and_the_next_one_is_left(docker_host: str, tmp_path: Path) -> None:
    def used() -> str:
        with dockyard.environment({"db": REDIS}, name="waits", standby=True, host=docker_host) as env:
            pass
        told = json.loads((env.report / "verdict.json").read_bytes())
        return told["services"][0]["made"]

    try:
        assert [used(), used()] == ["cold", "standby"]
    finally:
        _dockyard(docker_host, "standby", "drop", "--all")
