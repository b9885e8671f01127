"""Makes an environment that is to stand by: everything of it is made and started, and no process of the application's is released but those
that are to stand by ready."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from dockyard.engines.protocol import Engine, Site, SiteOptions
from dockyard.environments import images, standby
from dockyard.environments.booting import Boot, boot
from dockyard.environments.request import Clock, Interrupt, Request
from dockyard.environments.restoring import Restoring
from dockyard.environments.standby import HOLD_BEYOND, Terms
from dockyard.environments.steps import End, Steps
from dockyard.environments.tell_services import told
from dockyard.model.errors import DockyardError, UserError
from dockyard.model.facts import ImageFacts
from dockyard.model.placement import BOOTED, FILLED, FILLING, FRAME, NETWORKS, STANDBY, Placement, marker_name
from dockyard.model.plan import Act, Plan, Role, Step
from dockyard.model.snapshot import Data

if TYPE_CHECKING:
    from dockyard.environments.run import Guard


class Filling:
    """Makes one environment and leaves it at its gates. `have`: the images, where a run has them; None: they are pulled and built."""

    def __init__(
        self,
        engine: Engine,
        request: Request,
        plan: Plan,
        options: SiteOptions,
        terms: Terms,
        clock: Clock,
        *,
        have: Mapping[str, ImageFacts] | None = None,
        hear: Callable[[str], None] | None = None,
    ) -> None:
        self.engine, self.application, self.terms = engine, request.application, terms
        self.images = dict(have or {})
        self._have, self._hear, self._request = have is not None, hear, request
        self._plan, self._options, self._clock = plan, options, clock
        self._env: dict[str, dict[str, str]] = {}
        self._instances = {instance.key: instance for instance in plan.instances}
        self._data: dict[str, Data] = {}
        self._restoring: Restoring | None = None
        self._site: Site | None = None
        self._broke: BaseException | None = None
        self._made: set[str] = set()
        self._boot = Boot()
        self.notes: tuple[str, ...] = ()
        """What somebody should know of what stands by."""

    async def run(self, placement: Placement, by: Placement, guard: Guard, interrupt: Interrupt) -> str:
        """Leave `placement` standing by. What is said of it: "" where it stands, else why it doesn't; nothing is left then.

        `by`: whose owner and deadline answer for it until it is whole.
        """
        began = self._clock()
        guard.watch(placement)
        options = msgspec.structs.replace(
            self._options,
            pool=self.terms.pool,
            claimed=None,
            env=self._env,
            data=self._data,
            hold_for=self.terms.seconds + HOLD_BEYOND,
            instances=self._plan.instances,
        )
        why = ""
        try:
            await standby.begin(self.engine, placement, self.terms.pool, by.owner, by.deadline)
            self._site = await self.engine.site(placement, self.application, options)
            self._restoring = Restoring(self.engine, self._request, placement, options, self._data)
            why = await self._all(interrupt) or await self._booted(interrupt)
            if not why:
                await self._seal(placement, self._clock() - began)
        except DockyardError as error:
            why = str(error).split("\n", 1)[0]
        if not why:
            guard.gone(placement)
            await self._there.close()
            return ""
        if self._site is not None and not await self._site.delete():
            guard.gone(placement)
        return why

    async def _all(self, interrupt: Interrupt) -> str:
        acts = {
            Act.PULL: self._image,
            Act.BUILD: self._image,
            Act.NETWORK: self._network,
            Act.VOLUME: self._volume,
            Act.CREATE: self._create,
            Act.START: self._start,
        }
        steps = tuple(step for step in self._plan.steps if step.act in acts and self._wanted(step))
        cpus = self.engine.facts.cpus
        executor = Steps(
            msgspec.structs.replace(self._plan, steps=steps),
            acts,
            _Silent(),
            self._clock,
            self._failed,
            starts=max(3, cpus + 1),
            creates=max(2, cpus),
        )
        filling = asyncio.create_task(executor.run())
        interrupted = asyncio.create_task(interrupt.wait())
        await asyncio.wait({filling, interrupted}, return_when=asyncio.FIRST_COMPLETED)
        for task in (filling, interrupted):
            task.cancel()
        await asyncio.gather(filling, interrupted, return_exceptions=True)
        await executor.made(10)
        if interrupt.times:
            return f"ended by {interrupt.name}"
        if self._broke is not None:
            return str(self._broke).split("\n", 1)[0]
        return "" if self._made else "none of its containers can stand by"

    async def _booted(self, interrupt: Interrupt) -> str:
        assert self._restoring is not None
        self._boot = await boot(
            self.engine, self._request, self._plan, self._there, self.images, self._made, self._restoring, self._clock, interrupt
        )
        self.notes += self._boot.notes
        return f"ended by {interrupt.name}" if interrupt.times else ""

    def _wanted(self, step: Step) -> bool:
        if step.act in (Act.PULL, Act.BUILD):
            return not self._have
        if step.act not in (Act.CREATE, Act.START):
            return True
        instance = self._instances[step.subject]
        there = not self._have or instance.service in self.images
        return there and self.application.extension(instance.service).standby and (step.act is Act.CREATE or instance.gated)

    def _failed(self, step: Step, error: BaseException) -> None:
        # A service that can't stand by (its files are uploaded) is made by the run; anything else is told.
        if isinstance(error, UserError) and step.act is Act.CREATE:
            self.notes += (str(error).partition("\n")[0],)
        else:
            self._broke = self._broke or error

    async def _image(self, step: Step) -> End:
        self.images |= await images.of_step(self.engine, self._request, step, lambda line: self._tell(step, line))
        return End.DONE

    def _tell(self, step: Step, line: str) -> None:
        if self._hear is not None:
            self._hear(f"{step.id}: {line}")

    async def _network(self, step: Step) -> End:
        await self._there.create_network(step.subject)
        return End.DONE

    async def _volume(self, step: Step) -> End:
        await self._there.create_volume(step.subject)
        return End.DONE

    async def _create(self, step: Step) -> End:
        instance = self._instances[step.subject]
        if instance.role is Role.TEST:
            self._env[instance.service], _ = told(self.application, self._plan.instances, self.images)
        if await self._in_snapshot(instance.service):
            return End.DONE
        await self._there.create(instance, self.images[instance.service])
        self._made.add(instance.key)
        return End.DONE

    async def _in_snapshot(self, service: str) -> bool:
        """It stands on a clone of kept data, where there are some; what has done its work in them isn't made."""
        assert self._restoring is not None
        decided = await self._restoring.settle(service, self.images)
        return decided is not None and decided.snapshot is not None and service in decided.group.one_shots

    async def _start(self, step: Step) -> End:
        if self._restoring is not None and self._restoring.holds(self._instances[step.subject].service):
            return End.DONE
        await self._there.start(self._instances[step.subject])
        return End.DONE

    @property
    def _there(self) -> Site:
        assert self._site is not None
        return self._site

    async def _seal(self, placement: Placement, seconds: float) -> None:
        networks = sum(step.act is Act.NETWORK for step in self._plan.steps)
        labels = {**placement.labels(), STANDBY: self.terms.pool, FRAME: self.terms.frame, NETWORKS: str(networks)}
        if self._boot.started:
            labels[BOOTED] = msgspec.json.encode(self._boot.started).decode()
        await self.engine.mark(marker_name(placement.id, FILLED, str(round(seconds * 1000))), labels)
        await self.engine.unmark(marker_name(placement.id, FILLING))


class _Silent:
    """What is done for the next run is no part of this one's record."""

    def event(self, kind: str, subject: str = "", **data: Any) -> None:
        pass
