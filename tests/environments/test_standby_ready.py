"""What stands by ready was booted and spoken to by nobody; a run wakes it, asks it once more, and makes anew what isn't well."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.environments.test_standby import drop, made
from tests.support.runs import begin, left, nothing_left, run, until

from dev import api

FILE = """\
x-redis: &redis
  image: redis:7
  healthcheck: {test: [CMD, redis-cli, ping], interval: 30s}
  x-dockyard: {standby: ready}
services:
  store: *redis
  first: {<<: *redis, restart: always, networks: [one]}
  cache: {<<: *redis, networks: [two]}
  prepare:
    image: redis:7
    command: [redis-cli, -h, store, set, prepared, "1"]
    depends_on: {store: {condition: service_healthy}}
    x-dockyard: {standby: ready}
  app: {image: busybox:1.36, command: [sleep, "600"], depends_on: {prepare: {condition: service_completed_successfully}}}
  sut:
    image: redis:7
    command: [sh, -ec, "redis-cli -h store dbsize; redis-cli -h store set spoken 1; redis-cli -h cache ping; redis-cli -h first ping"]
    depends_on: [app]
    networks: [default, one, two]
networks: {one: {}, two: {}}
"""
READY = ("store", "first", "cache", "prepare")
pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A folder whose environments go with the test."""
    folder = tmp_path / "p"
    yield folder
    drop(folder, os.environ["DOCKER_HOST"])


def stood(verdict: dict[str, Any]) -> dict[str, str]:
    return {service["key"]: service["stood"] for service in verdict["services"]}


def container(host: str, placement: str, service: str) -> dict[str, Any]:
    return api.call(host, "GET", f"/containers/{placement}-{service}/json")


def test_a_run_takes_what_stands_ready_as_it_is_and_nobody_has_spoken_to_it(engine, tmp_path: Path) -> None:
    first = run(tmp_path / "p", engine.host, FILE, "--standby")
    assert first["verdict"] == "passed" and first["standby"], first["causes"]
    waiting = {name: container(engine.host, first["standby"], name)["State"] for name in ("store", "prepare", "app")}
    assert waiting["store"]["Paused"] and not waiting["app"]["Paused"]
    assert (waiting["prepare"]["Status"], waiting["prepare"]["ExitCode"]) == ("exited", 0)
    second = run(tmp_path / "p", engine.host, FILE, "--standby")
    assert second["verdict"] == "passed", second["causes"]
    assert second["placement"] == first["standby"]
    assert stood(second) == {**dict.fromkeys(READY, "ready"), "app": "gate", "sut": "gate"}
    report = Path(second["report"]) / "services"
    assert "Ready to accept connections" in (report / "store.log").read_text(), "the logs of its boot are the run's"
    said = [line.split()[-1] for line in (report / "sut.log").read_text().splitlines()]
    assert said == ["1", "OK", "PONG", "PONG"], "one key is there: what was prepared"
    exits = {service["key"]: service["exit_codes"] for service in second["services"] if service["key"] in READY}
    assert exits == {"store": [], "first": [], "cache": [], "prepare": [0]}
    assert left(engine.host, second["placement"]) == []
    drop(tmp_path / "p", engine.host)
    assert left(engine.host, second["standby"]) == [], "what is paused goes as well"


def test_what_died_or_was_started_again_while_it_stood_is_made_anew_with_those_it_booted_with(
    project: Path, docker_host: str
) -> None:
    placement = run(project, docker_host, FILE, "--standby")["standby"]
    for service, act in (("store", "unpause"), ("store", "kill"), ("first", "unpause"), ("first", "restart?t=0")):
        api.call(docker_host, "POST", f"/containers/{placement}-{service}/{act}")
    verdict = run(project, docker_host, FILE, "--standby")
    assert verdict["verdict"] == "passed", verdict["causes"]
    how = made(verdict)
    assert how["store"] == ("cold", "what stood by is exited")
    assert how["prepare"] == ("cold", "it has booted with store (what stood by is exited)")
    assert how["first"] == ("cold", "it was started again while it stood by")
    assert (how["cache"], stood(verdict)["cache"]) == (("standby", ""), "ready")


