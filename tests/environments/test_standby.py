"""What stands by is claimed by one run alone, used only where it is what would be made, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.runs import DOCKYARD, begin, end, events, left, nothing_left, run, until

from dev import api
from dockyard.engines.docker.engine import connect
from dockyard.environments import standby
from dockyard.environments.owner import myself
from dockyard.environments.standby import Terms

FILE = """\
services:
  db: {image: redis:7, healthcheck: {test: [CMD, redis-cli, ping], interval: 1s}, volumes: [data:/data]}
  app:
    image: busybox:1.36
    command: [sh, -c, "echo made $$MARK > /shared/who; touch /ready; sleep 600"]
    environment: {MARK: one}
    volumes: [shared:/shared]
    configs: [{source: inline, target: /etc/inline}]
    x-dockyard: {ready: {file: /ready}}
    depends_on: {db: {condition: service_healthy}}
  sut: {image: busybox:1.36, command: [sh, -c, "cat /shared/*"], volumes: [shared:/shared:ro], depends_on: [app]}
configs: {inline: {content: first}}
volumes: {data: {}, shared: {}}
"""
pytestmark = pytest.mark.engine


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A folder whose environments go with the test."""
    folder = tmp_path / "p"
    yield folder
    drop(folder, os.environ["DOCKER_HOST"])


def drop(folder: Path, host: str) -> None:
    asyncio.run(_drop(folder, host))


async def _drop(folder: Path, host: str) -> None:
    engine = await connect({"DOCKER_HOST": host})
    try:
        for one in await engine.standing_by():
            if one.project == folder.name and not one.claimed:
                await standby.drop(engine, one, str(myself()), int(time.time()) + 60)
    finally:
        await engine.close()


