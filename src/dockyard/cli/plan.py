"""`dockyard plan`, and `dockyard test --dry-run`: what would be done, in an order that can be read, and why."""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from typing import TYPE_CHECKING

from dockyard.cli import loading
from dockyard.environments.choose import Choice, choose
from dockyard.environments.planning import plan_for
from dockyard.model.application import Application
from dockyard.model.errors import Fatal, Retry
from dockyard.model.plan import Act, Plan, Step
from dockyard.model.plural import count
from dockyard.record.printable import printable

if TYPE_CHECKING:
    from dockyard.api.settings import Settings
    from dockyard.engines.docker.engine import DockerEngine
    from dockyard.environments.foresee import Foreseen
    from dockyard.environments.foresee_data import ForeseenData


def run(given: argparse.Namespace) -> int:
    """With an engine that answers, also what that one can't honour; without one, that is said."""
    application = loading.application(given, for_test=True, services=given.services)
    choice = choose(application, given.services, host_command=bool(given.host_command))
    settings = loading.settings(application.project_directory)
    plan, engine, foreseen, data = asyncio.run(_plan(given, application, choice, settings))
    if given.json:
        import msgspec

        document = {"project": application.name, "tests_from": choice.why, "engine": engine, "plan": plan, "standby": foreseen}
        document["snapshots"] = data
        print(msgspec.json.encode(document).decode())
        return 0
    containers = count(len(plan.instances), "container")
    print(f"{application.name}: {containers}; tests: {', '.join(plan.tests) or 'none'} ({choice.why})")
    if given.quiet:
        return 0
    for line in (*lines(plan), *(f"takes turns with other runs on this engine: {key}" for key in plan.exclusive)):
        print(printable(line))
    for line in (*_standby(foreseen), *_snapshots(data)):
        print(printable(line))
    for warning in plan.warnings:
        print(f"note: {printable(warning)}")
    if not engine:
        print("note: no engine answers, so what one can't honour is not known")
    return 0


async def _plan(
    given: argparse.Namespace, application: Application, choice: Choice, settings: Settings
) -> tuple[Plan, str, Foreseen | None, list[ForeseenData]]:
    """The plan, which engine was asked ("" for none), what stands by where that is asked for, and which kept data would be begun with.
    An engine that was named must be there."""
    from dockyard.cli import starting
    from dockyard.engines.docker.engine import connect
    from dockyard.environments.foresee_data import foresee_data

    try:
        engine = await connect(os.environ, host=given.host or settings.host, context=given.context or settings.context)
    except (Retry, Fatal):
        if given.host or given.context:
            raise
        return plan_for(application, choice, None, gate=not given.no_gate), "", None, []
    try:
        facts = engine.facts
        plan = plan_for(application, choice, engine, gate=not given.no_gate)
        foreseen = await _foreseen(given, application, choice, settings, engine, plan)
        data = await foresee_data(engine, starting.foreseen(given, application, choice, settings), plan)
        return plan, f"{facts.kind} {facts.version} (API {facts.api})", foreseen, data
    finally:
        await engine.close()


async def _foreseen(
    given: argparse.Namespace, application: Application, choice: Choice, settings: Settings, engine: DockerEngine, plan: Plan
) -> Foreseen | None:
    from dockyard.api import terms
    from dockyard.cli import starting

    number = terms.wanted(application, settings, asked=given.standby, cold=given.cold)
    if not number:
        return None
    from dockyard.environments.foresee import foresee

    asked = terms.terms(application, choice, settings, number, engine.facts.clock_offset)
    begin = starting.foreseen(given, application, choice, settings)
    return await foresee(engine, begin, plan, asked, time.time() + engine.facts.clock_offset)


def _standby(foreseen: Foreseen | None) -> list[str]:
    if foreseen is None:
        return []
    stays = [f"  {name:<24} stays at its gate when it stands by: {why}" for name, why in foreseen.stays.items()]
    if not foreseen.environment:
        return [f"stands by: nothing that could be used: {foreseen.why}", *stays]
    found = [f"stands by: {foreseen.environment}, of which is used: {', '.join(foreseen.used) or 'nothing for certain'}"]
    found += [f"  {key:<24} stands by, ready" for key in foreseen.ready]
    found += [f"  {key:<24} stands by; used if {what}" for key, what in foreseen.if_same.items()]
    return found + [f"  {key:<24} is made anew: {why}" for key, why in foreseen.anew.items()] + stays


def _snapshots(data: list[ForeseenData]) -> list[str]:
    found: list[str] = []
    for one in data:
        services = ", ".join(one.services)
        if not one.snapshot:
            found.append(f"seeded afresh: {services}: {one.why}")
            continue
        when = f", where {' and '.join(one.when)} to the same" if one.when else ""
        rest = f"; not run again: {', '.join(one.not_run)}" if one.not_run else ""
        found.append(f"from a snapshot: {services}: {one.snapshot[:12]} (filled in {one.seconds:.2f} s){when}{rest}")
    return found


def lines(plan: Plan) -> list[str]:
    """A line a step, grouped: first what is made at once, then what waits."""
    made = [s for s in plan.steps if s.act in (Act.PULL, Act.BUILD, Act.NETWORK, Act.VOLUME)]
    held = [s for s in plan.steps if s.act is Act.CREATE]
    gated = {i.key for i in plan.instances if i.gated}
    found = ["at once:"]
    found += [_line(s) for s in made]
    found += [f"  {'create, start':<14} {s.subject:<24} {s.why}; held at its gate" for s in held if s.subject in gated]
    found += [_line(s) for s in held if s.subject not in gated]
    found.append("then, each as soon as it may:")
    found += [_line(s) for s in plan.steps if _waits(s, gated)]
    return found


def _waits(step: Step, gated: set[str]) -> bool:
    if step.act in (Act.RELEASE, Act.HOOK, Act.COMPLETE):
        return True
    return step.act is Act.START and step.subject not in gated


def _line(step: Step) -> str:
    return f"  {step.act:<14} {step.subject:<24} {step.why}".rstrip()
