"""Data of services are kept once they are filled; later runs begin with a clone of them, and never with the wrong ones."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.runs import DOCKYARD, begin, end, events, left, run, until

from dev import api
from dockyard import environment
from dockyard.engines.docker.engine import connect
from dockyard.environments import standby
from dockyard.environments.owner import myself

pytestmark = pytest.mark.engine

FILE = """\
services:
  db:
    image: redis:7
    command: [redis-server, --appendonly, "yes"]
    volumes: ["data:/data"]
    healthcheck: {test: [CMD, redis-cli, ping], interval: 1s}
    x-dockyard: {snapshot: {inputs: [migrate]}}
  migrate:
    image: redis:7
    command: [sh, -c, "redis-cli -h db set who $$(cat /proc/sys/kernel/random/uuid) && redis-cli -h db incr migrated"]
    depends_on: {db: {condition: service_healthy}}
  sut:
    image: redis:7
    command: [sh, -c, "for k in who migrated; do redis-cli -h db get $$k; done; redis-cli -h db incr tests"]
    depends_on: {migrate: {condition: service_completed_successfully}}
volumes: {data: {}}
"""
SLEEPER = """\
services:
  db:
    image: busybox:1.36
    command: [sh, -c, 'trap "%s" TERM; echo some > /data/file; touch /ready; while :; do sleep 0.05; done']
    stop_grace_period: 100s
    volumes: ["data:/data"]
    x-dockyard: {ready: {file: /ready}, snapshot: true}
  sut: {image: busybox:1.36, command: ["true"], depends_on: [db]}
volumes: {data: {}}
"""


@pytest.fixture
def project(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder of a project that no other test has; what is kept or stands by for it goes with the test."""
    folder = tmp_path / f"kept{secrets.token_hex(4)}"
    yield folder
    for fixture in ("docker_host", "engine"):
        if fixture in request.fixturenames:
            found = request.getfixturevalue(fixture)
            asyncio.run(_tidy(found if isinstance(found, str) else found.host, folder.name))


async def _tidy(host: str, project: str) -> None:
    engine = await connect({"DOCKER_HOST": host})
    try:
        for one in await engine.standing_by():
            if one.project == project and not one.claimed:
                await standby.drop(engine, one, str(myself()), int(time.time()) + 60)
        for one in await engine.snapshots.find():
            if one.project == project:
                assert await engine.snapshots.remove(one.key) == []
    finally:
        await engine.close()
    assert of_project(host, project) == []


def of_project(host: str, project: str) -> list[str]:
    """Everything on the engine that was made for a project."""
    filters = f'?all=1&filters={{"label":["dockyard.project={project}"]}}'
    found = [c["Names"][0] for c in api.call(host, "GET", f"/containers/json{filters}")]
    return found + [v["Name"] for v in api.call(host, "GET", f"/volumes{filters}")["Volumes"] or ()]


def dockyard(folder: Path, host: str, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "DOCKER_HOST": host, "XDG_STATE_HOME": str(folder / "state")}
    return subprocess.run([DOCKYARD, *words], cwd=folder, env=environ, capture_output=True, text=True, check=False)


def service(verdict: dict[str, Any], key: str) -> dict[str, Any]:
    return next(one for one in verdict["services"] if one["key"] == key)


def said(verdict: dict[str, Any]) -> list[str]:
    """What the tests saw of the data."""
    assert verdict["verdict"] == "passed", verdict["causes"]
    return [line.split()[-1] for line in (Path(verdict["report"]) / "services" / "sut.log").read_text().splitlines()]


def test_later_runs_begin_with_a_clone_of_what_was_filled_once(engine, project: Path) -> None:
    first = run(project, engine.host, FILE)
    assert said(first)[1:] == ["1", "1"] and service(first, "db")["snapshot_why"] == "no snapshot is there"
    (kept,) = first["snapshots"]
    assert kept.startswith("db: kept as ") and left(engine.host, first["placement"]) == []
    second = run(project, engine.host, FILE)
    third = run(project, engine.host, FILE)
    assert said(second)[0] == said(third)[0] != said(first)[0], "a test's environment never gives the data"
    assert said(second)[1:] == said(third)[1:] == ["1", "1"], "what one clone is written does not reach the next"
    db, migrate = service(third, "db"), service(third, "migrate")
    assert (db["made"], migrate["made"], migrate["state"], migrate["exit_codes"]) == (
        "snapshot",
        "snapshot",
        "in the snapshot",
        [],
    )
    assert db["snapshot"].startswith(kept.removeprefix("db: kept as ")) and service(third, "sut")["made"] == "cold"
    assert not events(third, "snapshot.making") and left(engine.host, third["placement"]) == []
    assert said(run(project, engine.host, FILE, "--cold"))[0] not in (said(first)[0], said(third)[0])


