"""Many services, many networks, runs that want the same, clocks that jump, files that the engine can't see."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.support.runs import DOCKYARD, begin, end, events, left, nothing_left, run, until

from dev import api

pytestmark = pytest.mark.engine


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_hundred_services_in_one_file(docker_host: str, tmp_path: Path) -> None:
    services = [f"  s{n}: {{image: 'busybox:1.36', command: [sleep, '900'], network_mode: none}}" for n in range(200)]
    sut = "  sut: {image: 'busybox:1.36', command: [echo, all are here]}"
    told = run(tmp_path, docker_host, "\n".join(["services:", *services, sut]) + "\n")
    assert told["verdict"] == "passed", told["causes"]
    assert len(told["services"]) == 201 and all(s["released_at"] for s in told["services"])
    assert told["leftovers"] == [] and left(docker_host, told["placement"]) == []


def test_more_networks_than_an_engine_has_pools_for(docker_host: str, tmp_path: Path) -> None:
    networks = [f"n{n}" for n in range(40)]
    text = f"services: {{sut: {{image: 'busybox:1.36', command: [sh, -c, 'ip -4 addr | grep -c eth'], networks: [{', '.join(networks)}]}}}}\n"
    text += "networks: {" + ", ".join(f"{name}: {{}}" for name in networks) + "}\n"
    told = run(tmp_path, docker_host, text)
    assert told["verdict"] == "passed", told["causes"]
    assert nothing_left(docker_host, told["placement"], within=1)


FIXED = """\
services:
  db: {image: "busybox:1.36", command: [sleep, "600"], networks: {default: {ipv4_address: 10.98.76.5}}}
  sut: {image: "busybox:1.36", command: [sh, -c, "ping -c1 -w5 10.98.76.5 && sleep SECONDS"], depends_on: [db]}
networks: {default: {ipam: {config: [{subnet: 10.98.76.0/24}]}}}
"""


def test_runs_that_need_the_same_subnet_take_turns_and_say_so(docker_host: str, tmp_path: Path) -> None:
    first = begin(tmp_path / "a", docker_host, FIXED.replace("SECONDS", "1"))
    until(first, "step.done", "network")
    second = begin(tmp_path / "b", docker_host, FIXED.replace("SECONDS", "0"))
    told = [end(first), end(second)]
    assert [t["verdict"] for t in told] == ["passed", "passed"]
    notes = [event["why"] for event in events(told[1], "note")]
    assert any("waits its turn" in note and "10.98.76.0/24" in note for note in notes)


OUTSIDE = """\
services:
  web:
    image: "busybox:1.36"
    command: [sh, -c, "echo WHO > /index.html; httpd -f -p 80 -h /"]
    networks: [out]
  sut:
    image: "busybox:1.36"
    command: [sh, -c, "for i in $$(seq 40); do wget -qO- http://web/ >> /seen 2>&1; sleep 0.1; done; test $$(sort -u /seen) = WHO"]
    depends_on: {web: {condition: service_healthy}}
    networks: [out]
