"""What a run does with a service that stood by booted: asks once more whether it is well, and takes it as released and ready.

It began before the run did, so in the run's book its release and its readiness are the moments at which the run took it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from dockyard.environments.book import Book, Page
from dockyard.environments.life import Exit
from dockyard.environments.readiness import NotReady, Readiness
from dockyard.model.facts import ImageFacts, StandingBy
from dockyard.model.plan import Act, Instance, Role, Step

ANSWERS_WITHIN = 20.0
"""Seconds in which what was ready must say so again. What runs does in milliseconds; a machine that is loaded takes its time."""


class Booted:
    """The booted services of one run. `readiness`: how a page's instance is asked."""

    def __init__(self, book: Book, readiness: Callable[[Page], Readiness], claimed: StandingBy | None) -> None:
        self._book, self._readiness = book, readiness
        self._woken = {one.key for one in claimed.containers if one.booted} if claimed is not None else set[str]()
        self._said: dict[str, str] = {}

    def is_there(self, step: Step) -> bool:
        """Whether a creation or a start is none: what is woken, and what stood by, takes nobody's turn at being made."""
        return (
            step.subject in self._woken
            if step.act is Act.CREATE
            else self._book[step.subject].waited or self._book[step.subject].in_snapshot
        )

    async def well(self, instance: Instance, image: ImageFacts) -> str:
        """Why it can't be taken, or "". Its page is as it was: nothing is decided yet."""
        page = self._book[instance.key]
        page.image = image
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
