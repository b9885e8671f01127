"""Kill a whole run with -9 at a given moment around a given engine call, and see what is left, and for how long."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import msgspec
from tests.support.wire import Moment, Wire

from dev.api import call

UNDER_WAY = 1.5
"""Seconds for what the engine was at when its caller was killed, and goes on with: a sweep in the middle of it sees nothing yet."""

DOCKYARD = str(Path(sys.executable).parent / "dockyard")
VICTIM = """\
services:
  db:
    image: redis:7
    volumes: ["data:/data"]
    healthcheck: {test: [CMD, redis-cli, ping], interval: 1s}
  test:
    image: redis:7
    command: [redis-cli, -h, db, ping]
    depends_on: {db: {condition: service_healthy}}
volumes: {data: {}}
x-dockyard: {test: [test]}
"""
BUILT = """\
services:
  app: {build: {dockerfile_inline: "FROM busybox:1.36\\nRUN echo made > /made"}, command: [sleep, "600"]}
  sut: {image: busybox:1.36, command: ["true"], depends_on: [app]}
"""


class Killed(msgspec.Struct, frozen=True, kw_only=True):
    """One kill: at which call (`call` as the request line, "" when the run ended before it), and after how long nothing was left."""

    number: int
    moment: str
    call: str
    seconds: float
    calls: int


async def kill_at(
    folder: Path,
    engine: str,
    number: int,
    moment: Moment,
    *,
    guard_too: bool,
    within: float,
    file: str = VICTIM,
    words: tuple[str, ...] = (),
) -> Killed:
    """Run, kill, wait. `guard_too`: the watchdog is killed as well, and one `dockyard sweep` must do. Raises when something is left.

    What the run has left standing by, whole, is dropped at the end: it is no leftover.
    """
    place = folder / f"kill-{number}-{moment}-{'sweep' if guard_too else 'guard'}"
    place.mkdir(parents=True, exist_ok=True)
    (place / "compose.yaml").write_text(file)
    with tempfile.TemporaryDirectory(prefix="dockyard-wire-") as sockets:
        path = Path(sockets) / "docker.sock"
        process: asyncio.subprocess.Process | None = None

        def strike(call: str) -> None:
            assert process is not None
            if guard_too:
                for pid in _session_mates(place):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)

        async with Wire(path, engine.removeprefix("unix://"), at=number, moment=moment, strike=strike) as wire:
            env = {**os.environ, "DOCKER_HOST": f"unix://{path}", "DOCKYARD_KILL_TEST": str(place)}
            process = await asyncio.create_subprocess_exec(
                DOCKYARD,
                "test",
                *words,
                cwd=place,
                env=env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            await process.wait()
            killed_at = time.monotonic()
            if guard_too:
                await asyncio.sleep(UNDER_WAY)
                await _dockyard(place, engine, "sweep")
            else:
                while _session_mates(place):
                    if time.monotonic() - killed_at > within:
                        raise RuntimeError(f"the guard of a run killed {moment} {wire.struck} still works after {within} s")
                    await asyncio.sleep(0.05)
            seconds = time.monotonic() - killed_at
            if "--standby" in words:
                await _dockyard(place, engine, "standby", "drop")
            return Killed(number=number, moment=str(moment), call=wire.struck, seconds=seconds, calls=len(wire.calls))


async def _dockyard(place: Path, engine: str, *words: str) -> None:
    process = await asyncio.create_subprocess_exec(
        DOCKYARD,
        *words,
        cwd=place,
        env={**os.environ, "DOCKER_HOST": engine},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"dockyard {' '.join(words)} exited with {process.returncode}: {said.decode()}")


def objects(host: str) -> set[str]:
    """Every object of the engine but Dockyard's shared cache and dangling build layers."""
    found = {f"container {c['Names']}" for c in call(host, "GET", "/containers/json?all=1")}
    found |= {f"network {n['Name']}" for n in call(host, "GET", "/networks")}
    found |= {
        f"volume {v['Name']}"
        for v in call(host, "GET", "/volumes")["Volumes"] or ()
        if "dockyard.cache" not in (v["Labels"] or {})
    }
    tagged = (
        t for i in call(host, "GET", "/images/json") for t in (i["RepoTags"] or ()) if "dockyard.cache" not in (i["Labels"] or {})
    )
    return found | {f"image {t}" for t in tagged}


def _session_mates(place: Path) -> list[int]:
    """Every process that carries the mark of this kill in its environment."""
    mark = f"DOCKYARD_KILL_TEST={place}".encode()
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
    return found
