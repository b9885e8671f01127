"""Has the images of some services there, before anything else is made: what their containers would be is known then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import Any

import msgspec

from dockyard.engines.protocol import Engine
from dockyard.environments import images
from dockyard.environments.decide import built_by, image_subject
from dockyard.environments.request import Clock, Interrupt, Request
from dockyard.environments.steps import End, Steps
from dockyard.model.facts import ImageFacts
from dockyard.model.plan import Act, Plan, Step


class Fetching:
    """The pulls and builds of a plan, as far as `services` need them."""

    def __init__(self, engine: Engine, request: Request, plan: Plan, services: Collection[str], clock: Clock) -> None:
        self._engine, self._request, self._clock = engine, request, clock
        self._plan = msgspec.structs.replace(plan, steps=_needed(request, plan, services))
        self._hear: Callable[[str], None] = _nothing
        self._broke: BaseException | None = None
        self._images: dict[str, ImageFacts] = {}

    async def run(self, interrupt: Interrupt, hear: Callable[[str], None]) -> dict[str, ImageFacts]:
        """By service; less than all where it was interrupted. Raises what went wrong first."""
        self._hear = hear
        steps = Steps(self._plan, {Act.PULL: self._image, Act.BUILD: self._image}, _Silent(), self._clock, self._failed)
        fetching, interrupted = asyncio.create_task(steps.run()), asyncio.create_task(interrupt.wait())
        await asyncio.wait({fetching, interrupted}, return_when=asyncio.FIRST_COMPLETED)
        for task in (fetching, interrupted):
            task.cancel()
        await asyncio.gather(fetching, interrupted, return_exceptions=True)
        if self._broke is not None and not interrupt.times:
            raise self._broke
        return self._images

    async def _image(self, step: Step) -> End:
        self._images |= await images.of_step(self._engine, self._request, step, lambda line: self._hear(f"{step.id}: {line}"))
        return End.DONE

    def _failed(self, step: Step, error: BaseException) -> None:
        self._broke = self._broke or error


def _needed(request: Request, plan: Plan, services: Collection[str]) -> tuple[Step, ...]:
    every = {name: request.application.services[name] for name in request.choice.services}
    steps = {step.id: step for step in plan.steps if step.act in (Act.PULL, Act.BUILD)}
    waiting = [
        f"{Act.PULL} {image_subject(every[name])}" if every[name].build is None else f"{Act.BUILD} {built_by(every, name)}"
        for name in services
    ]
    wanted: set[str] = set()
    while waiting:
        one = waiting.pop()
        if one in steps and one not in wanted:
            wanted.add(one)
            waiting += steps[one].needs
    return tuple(step for name, step in steps.items() if name in wanted)


def _nothing(line: str) -> None:
    del line


class _Silent:
    def event(self, kind: str, subject: str = "", **data: Any) -> None:
        pass
