"""`dockyard standby …`: what stands by on an engine, made beforehand for runs to claim."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import msgspec

from dockyard import clock
from dockyard.api import terms
from dockyard.api.guard import clear_with
from dockyard.cli import loading, test
from dockyard.cli.display import tables
from dockyard.cli.starting import Start, start
from dockyard.environments import standby, watchdog
from dockyard.environments.owner import myself
from dockyard.environments.request import Interrupt

if TYPE_CHECKING:
    from dockyard.engines.docker.engine import DockerEngine

MINUTE = 60


def run(given: argparse.Namespace) -> int:
    if given.act == "fill":
        return _fill(given)
    acts: dict[str, Callable[[argparse.Namespace, DockerEngine], Awaitable[int]]] = {"ls": _ls, "drop": _drop}
    return asyncio.run(loading.with_engine(given.host, given.context, lambda engine: acts[given.act](given, engine)))


async def _ls(given: argparse.Namespace, engine: DockerEngine) -> int:
    there = await engine.standing_by()
    now = time.time() + engine.facts.clock_offset
    if given.json:
        told = [
            {
                "environment": one.placement,
                "project": one.project,
                "containers": sorted(waiting.key for waiting in one.containers),
                "ready": sorted(waiting.key for waiting in one.containers if waiting.booted),
                "state": _state(one.whole, one.claimed),
                "seconds_left": max(0, round(one.deadline - now)),
                "made_in": one.seconds,
            }
            for one in there
        ]
        print(json.dumps(told))
        return 0
    if not there:
        print("nothing stands by here")
        return 0
    rows = [["environment", "project", "containers", "ready", "state", "made in", "for another"]]
    for one in there:
        left = f"{max(0, one.deadline - now) / MINUTE:.0f} min"
        ready = sum(bool(waiting.booted) for waiting in one.containers)
        state, made_in = _state(one.whole, one.claimed), f"{one.seconds:.2f} s"
        rows.append([one.placement, one.project, str(len(one.containers)), str(ready), state, made_in, left])
    print("\n".join(tables.columns(rows)))
    return 0


def _state(whole: bool, claimed: bool) -> str:
    return "claimed" if claimed else "stands by" if whole else "is being made"


async def _drop(given: argparse.Namespace, engine: DockerEngine) -> int:
    project = "" if given.all else loading.application(given, for_test=False).name
    waiting = [one for one in await engine.standing_by() if one.whole and not one.claimed and project in ("", one.project)]
    owner, deadline = str(myself()), int(time.time() + engine.facts.clock_offset) + 10 * MINUTE
    gone = [one.placement for one in waiting if await standby.drop(engine, one, owner, deadline)]
    if given.json:
        print(json.dumps({"removed": gone}))
    elif not given.quiet:
        print("\n".join(f"{name} is gone" for name in gone) or f"nothing stands by for {project or 'any project'} here")
    return 0


def _fill(given: argparse.Namespace) -> int:
    guard = watchdog.start(os.environ, clear_with(given.host, given.context))
    try:
        application = loading.application(given, for_test=True, services=given.services)
        begin = start(given, application, loading.settings(application.project_directory))
        return asyncio.run(loading.with_engine(begin.host, begin.context, lambda engine: _fill_all(begin, engine, guard)))
    finally:
        guard.close()


async def _fill_all(begin: Start, engine: DockerEngine, guard: watchdog.Watchdog) -> int:
    from dockyard.environments.filling import Filling
    from dockyard.environments.planning import plan_for
    from dockyard.environments.run import options_of

    given, interrupt, made, why = begin.given, Interrupt(), list[str](), ""
    test.listen_to_signals(interrupt)
    test.raise_descriptors()
    number = given.number or begin.standby
    owner, deadline = str(myself()), int(time.time() + engine.facts.clock_offset + begin.timeout)
    while not interrupt.times:
        asked = terms.terms(begin.application, begin.choice, begin.settings, number, engine.facts.clock_offset)
        now = time.time() + engine.facts.clock_offset
        if asked.next is None or (why := await standby.room(engine, asked, owner=owner, deadline=deadline, now=now)):
            break
        by = msgspec.structs.replace(asked.next, owner=owner, deadline=deadline)
        request = msgspec.structs.replace(begin.request("", asked.next), standby=asked)
        plan = plan_for(request.application, request.choice, engine, gate=request.gate, publish=request.publish, mates=True)
        hear = None if given.json or given.quiet else print
        filling = Filling(engine, request, plan, options_of(request, plan, {}), asked, clock.now, hear=hear)
        why = await filling.run(asked.next, by, guard, interrupt) or await standby.trim(
            engine, asked, owner=owner, deadline=deadline
        )
        if why:
            break
        made.append(asked.next.id)
        if not given.json and not given.quiet:
            print("\n".join((*filling.notes, f"{asked.next.id} stands by")))
    stood = "stand by already" in why
    if given.json:
        print(json.dumps({"made": made, "why": why}))
    elif not stood or not made:
        print(why, file=sys.stdout if stood else sys.stderr)
    return 0 if stood else test.ABORTED if interrupt.times else 5
