"""`dockyard snapshot …`: data of services that are kept on an engine, so that the next environments begin with them."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from dockyard import clock
from dockyard.api import preparing
from dockyard.api.guard import clear_with
from dockyard.cli import loading, test
from dockyard.cli.display import tables, words
from dockyard.cli.starting import Start, start
from dockyard.environments import snapshots, watchdog
from dockyard.environments.request import Interrupt
from dockyard.model.errors import Problem, UserError
from dockyard.model.event import Event
from dockyard.model.placement import BUILDS, marker_name
from dockyard.model.snapshot import Snapshot

if TYPE_CHECKING:
    from dockyard.engines.docker.engine import DockerEngine

SHORT = 12
"""Characters of a key that people see."""
REFUSED, FAILED = 2, 3


def run(given: argparse.Namespace) -> int:
    if given.act == "make":
        return _make(given)
    acts = {"ls": _ls, "rm": _rm}
    return asyncio.run(loading.with_engine(given.host, given.context, lambda engine: acts[given.act](given, engine)))


async def _ls(given: argparse.Namespace, engine: DockerEngine) -> int:
    there = await engine.snapshots.find()
    now = time.time() + engine.facts.clock_offset
    if given.json:
        print(json.dumps([_as_data(one, now) for one in there]))
        return 0
    if not there:
        print("no data are kept here")
        return 0
    rows = [["snapshot", "project", "services", "size", "filled in", "made", "in use"]]
    for one in there:
        age = f"{max(0.0, now - one.made_at) / 3600:.0f} h ago"
        took = f"{one.seconds:.2f} s"
        rows.append(
            [one.key[:SHORT], one.project, ", ".join(one.services), tables.size(one.size), took, age, ", ".join(one.used_by)]
        )
    print("\n".join(tables.columns(rows)))
    return 0


def _as_data(one: Snapshot, now: float) -> dict[str, Any]:
    return {
        "snapshot": one.key,
        "project": one.project,
        "services": list(one.services),
        "size": one.size,
        "seconds": one.seconds,
        "age": max(0, round(now - one.made_at)),
        "in_use": list(one.used_by),
        "clones": "copy" if one.layered is None else "overlay",
    }


async def _rm(given: argparse.Namespace, engine: DockerEngine) -> int:
    there = await engine.snapshots.find()
    if given.snapshots:
        chosen = [_named(there, text) for text in given.snapshots]
    else:
        project = "" if given.all else loading.application(given, for_test=False).name
        chosen = [one for one in there if project in ("", one.project)]
    gone, left = list[str](), list[str]()
    for one in chosen:
        still = await engine.snapshots.remove(one.key)
        left += [f"{one.key[:SHORT]}: {leftover.why}" for leftover in still]
        gone += [] if still else [one.key]
    if given.json:
        print(json.dumps({"removed": gone, "left": left}))
    else:
        told = [f"{key[:SHORT]} is gone" for key in gone] or ([] if left else ["there is nothing to remove"])
        print("\n".join([] if given.quiet else told), end="\n" if told and not given.quiet else "")
        print("\n".join(left), end="\n" if left else "", file=sys.stderr)
    return 1 if left else 0


def _named(there: list[Snapshot], text: str) -> Snapshot:
    found = [one for one in there if one.key.startswith(text)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(one.key[:SHORT] for one in (found or there)) or "none"
    what = f"{text} may be any of: {names}" if found else f"there is no snapshot {text}"
    raise UserError(Problem(what, hint="" if found else f"snapshots here: {names}"))


def _make(given: argparse.Namespace) -> int:
    guard = watchdog.start(os.environ, clear_with(given.host, given.context))
    try:
        application = loading.application(given, for_test=True, services=given.services)
        begin = start(given, application, loading.settings(application.project_directory))
        if not snapshots.groups(application, begin.choice):
            hint = "x-dockyard: {snapshot: true} on a service with a data volume"
            raise UserError(Problem("no service of these asks for its data to be kept", hint=hint))
        return asyncio.run(loading.with_engine(begin.host, begin.context, lambda engine: _make_all(begin, engine, guard)))
    finally:
        guard.close()


async def _make_all(begin: Start, engine: DockerEngine, guard: watchdog.Watchdog) -> int:
    from dockyard.environments.fetching import Fetching
    from dockyard.environments.planning import plan_for
    from dockyard.environments.restoring import decide
    from dockyard.environments.run import options_of
    from dockyard.environments.seeding import make, prune, tell

    given, interrupt, now = begin.given, Interrupt(), time.time()
    test.listen_to_signals(interrupt)
    test.raise_descriptors()
    deadline = now + engine.facts.clock_offset + begin.timeout + preparing.BEYOND
    place = preparing.placed(begin.application, None, now=now, deadline=deadline)
    recorder = preparing.recorder(begin.root / place.run, begin.application)
    shown = not given.json and not given.quiet
    recorder.listen(lambda event: _show(event) if shown else None)
    guard.watch(place)
    there, made, refused, failed = list[str](), list[str](), list[str](), list[str]()
    try:
        await engine.mark(marker_name(place.id, BUILDS), place.labels())
        await preparing.sweep(engine, recorder, begin.root, begin.settings)
        request = begin.request(place.run, place)
        plan = plan_for(request.application, request.choice, engine, gate=request.gate, publish=request.publish)
        asked = snapshots.groups(request.application, request.choice)
        wanted = {name for group in asked for name in group.everybody if name in request.choice.services}
        fetching = Fetching(engine, request, plan, wanted, clock.now)
        images = await fetching.run(interrupt, print if shown else lambda line: None)
        for group in asked if not interrupt.times else ():
            services = ", ".join(group.services)
            found = await decide(engine, request, place, options_of(request, plan, {}), group, images)
            if found.snapshot is not None:
                there.append(found.snapshot.key)
                recorder.event("snapshot.there", services, key=found.snapshot.key)
            elif found.key is None:
                refused.append(f"{services}: {found.why}")
            else:
                one, why = await make(
                    engine, request, found, found.key, images, guard, interrupt, recorder, clock.now, patient=True
                )
                told = tell(recorder, found, one, why)
                (failed.append(told) if one is None else made.append(one.key))
        if made and request.snapshots is not None:
            await prune(engine, request.snapshots, now + engine.facts.clock_offset, recorder)
    finally:
        left = await engine.remove([found for found in await engine.inventory() if found.placement == place.id])
        if not left:
            guard.gone(place)
        recorder.close()
    if given.json:
        print(json.dumps({"made": made, "there": there, "refused": refused, "failed": failed}))
    else:
        print("\n".join(refused), end="\n" if refused else "", file=sys.stderr)
    return test.ABORTED if interrupt.times else REFUSED if refused else FAILED if failed else 0


def _show(event: Event) -> None:
    if text := words.line(event, words.painter(False)):
        print(text)
