"""`./dev check`: what can be said about the code without running it. Each part prints one line, or what is wrong."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from dev import acceptance, docs, venv
from dev.paths import ROOT

PARTS = ("lint", "format", "imports", "acceptance", "docs", "types")


def main(name: str, argv: list[str]) -> int:
    parser = argparse.ArgumentParser("dev check", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="|".join(PARTS))
    parser.add_argument("--fix", action="store_true", help="format, and repair what ruff can")
    options = parser.parse_args(argv)
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}")
    return 1 if run(tuple(options.parts) or PARTS, fix=options.fix) else 0


def run(parts: tuple[str, ...] = PARTS, *, fix: bool = False) -> list[str]:
    """The names of the parts that found something."""
    failed: list[str] = []
    for part in parts:
        begun = time.monotonic()
        wrong = _CHECKS[part](fix)
        print(f"check {part:<11}{'FAILED' if wrong else 'ok'} ({time.monotonic() - begun:.1f} s)", flush=True)
        if wrong:
            failed.append(part)
            print(wrong.rstrip(), flush=True)
    return failed


def _lint(fix: bool) -> str:
    return _program("ruff", "check", "--quiet", *(["--fix"] if fix else []), ".")


def _format(fix: bool) -> str:
    return _program("ruff", "format", "--quiet", *([] if fix else ["--check", "--diff"]), ".")


def _imports(fix: bool) -> str:
    return _program("lint-imports", "--no-cache")


def _types(fix: bool) -> str:
    return _program("pyright", "--pythonpath", sys.executable)


def _program(name: str, *arguments: str) -> str:
    """What it said, where it was not content."""
    command = [str(venv.ensure() / "bin" / name), *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=venv.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return (done.stdout + done.stderr or f"{name} ended with {done.returncode}") if done.returncode else ""


_CHECKS = {
    "lint": _lint,
    "format": _format,
    "imports": _imports,
    "acceptance": lambda fix: "\n".join(acceptance.problems(ROOT)),
    "docs": lambda fix: "\n".join(docs.problems(ROOT)),
    "types": _types,
}
