"""The pytest plugin on a real engine, in pytests of their own: who has which environment, what a failure shows, and that nothing is left."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.support.runs import left, nothing_left

pytest_plugins = ["pytester"]
pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]

COMPOSE = """\
name: plugged
services:
  db: {image: "redis:7", x-dockyard: {ready: {tcp: 6379}}}
  side:
    image: busybox:1.36
    command: [sh, -c, "mkfifo /say; while :; do cat /say; done"]
    x-dockyard: {ready: {file: /say}}
"""
HEAD = """\
import os, pathlib, pytest, time

def note(env):
    folder = pathlib.Path(os.environ["IDS"])
    (folder / f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{env.id}").touch()

def say(env, text):
    env.exec("side", f"echo {text} > /say", check=True)
    while text not in str(env.since({}, 200)):
        time.sleep(0.05)

"""


class Project:
    """A folder with a Compose file, in which pytest is run."""

    def __init__(self, pytester: pytest.Pytester, host: str) -> None:
        self._pytester, self.host = pytester, host
        self.ids = pytester.mkdir("ids")
        self.path = pytester.path
        (self.path / "compose.yaml").write_text(COMPOSE)
        (self.path / "pytest.ini").write_text(
            "[pytest]\naddopts = -p no:cacheprovider\nasyncio_default_fixture_loop_scope = function\n"
        )

    def run(self, tests: str, *argv: str) -> pytest.RunResult:
        (self.path / "test_it.py").write_text(HEAD + tests)
        return self._pytester.runpytest_subprocess(*argv, timeout=200)

    def noted(self) -> set[tuple[str, str]]:
        """Who had which environment."""
        return {(name.split("-", 1)[0], name.split("-", 1)[1]) for name in os.listdir(self.ids)}

    def nothing_left(self) -> bool:
        noted = {environment for _, environment in self.noted()}
        return bool(noted) and all(nothing_left(self.host, environment) for environment in noted)


@pytest.fixture
def project(docker_host: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("DOCKER_HOST", docker_host)
    monkeypatch.setenv("XDG_STATE_HOME", str(pytester.path / "state"))
    monkeypatch.setenv("IDS", str(pytester.path / "ids"))
    return Project(pytester, docker_host)


def test_tests_have_one_environment_a_marker_another_and_a_failure_shows_its_own_time(project: Project) -> None:
    found = project.run("""\
@pytest.fixture
def env(dockyard_environment):
    note(dockyard_environment)
    return dockyard_environment

def test_one(env):
    assert env.services == ("db", "side")
    say(env, "first")

def test_two(env):
    say(env, "second")
    assert not "this one fails"

@pytest.mark.dockyard("db")
def test_three(env):
    assert env.services == ("db",)

def test_four():
    assert not "this one uses none"
""")
    found.assert_outcomes(passed=2, failed=2)
    said = found.stdout.str()
    (section,) = re.findall(r"-+ dockyard: side \(plugged-\w+\) -+\n(.*)\n", said)
    assert section == "second", "neither what was said before nor what another test's failure has to do with"
    assert "test_three" not in said
    assert len(project.noted()) == 2
    assert project.nothing_left()


WORKERS = """\
@pytest.mark.parametrize("number", range(6))
def test_it(dockyard_environment, number):
    note(dockyard_environment)
    dockyard_environment.exec("db", ["redis-cli", "incr", "n"], check=True)
    # until the other worker has been here too
    while len({name.split("-")[0] for name in os.listdir(os.environ["IDS"])}) < 2:
        time.sleep(0.05)
"""


def test_workers_take_an_environment_each(project: Project) -> None:
    project.run(WORKERS, "-n2", "--dockyard-service", "db").assert_outcomes(passed=6)
    assert len({worker for worker, _ in project.noted()}) == len({environment for _, environment in project.noted()}) == 2
    assert project.nothing_left()


def test_workers_share_one_that_outlives_a_worker_which_is_killed(project: Project) -> None:
    found = project.run(
        WORKERS
        + """\

def test_words_come_back_whole(dockyard_environment, tmp_path):
    import dockyard
    env = dockyard_environment
    assert isinstance(env, dockyard.Environment)
    with pytest.raises(dockyard.UserError, match="no service 'dbb'"):
        env.address("dbb")
    with pytest.raises(dockyard.CommandFailed, match="exited with 3") as caught:
        env.exec("db", "exit 3", check=True)
    assert caught.value.exit_code == 3
    assert next(env.follow("db"))
    (tmp_path / "here").write_text("x")
    os.chdir(tmp_path)
    env.copy_in("db", "here", "/tmp/there")
    assert env.copy_out("db", "/tmp/there", "out").read_text() == "x"
    assert env.read("db", "/tmp/there") == b"x"

def test_killed():
    os.kill(os.getpid(), 9)

def test_after(dockyard_environment):
    note(dockyard_environment)
    assert int(dockyard_environment.exec("db", ["redis-cli", "get", "n"]).text) >= 1
""",
        "-n2",
        "--dockyard-xdist=shared",
        "--dockyard-service=db",
    )
    found.assert_outcomes(passed=8, failed=1)
    assert len({environment for _, environment in project.noted()}) == 1
    assert project.nothing_left()


DIES = """\
name: plugged
services:
  dies: {image: "busybox:1.36", command: [sh, -c, "mkfifo /end; read x < /end; echo why >&2; exit 3"], x-dockyard: {ready: {file: /end}}}
"""
ENDS = """\
def test_it(dockyard_environment):
    note(dockyard_environment)
    dockyard_environment.exec("dies", "echo > /end")
    assert dockyard_environment.wait_exit("dies") == 3
"""


def test_a_service_that_died_is_told_though_all_tests_passed_whoever_holds_it(project: Project) -> None:
    (project.path / "compose.yaml").write_text(DIES)
    alone = project.run(ENDS)
    alone.assert_outcomes(passed=1, errors=1)
    shared = project.run(ENDS, "-n1", "--dockyard-xdist=shared")
    shared.assert_outcomes(passed=1)
    for found in alone, shared:
        assert found.ret == pytest.ExitCode.TESTS_FAILED
        assert "dies exited with 3 while it was needed" in found.stdout.str()
    assert project.nothing_left()


def test_an_environment_that_does_not_stand_is_told_once_without_a_trace(project: Project) -> None:
    (project.path / "compose.yaml").write_text(
        'services: {db: {image: "redis:7", command: [redis-server, --bogus], x-dockyard: {ready: {tcp: 6379}}}}'
    )
    found = project.run(
        "def test_a(dockyard_environment): pass\ndef test_b(dockyard_environment): pass", "-n2", "--dockyard-xdist=shared"
    )
    found.assert_outcomes(errors=2)
    said = found.stdout.str()
    assert "db exited with 1 before it was ready" in said and "Bad directive" in said
    assert "site-packages" not in said and "opening.py" not in said
    assert len(os.listdir(project.path / "dockyard-report")) == 1, "it was not tried again"
    wrong = project.run("@pytest.mark.dockyard(files='x')\ndef test_a(dockyard_environment): pass")
    assert "test_it.py::test_a: the marker dockyard takes names of services, file= and profile=, not files=" in wrong.stdout.str()


def test_one_is_kept_for_a_failed_test_and_can_be_used_again(project: Project) -> None:
    failing = """\
def test_it(dockyard_function_environment):
    note(dockyard_function_environment)
    assert dockyard_function_environment.exec("db", ["redis-cli", "incr", "n"]).text == "2"
def test_well(dockyard_module_environment):
    note(dockyard_module_environment)
"""
    words = ("--dockyard-keep=failure", "--dockyard-keep-for=5m", "--dockyard-service=db")
    project.run(failing, *words).assert_outcomes(passed=1, failed=1)
    kept = [environment for _, environment in project.noted() if left(project.host, environment)]
    try:
        assert len(kept) == 1 and len(project.noted()) == 2, "only the one whose test failed"
        again = project.run(failing, "--dockyard-attach", kept[0], "test_it.py::test_it")
        again.assert_outcomes(passed=1)
        assert left(project.host, kept[0]), "it stood before, and goes on standing"
    finally:
        for environment in kept:
            subprocess.run([Path(sys.executable).parent / "dockyard", "env", "rm", environment], check=True, capture_output=True)
    assert project.nothing_left()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_pytest_that_is_stopped_leaves_nothing(project: Project, how: signal.Signals) -> None:
    (project.path / "test_it.py").write_text(
        HEAD + "def test_it(dockyard_environment):\n    note(dockyard_environment)\n    time.sleep(600)\n"
    )
    words = ["-n1", "--dockyard-xdist=shared"] if how is signal.SIGKILL else []
    command = [sys.executable, "-m", "pytest", "--dockyard-service=db", *words]
    process = subprocess.Popen(
        command, cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        while not project.noted():
            assert process.poll() is None, process.stdout.read() if process.stdout else ""
            time.sleep(0.05)
        if how is signal.SIGKILL:
            os.killpg(process.pid, how)  # as a CI system does: the workers too
        else:
            process.send_signal(how)
        process.wait(60)
    finally:
        process.kill()
    assert all(nothing_left(project.host, environment, within=60) for _, environment in project.noted())
