"""What stands by: the six-service chain claimed, claimed after an edit, and what it costs while it waits."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from bench import chain, direct
from bench.figures import Row, median, percentile, spread
from bench.programs import DOCKYARD, Told, dockyard_test

LEAST, AIM, TIMES = 0.3, 0.15, 5
EDITED, EDITED_AIM = 0.6, 0.4
CLAIMED, CLAIMED_AIM = 0.1, 0.04
MEMORY, MEMORY_AIM = 60, 40  # MB
CLAIMS = 20


def measure(folder: Path, rounds: int) -> list[Row]:
    project = chain.write(folder / "standby", "1s")
    host = os.environ["DOCKER_HOST"]
    text = (project / "compose.yaml").read_text()
    ours: list[float] = []
    edited: list[float] = []
    by_hand: list[float] = []
    try:
        dockyard_test(project, "--standby")
        for number in range(rounds):
            by_hand.append(direct.run(host, f"bench-standby-{os.getpid()}-{number}")[2])
            ours.append(_begun(dockyard_test(project, "--standby"), waited=6))
            # What an edit changes is one service's alone: c has one variable more, another in each round.
            (project / "compose.yaml").write_text(
                text.replace("  c: {<<: *service,", f'  c: {{<<: *service, environment: {{X: "{number}"}},')
            )
            edited.append(_begun(dockyard_test(project, "--standby"), waited=5))
            (project / "compose.yaml").write_text(text)
            _fill(project)
        memory = _memory(host)
        claims = asyncio.run(_claims(project, host))
    finally:
        subprocess.run([DOCKYARD, "standby", "drop", "-q"], cwd=project, check=False)
    return [_whole(ours, by_hand), _after_edit(edited), _claimed(claims), _waiting(memory)]


def _begun(told: Told, *, waited: int) -> float:
    """Seconds from before the claim to the tests' begin. A run that did not use what stood by has no figure."""
    there = sum(service["made"] == "standby" for service in told.verdict["services"])
    if there != waited:
        raise RuntimeError(f"{there} containers stood by, not {waited}:\n{told.output}")
    return told.phases["tests_begun"] - told.phases["begun"]


def _fill(project: Path) -> None:
    for words in (("drop",), ("fill",)):
        subprocess.run([DOCKYARD, "standby", *words, "-q"], cwd=project, check=True, stdout=subprocess.DEVNULL)


async def _claims(project: Path, host: str) -> list[float]:
    """Seconds that a claim takes, its checks included: what stands by is looked for, chosen and marked as ours."""
    from dockyard.engines.docker.engine import connect
    from dockyard.environments import standby
    from dockyard.environments.owner import myself
    from dockyard.environments.standby import Terms

    found: list[float] = []
    engine = await connect({"DOCKER_HOST": host})
    try:
        (one,) = [s for s in await engine.standing_by() if s.project == project.name]
        terms = Terms(pool=one.pool, frame=one.frame, secret=b"")
        for _ in range(CLAIMS):
            now, began = time.time(), time.perf_counter()
            claimed, why = await standby.claim(engine, terms, owner=str(myself()), deadline=int(now) + 60, now=now)
            found.append(time.perf_counter() - began)
            assert claimed is not None, why
            await engine.unmark(f"dockyard-mark-{claimed.placement}-claim")
    finally:
        await engine.close()
    return found


def _memory(host: str) -> float:
    """MB that the six containers that wait, their shims and their proxies use: cgroups and proportional set sizes."""
    from dev import api

    listed = api.call(host, "GET", '/containers/json?filters={"label":["dockyard.standby"]}')
    ids = [one["Id"] for one in listed]
    if len(ids) != 6:
        raise RuntimeError(f"{len(ids)} containers wait, not 6")
    total = sum(_cgroup(identity) for identity in ids)
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            total += _beside(process, ids, listed)
    return total / 1e6


def _cgroup(identity: str) -> int:
    for pattern in (
        f"/sys/fs/cgroup/memory/**/{identity}/memory.usage_in_bytes",
        f"/sys/fs/cgroup/**/*{identity}*/memory.current",
    ):
        for path in Path("/").glob(pattern.lstrip("/")):
            return int(path.read_text())
    raise RuntimeError(f"no cgroup of {identity[:12]} was found")


def _beside(process: Path, ids: list[str], listed: list[Any]) -> int:
    """The proportional set size of a shim or a proxy of these containers."""
    try:
        command = (process / "cmdline").read_bytes().decode(errors="replace")
        if "docker-proxy" not in command and "containerd-shim" not in command:
            return 0
        addresses = [n["IPAddress"] for one in listed for n in one["NetworkSettings"]["Networks"].values()]
        if not any(identity in command for identity in ids) and not any(address in command for address in addresses):
            return 0
        rollup = (process / "smaps_rollup").read_text()
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))


def _whole(ours: list[float], by_hand: list[float]) -> Row:
    faster = median(by_hand) / median(ours)
    return Row(
        "six-service chain all standing by, claim to tests begun",
        f"{spread(ours)}: **{faster:.1f}× faster**",
        f"the script that drives the Engine API, cold, to its test's start: {spread(by_hand)}",
        f"≤ {LEAST * 1000:.0f} ms, {TIMES}× faster",
        f"{AIM * 1000:.0f} ms",
        median(ours) <= LEAST and faster >= TIMES,
        median(ours) <= AIM,
    )


def _after_edit(edited: list[float]) -> Row:
    return Row(
        "the same after an edit to one of the six",
        spread(edited),
        "",
        f"≤ {EDITED * 1000:.0f} ms",
        f"{EDITED_AIM * 1000:.0f} ms",
        median(edited) <= EDITED,
        median(edited) <= EDITED_AIM,
    )


def _claimed(claims: list[float]) -> Row:
    worst = percentile(claims, 0.95)
    return Row(
        f"claim of a six-service environment, checks included, {CLAIMS} times",
        f"p95 {worst * 1000:.0f} ms; {spread(claims)}",
        "",
        f"p95 ≤ {CLAIMED * 1000:.0f} ms",
        f"{CLAIMED_AIM * 1000:.0f} ms",
        worst <= CLAIMED,
        worst <= CLAIMED_AIM,
    )


def _waiting(memory: float) -> Row:
    return Row(
        "memory of a six-service environment that stands by (cgroups, and shims by proportional set size)",
        f"{memory:.0f} MB",
        "",
        f"≤ {MEMORY} MB",
        f"{MEMORY_AIM} MB",
        memory <= MEMORY,
        memory <= MEMORY_AIM,
    )
