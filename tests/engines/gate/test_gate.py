"""What the gate's program says, read; the program as an archive; its build."""

from __future__ import annotations

import io
import itertools
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockyard.engines.gate import arguments, build, gate
from dockyard.model.errors import Fatal

OUTPUTS = st.lists(st.tuples(st.integers(0, 255), st.booleans(), st.binary(max_size=60)), max_size=6)


@given(said=OUTPUTS, cuts=st.lists(st.integers(0, 1000), max_size=10))
def test_tries_are_read_wherever_the_bytes_are_cut(said: list[tuple[int, bool, bytes]], cuts: list[int]) -> None:
    wire = b"B\n"
    for code, listening, output in said:
        wire += b"R e %d 1500000 2500 %d %d\n" % (code, listening, len(output)) + output
    wire += b"E u\n"
    at = [0, *sorted(c % (len(wire) + 1) for c in cuts), len(wire)]
    tries = gate.Tries()
    found = [t for a, b in itertools.pairwise(at) for t in tries.feed(wire[a:b])]
    assert [(t.exit_code, t.listening, t.output) for t in found] == said
    assert all((t.at, t.took) == (1.5, 0.0025) for t in found)
    assert (tries.began, tries.ended) == (True, "until")


@pytest.mark.parametrize(
    "wire",
    [b"hello\n", b"R e 0 0 0 0 99999\n", b"R e 0 0 0 0 5000\n", b"R q 0 0 0 0 0\n", b"x" * 200, b"B\nB\n", b"R e 0 0 0 0 -1\n"],
)
def test_what_is_no_loops_output_is_refused(wire: bytes) -> None:
    with pytest.raises(gate.Garbled):
        gate.Tries().feed(wire)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("dockyard gate: cannot start /app: permission denied", True),
        (b"2026-11-23T12:00:26.150102762Z dockyard gate: cannot start x: not found in PATH\r\n", True),
        ("dockyard gate: nobody came to let this go on", False),
        ("sh: no-such-thing: not found", False),
        ("", False),
    ],
)
def test_the_gates_own_complaint_is_recognised(line: str | bytes, expected: bool) -> None:
    assert gate.could_not_start(line) is expected


def test_a_service_that_only_mentions_a_start_is_not_taken_for_the_gate() -> None:
    assert not gate.could_not_start("cannot start the engine: no fuel")


def test_the_archive_holds_one_program_that_anybody_may_run(program: str) -> None:
    archive = gate.archive("amd64")
    assert archive == gate.archive("x86_64")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        (member,) = tar.getmembers()
        assert (member.name, member.mode, member.uid, member.gid) == ("gate", 0o555, 0, 0)
        assert tar.extractfile(member).read() == gate.program("amd64")  # type: ignore[union-attr]


@pytest.mark.parametrize(("arch", "machine"), [("amd64", 0x3E), ("arm64", 0xB7)])
def test_there_is_a_small_static_program_for_both_architectures(program: str, arch: str, machine: int) -> None:
    content = gate.program(arch)
    assert content[:4] == b"\x7fELF"
    assert int.from_bytes(content[18:20], "little") == machine
    assert b"/lib/ld-" not in content
    assert len(content) < 16 * 1024


@pytest.mark.parametrize("arch", ["riscv64", "s390x"])
def test_an_architecture_without_a_gate_is_told_by_name(arch: str) -> None:
    with pytest.raises(Fatal, match=arch):
        gate.archive(arch)
    assert gate.architecture(arch) == ""


def test_a_missing_program_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match=r"dockyard\.engines\.gate\.build"):
        gate.program("amd64", tmp_path)


def test_the_digest_names_the_program(program: str) -> None:
    assert gate.digest("amd64") == gate.digest("x86_64") != gate.digest("arm64")


def test_the_command_says_whether_the_programs_are_of_this_source(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dockyard.engines.gate.build", "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "gate: up to date\n")


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc here")
def test_gcc_makes_the_same_program_where_zig_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "_has_zig", lambda: False)
    made = tmp_path / "gate"
    build._compile(os.uname().machine, made)
    assert made.stat().st_size < 16 * 1024
    held = subprocess.run([made, *arguments.hold(limit=5), "sh", "-c", "exit 9"], input=b"\n", check=False)
    assert held.returncode == 9
    looped = subprocess.run(
        [made, *arguments.loop(["echo", "hi"], count=2)], stdin=subprocess.PIPE, capture_output=True, check=True
    )
    assert looped.returncode == 0


def test_options_are_written_in_the_units_that_the_program_reads() -> None:
    assert arguments.hold(limit=90.4) == ["hold", "-t90", "--"]
    assert arguments.hold(limit=0.1, tty=True) == ["hold", "-t1", "-k", "--"]
    found = arguments.loop(
        ["a"], ports=[80], until=arguments.Until.OK, timeout=2, pause=0.01, longest=1, cost=1.5, age=0.01, total=60
    )
    assert found == ["loop", "-i10000", "-x1000000", "-k150", "-a100", "-t2000", "-T60000", "-u1", "-p80", "--", "a"]
    assert arguments.relay(80, "localhost", limit=3) == ["relay", "-T3", "127.0.0.1", "80"]


def test_a_checks_own_options_are_not_taken_for_the_loops() -> None:
    assert arguments.loop(["-x"])[-2:] == ["--", "-x"]
