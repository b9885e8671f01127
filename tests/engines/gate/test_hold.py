"""The gate that holds a process: what lets it go, what ends it, and that what comes out of it is the plain process."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from dockyard.engines.gate import arguments
from dockyard.engines.gate import gate as said

HOLD = arguments.hold(limit=60)

DESCRIBE = """
import json, os, sys
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps({
    "argv": sys.argv,
    "env": open("/proc/self/environ", "rb").read().decode("latin-1"),
    "cwd": os.getcwd(),
    "fds": {n: os.readlink(f"/proc/self/fd/{n}") for n in ("1", "2")},
    "open": sorted(os.listdir("/proc/self/fd")),
    "signals": {k: status[k].strip() for k in ("SigBlk", "SigIgn", "SigCgt", "SigPnd", "ShdPnd")},
    "group": os.getpgid(0) == os.getsid(0),
}))
"""


def wait_for_hold(process: subprocess.Popen[bytes]) -> None:
    """Until the program sits in its poll with all signals blocked."""
    for _ in range(1000):
        with open(f"/proc/{process.pid}/status") as status:
            if "SigBlk:\tfffffffffffbfeff" in status.read():
                return
        time.sleep(0.002)
    raise AssertionError("the gate did not come to wait")


def test_nothing_runs_before_the_byte_and_all_after_it(gate, tmp_path: Path) -> None:
    process = gate.begin(*HOLD, "touch", "begun")
    wait_for_hold(process)
    time.sleep(0.05)
    assert not (tmp_path / "begun").exists()
    process.communicate(b"\n", timeout=10)
    assert process.returncode == 0
    assert (tmp_path / "begun").exists()


def test_the_process_is_the_plain_one(gate, tmp_path: Path) -> None:
    argv = [sys.executable, "-c", DESCRIBE, "a b", "", "*", "ü"]
    env = {"PATH": os.environ["PATH"], "discovery.type": "single-node", "EMPTY": "", "with-dash": "1", "NEWLINE": "a\nb"}
    plain = subprocess.Popen(
        argv,
        env=env,
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    expected, _ = plain.communicate()
    gated = gate.run(*HOLD, *argv, env=env)
    assert gated.stderr == b""
    normal = [__import__("re").sub(rb"pipe:\[\d+\]", b"pipe", text) for text in (expected, gated.stdout)]
    assert normal[0] == normal[1]
    assert b"discovery.type=single-node" in gated.stdout


def test_stdin_is_dev_null_afterwards(gate) -> None:
    done = gate.run(*HOLD, "sh", "-c", "readlink /proc/self/fd/0; wc -c", send=b"\nmore\n")
    assert done.stdout.split() == [b"/dev/null", b"0"]


def test_stdin_is_kept_where_the_process_reads_it(gate) -> None:
    done = gate.run(*arguments.hold(limit=60, keep_stdin=True), "cat", send=b"\nfor the process\n")
    assert done.stdout == b"for the process\n"


@pytest.mark.parametrize("number", [n for n in range(1, 65) if n not in (signal.SIGKILL, signal.SIGSTOP)])
def test_every_signal_ends_it_with_143(gate, number: int) -> None:
    process = gate.begin(*HOLD, "true")
    wait_for_hold(process)
    process.send_signal(number)
    assert process.wait(5) == 143


def test_it_gives_up_by_itself(gate) -> None:
    process = gate.begin(*arguments.hold(limit=1), "true")
    begun = time.monotonic()
    assert process.wait(5) == said.TIRED
    assert time.monotonic() - begun > 0.9
    assert "nobody came" in said.complaint(process.stderr.read())


def test_a_closed_stdin_is_told_and_not_waited_for(gate) -> None:
    process = gate.begin(*HOLD, "true", stdin=subprocess.DEVNULL)
    assert process.wait(5) == 125
    assert "standard input is closed" in said.complaint(process.stderr.read())


def test_exit_codes_are_the_processes_own(gate) -> None:
    assert gate.run(*HOLD, "sh", "-c", "exit 37").returncode == 37
    assert gate.run(*HOLD, "sh", "-c", "kill -SEGV $$").returncode == -signal.SIGSEGV


@pytest.fixture
def unstartable(tmp_path: Path) -> dict[str, tuple[str, int]]:
    for name, content, mode in (
        ("not-executable", "#!/bin/sh\n", 0o644),
        ("no-shebang", "echo hi\n", 0o755),
        ("no-interpreter", "#!/no/such/thing\n", 0o755),
    ):
        path = tmp_path / name
        path.write_text(content)
        path.chmod(mode)
    return {
        "absent": ("/no/such/program", 127),
        "absent from PATH": ("no-such-program", 127),
        "empty": ("", 127),
        "not executable": (str(tmp_path / "not-executable"), 126),
        "a folder": (str(tmp_path), 126),
        "no shebang": (str(tmp_path / "no-shebang"), 126),
        "no interpreter": (str(tmp_path / "no-interpreter"), 127),
    }


@pytest.mark.parametrize(
    "case", ["absent", "absent from PATH", "empty", "not executable", "a folder", "no shebang", "no interpreter"]
)
def test_a_process_that_cannot_be_started_is_told_so_that_it_is_recognised(gate, unstartable, case: str) -> None:
    name, code = unstartable[case]
    done = gate.run(*HOLD, name)
    assert done.returncode == code
    assert said.could_not_start(done.stderr)
    assert name in said.complaint(done.stderr)


def test_a_service_that_ends_with_127_itself_is_not_taken_for_one_that_could_not_be_started(gate) -> None:
    done = gate.run(*HOLD, "sh", "-c", "no-such-thing")
    assert done.returncode == 127
    assert not said.could_not_start(done.stderr)


def test_a_program_is_looked_up_as_runc_does(gate, tmp_path: Path) -> None:
    for folder, mode in (("first", 0o644), ("second", 0o755), ("third", 0o755)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "tool").write_text(f"#!/bin/sh\necho {folder} $0\n")
        (tmp_path / folder / "tool").chmod(mode)
    (tmp_path / "zeroth" / "tool").mkdir(parents=True)
    path = ":".join(str(tmp_path / folder) for folder in ("none", "zeroth", "first", "second", "third"))
    done = gate.run(*HOLD, "tool", env={"PATH": path})
    assert done.stdout.split()[0] == b"second"


def _on_a_terminal(program: str, *argv: str) -> tuple[int, int]:
    pid, master = pty.fork()
    if pid == 0:
        os.execv(program, [program, *argv])
    return pid, master


def _until(condition) -> None:
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.005)
    raise AssertionError("it did not come true")


def _echoes(master: int) -> bool:
    return bool(termios.tcgetattr(master)[3] & termios.ECHO)


def test_a_terminal_shows_nothing_while_it_waits_and_is_as_before_afterwards(program: str) -> None:
    pid, master = _on_a_terminal(program, *arguments.hold(limit=60, tty=True), "sh", "-c", "tty >/dev/null && stty -a; cat")
    try:
        _until(lambda: not _echoes(master))
        os.write(master, b"\n")
        _until(lambda: _echoes(master))
        shown = b""
        while b"echo" not in shown.partition(b"icanon")[2]:
            shown += os.read(master, 4096)
        assert not shown.startswith((b"\r", b"\n"))
        assert b" -echo " not in shown
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(master)


def test_a_new_size_of_the_terminal_does_not_end_it(program: str) -> None:
    pid, master = _on_a_terminal(program, *arguments.hold(limit=60, tty=True), "sh", "-c", "exit 5")
    try:
        _until(lambda: not _echoes(master))
        os.kill(pid, signal.SIGWINCH)
        time.sleep(0.1)
        os.write(master, b"\n")
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 5
    finally:
        os.close(master)
