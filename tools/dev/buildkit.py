"""A new BuildKit daemon, for Dockerfiles that the engine's own BuildKit is too old for (here documents, named contexts).

Built from its Go module, kept outside the tree by version; about a minute of two cores the first time.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from dev import modern, process
from dev.paths import cache, lock

MODULE, VERSION = "github.com/moby/buildkit", "v0.34.2"


def main(name: str, argv: list[str]) -> int:
    try:
        print(build())
    except RuntimeError as error:
        print(f"dev: {error}", file=sys.stderr)
        return 1
    return 0


def build() -> Path:
    """The program. It runs as root beside any engine, with the runc of `modern` or Debian's in its PATH."""
    target = cache("buildkit", VERSION) / "buildkitd"
    with lock("buildkit"):
        if not target.exists():
            _build(target)
    return target


def why_not() -> str | None:
    if (cache("buildkit", VERSION) / "buildkitd").exists() or shutil.which("go"):
        return None
    return "buildkitd is built with Go, which is not installed"


def _build(target: Path) -> None:
    if reason := why_not():
        raise RuntimeError(reason)
    print(f"dev: building {MODULE}@{VERSION}", file=sys.stderr)
    environ = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod"}
    # `go install MODULE@VERSION` refuses: its go.mod replaces modules. A module of ours that requires it does not.
    with tempfile.TemporaryDirectory() as folder:
        for command in (
            ["go", "mod", "init", "dockyard-dev/buildkitd"],
            ["go", "get", f"{MODULE}/cmd/buildkitd@{VERSION}"],
            [*modern.NICE, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", f"{target}.new", f"{MODULE}/cmd/buildkitd"],
        ):
            process.quietly(list(command), target.parent / "build.log", cwd=folder, env=environ)
    Path(f"{target}.new").rename(target)
