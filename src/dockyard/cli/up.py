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
    if not begin.given.new:
        await _must_be_the_first(begin)
    return await test.carry_out(begin, guard, after=_addresses)


async def _must_be_the_first(begin: Start) -> None:
    """UserError where an environment of this project stands: a second one is rarely meant."""
    from dockyard.engines.docker.engine import connect
    from dockyard.model.errors import Problem, UserError

    engine = await connect(begin.environment, host=begin.host, context=begin.context)
    try:
        standing = [s.placement for s in await keep.standing(engine) if s.kept and s.project == begin.application.name]
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
    """Destroy what stands of this project (kept runs too)."""
    project = "" if given.all else loading.application(given, for_test=False).name
    return asyncio.run(_down(given, project))


async def _down(given: argparse.Namespace, project: str) -> int:
    from dockyard.engines.docker.engine import connect

    engine = await connect(os.environ, host=given.host, context=given.context)
    try:
        there = [s for s in await keep.standing(engine) if s.kept and (not project or s.project == project)]
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
            print(f"nothing of {project or 'any project'} stands here")
    return 1 if leftovers else 0
