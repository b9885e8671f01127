"""`dockyard up`, `down`, `env` and what `test`, `history` and `sweep` print, on a real engine."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import DOCKYARD, Dockyard
from tests.support.runs import left
from tests.support.terminal import Terminal

pytestmark = pytest.mark.engine
ESCAPE = re.compile(r"\x1b")


@pytest.fixture(autouse=True)
def on_the_engine(environment: dict[str, str], docker_host: str) -> None:
    environment["DOCKER_HOST"] = docker_host


@pytest.fixture
def standing(dockyard: Dockyard) -> Iterator[str]:
    done = dockyard("up", "--json", "--for", "10m")
    assert done.returncode == 0, done.stdout + done.stderr
    verdict = json.loads(done.stdout.splitlines()[-1])["verdict"]
    yield verdict["placement"]
    dockyard("down")


def _one(dockyard: Dockyard, *words: str) -> Any:
    done = dockyard(*words, "--json")
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return json.loads(done.stdout)


def test_an_environment_stands_is_looked_at_and_goes(standing: str, dockyard: Dockyard) -> None:
    mine = next(e for e in _one(dockyard, "env", "ls") if e["environment"] == standing)
    assert (mine["project"], mine["services"], mine["running"], mine["kept"]) == ("shop", ["db", "web"], 2, True)
    assert 500 < mine["seconds_left"] <= 600
    assert standing in dockyard("env", "ls").stdout
    shown = _one(dockyard, "env", "show", standing[:-2])
    assert {i["instance"]: i["state"] for i in shown["instances"]} == {"db": "running", "web": "running"}
    done = dockyard("env", "exec", standing, "db", "--", "sh", "-c", "cat; exit 7", stdin="through\n")
    assert (done.returncode, done.stdout) == (7, "through\n")
    assert dockyard("env", "exec", standing, "nope", "--", "true").returncode == 2
    assert dockyard("env", "logs", standing, "nope").returncode == 2
    assert _one(dockyard, "env", "extend", standing, "--for", "2h")["environment"] == standing
    assert _one(dockyard, "env", "show", standing)["seconds_left"] > 7000
    shorter = dockyard("env", "extend", standing, "--for", "1m")
    assert shorter.returncode == 2 and "stands longer" in shorter.stderr
    assert _one(dockyard, "sweep")["removed"] == [] or standing not in str(_one(dockyard, "sweep"))
    assert dockyard("env", "rm", standing).stdout == f"{standing} is gone\n"
    assert dockyard("env", "show", standing).returncode == 2


def test_down_destroys_what_up_left_and_only_this_projects(standing: str, dockyard: Dockyard, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "compose.yaml").write_text("services: {a: {image: 'busybox:1.36', command: [sleep, '60']}}")
    assert "nothing of other stands here" in dockyard("down", cwd=other).stdout
    assert standing in dockyard("down").stdout
    assert not any(e["environment"] == standing for e in _one(dockyard, "env", "ls"))


def test_down_leaves_another_checkouts_environment_alone_and_names_it(
    standing: str, dockyard: Dockyard, folder: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy" / "shop"
    shutil.copytree(folder, copy)
    said = dockyard("down", cwd=copy).stdout
    assert "nothing of shop stands here" in said and f"{standing} (of {folder})" in said
    assert any(e["environment"] == standing for e in _one(dockyard, "env", "ls"))


def test_of_two_that_come_up_at_once_one_stands(dockyard: Dockyard, folder: Path, environment: dict[str, str]) -> None:
    both = [subprocess.Popen([DOCKYARD, "up", "-q"], cwd=folder, env=environment, stderr=subprocess.PIPE) for _ in range(2)]
    said = [process.communicate(timeout=60)[1].decode() for process in both]
    try:
        assert sorted(process.returncode for process in both) == [0, 2], said
        assert any("under way" in text or "stands already" in text for text in said)
    finally:
        dockyard("down")


def test_a_second_up_says_what_stands_and_new_brings_one_more(standing: str, dockyard: Dockyard) -> None:
    done = dockyard("up")
    assert done.returncode == 2 and standing in done.stderr and "dockyard down" in done.stderr
    assert dockyard("up", "--new", "-q").returncode == 0
    assert len([e for e in _one(dockyard, "env", "ls") if e["project"] == "shop"]) == 2


def test_published_ports_are_told(folder: Path, dockyard: Dockyard) -> None:
    (folder / "compose.yaml").write_text(
        "services: {web: {image: 'busybox:1.36', command: [sleep, '60'], ports: ['80:8080', '53:5353/udp']}, "
        "sut: {image: 'busybox:1.36', command: ['true'], depends_on: [web]}}"
    )
    said = dockyard("test").stdout
    assert re.search(r"web: port 5353/udp is at 127\.0\.0\.1:\d+", said) and re.search(r"port 8080 is at 127\.0\.0\.1:\d+", said)


@pytest.mark.parametrize(
    ("words", "variables", "who"),
    [
        (
            ["--memory", "50m"],
            {"DOCKYARD_MEMORY": "60m"},
            "--memory: the services declare 64 MiB of memory in all, the run's limit is 50",
        ),
        ([], {"DOCKYARD_MEMORY": "50m"}, "DOCKYARD_MEMORY: the services declare"),
        ([], {}, "compose.yaml:2:23: x-dockyard.limits.memory: the services declare"),
    ],
)
def test_a_limit_below_what_is_declared_is_told_in_the_name_of_who_set_it(
    words: list[str], variables: dict[str, str], who: str, folder: Path, dockyard: Dockyard
) -> None:
    (folder / "compose.yaml").write_text(
        "services: {sut: {image: 'busybox:1.36', command: ['true'], mem_limit: 64m}}\nx-dockyard: {limits: {memory: 10m}}\n"
    )
    done = dockyard("test", *words, env=variables)
    assert done.returncode == 2 and who in done.stdout


def test_a_services_logs_are_those_of_all_its_instances_and_of_no_other(folder: Path, dockyard: Dockyard) -> None:
    (folder / "compose.yaml").write_text("""\
