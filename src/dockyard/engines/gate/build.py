"""`python -m dockyard.engines.gate.build`: the gate's programs, from C, into `bin/` beside this file.

For x86_64 and aarch64 by ziglang where it is installed; else the compiler of this machine makes the one for its own architecture. Both make
the same freestanding program of some 8 KB. What was built is kept outside the tree, by the hash of its source: the compiler runs once.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
BIN = HERE / "bin"
ARCHITECTURES = ("x86_64", "aarch64")
SOURCES = ("gate.c", "hold.c", "loop.c", "relay.c", "listening.c")
HEADERS = ("gate.h", "sys.h")

_FLAGS = (
    "-std=gnu11 -Os -s -static -nostdlib -ffreestanding -fno-builtin -fno-stack-protector -fno-asynchronous-unwind-tables"
    " -ffunction-sections -fdata-sections -fno-pie -no-pie -Wall -Wextra -Werror -Wl,--gc-sections -Wl,--build-id=none"
).split()
_ZIG = ["-fno-sanitize=all", "-Wl,-z,max-page-size=4096"]
_GCC = ["-fno-tree-loop-distribute-patterns", "-Wl,-z,max-page-size=4096", "-Wl,-z,noseparate-code"]


class CannotBuild(Exception):
    """Why, and what to do."""


def main(argv: list[str]) -> int:
    """`--check`: say whether what is in `bin/` is of this source, build nothing."""
    if "--check" in argv:
        stale = [arch for arch in ARCHITECTURES if not current(arch)]
        print(f"gate: {'out of date: ' + ', '.join(stale) if stale else 'up to date'}")
        return 1 if stale else 0
    try:
        for arch, path in build(os.environ).items():
            print(f"gate: {arch}: {path.stat().st_size} bytes")
    except CannotBuild as error:
        print(f"gate: {error}", file=sys.stderr)
        return 1
    return 0


def build(environment: Mapping[str, str]) -> dict[str, Path]:
    """Bring `bin/` up to date; what is there, by architecture. CannotBuild where not even this machine's own can be made."""
    BIN.mkdir(exist_ok=True)
    made: dict[str, Path] = {}
    for arch in ARCHITECTURES:
        if not current(arch):
            kept = _cache(environment) / f"gate-{arch}-{digest()}"
            if not kept.exists():
                if not (_has_zig() or _native(arch)):
                    print(f"gate: no program for {arch}: ziglang is not installed", file=sys.stderr)
                    continue
                _compile(arch, kept)
            _place(kept, path(arch))
            path(arch).with_suffix(".source").write_text(digest())
        made[arch] = path(arch)
    if not made:
        raise CannotBuild("no compiler: pip install ziglang, or install gcc")
    return made


def current(arch: str) -> bool:
    note = path(arch).with_suffix(".source")
    return path(arch).exists() and note.exists() and note.read_text() == digest()


def path(arch: str) -> Path:
    return BIN / f"gate-{arch}"


def digest() -> str:
    """Of all that shapes the programs."""
    found = hashlib.sha256()
    for name in (*SOURCES, *HEADERS):
        found.update((HERE / name).read_bytes() + b"\0")
    found.update(" ".join((*_FLAGS, *_ZIG, *_GCC)).encode())
    return found.hexdigest()[:16]


def _compile(arch: str, to: Path) -> None:
    sources = [str(HERE / name) for name in SOURCES]
    if _has_zig():
        compiler = [sys.executable, "-m", "ziglang", "cc", "-target", f"{arch}-linux-musl", *_ZIG]
    else:
        found = shutil.which("gcc") or shutil.which("cc")
        if found is None:
            raise CannotBuild("no compiler: pip install ziglang, or install gcc")
        compiler = [found, *_GCC]
    handle, name = tempfile.mkstemp(dir=to.parent)
    os.close(handle)
    try:
        done = subprocess.run(
            [*compiler, *_FLAGS, "-o", name, *sources], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise CannotBuild(f"the compiler refuses ({arch}):\n{done.stderr.strip()}")
        os.chmod(name, 0o755)
        os.replace(name, to)
    finally:
        Path(name).unlink(missing_ok=True)


def _place(kept: Path, to: Path) -> None:
    """A copy that appears whole: a run beside us may read it just now."""
    handle, name = tempfile.mkstemp(dir=to.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(kept.read_bytes())
    os.chmod(name, 0o755)
    os.replace(name, to)


def _cache(environment: Mapping[str, str]) -> Path:
    base = environment.get("XDG_CACHE_HOME") or os.path.join(environment.get("HOME") or tempfile.gettempdir(), ".cache")
    folder = Path(base) / "dockyard" / "gate"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return BIN
    return folder


def _has_zig() -> bool:
    return importlib.util.find_spec("ziglang") is not None


def _native(arch: str) -> bool:
    return (
        platform.system() == "Linux"
        and {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine()) == arch
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
