"""What a program asks for when it opens an environment, and how that becomes an application, settings and a request."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from dockyard.api import settings as configuration
from dockyard.api.services import Service, document
from dockyard.api.settings import Settings
from dockyard.compose import load
from dockyard.environments.choose import Choice, choose
from dockyard.environments.request import Keep, Request
from dockyard.model.application import Application
from dockyard.model.errors import Problem, UserError
from dockyard.model.placement import Placement

Description = str | os.PathLike[str] | Mapping[str, Service]
When = Literal["never", "failure", "always"]


@dataclass(frozen=True)
class Wishes:
    """See `environment`, whose arguments these are."""

    description: tuple[Description, ...]
    _: KW_ONLY
    services: tuple[str, ...] = ()
    name: str = ""
    project_directory: str = ""
    profiles: tuple[str, ...] = ()
    env_files: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    timeout: float | None = None
    most: float = 8 * 3600.0
    standby: bool | None = None
    cold: bool = False
    build: bool = True
    pull: Literal["", "always", "missing", "never"] = ""
    keep: When | None = None
    keep_for: float | None = None
    report: str = ""
    host: str = ""
    context: str = ""

    def application(self) -> Application:
        """UserError for everything that is wrong with it."""
        made = [one for one in self.description if isinstance(one, Mapping)]
        files = [os.fspath(one) for one in self.description if not isinstance(one, Mapping)]
        if made and (files or len(made) > 1):
            raise UserError(
                Problem(
                    "an environment is described by files or by one mapping of services",
                    hint="services that are made in code are one mapping",
                )
            )
        env = {**os.environ, **self.variables}
        if not made:
            return self._load(files or None, env)
        text = document(made[0])
        try:
            return self._load(["-"], env, lambda: text)
        except UserError as error:
            # No line of a document that nobody wrote is of use to anybody.
            raise UserError(*(msgspec.structs.replace(problem, at=None) for problem in error.problems)) from None

    def _load(self, files: list[str] | None, env: Mapping[str, str], stdin: Callable[[], bytes] | None = None) -> Application:
        return load(
            files,
            env,
            cwd=os.getcwd(),
            project_directory=self.project_directory or None,
            project_name=self.name or None,
            profiles=self.profiles,
            env_files=self.env_files,
            services=self.services,
            for_test=True,
            stdin=stdin,
        )

    def settings(self, application: Application) -> Settings:
        return configuration.load({**os.environ, **self.variables}, application.project_directory)

    def choice(self, application: Application) -> Choice:
        """The caller is the test: what the file calls its tests stays out, unless it is named."""
        return choose(application, self.services, host_command=True)

    def within(self, application: Application, settings: Settings) -> float:
        """Seconds in which it must be ready."""
        if self.timeout is not None:
            return self.timeout
        return configuration.seconds(settings.timeout, "timeout") if settings.timeout else application.dockyard.timeout

    def root(self, application: Application, settings: Settings) -> Path:
        """The folder of reports."""
        return Path(self.report or settings.report or Path(application.project_directory) / "dockyard-report").absolute()

    def kept(self, application: Application, settings: Settings) -> Keep:
        written = application.dockyard.keep
        when = self.keep or (written.when if written else settings.keep)
        seconds = written.seconds if written else configuration.seconds(settings.keep_for, "keep_for")
        return Keep(when=when, seconds=self.keep_for or seconds)

    def request(self, placement: Placement, application: Application, choice: Choice, settings: Settings) -> Request:
        return Request(
            run=placement.run,
            placement=placement,
            application=application,
            choice=choice,
            timeout=self.within(application, settings),
            tests_within=self.most,
            pull=self.pull or settings.pull,
            build="always" if self.build else "missing",
            publish="all",
            keep=self.kept(application, settings),
            grace=settings.grace,
            limits_cpus=settings.cpus,
            limits_memory=configuration.size(settings.memory, "memory"),
            limits_pids=settings.pids,
            limits_said=settings.said,
        )


def sequence(said: str | Sequence[str]) -> tuple[str, ...]:
    """One name or several."""
    return (said,) if isinstance(said, str) else tuple(said)