def test_what_may_have_been_spoken_to_by_one_that_is_made_anew_is_made_anew_too(project: Path, docker_host: str) -> None:
    """A worker that tries until its database answers says nowhere that it waits for it."""
    file = """\
services:
  db: {image: redis:7, healthcheck: {test: [CMD, redis-cli, ping], interval: 30s}, x-dockyard: {standby: ready}}
  seed:
    image: redis:7
    command: [sh, -c, "until redis-cli -h db set $$V 1; do sleep 0.1; done; touch /ready; exec sleep 600"]
    environment: {V: one}
    x-dockyard: {standby: ready, ready: {file: /ready}}
  sut: {image: redis:7, command: [redis-cli, -h, db, keys, "*"], depends_on: {seed: {condition: service_healthy}}}
"""
    run(project, docker_host, file, "--standby")
    verdict = run(project, docker_host, file.replace("V: one", "V: two"), "--standby")
    assert verdict["verdict"] == "passed" and made(verdict)["db"] == ("cold", "it has booted with seed (the variable V)")
    assert (Path(verdict["report"]) / "services" / "sut.log").read_text().split()[-1] == "two"


def test_one_that_is_unhealthy_or_has_read_other_files_is_made_anew(project: Path, docker_host: str) -> None:
    file = FILE.replace(
        "  cache: {<<: *redis, networks: [two]}",
        "  cache: {<<: *redis, networks: [two], volumes: ['./files:/files'], healthcheck: {test: [CMD, sh, -c, 'test ! -e /tmp/bad'], interval: 1s, retries: 2}}",
    )
    (project / "files").mkdir(parents=True)
    placement = run(project, docker_host, file, "--standby")["standby"]
    identity = f"{placement}-cache"
    api.call(docker_host, "POST", f"/containers/{identity}/unpause")
    body = {"Cmd": ["touch", "/tmp/bad"], "AttachStdout": True}
    made_exec = api.call(docker_host, "POST", f"/containers/{identity}/exec", body)
    api.call(docker_host, "POST", f"/exec/{made_exec['Id']}/start", {"Detach": False})
    verdict = run(project, docker_host, file, "--standby")
    assert verdict["verdict"] == "passed", verdict["causes"]
    how, why = made(verdict)["cache"]
    assert how == "cold" and why.startswith("cache is unhealthy: its check failed 2 times in a row"), why
    assert stood(verdict)["store"] == "ready"
    (project / "files" / "seed").write_text("what the process has read counts by its content")
    assert made(run(project, docker_host, file, "--standby"))["cache"] == ("cold", f"the content of {project}/files")


def test_postgresql_stands_ready_and_a_changed_init_file_makes_it_anew(project: Path, docker_host: str) -> None:
    (project / "init").mkdir(parents=True)
    script = project / "init" / "1.sql"
    script.write_text("create table seeded as select 1 as x;")
    file = """\
services:
  db:
    image: postgres:15
    environment: {POSTGRES_PASSWORD: x}
    volumes: ["./init:/docker-entrypoint-initdb.d:ro", "data:/var/lib/postgresql/data"]
    healthcheck: {test: [CMD-SHELL, "pg_isready -U postgres"], interval: 60s, retries: 9}
    x-dockyard: {standby: ready}
  sut:
    image: postgres:15
    environment: {PGPASSWORD: x}
    entrypoint: [psql, -h, db, -U, postgres, -c, "select x as seen from seeded; create table spoken ()"]
    depends_on: {db: {condition: service_healthy}}
volumes: {data: {}}
"""
    run(project, docker_host, file, "--standby")
    second = run(project, docker_host, file, "--standby")
    assert second["verdict"] == "passed", second["causes"]
    assert stood(second) == {"db": "ready", "sut": "gate"}
    script.write_text("create table seeded as select 2 as x;")
    edited = run(project, docker_host, file, "--standby")
    assert edited["verdict"] == "passed", edited["causes"]
    assert made(edited) == {"db": ("cold", f"the content of {project}/init"), "sut": ("standby", "")}
    assert " 2" in (Path(edited["report"]) / "services" / "sut.log").read_text()


def test_a_killed_claimer_of_what_was_ready_leaves_nothing(project: Path, docker_host: str) -> None:
    run(project, docker_host, FILE, "--standby")
    process = begin(project, docker_host, FILE.replace("redis-cli -h store dbsize;", "sleep 600;"), "--standby")
    placement = until(process, "test.begun")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert nothing_left(docker_host, placement)


def test_a_service_that_can_not_boot_leaves_nothing_standing_and_says_why(project: Path, docker_host: str) -> None:
    file = FILE.replace('[redis-cli, -h, store, set, prepared, "1"]', "[sh, -c, 'exit 3']")
    verdict = run(project, docker_host, file, "--standby")
    why = "prepare exited with 3; others wait for it to complete successfully"
    assert (verdict["verdict"], verdict["causes"][0]["what"], verdict["standby"]) == ("environment-failed", why, why)
    listed = api.call(docker_host, "GET", f'/containers/json?all=1&filters={{"label":["dockyard.project={project.name}"]}}')
    assert listed == []
