"""`./dev bench`: the benchmarks of bench/, on the tests' engine, against docker compose and the bare Engine API."""

from __future__ import annotations

import subprocess
import sys

from dev import engine, images, plugins, venv
from dev.dockerd import Engine
from dev.paths import ROOT


def main(name: str, argv: list[str]) -> int:
    """`argv` goes to bench/__main__.py."""
    if not (ROOT / "bench" / "__main__.py").exists():
        print("dev: there is no bench/__main__.py", file=sys.stderr)
        return 2
    environ = venv.environment()
    environ["PATH"] = f"{plugins.folder()}:{environ['PATH']}"
    host, started = engine.ensure()
    try:
        images.load(host, [])
        command = [sys.executable, str(ROOT / "bench"), *argv]
        return subprocess.run(command, cwd=ROOT, env={**environ, "DOCKER_HOST": host}, check=False).returncode
    finally:
        if started:
            Engine().stop()
