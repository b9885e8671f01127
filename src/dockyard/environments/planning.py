"""What would be done for an application, on an engine or without one: the plan that `dockyard plan` prints and a run carries out."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from dockyard.engines.protocol import Engine
from dockyard.environments import inputs, snapshots, turns
from dockyard.environments.choose import Choice
from dockyard.environments.decide import decide
from dockyard.model.application import Application
from dockyard.model.errors import UserError
from dockyard.model.plan import Plan

LIMITS = ("cpus", "memory", "pids")


def plan_for(
    application: Application,
    choice: Choice,
    engine: Engine | None,
    *,
    gate: bool = True,
    publish: str = "mapped",
    limits: Iterable[str] = (),
    build: bool = True,
    mates: bool = False,
    completes: Collection[str] = (),
) -> Plan:
    """`engine` None: what only it knows (what it can't honour, who can't be gated) is left out. UserError for what it refuses.

    `limits`: what the run is limited in (cpus, memory, pids) beside what the file says. `build`:
    images are built, also where they are there. `mates`, `completes`: as in `decide`.
    """
    warnings = list(application.warnings)
    ungated: dict[str, str] = {}
    binds = engine is not None and engine.facts.local_files
    errors = inputs.missing(application, choice.services, build=build, binds=binds)
    if engine is not None:
        refused, more = engine.refusals(application, choice.services)
        errors += refused
        warnings += [str(warning) for warning in more]
        warnings += _unheld(engine, {*limits, *(kind for kind in LIMITS if getattr(application.dockyard.limits, kind))})
        later = inputs.awaited(application, choice.services, binds=binds)
        ungated = {name: engine.ungated(application.services[name]) or later.get(name, "") for name in choice.services}
    if errors:
        raise UserError(*errors)
    if not gate:
        ungated = {name: ungated.get(name) or "--no-gate" for name in choice.services}
    exclusive = turns.wanted(application, choice, publish)
    plan = decide(
        application,
        choice,
        {n: w for n, w in ungated.items() if w},
        exclusive=tuple(exclusive),
        mates=mates,
        images=snapshots.images_needed(application, choice),
        completes=completes,
    )
    return msgspec.structs.replace(plan, warnings=tuple(warnings))


def _unheld(engine: Engine, limits: Collection[str]) -> list[str]:
    there = [kind for kind in LIMITS if kind in limits and kind in engine.facts.lacks]
    return [f"the run's limit of {kind} is not held: the engine can't limit {kind} here" for kind in there]