def test_whatever_has_a_part_in_the_data_makes_them_afresh_when_it_changes(project: Path, docker_host: str) -> None:
    run(project, docker_host, FILE)
    edited = run(project, docker_host, FILE.replace("incr migrated", "incrby migrated 5"))
    assert said(edited)[1] == "5" and service(edited, "db")["snapshot_why"] == "changed: migrate: its command"
    assert service(edited, "migrate")["exit_codes"] == [0] and len(edited["snapshots"]) == 1
    back = run(project, docker_host, FILE)
    assert said(back)[1] == "1" and service(back, "db")["made"] == "snapshot", "the older data are still kept"
    backup = "  backup: {image: redis:7, command: [sleep, '600'], volumes: ['data:/data:ro']}\n"
    shared = run(project, docker_host, FILE.replace("  sut:\n", backup + "  sut:\n"))
    assert service(shared, "db")["snapshot_why"] == "db shares the volume data with backup"
    assert said(shared)[1] == "1" and not shared["snapshots"]


def test_what_was_not_stopped_cleanly_is_never_kept(project: Path, docker_host: str) -> None:
    verdict = run(project, docker_host, SLEEPER % "exit 3")
    assert verdict["verdict"] == "passed"
    why = "db exited with 3 when it was asked to stop, so its data may not be whole"
    assert verdict["snapshots"] == [f"db: not kept: {why}"]
    assert of_project(docker_host, project.name) == []


def test_data_that_are_elsewhere_are_never_kept(project: Path, docker_host: str) -> None:
    elsewhere = (SLEEPER % "exit 0").replace("echo some > /data/file; ", "echo some > /else; ")
    verdict = run(project, docker_host, elsewhere)
    assert verdict["verdict"] == "passed" and "left nothing in its volumes" in verdict["snapshots"][0], verdict["snapshots"]


def test_data_that_were_filled_from_edited_files_are_not_kept(project: Path, docker_host: str) -> None:
    """The key was made of what the file was. The service ends when it has seen the edit, so it comes before the data are kept."""
    project.mkdir()
    (project / "conf").write_text("first")
    text = SLEEPER % "until grep -q edited /conf; do sleep 0.1; done; exit 0"
    process = begin(project, docker_host, text.replace('["data:/data"]', '["data:/data", "./conf:/conf:ro"]'))
    until(process, "snapshot.making")
    (project / "conf").write_text("edited")
    verdict = end(process)
    assert verdict["snapshots"] == ["db: not kept: edited while the data were filled: db: the content of ./conf"]
    assert of_project(docker_host, project.name) == []


def test_a_command_of_this_machine_tests_kept_data_too(project: Path, docker_host: str) -> None:
    text = FILE.replace("  sut:", "  api:").replace("redis-cli -h db incr tests", "sleep 600")
    for made in ("cold", "snapshot"):
        verdict = run(project, docker_host, text, "--", "sh", "-c", 'test -n "$DOCKYARD_SERVICE_DB_HOST"')
        assert verdict["verdict"] == "passed" and service(verdict, "db")["made"] == made


def test_a_run_that_is_killed_while_it_keeps_data_leaves_nothing(project: Path, docker_host: str) -> None:
    """Its service takes a minute to stop: so long the data are neither whole nor gone."""
    process = begin(project, docker_host, SLEEPER % "sleep 60; exit 0")
    until(process, "snapshot.making")
    parts = _until(lambda: [name for name in of_project(docker_host, project.name) if name.startswith("dockyard-snapshot-")])
    assert parts
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert _until(lambda: not of_project(docker_host, project.name), 60), of_project(docker_host, project.name)


def test_an_interrupt_ends_the_keeping_and_leaves_the_verdict(project: Path, docker_host: str) -> None:
    process = begin(project, docker_host, SLEEPER % "sleep 60; exit 0")
    until(process, "snapshot.making")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=90)
    verdict = json.loads(out.splitlines()[-1])["verdict"]
    assert verdict["verdict"] == "passed" and process.returncode == 0
    assert of_project(docker_host, project.name) == []


