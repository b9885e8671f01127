"""The example after an edit to its API: its second `dockyard test` against its first, cold, both to the moment its tests begin.

Its images are built beforehand by `docker build`, so that no figure has a build in it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from bench.figures import Row, median, spread
from bench.programs import DOCKYARD, ROOT, dockyard_test

TIMES, AIM = 4, 10
EDITED = ("api",)
BUILT = {
    "api": EDITED,
    "web": ("web",),
    "worker": ("worker",),
    "migrations": ("migrate",),
    "tests": ("api-tests", "browser-tests"),
}
"""By image of the example: the services that are built so."""
CONTEXTS = {"tests": ("tests",)} | {part: ("app", "--target", part) for part in BUILT if part != "tests"}
FILES = ("-f", "compose.yaml", "-f", "built.yaml")


def measure(folder: Path, rounds: int) -> list[Row]:
    project = _copy(folder / "edited-shop")
    first: list[float] = []
    second: list[float] = []
    stood: list[int] = []
    try:
        for number in range(rounds):
            _build(project)
            cold = dockyard_test(project, *FILES, "--no-build", "--standby")
            first.append(cold.phases["tests_begun"] - cold.phases["begun"])
            with (project / "app" / "shop" / "api.py").open("a") as code:
                code.write(f"\nEDIT = {number}\n")
            _build(project)
            edited = dockyard_test(project, *FILES, "--no-build", "--standby")
            there = {service["key"]: service["made"] for service in edited.verdict["services"]}
            if {key for key, how in there.items() if how == "cold"} != set(EDITED):
                raise RuntimeError(f"made anew was not what was edited: {there}\n{edited.output}")
            second.append(edited.phases["tests_begun"] - edited.phases["begun"])
            stood.append(sum(how == "standby" for how in there.values()))
            if {service["made"] for service in cold.verdict["services"]} != {"cold"}:
                raise RuntimeError(f"the first was not cold\n{cold.output}")
            _drop(project)
    finally:
        _drop(project)
    faster = median(first) / median(second)
    return [
        Row(
            "the example after an edit to its API, builds apart: its second `dockyard test --standby` to tests begun",
            f"{spread(second)}: **{faster:.1f}× faster**; {min(stood)} of its 10 containers stood by",
            f"its first, cold: {spread(first)}",
            f"{TIMES}× faster",
            f"{AIM}×",
            faster >= TIMES,
            faster >= AIM,
        )
    ]


def _copy(project: Path) -> Path:
    shutil.copytree(ROOT / "examples" / "shop", project, ignore=shutil.ignore_patterns("dockyard-report", "__pycache__"))
    lines = [f"  {service}: {{image: {_image(part)}}}" for part, services in BUILT.items() for service in services]
    # A check that is believed at its own time may meet the server that a database initialises with, where the machine is slow.
    lines += [f"  {name}: {{healthcheck: {{interval: 60s, start_interval: 60s}}}}" for name in ("orders-db", "stock-db")]
    (project / "built.yaml").write_text("\n".join(["services:", *lines, ""]))
    return project


def _image(part: str) -> str:
    return f"dockyard-bench-{part}-{os.getpid()}"


def _build(project: Path) -> None:
    for part in BUILT:
        command = ["docker", "build", "--quiet", "--tag", _image(part), *CONTEXTS[part]]
        subprocess.run(command, cwd=project, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _drop(project: Path) -> None:
    """What stands by and the kept data: the next first run is a cold one again."""
    for words in (("standby", "drop"), ("snapshot", "rm")):
        subprocess.run([DOCKYARD, *words, "-q", *FILES], cwd=project, check=False)
