"""A check that is repeated inside one exec: when it ends, what it reports, what it costs, what it leaves behind."""

from __future__ import annotations

import ctypes
import itertools
import os
import resource
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dockyard.engines.gate import arguments
from dockyard.engines.gate.arguments import Until
from dockyard.engines.gate.gate import TIMED_OUT, Tries, Try


def collect(gate, *argv: str, within: float = 20, before_exec: Callable[[], None] | None = None) -> tuple[list[Try], str]:
    """Let a loop end by itself."""
    process = gate.begin(*argv, before_exec=before_exec)
    out = process.stdout.read()
    process.wait(within)
    tries = Tries()
    return tries.feed(out), tries.ended


def test_it_ends_with_the_first_success(gate, tmp_path: Path) -> None:
    script = "echo try; echo x >> n; test $(wc -l < n) -ge 3"
    tries, why = collect(gate, *arguments.loop(["sh", "-c", script], until=Until.OK))
    assert [t.exit_code for t in tries] == [1, 1, 0]
    assert [t.output for t in tries] == [b"try\n"] * 3
    assert why == "until"


def test_it_goes_on_after_a_success_when_nothing_else_is_said(gate) -> None:
    tries, why = collect(gate, *arguments.loop(["true"], count=4))
    assert [t.exit_code for t in tries] == [0, 0, 0, 0]
    assert why == "count"


def test_times_are_those_of_the_tries(gate) -> None:
    tries, _ = collect(gate, *arguments.loop(["sleep", "0.1"], count=3, cost=0, age=0))
    for before, after in itertools.pairwise(tries):
        assert 0.1 <= before.took < 1
        assert 0.009 <= after.at - before.ended < 0.5


def test_pauses_grow_with_what_the_check_costs(gate) -> None:
    tries, _ = collect(gate, *arguments.loop(["sleep", "0.1"], count=3, cost=2, age=0))
    assert all(0.2 <= after.at - before.ended < 1 for before, after in itertools.pairwise(tries))


def test_pauses_grow_with_the_time_that_has_passed_and_have_a_longest(gate) -> None:
    tries, _ = collect(gate, *arguments.loop(["true"], total=1.5, cost=0, age=0.5, longest=0.2))
    pauses = [after.at - before.ended for before, after in itertools.pairwise(tries)]
    assert pauses[0] < 0.05
    assert 0.2 <= max(pauses) < 0.3


def test_a_try_that_takes_too_long_is_killed_with_all_that_it_started(gate, tmp_path: Path) -> None:
    script = "sleep 55 & echo $! > left; echo begun; sleep 55"
    tries, _ = collect(gate, *arguments.loop(["sh", "-c", script], timeout=0.3, count=1))
    assert tries[0].exit_code == TIMED_OUT
    assert 0.3 <= tries[0].took < 10
    assert tries[0].output == b"begun\n"
    assert not Path(f"/proc/{(tmp_path / 'left').read_text().strip()}").exists()


def test_a_check_that_a_signal_ended_counts_128_more(gate) -> None:
    tries, _ = collect(gate, *arguments.loop(["sh", "-c", "kill -TERM $$"], count=1))
    assert tries[0].exit_code == 128 + signal.SIGTERM


def test_a_check_that_cannot_be_started_fails_and_says_why(gate) -> None:
    tries, _ = collect(gate, *arguments.loop(["/no/such/check"], count=1))
    assert tries[0].exit_code == 127
    assert b"cannot start /no/such/check: no such file" in tries[0].output


def test_a_checks_output_is_cut_and_the_check_is_not_held_up_by_it(gate) -> None:
    tries, _ = collect(gate, *arguments.loop(["sh", "-c", "head -c 3000000 /dev/zero; echo e >&2"], count=2))
    assert [t.exit_code for t in tries] == [0, 0]
    assert [len(t.output) for t in tries] == [4096, 4096]


