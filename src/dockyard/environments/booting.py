"""Boots what is to stand by ready: released in its order and waited for as in a run, then frozen where it stands.

The acts are a run's own (`Work`), over the part of the plan that is booted. The record of it is thrown away: the run that claims the
environment reads the logs of the boot from the engine, as they are its services'.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from dockyard.engines.protocol import Engine, Probe, Site
from dockyard.environments.request import Clock, Interrupt, Request
from dockyard.environments.restoring import Restoring
from dockyard.environments.tell_services import tcp_ports
from dockyard.environments.work import Work
from dockyard.model.bootable import bootable
from dockyard.model.errors import DockyardError, Problem, UserError
from dockyard.model.facts import ImageFacts, InstanceFacts, State, started_text
from dockyard.model.plan import Act, Instance, Plan, Role
from dockyard.record.recorder import Recorder

_ACTS = frozenset({Act.RELEASE, Act.HOOK, Act.READY, Act.COMPLETE})


LISTENS_WITHIN = 10.0
"""Seconds that a declared port is given to listen once its service's check has said yes; some never do."""


class Boot(msgspec.Struct, frozen=True, kw_only=True):
    """How it went. `started`: by instance that was booted, which start of it; `notes`: what a person should know."""

    started: Mapping[str, str] = {}
    notes: tuple[str, ...] = ()


async def boot(
    engine: Engine,
    request: Request,
    plan: Plan,
    site: Site,
    images: Mapping[str, ImageFacts],
    made: Collection[str],
    restoring: Restoring,
    clock: Clock,
    interrupt: Interrupt,
) -> Boot:
    """`made`: the instances that are there, at their gates. What `restoring` knows to be done, in kept data, isn't there and has completed.
    UserError where one does not become ready."""
    wanted = bootable(request.application, plan.instances)
    done = {instance.service for instance in plan.instances if restoring.holds(instance.service) is not None}
    absent = {instance.service for instance in plan.instances if instance.key not in made} - done
    parties = {name: party for name, party in wanted.parties.items() if not absent & set(party)}
    notes = [f"{name} stays at its gate: {why}" for name, why in wanted.stays.items()]
    instances = [instance for instance in plan.instances if instance.service in parties and instance.service not in done]
    if not instances:
        return Boot(notes=tuple(notes))
    await _booted(engine, request, _part(plan, instances), site, images, restoring, clock, interrupt)
    if interrupt.times:
        return Boot()
    running = [instance for instance in instances if instance.role is Role.SERVICE]
    application = request.application
    await asyncio.gather(
        *(_listens(site, one, tcp_ports(application.services[one.service], images[one.service])) for one in running)
    )
    notes += [why for why in await asyncio.gather(*(_freeze(site, instance) for instance in running)) if why]
    there = await site.observe()
    for instance in instances:
        _must_stand(instance, there.get(instance.key))
    return Boot(started={instance.key: started_text(there[instance.key]) for instance in instances}, notes=tuple(notes))


def _part(plan: Plan, instances: list[Instance]) -> Plan:
    keys = {instance.key for instance in instances}
    steps = tuple(step for step in plan.steps if step.act in _ACTS and step.subject in keys)
    return msgspec.structs.replace(plan, instances=tuple(instances), steps=steps, tests=())


async def _booted(
    engine: Engine,
    request: Request,
    plan: Plan,
    site: Site,
    images: Mapping[str, ImageFacts],
    restoring: Restoring,
    clock: Clock,
    interrupt: Interrupt,
) -> None:
    with tempfile.TemporaryDirectory(prefix="dockyard-boot-") as folder:
        recorder = Recorder(Path(folder), clock)
        work = Work(msgspec.structs.replace(request, claimed=None), plan, engine, site, recorder, clock, {}, restoring)
        for page in work.book.pages.values():
            page.image, page.created_at, page.started_at = images[page.instance.service], clock(), clock()
            work.evidence.follow(page.instance.key)
        try:
            await _until_ready(work, request.timeout, interrupt)
        finally:
            work.evidence.leave()
            await work.evidence.close()
            recorder.close()


async def _until_ready(work: Work, timeout: float, interrupt: Interrupt) -> None:
    booting = asyncio.create_task(_steps(work))
    stops = {asyncio.create_task(work.failed.wait()), asyncio.create_task(interrupt.wait())}
    try:
        await asyncio.wait({booting, *stops}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        done = booting.done()
    finally:
        for task in (booting, *stops):
            task.cancel()
        ended = await asyncio.gather(booting, *stops, return_exceptions=True)
    if isinstance(ended[0], Exception):
        raise ended[0]
    if work.faults:
        raise UserError(Problem(work.faults[0].what, hint=work.faults[0].hint))
    if not done and not interrupt.times:
        raise UserError(Problem(f"not ready within {timeout:g} s: {', '.join(step.id for step in work.steps.pending())}"))


async def _steps(work: Work) -> None:
    async with work.watched():
        await work.steps.run()


async def _listens(site: Site, instance: Instance, ports: tuple[int, ...]) -> None:
    """Return when one of the declared ports listens, or after a while.

    A check that says yes at its own time is believed in a run, though on a slow machine it may have met the temporary server that a
    database's image initialises with. Nobody waits here, and such a one must not be frozen.
    """
    if not ports:
        return
    with contextlib.suppress(DockyardError):
        async for reading in site.probe(instance, Probe(ports=ports, total=LISTENS_WITHIN)):
            if reading.listening:
                return


async def _freeze(site: Site, instance: Instance) -> str:
    """Why it is left running, where it can't be paused (Podman without a freezer of its own, some rootless engines)."""
    try:
        await site.pause(instance.key)
    except DockyardError as error:
        why = str(error).partition("\n")[0]
        return f"{instance.key} is left running: {why}"
    return ""


def _must_stand(instance: Instance, found: InstanceFacts | None) -> None:
    """UserError where it has ended since it was ready."""
    state = found.state if found is not None else State.ABSENT
    if instance.role is Role.SERVICE and state in (State.PAUSED, State.RUNNING):
        return
    if instance.role is Role.ONE_SHOT and found is not None and state is State.EXITED and not found.exit_code:
        return
    raise UserError(Problem(f"{instance.key} is {state} after it had been booted"))
