"""What a run needs before it begins, whoever begins it: what stands by for it, and the folder that takes its evidence."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING

from dockyard import clock
from dockyard.api import settings as configuration
from dockyard.api import terms
from dockyard.api.settings import Settings
from dockyard.environments.choose import Choice
from dockyard.environments.owner import alive, myself
from dockyard.model.application import Application
from dockyard.model.errors import DockyardError, Fatal, Problem, UserError
from dockyard.model.placement import Placement, placement_id
from dockyard.record import reports
from dockyard.record.mask import Mask, secrets_of
from dockyard.record.recorder import Recorder

if TYPE_CHECKING:
    from dockyard.engines.protocol import Engine
    from dockyard.environments.standby import Terms
    from dockyard.model.facts import StandingBy

BEYOND = 300
"""Seconds that a placement's deadline lies behind its run's timeout: time to collect, tell and clear away."""


async def claim(
    engine: Engine, application: Application, choice: Choice, settings: Settings, *, number: int, timeout: float
) -> tuple[Terms | None, StandingBy | None, str]:
    """What stands by for this run, ours from now on; and what was in the way, where something was. `number` 0: nothing is looked for."""
    if not number:
        return None, None, ""
    from dockyard.environments import standby

    try:
        asked = terms.terms(application, choice, settings, number, engine.facts.clock_offset)
    except Fatal as error:
        return None, None, str(error)
    now = time.time() + engine.facts.clock_offset
    found, why = await standby.claim(engine, asked, owner=str(myself()), deadline=int(now + timeout + BEYOND), now=now)
    return asked, found, why


async def sweep(engine: Engine, recorder: Recorder, root: Path, settings: Settings) -> None:
    """Clear away what runs that are gone have left on the engine, data that are kept for too long, and old reports in `root`."""
    from dockyard.environments.seeding import prune
    from dockyard.environments.sweep import sweep as sweep_engine

    me = myself()
    try:
        swept = await sweep_engine(engine, time.time(), lambda owner: alive(owner, me))
    except DockyardError as error:
        recorder.event("note", why=f"the sweep of earlier runs' leftovers broke off: {error}")
        return
    try:
        await prune(engine, terms.bounds(settings), time.time() + engine.facts.clock_offset, recorder)
    except DockyardError as error:
        recorder.event("note", why=f"data that are kept for too long could not be looked for: {error}")
    for dead in swept.dead:
        recorder.event("swept", dead.placement, why=f"{len(dead.objects)} leftovers of {dead.placement} removed: {dead.why}")
    await asyncio.to_thread(
        reports.prune,
        root,
        number=settings.reports_kept,
        age=configuration.seconds(settings.reports_kept_for, "reports_kept_for"),
        now=time.time(),
        spare=(recorder.folder.name,),
    )


def placed(application: Application, claimed: StandingBy | None, *, now: float, deadline: float) -> Placement:
    """The placement of a run that begins `now` (Unix seconds), ours, until `deadline` by the engine's clock."""
    name = claimed.placement if claimed is not None else placement_id(application.name, secrets.token_hex(4))
    run = f"{time.strftime('%Y%m%d-%H%M%S', time.localtime(now))}-{name}"
    return Placement(id=name, project=application.name, owner=str(myself()), deadline=int(deadline), run=run)


def recorder(folder: Path, application: Application) -> Recorder:
    """The record of a run, masked. UserError where it can't be written."""
    try:
        return Recorder(folder, clock.now, Mask(_secrets(application)))
    except OSError as error:
        what = f"the report can't be written to {folder}: {error.strerror or error}"
        raise UserError(Problem(what, hint="--report, or the setting report, says where reports go")) from error


def _secrets(application: Application) -> list[str]:
    declared: list[str] = []
    for secret in application.secrets.values():
        if secret.content:
            declared.append(secret.content)
        elif secret.environment:
            declared.append(application.environment.get(secret.environment, "") or os.environ.get(secret.environment, ""))
        elif secret.file:
            declared.append(_read(secret.file))
    environments = [service.environment for service in application.services.values()]
    return secrets_of(environments, declared, (*application.services, application.name))


def _read(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.read(65536).decode("utf-8", "ignore")
    except OSError:
        return ""
