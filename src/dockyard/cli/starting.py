"""What `test` and `up` have in common: settings and flags become a request, a record, a display; and what is left to do at the end."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from dockyard import clock
from dockyard.api import preparing, terms
from dockyard.api import settings as configuration
from dockyard.api.settings import Settings
from dockyard.environments.choose import Choice, choose
from dockyard.environments.planning import LIMITS
from dockyard.environments.request import Keep, Request
from dockyard.model.application import Application
from dockyard.model.errors import Origin
from dockyard.model.placement import Placement
from dockyard.model.verdict import Verdict
from dockyard.record import reports, reproduce
from dockyard.record.recorder import Recorder

if TYPE_CHECKING:
    from dockyard.cli.display.display import Display
    from dockyard.cli.display.lasting import Lasting
    from dockyard.engines.docker.engine import DockerEngine
    from dockyard.environments.snapshots import Terms as Snapshots


SWEEPS_AFTER = 1.0
"""Seconds after which a run of an environment that stood by looks for what others have left."""


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """Everything decided before the engine is spoken to."""

    given: argparse.Namespace
    settings: Settings
    application: Application
    choice: Choice
    host: str
    context: str
    timeout: float
    keep: Keep
    root: Path
    publish: str = "mapped"
    up: bool = False
    memory: int = 0
    environment: dict[str, str] = {}
    standby: int = 0
    """So many environments are to stand by; 0: nothing is claimed or left."""
    kept: Snapshots | None = None
    """Services begin with data that are kept; None: with empty ones."""

    async def prepare(self, engine: DockerEngine) -> tuple[Request, Recorder, Lasting]:
        """Ids and times, what stands by, and the folder that takes the evidence."""
        from dockyard.cli.display.display import display
        from dockyard.cli.display.lasting import Lasting

        now, begun = time.time(), clock.now()
        asked, claimed, why = await preparing.claim(
            engine, self.application, self.choice, self.settings, number=self.standby, timeout=self.timeout
        )
        deadline = now + engine.facts.clock_offset + self.timeout + preparing.BEYOND
        whose = preparing.placed(self.application, claimed, now=now, deadline=deadline)
        run = whose.run
        request = msgspec.structs.replace(self.request(run, whose), standby=asked, claimed=claimed, unclaimed=why, begun=begun)
        recorder = preparing.recorder(self.root / run, self.application)
        tests = request.choice.tests or (("command",) if request.command else ())
        shown = Lasting(display(self.given, self.application, tests))
        recorder.listen(shown.event)
        recorder.hear(shown.line)
        recorder.hear_verdict(shown.told)
        try:
            reproduce.write(recorder.folder, self._again(recorder))
        except OSError as error:
            recorder.broke(error)
        reports.point_latest(self.root, run)
        return request, recorder, shown

    def _again(self, recorder: Recorder) -> str:
        """The script that runs the same again."""
        app = self.application
        return reproduce.script(
            ["dockyard", *sys.argv[1:]],
            os.getcwd(),
            reproduce.counting(os.environ, app.environment, app.asked),
            _hashes(app),
            mask=recorder.mask.text,
            secret={one.environment for one in app.secrets.values() if one.environment},
            in_files=app.environment.keys() - os.environ.keys(),
        )

    def request(self, run: str, placement: Placement) -> Request:
        """What is asked for, under that name."""
        return Request(
            run=run,
            placement=placement,
            application=self.application,
            choice=self.choice,
            timeout=self.timeout,
            command=self.given.host_command,
            pull=self.given.pull or self.settings.pull,
            build="missing" if self.given.no_build else "always",
            no_cache=self.given.no_cache,
            publish=self.publish,
            gate=not self.given.no_gate,
            keep=self.keep,
            grace=getattr(self.given, "grace", False) or self.settings.grace,
            limits_cpus=self.given.cpus or self.settings.cpus,
            limits_memory=self.memory,
            limits_pids=self.given.pids or self.settings.pids,
            limits_said=limits_said(self.given, self.settings),
            up=self.up,
            snapshots=self.kept,
            command_env=dict(os.environ),
            command_directory=os.getcwd(),
        )

    async def sweep(self, engine: DockerEngine, recorder: Recorder, *, claimed: bool = False) -> None:
        """What runs that are gone have left, beside our own work. `claimed`: an environment that stood by has what it needs, and its few
        hundred milliseconds are its own."""
        if claimed:
            await asyncio.sleep(SWEEPS_AFTER)
        await preparing.sweep(engine, recorder, self.root, self.settings)

    def finish(self, verdict: Verdict, shown: Display) -> None:
        """The last words to a person, and what the CI system shows."""
        from dockyard.record import annotations

        shown.finish(verdict)
        for text in annotations.lines(verdict, os.environ) if not self.given.json else ():
            print(text)
        summary = os.environ.get("GITHUB_STEP_SUMMARY")
        if summary:
            with contextlib.suppress(OSError), open(summary, "a", encoding="utf-8") as file:
                file.write(annotations.summary(verdict))

    async def remember(self, verdict: Verdict) -> None:
        """The run's row in the store; without one the run was as good."""
        from dockyard.api import memory

        warning = await memory.remember(self.environment, verdict)
        if warning and not self.given.quiet and not self.given.json:
            print(f"dockyard: {warning}", file=sys.stderr)


