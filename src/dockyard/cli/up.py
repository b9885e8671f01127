"""`dockyard up` and `dockyard down`: the same environment, by hand, for the loop of daily work."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from typing import TYPE_CHECKING

import msgspec

from dockyard.api import settings as configuration
from dockyard.api.guard import clear_with
from dockyard.cli import loading, test
from dockyard.cli.starting import Start, start
from dockyard.environments import keep, watchdog
from dockyard.environments.choose import choose
from dockyard.environments.request import Keep
from dockyard.model.application import Application
from dockyard.model.errors import Problem, UserError
from dockyard.store import alone

if TYPE_CHECKING:
    from dockyard.engines.docker.engine import DockerEngine


def up(given: argparse.Namespace) -> int:
    """0 when it is ready and stands; the verdict's code when it could not be brought up."""
    guard = watchdog.start(os.environ, clear_with(given.host, given.context))
    try:
        application = loading.application(given, for_test=given.test_profile, services=given.services)
        settings = loading.settings(application.project_directory)
        begin = start(given, application, settings)
        stands = configuration.seconds(given.for_ or settings.up_for, "--for")
        begin = msgspec.structs.replace(
            begin,
            choice=choose(application, given.services, tests=False),
            keep=Keep(when="never", seconds=stands),
            publish="fixed" if given.fixed_ports else "all",
            up=True,
        )
        return asyncio.run(_up(begin, guard))
    finally:
        guard.close()


async def _up(begin: Start, guard: watchdog.Watchdog) -> int:
    if begin.given.new:
        return await test.carry_out(begin, guard, after=_addresses)
    with alone.alone(begin.environment, f"up {begin.application.project_directory}") as mine:
        if not mine:
            what = f"another `dockyard up` of {begin.application.name} is under way"
            raise UserError(Problem(what, hint="wait for it; dockyard up --new brings one more up"))
        await _must_be_the_first(begin)
        return await test.carry_out(begin, guard, after=_addresses)


async def _must_be_the_first(begin: Start) -> None:
    """UserError where an environment of this project stands: a second one is rarely meant."""
    from dockyard.engines.docker.engine import connect

    engine = await connect(begin.environment, host=begin.host, context=begin.context)
    try:
        app = begin.application
        there = await keep.standing(engine)
        standing = [s.placement for s in there if s.kept and s.of(app.name, app.project_directory)]
    finally:
        await engine.close()
    if standing:
        what = f"{', '.join(standing)} of {begin.application.name} stands already"
        raise UserError(Problem(what, hint="dockyard down destroys it; dockyard up --new brings one more up"))


async def _addresses(begin: Start, engine: DockerEngine, placement: str) -> None:
    """Where its ports are, which is what somebody who brings it up wants to know."""
    from dockyard.cli.env import addresses

    if begin.given.json or begin.given.quiet:
        return
    for line in await addresses(engine, placement):
        print(f"  {line}")
    print("  dockyard down destroys it")


def down(given: argparse.Namespace) -> int:
    """Destroy what stands of this project in this folder (kept runs too)."""
    return asyncio.run(_down(given, None if given.all else loading.application(given, for_test=False)))


async def _down(given: argparse.Namespace, application: Application | None) -> int:
    from dockyard.engines.docker.engine import connect

    engine = await connect(os.environ, host=given.host, context=given.context)
    try:
        there = [s for s in await keep.standing(engine) if s.kept]
        elsewhere: list[str] = []
        if application is not None:
            mine = [s for s in there if s.of(application.name, application.project_directory)]
            elsewhere = [f"{s.placement} (of {s.directory})" for s in there if s not in mine and s.project == application.name]
            there = mine
        leftovers = [one for s in there for one in await keep.remove(engine, s.placement)]
    finally:
        await engine.close()
    if given.json:
        print(
            json.dumps({"removed": [s.placement for s in there], "leftovers": [f"{o.kind} {o.name}: {o.why}" for o in leftovers]})
        )
    elif not given.quiet:
        for one in there:
            print(f"{one.placement} is gone")
        for one in leftovers:
            print(f"could not remove {one.kind} {one.name}: {one.why}")
        if not there:
            print(f"nothing of {application.name if application else 'any project'} stands here")
        if elsewhere:
            print(f"of other checkouts, and left alone: {', '.join(elsewhere)}; dockyard env rm removes one")
    return 1 if leftovers else 0
