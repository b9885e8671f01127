"""The gate's program for this machine, and a process that waits in it."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

import pytest

from dockyard.engines.gate import build


@pytest.fixture(scope="session")
def program() -> str:
    """DOCKYARD_TEST_GATE names another one, e.g. a script that runs the one for aarch64 in an emulator."""
    if os.environ.get("DOCKYARD_TEST_GATE"):
        return os.environ["DOCKYARD_TEST_GATE"]
    arch = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    if platform.system() != "Linux" or arch not in build.ARCHITECTURES:
        pytest.skip("the gate is a Linux program for x86_64 and aarch64")
    return str(build.build(os.environ)[arch])


class Gate:
    """Runs the program with pipes."""

    def __init__(self, program: str, folder: Path) -> None:
        self.program = program
        self.folder = folder
        self.begun: list[subprocess.Popen[bytes]] = []

    def begin(self, *argv: str, env: dict[str, str] | None = None, **options: object) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [self.program, *argv],
            stdin=options.get("stdin", subprocess.PIPE),  # type: ignore[arg-type]
            stdout=options.get("stdout", subprocess.PIPE),  # type: ignore[arg-type]
            stderr=options.get("stderr", subprocess.PIPE),  # type: ignore[arg-type]
            env=env,
            cwd=self.folder,
            start_new_session=True,
            preexec_fn=options.get("before_exec"),  # type: ignore[arg-type]
        )
        self.begun.append(process)
        return process

    def run(self, *argv: str, send: bytes = b"\n", env: dict[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
        process = self.begin(*argv, env=env)
        out, err = process.communicate(send, timeout=20)
        return subprocess.CompletedProcess(argv, process.returncode, out, err)


@pytest.fixture
def gate(program: str, tmp_path: Path):
    made = Gate(program, tmp_path)
    yield made
    for process in made.begun:
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()