def start(given: argparse.Namespace, application: Application, settings: Settings) -> Start:
    """For `dockyard test`."""
    choice = choose(application, given.services, host_command=bool(given.host_command))
    if given.host_command:
        _must_be_there(given.host_command[0])
    return Start(
        given=given,
        settings=settings,
        application=application,
        choice=choice,
        host=given.host or settings.host,
        context=given.context or settings.context,
        timeout=timeout(given, application, settings),
        keep=_keep(given, application, settings),
        root=report_root(given, application, settings),
        publish="all" if given.host_command else "mapped",
        memory=memory(given, settings),
        environment=environment(settings),
        standby=terms.wanted(application, settings, asked=given.standby, cold=given.cold),
        kept=terms.kept(application, settings, cold=given.cold),
    )


def foreseen(given: argparse.Namespace, application: Application, choice: Choice, settings: Settings) -> Request:
    """What `dockyard plan` looks forward to, as far as it shapes containers."""
    nobody = Placement("", application.name, "", 0, "")
    return Request(
        run="",
        placement=nobody,
        application=application,
        choice=choice,
        publish="all" if given.host_command else "mapped",
        gate=not given.no_gate,
        snapshots=terms.kept(application, settings, cold=given.cold),
        limits_cpus=getattr(given, "cpus", 0) or settings.cpus,
        limits_memory=configuration.size(getattr(given, "memory", "") or settings.memory, "--memory"),
        limits_pids=getattr(given, "pids", 0) or settings.pids,
        limits_said=limits_said(given, settings),
    )


def _must_be_there(program: str) -> None:
    """A host command that this machine doesn't have is told before anything is started for it."""
    from dockyard.model.errors import Problem, UserError

    if shutil.which(program) is None:
        raise UserError(Problem(f"{program}: there is no such command here", hint="what stands after -- is run on this machine"))


def timeout(given: argparse.Namespace, application: Application, settings: Settings) -> float:
    text = given.timeout or settings.timeout
    return configuration.seconds(text, "--timeout") if text else application.dockyard.timeout


def memory(given: argparse.Namespace, settings: Settings) -> int:
    return configuration.size(given.memory or settings.memory, "--memory")


def limits_said(given: argparse.Namespace, settings: Settings) -> dict[str, Origin]:
    """Who set the run's limits: a flag stands over a setting."""
    flags = {kind: Origin(f"--{kind}") for kind in LIMITS if getattr(given, kind, None)}
    return {kind: origin for kind, origin in settings.said.items() if kind in LIMITS and getattr(settings, kind)} | flags


def report_root(given: argparse.Namespace, application: Application, settings: Settings) -> Path:
    return Path(given.report or settings.report or Path(application.project_directory) / "dockyard-report").absolute()


def environment(settings: Settings) -> dict[str, str]:
    """What the engine's side reads: our own variables, and the settings that it takes as variables."""
    found = dict(os.environ)
    if settings.subnets:
        found["DOCKYARD_SUBNETS"] = settings.subnets
    return found


def _keep(given: argparse.Namespace, application: Application, settings: Settings) -> Keep:
    from dockyard.model.errors import Problem, UserError

    written = application.dockyard.keep
    when = given.keep or (written.when if written else settings.keep)
    if when not in ("never", "failure", "always"):
        raise UserError(Problem(f"--keep takes failure or always, not {when!r}", hint="dockyard test --keep=failure SERVICE"))
    if given.for_ and when == "never":
        raise UserError(Problem("--for says how long an environment is kept, and none is", hint="add --keep, or --keep=failure"))
    for_ = configuration.seconds(given.for_, "--for") if given.for_ else 0
    return Keep(when=when, seconds=for_ or (written.seconds if written else configuration.seconds(settings.keep_for, "keep_for")))


def _hashes(application: Application) -> dict[str, str]:
    import hashlib

    found: dict[str, str] = {}
    for name in application.sources.files:
        path = Path(application.project_directory) / name
        if name != "-" and path.is_file():
            found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found
