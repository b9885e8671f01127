"""What a run does with a service that stood by booted: asks once more whether it is well, and takes it as released and ready.

It began before the run did, so in the run's book its release and its readiness are the moments at which the run took it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from dockyard.environments.book import Page
from dockyard.environments.life import Exit
from dockyard.environments.readiness import NotReady, Readiness
from dockyard.model.plan import Role

ANSWERS_WITHIN = 20.0
"""Seconds in which what was ready must say so again. What runs does in milliseconds; a machine that is loaded takes its time."""


class Booted:
    """The booted services of one run. `readiness`: how a page's instance is asked."""

    def __init__(self, readiness: Callable[[Page], Readiness]) -> None:
        self._readiness = readiness
        self._said: dict[str, str] = {}

    async def ask(self, page: Page) -> str:
        """Why it can't be taken, or "". The page stays as it is: nothing is decided yet."""
        if page.instance.role is not Role.SERVICE:
            return ""
        readiness = self._readiness(msgspec.structs.replace(page, running=True, starts=1, exits=[]))
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                self._said[page.instance.key] = await readiness.again()
        except TimeoutError:
            return "what stood by doesn't answer any more"
        except NotReady as error:
            return str(error).partition("\n")[0]
        return ""

    def said(self, page: Page) -> str:
        """How one was seen to be ready; "" where it isn't the process that stood by, or that has ended since."""
        if not goes_on(page) or (page.over and page.instance.role is Role.SERVICE):
            return ""
        said = self._said.get(page.instance.key)
        return f"it stood by, ready; {said}" if said else "it stood by, ready"


def goes_on(page: Page) -> bool:
    """Whether it is the process that stood by. One that was started again since waits at its gate as any other."""
    return page.booted and page.starts == 1


def taken(page: Page) -> None:
    """Its turn has come: what has completed beforehand completes now."""
    if page.instance.role is Role.ONE_SHOT and not page.exits:
        page.running = False
        page.exits.append(Exit(at=page.released_at, code=0))