def _until(holds: Any, seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := holds()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def test_two_at_once_keep_one(project: Path, docker_host: str) -> None:
    project.mkdir()
    (project / "compose.yaml").write_text(FILE)
    environ = {**os.environ, "DOCKER_HOST": docker_host, "XDG_STATE_HOME": str(project / "state")}
    command = [DOCKYARD, "snapshot", "make", "--json"]
    both = [subprocess.Popen(command, cwd=project, env=environ, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [json.loads(process.communicate(timeout=90)[0]) for process in both]
    assert [process.returncode for process in both] == [0, 0] and all(not one["failed"] for one in told)
    volumes = [name for name in of_project(docker_host, project.name) if not name.startswith("/")]
    kept = [
        one
        for one in json.loads(dockyard(project, docker_host, "snapshot", "ls", "--json").stdout)
        if one["project"] == project.name
    ]
    assert len(kept) == 1 and len(volumes) == 1
    assert {key for one in told for key in (*one["made"], *one["there"])} == {kept[0]["snapshot"]}


def test_what_stands_by_stands_on_a_clone(project: Path, docker_host: str) -> None:
    first = run(project, docker_host, FILE, "--standby")
    assert first["standby"] and first["snapshots"]
    second = run(project, docker_host, FILE, "--standby")
    assert second["placement"] == first["standby"]
    db = service(second, "db")
    assert (db["made"], service(second, "sut")["made"]) == ("standby", "standby") and db["snapshot"]
    assert service(second, "migrate")["state"] == "in the snapshot"
    assert said(second)[1:] == ["1", "1"] and left(docker_host, second["placement"]) == []
    edited = run(project, docker_host, FILE.replace("incr migrated", "incrby migrated 5"), "--standby")
    assert service(edited, "db")["made"] == "cold" and "the data that it begins with" in service(edited, "db")["made_why"]
    assert said(edited)[1] == "5"


def test_what_stands_by_ready_is_booted_on_kept_data_and_taken_with_all_that_it_booted_with(
    project: Path, docker_host: str
) -> None:
    file = FILE.replace("{snapshot: {inputs: [migrate]}}", "{standby: ready, snapshot: {inputs: [migrate]}}")
    file = file.replace(
        "  sut:\n", "    x-dockyard: {standby: ready}\n  queue: {image: redis:7, x-dockyard: {standby: ready}}\n  sut:\n"
    )
    run(project, docker_host, file, "--standby")
    verdict = run(project, docker_host, file, "--standby")
    assert said(verdict)[1:] == ["1", "1"]
    assert {name: service(verdict, name)["made"] for name in ("db", "queue", "migrate")} == {
        "db": "standby",
        "queue": "standby",
        "migrate": "snapshot",
    }
    assert service(verdict, "db")["stood"] == "ready"


def test_bounds_and_a_sweep_of_the_cache_take_data_away_and_name_them(private_engine, tmp_path: Path) -> None:
    """On an engine of its own: both look at all that an engine keeps."""
    host = private_engine(images=("redis:7",)).host
    project = tmp_path / "bounded"
    run(project, host, FILE)
    (first,) = json.loads(dockyard(project, host, "snapshot", "ls", "--json").stdout)
    small = {"DOCKYARD_SNAPSHOTS_MAX_SIZE": str(first["size"] * 3 // 2)}
    edited = run(project, host, FILE.replace("incr migrated", "incr migration"), env=small)
    assert [event["data"]["key"] for event in events(edited, "snapshot.pruned")] == [first["snapshot"]]
    (second,) = json.loads(dockyard(project, host, "snapshot", "ls", "--json").stdout)
    assert second["snapshot"] != first["snapshot"]

    going = json.loads(dockyard(project, host, "sweep", "--cache", "--dry-run", "--json").stdout)
    assert any(second["snapshot"] in name for name in going["cache"]) and going["dry_run"]
    told = dockyard(project, host, "sweep", "--cache").stdout
    assert told.startswith("removed the cache: ") and all(name in told for name in going["cache"])
    there = api.call(host, "GET", "/volumes")["Volumes"] or [], api.call(host, "GET", "/containers/json?all=1")
    assert there == ([], [])
    assert dockyard(project, host, "sweep", "--cache").stdout == "nothing to sweep\n"


async def test_a_program_begins_with_kept_data_too(project: Path, docker_host: str) -> None:
    project.mkdir()
    (project / "compose.yaml").write_text(FILE)
    seen: list[str] = []
    for _ in range(2):
        async with environment(project / "compose.yaml", host=docker_host) as env:
            seen.append((await env.exec("db", "redis-cli incr mine")).text)
            assert env.address("db", 6379)
    assert seen == ["1", "1"]