def test_a_check_that_leaves_something_behind_on_its_output_is_over_when_it_ends(gate) -> None:
    tries, _ = collect(gate, *arguments.loop(["sh", "-c", "sleep 3 & echo done"], count=1))
    assert tries[0].took < 2.5
    assert tries[0].output == b"done\n"


def test_orphans_of_checks_are_taken_in(gate) -> None:
    process = gate.begin(*arguments.loop(["sh", "-c", "sleep 0.05 & :"]))
    time.sleep(0.8)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    states = [Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] for pid in children if Path(f"/proc/{pid}").exists()]
    process.stdin.close()
    process.wait(5)
    assert states.count("Z") <= 1


@pytest.mark.parametrize("how", ["end", "byte"])
@pytest.mark.parametrize("check", ["sleep 0.01", "sleep 50"])
def test_it_ends_when_it_is_told_to(gate, how: str, check: str) -> None:
    process = gate.begin(*arguments.loop(["sh", "-c", f"echo $$ > pid; exec {check}"], pause=0.2))
    time.sleep(0.3)
    begun = time.monotonic()
    if how == "end":
        process.stdin.close()
    else:
        process.stdin.write(b"\n")
        process.stdin.flush()
    out = process.stdout.read()
    assert process.wait(5) == 0
    assert time.monotonic() - begun < 10
    tries = Tries()
    tries.feed(out)
    assert tries.ended == "told"
    check_pid = int((gate.folder / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(check_pid, 0)


def test_it_ends_by_itself_at_last(gate) -> None:
    begun = time.monotonic()
    _, why = collect(gate, *arguments.loop(["false"], total=0.5))
    assert why == "total"
    assert time.monotonic() - begun > 0.4


def test_it_ends_when_nobody_reads_any_more(gate) -> None:
    process = gate.begin(*arguments.loop(["true"]))
    process.stdout.close()
    assert process.wait(5) == 0


def test_a_file_that_appears(gate, tmp_path: Path) -> None:
    process = gate.begin(*arguments.loop(file="ready", until=Until.OK))
    time.sleep(0.2)
    (tmp_path / "ready").touch()
    tries = Tries()
    found = tries.feed(process.stdout.read())
    assert [t.exit_code for t in found] == [1] * (len(found) - 1) + [0]
    assert len(found) > 5


def forbid_netlink() -> None:
    """A seccomp filter: socket(AF_NETLINK, …) is not permitted, as in sandboxes whose kernel knows no sock_diag."""
    number = {"x86_64": 41, "aarch64": 198}[os.uname().machine]
    load, equal, give = 0x20, 0x15, 0x06
    program = [
        (load, 0, 0, 0),
        (equal, 0, 3, number),
        (load, 0, 0, 16),
        (equal, 0, 1, 16),
        (give, 0, 0, 0x00050001),
        (give, 0, 0, 0x7FFF0000),
    ]
    code = b"".join(struct.pack("HBBI", *line) for line in program)
    room = ctypes.create_string_buffer(code)
    filters = struct.pack("HxxxxxxP", len(program), ctypes.addressof(room))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, filters, 0, 0):
        raise OSError(ctypes.get_errno(), "no seccomp")


@pytest.mark.parametrize("sandboxed", [False, True])
@pytest.mark.parametrize(
    ("family", "address", "counts"),
    [
        (socket.AF_INET, "127.0.0.1", False),
        (socket.AF_INET, "127.0.0.53", False),
        (socket.AF_INET, "0.0.0.0", True),
        (socket.AF_INET6, "::1", False),
        (socket.AF_INET6, "::ffff:127.0.0.1", False),
        (socket.AF_INET6, "::", True),
    ],
)
def test_a_port_counts_when_it_listens_on_an_address_other_than_loopback(
    gate, family: int, address: str, counts: bool, sandboxed: bool
) -> None:
    before_exec = forbid_netlink if sandboxed else None
    with socket.socket(family) as listener:
        listener.bind((address, 0))
        port = listener.getsockname()[1]
        before, _ = collect(gate, *arguments.loop(["true"], ports=[1, port], count=1), before_exec=before_exec)
        listener.listen()
        after, _ = collect(gate, *arguments.loop(["true"], ports=[1, port], count=1), before_exec=before_exec)
    assert [before[0].listening, after[0].listening] == [False, counts]


def test_whether_a_port_listens_is_looked_up_before_the_check_is_run(gate, tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))
        port = listener.getsockname()[1]
        process = gate.begin(
            *arguments.loop(["sh", "-c", "touch checked; sleep 0.3"], ports=[port], until=Until.OK | Until.LISTENING)
        )
        while not (tmp_path / "checked").exists():
            time.sleep(0.005)
        listener.listen()
        found = Tries().feed(process.stdout.read())
    assert found[0].listening is False
    assert (found[-1].exit_code, found[-1].listening) == (0, True)


