"""Expected results of tests/cases/dockerfiles, from BuildKit's own front end (tools/dockerfiles/main.go), built from its Go module.

A case is `NAME.dockerfile`, perhaps with `NAME.toml` (target, args, contexts, platform, build_platform, onbuild); what BuildKit says
of it becomes `NAME.json`. A new case needs no code.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from dev import modern, process
from dev.buildkit import MODULE, VERSION
from dev.paths import ROOT, cache, lock

CASES = ROOT / "tests" / "cases" / "dockerfiles"
SOURCE = ROOT / "tools" / "dockerfiles" / "main.go"
DEFAULTS = {"target": "", "args": {}, "contexts": {}, "platform": "linux/amd64", "build_platform": "linux/arm64", "onbuild": {}}


def main(name: str, argv: list[str]) -> int:
    """With file names: only these cases."""
    cases = [CASES / f"{word}.dockerfile" for word in argv] or sorted(CASES.glob("*.dockerfile"))
    try:
        found = ask([request(case) for case in cases])
    except RuntimeError as error:
        print(f"dev: {error}", file=sys.stderr)
        return 1
    for case, answer in zip(cases, found, strict=True):
        case.with_suffix(".json").write_text(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")
    print(f"{len(cases)} cases")
    return 0


def request(case: Path) -> dict[str, object]:
    """What is asked about a case: the defaults, and what its file beside it says."""
    beside = case.with_suffix(".toml")
    told = tomllib.loads(beside.read_text()) if beside.exists() else {}
    return {"text": case.read_bytes().decode(), **DEFAULTS, **told}


def ask(requests: list[dict[str, object]]) -> list[dict[str, object]]:
    """BuildKit's answers, in order."""
    sent = "".join(json.dumps(one) + "\n" for one in requests)
    done = subprocess.run([str(build())], input=sent, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"BuildKit's front end ended with {done.returncode}: {done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def build() -> Path:
    """The program; a minute of two cores where BuildKit's modules aren't compiled yet."""
    target = cache("buildkit", VERSION) / "dockerfiles"
    with lock("dockerfiles"):
        if not target.exists() or target.stat().st_mtime < SOURCE.stat().st_mtime:
            _build(target)
    return target


def _build(target: Path) -> None:
    if not shutil.which("go"):
        raise RuntimeError("BuildKit's front end is built with Go, which is not installed")
    environ = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod"}
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(SOURCE, folder)
        for command in (
            ["go", "mod", "init", "dockyard-dev/dockerfiles"],
            ["go", "get", f"{MODULE}@{VERSION}"],
            [*modern.NICE, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", f"{target}.new", "."],
        ):
            process.quietly(list(command), target.parent / "build.log", cwd=folder, env=environ)
    Path(f"{target}.new").rename(target)