networks: {out: {external: true, name: NETWORK}}
"""


def test_runs_side_by_side_on_a_network_from_outside_find_their_own_services(engine, tmp_path: Path) -> None:
    docker_host = engine.host
    name = f"outside-{os.getpid()}"
    check = "networks: [out]\n    healthcheck: {test: [CMD, wget, -qO-, 'http://127.0.0.1/'], interval: 1s}"
    text = OUTSIDE.replace("NETWORK", name).replace("networks: [out]", check, 1)
    made = api.call(docker_host, "POST", "/networks/create", {"Name": name, "Driver": "bridge"})["Id"]
    try:
        runs = [begin(tmp_path / who, docker_host, text.replace("WHO", who)) for who in ("a", "b", "c")]
        told = [end(process) for process in runs]
        assert [t["verdict"] for t in told] == ["passed"] * 3, [t["causes"] for t in told]
    finally:
        api.call(docker_host, "DELETE", f"/networks/{made}")


def test_what_is_from_outside_and_not_there_is_told_and_never_made(docker_host: str, tmp_path: Path) -> None:
    text = "services: {sut: {image: 'busybox:1.36', volumes: ['gone:/x'], networks: [lan]}}\n"
    text += "volumes: {gone: {external: true, name: dockyard-nowhere}}\nnetworks: {lan: {external: true}}\n"
    told = run(tmp_path, docker_host, text)
    assert (told["verdict"], told["code"]) == ("usage", 2)
    said = str(told["causes"])
    assert "external volume 'dockyard-nowhere' is not there" in said and "external network 'lan' is not there" in said
    assert "dockyard-nowhere" not in [v["Name"] for v in api.call(docker_host, "GET", "/volumes")["Volumes"] or ()]


def test_who_waits_its_turn_can_be_ended_and_its_time_runs_out(docker_host: str, tmp_path: Path) -> None:
    first = begin(tmp_path / "a", docker_host, FIXED.replace("SECONDS", "600"))
    until(first, "test.begun")
    try:
        late = run(tmp_path / "b", docker_host, FIXED.replace("SECONDS", "0"), "--timeout", "2s")
        assert (late["verdict"], late["code"]) == ("timed-out", 4) and "10.98.76.0/24" in late["causes"][0]["what"]
        waiting = begin(tmp_path / "c", docker_host, FIXED.replace("SECONDS", "0"))
        until(waiting, "note")
        waiting.send_signal(signal.SIGINT)
        assert end(waiting)["verdict"] == "aborted"
    finally:
        first.send_signal(signal.SIGTERM)
        end(first)


JUMPING = """
import sys, time, pathlib
real, jump = time.time, pathlib.Path(sys.argv.pop(1))
time.time = lambda: real() + (float(jump.read_text()) if jump.exists() else 0.0)
from dockyard.cli.main import main
sys.argv[0] = "dockyard"
sys.exit(main())
"""
CHECKED = """\
services:
  db:
    image: "busybox:1.36"
    command: [sh, -c, "sleep 2; touch /up; sleep 600"]
    healthcheck: {test: [CMD, test, -e, /up], interval: 5s, retries: 2}
  sut: {image: "busybox:1.36", command: [sleep, "1"], depends_on: {db: {condition: service_healthy}}}
"""


@pytest.mark.parametrize("seconds", [7200, -7200])
def test_a_clock_that_jumps_in_the_middle_changes_nothing(seconds: int, docker_host: str, tmp_path: Path) -> None:
    program = [sys.executable, "-c", JUMPING, str(tmp_path / "jump")]
    process = begin(tmp_path, docker_host, CHECKED, "--timeout", "60s", program=program)
    placement = until(process, "step.done", "release db")
    (tmp_path / "jump").write_text(str(seconds))
    told = end(process)
    assert told["verdict"] == "passed", told["causes"]
    phases = told["phases"]
    assert 0 < phases["told"] - phases["begun"] < 60
    assert nothing_left(docker_host, placement, within=1)


def test_files_that_the_engine_cannot_see_go_in_by_upload_and_that_is_said(docker_host: str, tmp_path: Path) -> None:
    """As from inside a CI container: a folder that only this process's mounts have."""
    if os.geteuid() != 0:
        pytest.skip("a mount namespace of its own needs root")
    text = (
        "services: {sut: {image: 'busybox:1.36', working_dir: /src, volumes: ['./data:/src:ro', './one.txt:/one.txt'], "
        "command: [sh, -c, 'cat /src/deep/file /one.txt; test -x /src/run']}}\\n"
    )
    script = f"""
set -e
mount -t tmpfs none {tmp_path}
cd {tmp_path}
mkdir -p data/deep; echo from the folder > data/deep/file; echo a single file > one.txt; echo > data/run; chmod +x data/run
printf "{text}" > compose.yaml
{DOCKYARD} test --report {tmp_path}/report
cat report/latest/services/sut.log
"""
    env = {**os.environ, "DOCKER_HOST": docker_host, "XDG_STATE_HOME": str(tmp_path / "state")}
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "stdout from the folder" in done.stdout and "stdout a single file" in done.stdout
    assert "copied" in done.stdout or "upload" in done.stdout


def test_a_signal_in_a_build_ends_the_build_too(docker_host: str, tmp_path: Path) -> None:
    text = """\
services:
  sut:
    build: {context: ., dockerfile_inline: "FROM busybox:1.36\\nRUN echo building; sleep 577"}
"""
    process = begin(tmp_path, docker_host, text)
    placement = until(process, "step.told", "build")
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    told = end(process)
    assert (told["verdict"], told["code"]) == ("aborted", 130)
    assert nothing_left(docker_host, placement, within=10)
    deadline = time.monotonic() + 15
    while (
        sleeping := subprocess.run(["pgrep", "-f", "sleep 577"], capture_output=True, check=False).stdout
    ) and time.monotonic() < deadline:
        time.sleep(0.3)
    assert not sleeping, "the engine has ended the build"
