"""`./dev test [PYTEST ARGS]`: all that holds the promises, on real engines.

Without arguments: the checks, then every test on its engines. With arguments they go to pytest, and the checks are left to
`./dev check`. The engines that were started for it are stopped at the end. The last lines name every test that was
skipped and why, and count; DOCKYARD_NO_SKIP=1 makes a skipped test a failed one. DOCKYARD_TEST_MODERN=0 leaves the newest
engine out, DOCKYARD_TEST_PODMAN=0 Podman.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

from dev import check, engine, images, modern, plugins, podman, venv
from dev.dockerd import Engine
from dev.paths import ROOT
from dev.process import heed_signals

LIMIT = 80 * 60  # seconds for pytest as a whole: below the 90 minutes that CI gives


def main(name: str, argv: list[str]) -> int:
    begun = time.monotonic()
    wrong = [] if argv else check.run()
    with contextlib.ExitStack() as stack:
        environ, remarks = _world(stack)
        print(f"test: ready after {time.monotonic() - begun:.0f} s", flush=True)
        code, counts, skipped = _pytest(argv, environ)
    for line in (*remarks, *skipped):
        print(f"skipped: {line}")
    if wrong:
        print(f"failed: check {' '.join(wrong)} (./dev check)")
    print(f"test: {time.monotonic() - begun:.0f} s", flush=True)
    print("{} passed, {} failed, {} skipped".format(*counts), flush=True)
    return code or (1 if wrong or (remarks and os.environ.get("DOCKYARD_NO_SKIP") == "1") else 0)


def _world(stack: contextlib.ExitStack) -> tuple[dict[str, str], list[str]]:
    """Engines with their images, and docker compose: (what tests see of it, what could not be had and why)."""
    environ, remarks = venv.environment(), []
    with _remark(remarks, "docker compose"):
        environ["PATH"] = f"{plugins.folder()}{os.pathsep}{environ['PATH']}"
    with _remark(remarks, "tests on an engine"):
        host, started = engine.ensure()
        if started:
            stack.callback(Engine().stop)
        environ["DOCKER_HOST"] = host
        images.load(host, [])
    if os.environ.get("DOCKYARD_TEST_PODMAN") != "0":
        with _remark(remarks, "tests on Podman"):
            third = Engine("podman", "podman")
            if os.geteuid() != 0:
                raise RuntimeError("a private Podman needs root")
            podman.install()
            if third.start():
                stack.callback(third.stop)
    if os.environ.get("DOCKYARD_TEST_MODERN") != "0":
        with _remark(remarks, "tests on the modern engine"):
            second = Engine("modern", "modern")
            if reason := modern.why_not():
                raise RuntimeError(reason)
            if second.start():
                stack.callback(second.stop)
            images.load(second.host, [])
    return environ, remarks


@contextlib.contextmanager
def _remark(remarks: list[str], part: str):
    """A part that can't be had here is named with the reason; its tests then skip themselves."""
    try:
        yield
    except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
        remarks.append(f"{part}: {error}")


def _pytest(argv: list[str], environ: dict[str, str]) -> tuple[int, tuple[int, int, int], list[str]]:
    with tempfile.TemporaryDirectory(prefix="dockyard-test-") as folder:
        report = Path(folder, "junit.xml")
        # -c and --rootdir: pytest's own settings are the checkout's, whatever folder the caller is in.
        settings = ["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), "--continue-on-collection-errors"]
        command = [sys.executable, "-m", "pytest", *settings, f"--junitxml={report}"]
        options = {"cwd": ROOT, "env": environ, "stdin": subprocess.DEVNULL, "preexec_fn": heed_signals}
        with subprocess.Popen([*command, *argv], **options) as process:
            try:
                code = process.wait(LIMIT)
            except subprocess.TimeoutExpired:
                print(f"test: ended after {LIMIT // 60} minutes", file=sys.stderr)
                process.terminate()
                code = process.wait() or 1
            except KeyboardInterrupt:
                code = process.wait()
        if not report.exists():
            return code or 1, (0, 0, 0), []
        return (code, *_read(report))


def _read(report: Path) -> tuple[tuple[int, int, int], list[str]]:
    cases = list(ElementTree.parse(report).iter("testcase"))
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    skipped = [case for case in cases if case.find("skipped") is not None and case not in failed]
    lines = [f"{case.get('classname')}::{case.get('name')}: {case.find('skipped').get('message')}" for case in skipped]  # type: ignore[union-attr]
    return (len(cases) - len(failed) - len(skipped), len(failed), len(skipped)), lines