def test_a_check_comes_seldom_until_a_port_listens_and_at_once_then(gate) -> None:
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))
        argv = arguments.loop(["sleep", "0.5"], ports=[listener.getsockname()[1]], until=Until.OK | Until.LISTENING, age=0)
        process = gate.begin(*argv)
        time.sleep(0.8)
        begun = time.monotonic()
        listener.listen()
        found = Tries().feed(process.stdout.read())
        assert time.monotonic() - begun < 1.5, "its own next time is after two seconds"
    assert [t.listening for t in found] == [False, True]


def test_a_check_comes_at_its_longest_pause_where_no_port_ever_listens(gate) -> None:
    found, _ = collect(gate, *arguments.loop(["sleep", "0.05"], ports=[1], total=1.0, longest=0.1, age=0))
    assert 5 <= len(found) <= 7


def test_without_a_check_the_port_is_what_is_waited_for(gate) -> None:
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))
        process = gate.begin(*arguments.loop(ports=[listener.getsockname()[1]], until=Until.OK, repeated=60))
        time.sleep(0.2)
        listener.listen()
        found = Tries().feed(process.stdout.read())
    assert [(t.exit_code, t.listening) for t in found] == [(1, False), (0, True)]


@pytest.mark.parametrize("sandboxed", [False, True])
def test_the_port_is_found_among_hundreds(gate, sandboxed: bool) -> None:
    others = []
    try:
        for _ in range(400):
            other = socket.socket()
            other.bind(("127.0.0.1", 0))
            other.listen()
            others.append(other)
        with socket.socket() as listener:
            listener.bind(("0.0.0.0", 0))
            listener.listen()
            argv = arguments.loop(ports=[listener.getsockname()[1]], count=1)
            found, _ = collect(gate, *argv, before_exec=forbid_netlink if sandboxed else None)
            assert found[0].listening
    finally:
        for other in others:
            other.close()


def test_a_loop_costs_little(gate) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = gate.begin(*arguments.loop(ports=[1], total=2, repeated=60))
    process.stdout.read()
    process.wait(10)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.2


def test_a_check_sees_plain_signals_no_stdin_and_no_descriptors_of_ours(gate) -> None:
    script = "grep -E '^Sig(Blk|Ign)' /proc/self/status; readlink /proc/self/fd/0; ls /proc/self/fd | wc -l"
    here = subprocess.run(["sh", "-c", script], stdin=subprocess.DEVNULL, capture_output=True, start_new_session=True, check=True)
    found, _ = collect(gate, *arguments.loop(["sh", "-c", script], count=1))
    assert found[0].output == here.stdout


def test_the_environment_is_the_execs(gate) -> None:
    process = gate.begin(*arguments.loop(["env"], count=1), env={"PATH": os.environ["PATH"], "a.b": "c"})
    assert b"a.b=c" in Tries().feed(process.stdout.read())[0].output
