"""The environments that this process has open for its tests: opened, used, closed; and what is told of them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import pytest

import dockyard
from dockyard.api import settings as configuration
from dockyard.api.blocking import Environment
from dockyard.api.errors import EnvironmentFailed
from dockyard.api.opening import Attaching, Opening
from dockyard.api.testing.options import Chosen, Description
from dockyard.model.verdict import Verdict, Word

FAULTS = (Word.ENVIRONMENT_FAILED, Word.INFRASTRUCTURE, Word.TIMED_OUT)


class TestsFailed(Exception):
    """What an environment is told whose tests failed."""

    __test__ = False


@dataclass(eq=False)
class Held:
    """One that is open. `fixture`: the one that opened it. `lines`: how many each service had logged when it was ready."""

    env: Environment
    fixture: str
    opening: Opening | Attaching | None
    lines: dict[str, int] = field(default_factory=dict[str, int])
    failures: int = 0


class Holder:
    """`shared`: where the process is that holds the session's environments for all workers, if one does."""

    def __init__(self, chosen: Chosen, shared: dict[str, str] | None = None) -> None:
        self._chosen, self._shared = chosen, shared
        self._held: list[Held] = []

    def open(self, description: Description, fixture: str, *, session: bool) -> Held:
        """UserError, EnvironmentFailed."""
        if self._shared is not None and session:
            from dockyard.api.testing.sharing import Distant

            held = Held(Distant(self._shared, description), fixture, None)
        else:
            opening = self.opening(description)
            held = Held(opening.__enter__(), fixture, opening)
        held.lines = held.env.lines()
        self._held.append(held)
        return held

    def opening(self, description: Description) -> Opening | Attaching:
        chosen = self._chosen
        if chosen.attach:
            return dockyard.attach(chosen.attach)
        words: dict[str, Any] = {"keep": chosen.keep or None}
        return dockyard.environment(
            *description.files,
            services=description.services,
            profiles=description.profiles,
            timeout=configuration.seconds(chosen.timeout, "dockyard_timeout") if chosen.timeout else None,
            standby=chosen.standby or None,
            cold=chosen.cold,
            keep_for=configuration.seconds(chosen.keep_for, "dockyard_keep_for") if chosen.keep_for else None,
            report=chosen.report,
            **words,
        )

    def close(self, held: Held) -> list[str]:
        """What is to be told at the end. EnvironmentFailed where a service died."""
        self._held.remove(held)
        return close(held.opening, held.failures) if held.opening is not None else []

    def used_by(self, item: pytest.Item) -> list[Held]:
        names = getattr(item, "fixturenames", ())
        return [held for held in self._held if held.fixture in names]

    def logs(self, held: Held, before: dict[str, int] | None) -> list[tuple[str, str]]:
        """What services have logged since; None: since the environment was ready, which was later. Titles and texts."""
        if not self._chosen.log_lines:
            return []
        found = held.env.since(held.lines if before is None else before, self._chosen.log_lines)
        return [(f"dockyard: {service} ({held.env.id})", "\n".join(lines)) for service, lines in found.items()]


def close(opening: Opening | Attaching, failures: int) -> list[str]:
    """An environment's end. Where a service died nobody's test is at fault alone: that is raised whatever the tests said."""
    if isinstance(opening, Attaching):
        opening.__exit__()
        return []
    failed = TestsFailed(f"{failures} tests failed") if failures else None
    opening.__exit__(type(failed) if failed else None, failed, None)
    verdict = opening.verdict
    if verdict is None:
        return []
    if verdict.verdict in FAULTS:
        raise EnvironmentFailed(verdict)
    return kept(verdict)


def kept(verdict: Verdict) -> list[str]:
    if not verdict.kept_until:
        return []
    until = time.strftime("%H:%M:%S", time.localtime(verdict.kept_until))
    return [
        f"{verdict.placement} is kept until {until}: dockyard env show {verdict.placement}, "
        f"pytest --dockyard-attach {verdict.placement}, dockyard env rm {verdict.placement}"
    ]
