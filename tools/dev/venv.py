"""The virtual environment of a checkout: outside the tree, exactly what requirements/dev.lock says, plus the project.

One per checkout and lock file (uv links the files from one cache, so a second one costs a second), made under a
temporary name and moved into place last of all: an interrupted attempt is never taken for a finished one. The gate's
programs are built here too, once per state of their source.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from dev.paths import ROOT, cache, lock

LOCK = ROOT / "requirements" / "dev.lock"
GATE = ROOT / "src" / "dockyard" / "engines" / "gate"


def main(name: str, argv: list[str]) -> int:
    folder = ensure()
    if name == "venv":
        print(folder)
        return 0
    command = folder / "bin" / (argv[0] if argv else "dockyard")
    if not command.exists():
        print(f"dev: the environment has no {command.name}", file=sys.stderr)
        return 1
    print(command)
    return 0


def ensure() -> Path:
    """The environment's folder, made where it is missing."""
    folder = _folder()
    if not (folder / "complete").exists():
        with lock(folder.name):
            if not (folder / "complete").exists():
                _make(folder)
                _prune()
    _build_gate(folder)
    return folder


def environment() -> dict[str, str]:
    """What a command inside the environment sees: its programs first, what they keep in our cache.

    Bytecode is kept, as it is where Dockyard is installed, whatever this shell says of it, but beside the checkout.
    """
    folder = _folder()
    return {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "PYTHONPYCACHEPREFIX": str(cache("bytecode")),
        "VIRTUAL_ENV": str(folder),
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYRIGHT_PYTHON_CACHE_DIR": str(cache("pyright")),
        "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1",
        "ZIG_GLOBAL_CACHE_DIR": str(cache("zig")),
    }


def uv() -> list[str]:
    """uv, of the locked version, in an environment of its own."""
    pinned = ROOT / "requirements" / "uv.lock"
    folder = cache("uv") / _digest(pinned.read_bytes(), sys.version.encode())
    if not (folder / "complete").exists():
        with lock("uv"):
            if not (folder / "complete").exists():
                shutil.rmtree(folder, ignore_errors=True)
                _run(sys.executable, "-m", "venv", str(folder))
                pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
                _run(*pip, "--require-hashes", "-r", str(pinned))
                (folder / "complete").touch()
    return [str(folder / "bin" / "uv"), "--cache-dir", str(cache("uv-cache"))]


def _folder() -> Path:
    pyproject = (ROOT / "pyproject.toml").read_bytes().split(b"[tool.")[0]
    name = _digest(LOCK.read_bytes(), pyproject, str(ROOT).encode(), ".".join(map(str, sys.version_info[:3])).encode())
    return cache("venv") / name


def _make(folder: Path) -> None:
    print("dev: making the virtual environment", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    program = uv()
    python = str(folder / "bin" / "python")
    # The interpreter beneath, so that an environment is never built on another environment.
    _run(*program, "venv", "--quiet", "--python", getattr(sys, "_base_executable", sys.executable), str(folder))
    _run(*program, "pip", "sync", "--quiet", "--python", python, "--require-hashes", str(LOCK))
    editable = ["pip", "install", "--quiet", "--python", python, "--no-deps", "--no-build-isolation", "--editable"]
    _run(*program, *editable, str(ROOT))
    (folder / "checkout").write_text(str(ROOT))
    (folder / "complete").touch()


def _prune() -> None:
    """Forget environments whose checkout is gone."""
    for note in cache("venv").glob("*/checkout"):
        if not Path(note.read_text(), "dev").exists():
            shutil.rmtree(note.parent, ignore_errors=True)


def _build_gate(folder: Path) -> None:
    if not (GATE / "build.py").exists():
        return
    sources = sorted(p for p in GATE.rglob("*") if p.suffix in (".c", ".h") or p.name == "build.py")
    stamp = GATE / ".built"  # beside what is built: a new clone in an old place has neither
    digest = _digest(*(p.read_bytes() for p in sources))
    if stamp.exists() and stamp.read_text() == digest:
        return
    with lock("gate"):
        print("dev: building the gate", file=sys.stderr)
        environ = environment()
        python = str(folder / "bin" / "python")
        build = [python, "-m", "dockyard.engines.gate.build"]
        if subprocess.run(build, check=False, env=environ, stdout=sys.stderr).returncode:
            # Everything else can still be worked on; the tests of the gate and of the wheel fail.
            print("dev: the gate could not be built", file=sys.stderr)
            return
        stamp.write_text(digest)


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=sys.stderr)
