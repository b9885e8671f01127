"""`dockyard env …`: environments that stand, found by their labels on the engine, whoever made them."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from dockyard.api import settings as configuration
from dockyard.cli.display import tables
from dockyard.engines.protocol import Engine, Site
from dockyard.environments import keep
from dockyard.model.errors import Problem, UserError
from dockyard.record.printable import printable


def run(given: argparse.Namespace) -> int:
    return asyncio.run(_run(given))


async def _run(given: argparse.Namespace) -> int:
    from dockyard.engines.docker.engine import connect

    acts: dict[str, Callable[[argparse.Namespace, Engine], Awaitable[int]]] = {
        "ls": _ls,
        "show": _show,
        "logs": _logs,
        "exec": _exec,
        "extend": _extend,
        "rm": _rm,
    }
    engine = await connect(os.environ, host=given.host, context=given.context)
    try:
        return await acts[given.act](given, engine)
    finally:
        await engine.close()


async def _ls(given: argparse.Namespace, engine: Engine) -> int:
    there = await keep.standing(engine)
    now = time.time() + engine.facts.clock_offset
    if given.json:
        print(json.dumps([_as_data(s, now) for s in there]))
        return 0
    if not there:
        print("no environment stands here")
        return 0
    rows = [["environment", "project", "services", "running", "until", ""]]
    for one in there:
        state = "kept" if one.kept else "a run's"
        rows.append([one.placement, one.project, str(len(one.services)), str(one.running), _left(one.until - now), state])
    print("\n".join(tables.columns(rows)))
    return 0


def _as_data(one: keep.Standing, now: float) -> dict[str, Any]:
    return {
        "environment": one.placement,
        "project": one.project,
        "services": list(one.services),
        "running": one.running,
        "seconds_left": round(one.until - now),
        "kept": one.kept,
        "owner": one.owner,
    }


def _left(seconds: float) -> str:
    if seconds < 0:
        return "past its deadline"
    minutes = int(seconds // 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


async def _site(engine: Engine, wanted: str) -> Site:
    one = await keep.find(engine, wanted)
    site = await engine.existing(one.placement)
    if site is None:
        raise UserError(Problem(f"environment {one.placement} has gone"))
    return site


async def _show(given: argparse.Namespace, engine: Engine) -> int:
    one = await keep.find(engine, given.environment)
    site = await _site(engine, one.placement)
    there = await site.observe()
    reached = {key: dict(await site.published(key)) for key in there}
    now = time.time() + engine.facts.clock_offset
    if given.json:
        rows = [
            {"instance": k, "state": str(f.state), "exit_code": f.exit_code, "restarts": f.restarts, "addresses": reached[k]}
            for k, f in there.items()
        ]
        print(json.dumps({**_as_data(one, now), "instances": rows}))
        return 0
    print(f"{one.placement}: {one.project}, until in {_left(one.until - now)}{' (kept)' if one.kept else ''}")
    rows = [["instance", "state", "restarts", "reached at"]]
    for key, found in sorted(there.items()):
        state = f"{found.state} ({found.exit_code})" if str(found.state) == "exited" else str(found.state)
        rows.append([key, state, str(found.restarts), ", ".join(f"{port} at {where}" for port, where in reached[key].items())])
    print("\n".join(tables.columns(rows)))
    return 0


async def addresses(engine: Any, placement: str) -> list[str]:
    """`service: port at host:port` for each published port of an environment."""
    site = await engine.existing(placement)
    if site is None:
        return []
    found: list[str] = []
    for key in sorted(await site.observe()):
        found += [f"{key}: {port} at {where}" for port, where in (await site.published(key)).items()]
    return found


async def _logs(given: argparse.Namespace, engine: Engine) -> int:
    site = await _site(engine, given.environment)
    there = await site.observe()
    wanted = [k for k, f in there.items() if not given.services or {k, f.service} & {*given.services}]
    if not wanted:
        raise UserError(Problem(f"no such service: {', '.join(given.services)}", hint=f"there are: {', '.join(sorted(there))}"))

    async def one(key: str) -> None:
        rest: dict[str, bytes] = {}
        async for chunk in site.logs(key, follow=given.follow):
            *lines, rest[chunk.stream] = (rest.get(chunk.stream, b"") + chunk.data).split(b"\n")
            for line in lines:
                _print_log(given, key, chunk.stream, line)
        for stream, line in rest.items():
            if line:
                _print_log(given, key, stream, line)

    await asyncio.gather(*(one(key) for key in sorted(wanted)))
    return 0


def _print_log(given: argparse.Namespace, key: str, stream: str, line: bytes) -> None:
    stamp, _, text = line.partition(b" ")
    if given.json:
        document = {
            "instance": key,
            "stream": str(stream),
            "at": stamp.decode(errors="replace"),
            "text": text.decode(errors="replace"),
        }
        print(json.dumps(document), flush=True)
    else:
        print(f"{key} | {printable(text)}", flush=True)


async def _exec(given: argparse.Namespace, engine: Engine) -> int:
    if not given.host_command:
        raise UserError(Problem("what is to be run?", hint="dockyard env exec ENVIRONMENT SERVICE -- COMMAND"))
    site = await _site(engine, given.environment)
    terminal = not given.no_tty and sys.stdin.isatty() and sys.stdout.isatty()
    return await site.interact(given.service, given.host_command, tty=terminal)


async def _extend(given: argparse.Namespace, engine: Engine) -> int:
    one = await keep.find(engine, given.environment)
    seconds = configuration.seconds(given.for_, "--for")
    until = int(time.time() + engine.facts.clock_offset + seconds)
    if until <= one.until:
        raise UserError(
            Problem(f"{one.placement} stands longer than that already: {_left(one.until - time.time())}", hint="a longer --for")
        )
    await keep.extend(engine, one.placement, until)
    if given.json:
        print(json.dumps({"environment": one.placement, "until": until}))
    elif not given.quiet:
        print(f"{one.placement} stands for another {_left(seconds)}")
    return 0


async def _rm(given: argparse.Namespace, engine: Engine) -> int:
    left = 0
    for wanted in given.environment:
        one = await keep.find(engine, wanted)
        leftovers = await keep.remove(engine, one.placement)
        left += len(leftovers)
        for found in leftovers:
            print(f"could not remove {found.kind} {found.name}: {found.why}", file=sys.stderr)
        if not given.quiet and not leftovers:
            print(json.dumps({"removed": one.placement}) if given.json else f"{one.placement} is gone")
    return 1 if left else 0
