"""Resolve the lock files anew. They hold versions and hashes, never a registry's address."""

from __future__ import annotations

import subprocess

from dev.paths import ROOT
from dev.venv import uv

OPTIONS = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--no-header")


def main(name: str, argv: list[str]) -> int:
    """`argv` goes to uv: `--upgrade`, `--upgrade-package NAME`."""
    for extra, target in ((), "run.lock"), (("--extra", "dev"), "dev.lock"):
        command = [*uv(), "pip", "compile", "--quiet", *OPTIONS, *extra, *argv, "pyproject.toml"]
        subprocess.run([*command, "-o", f"requirements/{target}"], cwd=ROOT, check=True)
    own = [*uv(), "pip", "compile", "--quiet", *OPTIONS, "--no-annotate", *argv, "-", "-o", "requirements/uv.lock"]
    subprocess.run(own, cwd=ROOT, check=True, input="uv\n", text=True)
    return 0
