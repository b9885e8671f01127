"""The newest Docker Engine, built from its Go modules: so that "any engine a user has" is tested on two of them.

Its containerd and runc are built too: Debian's are too old for it. Kept outside the tree, by version; four minutes of
two cores the first time, so niced, and one program after the other.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from pathlib import Path

from dev import plugins, process
from dev.paths import cache, lock

NICE = ("nice", "-n", "19")
PROGRAMS = (
    # (module of the command, version, build tags, whether it needs cgo)
    ("github.com/moby/moby/v2/cmd/dockerd", "v2.0.0-beta.24", "exclude_graphdriver_btrfs no_btrfs", False),
    ("github.com/moby/moby/v2/cmd/docker-proxy", "v2.0.0-beta.24", "", False),
    ("github.com/containerd/containerd/v2/cmd/containerd", "v2.4.2", "no_btrfs", False),
    ("github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2", "v2.4.2", "no_btrfs", False),
    ("github.com/opencontainers/runc", "v1.5.2", "seccomp", True),
)


def build() -> Path:
    """The folder of dockerd, containerd, its shim and runc; built where they are missing."""
    if folder := present():
        return folder
    with lock("modern"):
        return present() or _build()


def present() -> Path | None:
    folder = _folder()
    return folder if (folder / "complete").exists() else None


def why_not() -> str | None:
    """Why it can't be built here, or None."""
    if present():
        return None
    if os.geteuid() != 0:
        return "the modern engine needs root"
    return None if shutil.which("go") else "the modern engine is built with Go, which is not installed"


def _build() -> Path:
    if reason := why_not():
        raise RuntimeError(reason)
    if not Path("/usr/include/seccomp.h").exists():
        plugins.apt_install("libseccomp-dev", "pkg-config", "gcc", "libc6-dev")
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    for module, version, tags, cgo in PROGRAMS:
        if not (folder / module.rpartition("/")[2]).exists():
            print(f"dev: building {module}@{version}", file=sys.stderr)
            environ = {**os.environ, "GOBIN": str(folder), "CGO_ENABLED": str(int(cgo)), "GOFLAGS": ""}
            named = f"-X github.com/moby/moby/v2/dockerversion.Version={version[1:]}"
            flags = ["-tags", tags, "-trimpath", f"-ldflags=-s -w {named}"]
            command = [*NICE, "go", "install", *flags, f"{module}@{version}"]
            process.quietly(command, folder / "build.log", env=environ, cwd=folder)
    (folder / "complete").touch()
    return folder


def _folder() -> Path:
    return cache("modern") / hashlib.sha256(repr(PROGRAMS).encode()).hexdigest()[:12]
