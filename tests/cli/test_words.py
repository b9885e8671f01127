"""Words on the command line: what they may be, what is said of those that are wrong, and that the help is one to work by."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from tests.cli.conftest import DOCKYARD, Dockyard

from dockyard.cli import table

STANDALONE = ("history", "schema", "completion", "config")


@pytest.mark.parametrize("command", [c.name for c in table.COMMANDS])
def test_each_command_explains_itself_with_examples_that_parse(command: str, dockyard: Dockyard) -> None:
    done = dockyard(command, "--help")
    assert done.returncode == 0 and done.stderr == ""
    found = table.find(command)
    assert found is not None and found.examples and "examples:" in done.stdout
    for line, _ in found.examples:
        assert line in done.stdout
        if line.startswith(f"dockyard {command}"):
            words = line.split(" -- ")[0].split(" | ")[0].split()[2:]
            found.parser().parse_args(words)


def test_the_overview_names_every_command(dockyard: Dockyard) -> None:
    for words, code in (((), 2), (("--help",), 0), (("help",), 0), (("-h",), 0)):
        done = dockyard(*words)
        assert done.returncode == code
        assert all(f"  {command.name} " in done.stdout for command in table.COMMANDS)
    assert "usage: dockyard test" in dockyard("help", "test").stdout
    assert dockyard("--version").stdout.startswith("dockyard ")


@pytest.mark.parametrize(
    ("words", "what", "hint"),
    [
        (["tset"], "there is no command 'tset'", "did you mean test?"),
        (["test", "--kep"], "dockyard test takes no --kep", "did you mean --keep?"),
        (["env", "ls", "--jso"], "takes no --jso", "did you mean --json?"),
        (["env"], "needs ls|show", "dockyard env --help"),
        (["env", "show"], "needs ENVIRONMENT", "dockyard env show --help"),
        (["test", "--timeout", "abc"], "--timeout: 'abc' is no duration", "90s, 30m, 1h30m"),
        (["test", "--timeout", "0s"], "is no time to wait", "more than 0"),
        (["test", "--memory", "4x"], "--memory: '4x' is no size", "512m, 4g"),
        (["test", "--cpus=-1"], "--cpus: '-1' is no number above 0", "--help"),
        (["test", "--pids", "many"], "'many' is no whole number above 0", "--help"),
        (["test", "--keep=sometimes"], "--keep takes failure or always, not 'sometimes'", "--keep=failure"),
        (["test", "--", "no-such-program", "x"], "no-such-program: there is no such command here", "run on this machine"),
        (["test", "--"], "no command stands after --", "-- CMD"),
        (["test", "--for", "1h"], "--for says how long an environment is kept, and none is", "add --keep"),
        (["test", "--pull", "often"], "invalid choice: 'often'", "--help"),
        (["test", "-f", "nope.yaml"], "nope.yaml: cannot read the file", ""),
        (["test", "swb"], "no such service: swb", ""),
        (["test", "wbe"], "no such service: wbe", "did you mean 'web'?"),
        (["plan", "--host", "ftp://x"], "ftp://x", ""),
        (["history", "-n", "-5"], "'-5' is no whole number above 0", ""),
        (["schema", "nothing"], "invalid choice: 'nothing'", ""),
        (["completion", "tcsh"], "invalid choice: 'tcsh'", ""),
        (["test", "-H", "unix:///x", "--context", "y"], "name two engines", "give one of them"),
    ],
)
def test_wrong_words_end_with_2_and_say_what_is_wrong_and_what_would_be_right(
    words: list[str], what: str, hint: str, dockyard: Dockyard
) -> None:
    done = dockyard(*words)
    assert done.returncode == 2, done.stderr
    assert done.stdout == "" and what in done.stderr and hint in done.stderr
    assert "Traceback" not in done.stderr and done.stderr.startswith("dockyard: ")


@pytest.mark.parametrize("words", [["test", "--kep"], ["test", "-f", "nope.yaml"], ["env", "--nope"], ["test", "--keep=x"]])
def test_with_json_what_is_wrong_is_one_document(words: list[str], dockyard: Dockyard) -> None:
    done = dockyard(*words, "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["verdict"], told["code"], done.stderr) == (2, "usage", 2, "")
    assert told["problems"][0]["what"]


def test_everything_that_is_wrong_in_a_file_is_told_at_once_with_its_place(folder: Path, dockyard: Dockyard) -> None:
    (folder / "compose.yaml").write_bytes(b"services:\r\n  web:\r\n    imge: x\r\n    ports: [no]\r\n")
    done = dockyard("test")
    assert done.returncode == 2
    assert "compose.yaml:3:5: services.web.imge" in done.stderr and "did you mean 'image'?" in done.stderr
    assert "compose.yaml:4:" in done.stderr and "problems; nothing was started" in done.stderr


@pytest.mark.parametrize("words", [["test"], ["up"], ["env", "ls"], ["sweep"], ["down"]])
def test_without_an_engine_the_end_is_5_with_the_address_and_what_to_do(words: list[str], dockyard: Dockyard) -> None:
    done = dockyard(*words)
    assert done.returncode == 5
    assert "/nowhere/docker.sock" in done.stderr and "dockyard doctor" in done.stderr
    told = json.loads(dockyard(*words, "--json").stdout)
    assert (told["verdict"], told["code"]) == ("infrastructure", 5)


def test_a_plan_needs_no_engine_and_says_when_none_was_asked(dockyard: Dockyard) -> None:
    done = dockyard("plan")
    assert done.returncode == 0 and "no engine answers" in done.stdout
    assert "release        sut" in done.stdout and "3 containers; tests: sut (the service named sut)" in done.stdout
    told = json.loads(dockyard("plan", "--json").stdout)
    assert (told["project"], told["engine"], told["plan"]["tests"]) == ("shop", "", ["sut"])
    assert dockyard("plan", "--quiet").stdout.count("\n") == 1
    host = dockyard("plan", "--", "pytest").stdout
    assert "tests: none (the host command is the test)" in host and "sut" not in host.replace("(the", "")
    assert dockyard("test", "--dry-run").stdout == done.stdout


def test_a_file_may_come_from_standard_input(dockyard: Dockyard) -> None:
    done = dockyard("plan", "-f", "-", stdin="services: {only: {image: x}}")
    assert done.returncode == 0 and "1 container" in done.stdout


def test_who_reads_may_stop_reading(folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        f"{DOCKYARD} schema compose | head -1",
        shell=True,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == "" and done.stdout.startswith("{")


def test_a_fault_of_our_own_is_70_with_a_report_that_can_be_sent(
    folder: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    program = (
        "import sys; from dockyard.cli import history, main; history.run = lambda given: 1 / 0; sys.exit(main.main(['history']))"
    )
    python = str(Path(DOCKYARD).parent / "python")
    env = {**environment, "TMPDIR": str(tmp_path)}
    done = subprocess.run([python, "-c", program], cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 70
    assert "ZeroDivisionError" in done.stderr and "Traceback" not in done.stderr
    (report,) = tmp_path.glob("dockyard-internal-*.txt")
    assert str(report) in done.stderr and "Traceback" in report.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_before_anything_is_started_is_an_abort_too(number: signal.Signals, folder: Path) -> None:
    program = [DOCKYARD, "config", "-f", "-"]
    process = subprocess.Popen(program, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _until_it_minds(process.pid, signal.SIGTERM)
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, b"")


def _until_it_minds(pid: int, number: signal.Signals) -> None:
    """Until the process has a handler of its own for the signal (proc(5), SigCgt)."""
    limit = time.monotonic() + 30
    while time.monotonic() < limit:
        status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
        if int(status["SigCgt"], 16) & 1 << (number - 1):
            return
        time.sleep(0.01)
    raise AssertionError(f"it never came to mind {number.name}")


@pytest.mark.engine
def test_a_report_folder_that_cannot_be_had_is_told_before_anything_is_started(dockyard: Dockyard, docker_host: str) -> None:
    done = dockyard("test", "--report", "/proc/nothing", env={"DOCKER_HOST": docker_host})
    assert done.returncode == 2 and "/proc/nothing" in done.stderr and "--report" in done.stderr


@pytest.mark.parametrize(
    ("words", "starts"), [(["verdict"], "verdict"), (["event"], "event"), (["x-dockyard"], ""), (["compose"], "")]
)
def test_schemas_are_json_schemas(words: list[str], starts: str, dockyard: Dockyard) -> None:
    told = json.loads(dockyard("schema", *words).stdout)
    assert "$schema" in told and starts in json.dumps(told)


@pytest.mark.parametrize("words", [("plan",), ("config",), ("schema", "verdict")])
def test_what_can_not_be_written_is_told_and_is_no_fault_of_ours(
    words: tuple[str, ...], folder: Path, environment: dict[str, str]
) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [DOCKYARD, *words], cwd=folder, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 5 and "could not be written: No space left" in done.stderr and "fault" not in done.stderr, (
        done.stderr
    )


def test_words_and_times_of_any_locale_do_not_break_what_is_said(dockyard: Dockyard) -> None:
    done = dockyard("plan", env={"LC_ALL": "C", "LANG": "C", "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0 and os.linesep in done.stdout