services:
  w: {image: "busybox:1.36", command: [sh, -c, "echo of w; sleep 60"], scale: 2}
  w-2: {image: "busybox:1.36", command: [sh, -c, "echo of another; sleep 60"]}
""")
    try:
        placement = json.loads(dockyard("up", "--json").stdout.splitlines()[-1])["verdict"]["placement"]
        said = dockyard("env", "logs", placement, "w").stdout
        assert sorted(said.splitlines()) == ["w | of w", "w--2 | of w"]
        assert dockyard("env", "logs", placement, "w-2").stdout == "w-2 | of another\n"
    finally:
        dockyard("down")


def test_logs_of_a_standing_environment(folder: Path, dockyard: Dockyard) -> None:
    (folder / "compose.yaml").write_text(
        "services: {a: {image: 'busybox:1.36', command: [sh, -c, 'echo one; echo two >&2; printf three; sleep 600']}}"
    )
    done = dockyard("up", "--json")
    placement = json.loads(done.stdout.splitlines()[-1])["verdict"]["placement"]
    try:
        deadline = time.monotonic() + 10
        while len(lines := dockyard("env", "logs", placement).stdout.splitlines()) < 2 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert {"a | one", "a | two"} <= set(lines)
        told = [json.loads(line) for line in dockyard("env", "logs", placement, "a", "--json").stdout.splitlines()]
        assert {(t["stream"], t["text"]) for t in told} >= {("stdout", "one"), ("stderr", "two")}
    finally:
        dockyard("down")


@pytest.mark.parametrize(("code", "word"), [("0", "passed"), ("3", "failed")])
def test_with_json_each_line_is_a_document_and_the_last_one_the_verdict(
    code: str, word: str, dockyard: Dockyard, folder: Path
) -> None:
    done = dockyard("test", "--json", env={"CODE": code})
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.stderr == ""
    assert all(set(d) == {"event"} for d in documents[:-1]) and set(documents[-1]) == {"verdict"}
    verdict = documents[-1]["verdict"]
    assert (verdict["verdict"], verdict["code"]) == (word, done.returncode)
    on_disk = json.loads((Path(verdict["report"]) / "verdict.json").read_text())
    assert on_disk == verdict
    remembered = json.loads(dockyard("history", "--json").stdout)
    assert [(r["id"], r["verdict"]) for r in remembered] == [(verdict["run"], word)]
    assert word in dockyard("history").stdout


def test_quiet_says_the_verdict_alone(dockyard: Dockyard) -> None:
    assert dockyard("test", "--quiet").stdout.split() == ["PASSED", "1", "test"]
    failed = dockyard("test", "-q", env={"CODE": "2"})
    assert "FAILED: sut: exited with 2" in failed.stdout and "report:" not in failed.stdout and failed.returncode == 1


def test_without_a_terminal_there_are_lines_and_no_escapes(dockyard: Dockyard) -> None:
    done = dockyard("test")
    assert not ESCAPE.search(done.stdout)
    for text in ("environment shop-", "plan: ", "sut begins", "sut | testing", "sut passed", "PASSED 1 test", "nothing is left"):
        assert text in done.stdout
    coloured = dockyard("test", env={"FORCE_COLOR": "1"}).stdout
    assert ESCAPE.search(coloured)
    assert not ESCAPE.search(dockyard("test", "--no-color", env={"FORCE_COLOR": "1"}).stdout)
    assert not ESCAPE.search(dockyard("test", env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).stdout)


def test_a_long_silence_is_broken_by_a_line_that_says_what_is_waited_for(folder: Path, dockyard: Dockyard) -> None:
    (folder / "compose.yaml").write_text("services: {sut: {image: 'busybox:1.36', command: [sleep, '11.5']}}")
    done = dockyard("test")
    assert done.returncode == 0 and re.search(r"1\d\.\d\ds … still waiting for: .*complete sut", done.stdout)


def test_github_gets_the_cause_and_a_summary(dockyard: Dockyard, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    done = dockyard("test", env={"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary), "CODE": "1"})
    assert "::error title=failed%3A sut::exited with 1" in done.stdout
    assert "### Dockyard: failed" in summary.read_text()


@pytest.mark.parametrize("columns", [20, 80, 200])
def test_on_a_terminal_the_services_are_followed_and_the_result_stays(
    folder: Path, environment: dict[str, str], columns: int
) -> None:
    terminal = Terminal([DOCKYARD, "test"], folder, environment, columns)
    terminal.read(b"begins")
    terminal.size(columns // 2)
    said = ""
    with contextlib.suppress(OSError):
        said = terminal.read(b"nothing is left")
    assert terminal.end() == 0
    assert "PASSED" in said and "sut" in said
    assert said.count("\x1b[?25l") == said.count("\x1b[?25h") >= 1, "the cursor is there again"


def test_ctrl_c_on_a_terminal_ends_it_cleanly(folder: Path, environment: dict[str, str]) -> None:
    (folder / "compose.yaml").write_text("services: {sut: {image: 'busybox:1.36', command: [sleep, '600']}}")
    terminal = Terminal([DOCKYARD, "test"], folder, environment, 80)
    terminal.read(b"begins")
    os.kill(terminal.pid, signal.SIGINT)
    said = terminal.read(b"nothing is left")
    assert terminal.end() == 130
    assert "ABORTED" in said and said.rfind("\x1b[?25h") > said.rfind("\x1b[?25l")


def test_no_color_on_a_terminal_leaves_colours_out(folder: Path, environment: dict[str, str]) -> None:
    terminal = Terminal([DOCKYARD, "test"], folder, {**environment, "NO_COLOR": "1"}, 100)
    said = terminal.read(b"nothing is left")
    assert terminal.end() == 0
    assert not re.search(r"\x1b\[[0-9;]*m", re.sub(r"\x1b\[0?m", "", said)), "no colour, no bold"


def test_who_stops_reading_does_not_stop_the_cleaning_up(folder: Path, environment: dict[str, str], docker_host: str) -> None:
    from dev import api

    done = subprocess.run(
        f"{DOCKYARD} test | head -2",
        shell=True,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    placement = re.search(r"shop-[0-9a-f]{8}", done.stdout)
    assert placement is not None and "Traceback" not in done.stderr
    deadline = time.monotonic() + 20
    filters = f'?all=1&filters={{"label":["dockyard.placement={placement[0]}"]}}'
    while (still := api.call(docker_host, "GET", f"/containers/json{filters}")) and time.monotonic() < deadline:
        time.sleep(0.3)
    assert still == []


@pytest.mark.parametrize("words", [(), ("--json",), ("--quiet",)])
def test_output_that_finds_no_room_ends_no_run_and_is_told(
    words: tuple[str, ...], folder: Path, environment: dict[str, str], docker_host: str
) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [DOCKYARD, "test", *words], cwd=folder, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 5 and "No space left" in done.stderr and "Traceback" not in done.stderr, done.stderr
    told = json.loads((folder / "dockyard-report" / "latest" / "verdict.json").read_text())
    assert told["verdict"] == "passed" and left(docker_host, told["placement"]) == []


def test_a_doctor_says_what_it_found_and_what_to_do(dockyard: Dockyard) -> None:
    told = _one(dockyard, "doctor")
    assert {"engine", "gate", "disk", "address pools", "clock"} <= {row["what"] for row in told}
    assert all(row["do"] for row in told if row["grade"] != "ok")
    assert "engine" in dockyard("doctor").stdout