def made(verdict: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {service["key"]: (service["made"], service["made_why"]) for service in verdict["services"]}


def test_the_next_run_only_releases_what_stands_by_and_leaves_another(engine, tmp_path: Path) -> None:
    first = run(tmp_path / "p", engine.host, FILE, "--standby")
    assert first["verdict"] == "passed" and {how for how, _ in made(first).values()} == {"cold"}
    assert left(engine.host, first["placement"]) == [] and first["standby"]
    second = run(tmp_path / "p", engine.host, FILE, "--standby")
    assert second["verdict"] == "passed", second["causes"]
    assert second["placement"] == first["standby"] != second["standby"]
    assert {how for how, _ in made(second).values()} == {"standby"}
    assert not events(second, "container.restarted")
    log = (Path(second["report"]) / "services" / "sut.log").read_text()
    assert "made one" in log
    assert left(engine.host, second["placement"]) == [] and left(engine.host, second["standby"])
    cold = run(tmp_path / "p", engine.host, FILE, "--cold")
    assert {how for how, _ in made(cold).values()} == {"cold"} and not cold["standby"]
    drop(tmp_path / "p", engine.host)
    assert left(engine.host, second["standby"]) == []


def test_what_was_edited_is_made_anew_with_all_that_shares_its_volume(project: Path, docker_host: str) -> None:
    run(project, docker_host, FILE, "--standby")
    verdict = run(project, docker_host, FILE.replace("MARK: one", "MARK: two"), "--standby")
    assert verdict["verdict"] == "passed", verdict["causes"]
    how = made(verdict)
    assert how["db"] == ("standby", "") and how["app"] == ("cold", "the variable MARK")
    assert how["sut"] == ("cold", "it shares a volume or a namespace with app (the variable MARK)")
    assert "made two" in (Path(verdict["report"]) / "services" / "sut.log").read_text()
    third = run(project, docker_host, FILE.replace("MARK: one", "MARK: two"), "--standby")
    assert {how for how, _ in made(third).values()} == {"standby"}, "what is left is what was last asked for"
    config = run(project, docker_host, FILE.replace("MARK: one", "MARK: two").replace("first", "second"), "--standby")
    assert made(config)["app"] == ("cold", "the content of /etc/inline")


def test_nothing_leads_to_what_makes_way_and_it_is_gone_from_what_is_kept(project: Path, docker_host: str) -> None:
    file = """\
services:
  app: {image: busybox:1.36, command: [sleep, "600"], environment: {MARK: one}}
  sut: {image: busybox:1.36, command: ["true"], depends_on: [app]}
"""
    run(project, docker_host, file, "--standby")
    process = begin(project, docker_host, file.replace("one", "two"), "--standby", "--keep", "always", "--for", "10m")
    placement = until(process, "test.begun")
    (network,) = api.call(docker_host, "GET", f'/networks?filters={{"label":["dockyard.placement={placement}"]}}')
    joined = api.call(docker_host, "GET", f"/networks/{network['Id']}")["Containers"]
    assert {one["Name"] for one in joined.values()} <= {f"{placement}-app", f"{placement}-sut"}
    verdict = end(process)
    assert made(verdict) == {"app": ("cold", "the variable MARK"), "sut": ("standby", "")}
    assert not any("-leaves-" in name for name in left(docker_host, placement))
    _dockyard(project, docker_host, file, "env", "rm", placement)
    assert left(docker_host, placement) == []


def test_other_networks_or_volumes_are_another_frame(project: Path, docker_host: str) -> None:
    run(project, docker_host, FILE, "--standby")
    verdict = run(project, docker_host, FILE + "networks: {default: {internal: true}}\n", "--standby")
    assert verdict["verdict"] == "passed" and {how for how, _ in made(verdict).values()} == {"cold"}
    (why,) = [event["why"] for event in events(verdict, "standby.none")]
    assert "networks or volumes" in why


def test_a_file_that_was_replaced_and_a_build_that_changed_are_made_anew(project: Path, docker_host: str) -> None:
    project.mkdir()
    (project / "conf").write_text("a")
    (project / "Dockerfile").write_text('FROM busybox:1.36\nCOPY said /said\nCMD ["cat", "/said"]\n')
    (project / "said").write_text("old\n")
    file = """\
services:
  a: {image: busybox:1.36, command: [sleep, "600"], volumes: ["./conf:/conf:ro"]}
  b: {image: busybox:1.36, command: [sleep, "600"], volumes: ["./folder:/folder:ro"]}
  sut: {build: ., depends_on: [a, b]}
"""
    (project / "first").mkdir()
    (project / "folder").symlink_to("first")
    run(project, docker_host, file, "--standby")
    (project / "conf").write_text("edited in place: the same file")
    assert {how for how, _ in made(run(project, docker_host, file, "--standby")).values()} == {"standby"}
    (project / "new").write_text("b")
    (project / "new").rename(project / "conf")
    assert made(run(project, docker_host, file, "--standby"))["a"] == ("cold", f"the file {project}/conf")
    (project / "second").mkdir()
    (project / "folder").unlink()
    (project / "folder").symlink_to("second")
    again = made(run(project, docker_host, file, "--standby"))
    assert again == {"a": ("standby", ""), "b": ("cold", f"the file {project}/folder"), "sut": ("standby", "")}
    (project / "second" / "more").write_text("what is in a folder shows at any time")
    (project / "said").write_text("new\n")
    verdict = run(project, docker_host, file, "--standby")
    assert made(verdict) == {"a": ("standby", ""), "b": ("standby", ""), "sut": ("cold", "its image")}
    assert "new" in (Path(verdict["report"]) / "services" / "sut.log").read_text()


def test_a_killed_claimer_leaves_nothing_and_the_others_stand(project: Path, docker_host: str) -> None:
    slow = FILE.replace('"cat /shared/*"', '"sleep 600"')
    filled = _dockyard(project, docker_host, slow, "standby", "fill", "-n", "2", "--json")
    first, second = json.loads(filled)["made"]
    process = begin(project, docker_host, slow, "--standby")
    claimed = until(process, "test.begun")
    assert claimed in (first, second)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert nothing_left(docker_host, claimed)
    other = first if claimed == second else second
    (still,) = [
        one for one in json.loads(_dockyard(project, docker_host, slow, "standby", "ls", "--json")) if one["environment"] == other
    ]
    assert still["state"] == "stands by"


def test_what_a_killed_filler_has_begun_is_cleared_away(project: Path, docker_host: str) -> None:
    quick = (
        "services: {sut: {image: busybox:1.36, command: ['true']}, "
        + ", ".join(f"s{n}: {{image: busybox:1.36, command: [sleep, '600']}}" for n in range(8))
        + "}\n"
    )
    process = begin(project, docker_host, quick, "--standby")
    until(process, "run.gone")
    time.sleep(0.4)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    deadline = time.monotonic() + 15
    while (there := _of_project(docker_host, project.name)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert there == []


async def test_each_is_claimed_by_one_of_many_at_once_and_a_sweep_knows_whose_it_is(project: Path, docker_host: str) -> None:
    await asyncio.to_thread(_dockyard, project, docker_host, FILE, "standby", "fill", "-n", "2", "--json")
    engines = [await connect({"DOCKER_HOST": docker_host}) for _ in range(6)]
    try:
        there = [one for one in await engines[0].standing_by() if one.project == project.name]
        terms = Terms(pool=there[0].pool, frame=there[0].frame, secret=b"")
        now = time.time()
        claims = await asyncio.gather(
            *(standby.claim(e, terms, owner=str(myself()), deadline=int(now) + 900, now=now) for e in engines)
        )
        claimed = [one.placement for one, _ in claims if one is not None]
        assert sorted(claimed) == sorted(one.placement for one in there)
        assert {why for one, why in claims if one is None} <= {
            "what stands by is another run's, or isn't whole",
            "none stands by",
        }
        inventory = [found for found in await engines[0].inventory() if found.placement in claimed]
        from dockyard.environments.sweep import decide

        assert decide(inventory, now, lambda owner: True) == []
        assert {dead.placement for dead in decide(inventory, now, lambda owner: False)} == set(claimed)
        assert {dead.why for dead in decide(inventory, now + 1000, lambda owner: True)} == {"its deadline has passed"}
        await engines[0].remove(inventory)
    finally:
        for engine in engines:
            await engine.close()


@pytest.mark.slow
def test_what_an_engine_lost_when_it_was_restarted_is_made_anew(private_engine, tmp_path: Path) -> None:
    private = private_engine(images=("busybox:1.36", "redis:7"))
    assert run(tmp_path / "p", private.host, FILE, "--standby")["verdict"] == "passed"
    private.restart()
    verdict = run(tmp_path / "p", private.host, FILE, "--standby")
    assert verdict["verdict"] == "passed", verdict["causes"]
    assert all(how == ("cold", "what stood by is exited") or "shares" in how[1] for how in made(verdict).values()), made(verdict)


def test_another_trust_scope_shares_nothing(project: Path, docker_host: str) -> None:
    run(project, docker_host, FILE, "--standby", env={"DOCKYARD_TRUST": "main"})
    fork = run(project, docker_host, FILE, "--standby", env={"DOCKYARD_TRUST": "a fork"})
    assert {how for how, _ in made(fork).values()} == {"cold"}
    again = run(project, docker_host, FILE, "--standby", env={"DOCKYARD_TRUST": "main"})
    assert {how for how, _ in made(again).values()} == {"standby"}


def test_a_service_may_stay_out_of_it(project: Path, docker_host: str) -> None:
    file = (
        FILE.replace("interval: 1s}", "interval: 1s}, x-dockyard: {standby: never}")
        .replace("volumes: [data:/data]}", "}")
        .replace(", }", "}")
    )
    run(project, docker_host, file, "--standby")
    verdict = run(project, docker_host, file, "--standby")
    assert verdict["verdict"] == "passed" and made(verdict)["db"] == ("cold", "it did not stand by")
    assert made(verdict)["app"][0] == "standby"


def test_more_than_an_engine_is_to_hold_go_the_oldest_first(private_engine, tmp_path: Path) -> None:
    host = private_engine().host
    file, most = "services: {sut: {image: busybox:1.36, command: ['true']}}\n", {"DOCKYARD_STANDBY_MOST": "2"}
    folders = [tmp_path / f"m{n}" for n in range(3)]
    left_by = [run(folder, host, file, "--standby", env=most)["standby"] for folder in folders]
    there = json.loads(_dockyard(folders[0], host, file, "standby", "ls", "--json"))
    assert {one["environment"] for one in there} == set(left_by[1:])


async def test_a_machine_that_is_short_of_memory_has_nothing_standing(
    private_engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, file = private_engine().host, "services: {sut: {image: busybox:1.36, command: ['true']}}\n"
    await asyncio.to_thread(run, tmp_path / "p", host, file, "--standby")
    monkeypatch.setattr(standby, "short_of_memory", lambda engine: "this machine is short of memory")
    engine = await connect({"DOCKER_HOST": host})
    try:
        (one,) = await engine.standing_by()
        terms = Terms(pool=one.pool, frame=one.frame, secret=b"")
        now = time.time()
        assert await standby.room(engine, terms, owner=str(myself()), deadline=int(now) + 60, now=now)
        assert not await engine.standing_by()
    finally:
        await engine.close()


def test_a_machine_is_short_of_memory_where_less_than_a_tenth_is_available(tmp_path: Path) -> None:
    from types import SimpleNamespace

    table = tmp_path / "meminfo"
    here: Any = SimpleNamespace(facts=SimpleNamespace(local_files=True))
    away: Any = SimpleNamespace(facts=SimpleNamespace(local_files=False))
    for free, short in ((50, True), (500, False)):
        table.write_text(f"MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: {free} kB\n")
        assert bool(standby.short_of_memory(here, str(table))) is short
        assert not standby.short_of_memory(away, str(table))
    table.write_text("nothing of the kind")
    assert not standby.short_of_memory(here, str(table))


def _dockyard(folder: Path, host: str, text: str, *words: str) -> str:
    import subprocess

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "compose.yaml").write_text(text)
    env = {**os.environ, "DOCKER_HOST": host, "XDG_STATE_HOME": str(folder / "state")}
    done = subprocess.run([DOCKYARD, *words], cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _of_project(host: str, project: str) -> list[str]:
    listed = api.call(host, "GET", f'/containers/json?all=1&filters={{"label":["dockyard.project={project}"]}}')
    return [one["Names"][0] for one in listed]
