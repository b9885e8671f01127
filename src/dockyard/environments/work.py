"""The acts of a run's steps: how each is carried out on a site, and what its failure means."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from dockyard.engines.protocol import Engine, Site
from dockyard.environments import answers, hooks, images
from dockyard.environments.book import Book, Page
from dockyard.environments.booted import Booted, goes_on, taken
from dockyard.environments.evidence import Evidence
from dockyard.environments.judge import Blame, Fault
from dockyard.environments.life import says
from dockyard.environments.readiness import Readiness
from dockyard.environments.request import Clock, Request
from dockyard.environments.restoring import Restoring, unless_kept
from dockyard.environments.slots import at_a_time
from dockyard.environments.steps import End, Steps
from dockyard.environments.tell_services import told
from dockyard.environments.watch import Watch
from dockyard.model.errors import DockyardError, Fatal, Problem, Retry, UserError
from dockyard.model.facts import ImageFacts
from dockyard.model.plan import Act, Instance, Plan, Role, Step
from dockyard.model.restart import restart_of
from dockyard.model.verdict import Phases, TestResult
from dockyard.record.recorder import Recorder

if TYPE_CHECKING:
    from dockyard.record.junit import Found


class Work:
    """One run's steps under way. `failed` is set when there is no use in going on."""

    def __init__(
        self,
        request: Request,
        plan: Plan,
        engine: Engine,
        site: Site,
        recorder: Recorder,
        clock: Clock,
        service_env: dict[str, dict[str, str]],
        restoring: Restoring,
    ) -> None:
        self.request, self.plan, self.engine, self.site = request, plan, engine, site
        self.recorder, self.clock = recorder, clock
        self.application = request.application
        self.book = Book()
        self.evidence = Evidence(site, recorder, clock)
        self.faults: list[Fault] = []
        self.tests: list[tuple[float, TestResult]] = []
        self.warnings: list[str] = []
        self.junit: list[tuple[str, float, float, Found]] = []
        self.failed = asyncio.Event()
        self.times: dict[str, float] = {}
        self.images: dict[str, ImageFacts] = {}
        """By service, as far as they are known."""
        self.restoring = restoring
        self._service_env = service_env
        self._booted = Booted(self.book, self.readiness, request.claimed)
        site.heed(self._booted.well)
        self._reading: list[asyncio.Task[None]] = []
        for instance in plan.instances:
            self.book.open(
                Page(instance=instance, restart=restart_of(self.application.services[instance.service], instance.role))
            )
        acts = {
            Act.PULL: self._image,
            Act.BUILD: self._image,
            Act.NETWORK: self._network,
            Act.VOLUME: self._volume,
            Act.CREATE: self._create,
            Act.START: unless_kept(self.book, self._start),
            Act.RELEASE: unless_kept(self.book, self._release),
            Act.HOOK: unless_kept(self.book, self._hooks),
            Act.READY: unless_kept(self.book, self._ready),
            Act.COMPLETE: unless_kept(self.book, self._complete),
        }
        starts, creates = at_a_time(engine.facts.cpus, claimed=request.claimed is not None)
        self.steps = Steps(
            plan, acts, recorder, clock, self._step_failed, starts=starts, creates=creates, free=self._booted.is_there
        )
        self._watch = Watch(site, self.book, self.application, recorder, clock, engine.facts.clock_offset, self._died)

    def _record_broke(self, why: str) -> None:
        self.blame(
            Fault(blame=Blame.INFRASTRUCTURE, what=why, at=self.clock(), hint="free some space there, or --report elsewhere")
        )

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Ends are seen and judged, and what is used is measured, for the time of the block."""
        self.recorder.hear_broken(self._record_broke)
        if self.recorder.broken:
            self._record_broke(self.recorder.broken)
        watching = asyncio.create_task(self._watching(), name="watch")
        sampling = asyncio.create_task(self.evidence.sample(), name="usage")
        try:
            yield
        finally:
            for task in (watching, sampling):
                task.cancel()
            await asyncio.gather(watching, sampling, return_exceptions=True)

    async def _watching(self) -> None:
        try:
            await self._watch.run()
        except (Fatal, Retry) as error:
            hint = error.hint if isinstance(error, Fatal) else ""
            self.blame(Fault(blame=Blame.INFRASTRUCTURE, what=str(error).split("\n", 1)[0], at=self.clock(), hint=hint))

    @property
    def ready(self) -> bool:
        """Every service that isn't a test, nor waits for one, is ready or done."""
        return bool(self.times.get("ready"))

    def phases(self) -> Phases:
        return Phases(**self.times)

    def reach(self, phase: str) -> None:
        """A phase is reached, for the first time."""
        if phase not in self.times:
            self.times[phase] = self.clock()
            self.recorder.event("phase.reached", phase)
            self.book.touch()

    def blame(self, fault: Fault) -> None:
        """Something went wrong. Tests that already run are left to end; else there is no use in going on."""
        self.faults.append(fault)
        self.recorder.event("fault", fault.service, why=fault.what, blame=str(fault.blame))
        if fault.blame is not Blame.ENVIRONMENT or not self.testing():
            self.failed.set()

    def _died(self, fault: Fault) -> None:
        page = self.book[fault.service]
        if self.plan_optional(page.instance):
            self.warn(fault.what)
        else:
            self.blame(fault)

    def plan_optional(self, instance: Instance) -> bool:
        """Whether everybody who depends on it says `required: false`."""
        return any(s.optional for s in self.plan.steps if s.subject == instance.key)

    def warn(self, what: str) -> None:
        self.warnings.append(what)
        self.recorder.event("note", why=what)

    def testing(self) -> bool:
        """Whether tests run."""
        return "tests_begun" in self.times and "tests_ended" not in self.times

    def _step_failed(self, step: Step, error: BaseException) -> None:
        if step.optional and isinstance(error, UserError):
            self.warn(f"{step.id} failed, and nobody needs it (required: false): {error}")
            return
        service = step.subject if step.subject in self.book.pages else ""
        if step.act is Act.BUILD:
            service = step.subject
        if isinstance(error, UserError):
            problem = error.problems[0]
            rest = "".join(f"\n{p}" for p in error.problems[1:])
            said = ": ".join(str(part) for part in (problem.at, problem.path) if part)
            where = f" ({said})" if said else ""
            self.blame(
                Fault(
                    blame=Blame.ENVIRONMENT,
                    service=service,
                    at=self._when(step),
                    what=f"{problem.what}{where}{rest}",
                    hint=problem.hint,
                )
            )
        elif isinstance(error, (Retry, Fatal)):
            hint = error.hint if isinstance(error, Fatal) else ""
            what = str(error).split("\n", 1)[0]
            self.blame(Fault(blame=Blame.INFRASTRUCTURE, service=service, at=self.clock(), what=f"{step.id}: {what}", hint=hint))
        else:
            self.recorder.event("internal", step.id, why=repr(error))
            self.blame(Fault(blame=Blame.INTERNAL, service=service, at=self.clock(), what=f"{step.id}: {error!r}"))
            self._internal = error

    _internal: BaseException | None = None

    def _when(self, step: Step) -> float:
        """A wait that failed because its container ended failed then, not when we were told."""
        page = self.book.pages.get(step.subject)
        waited = step.act in (Act.READY, Act.COMPLETE)
        return page.exits[-1].at if waited and page is not None and page.over else self.clock()

    async def _image(self, step: Step) -> End:
        found = await images.of_step(self.engine, self.request, step, lambda line: self._tell(step, line))
        self.images |= found
        for name, image in found.items():
            self.site.known(name, image)
        if all(instance.service in self.images for instance in self.plan.instances):
            variables, _ = told(self.application, self.plan.instances, self.images)
            self._service_env |= dict.fromkeys(self.request.choice.tests, variables)
        return End.DONE

    def _tell(self, step: Step, line: str) -> None:
        self.recorder.event("step.told", step.id, line=line)

    async def _network(self, step: Step) -> End:
        await self.site.create_network(step.subject)
        return End.DONE

    async def _volume(self, step: Step) -> End:
        await self.site.create_volume(step.subject)
        return End.DONE

    async def _create(self, step: Step) -> End:
        page = self.book[step.subject]
        instance = page.instance
        image = page.image = self.images[instance.service]
        if not await self.restoring.begin(page, self.images, self.recorder, self.clock()):
            return self._created()
        if instance.role is Role.TEST:
            self._service_env[instance.service], warnings = told(self.application, self.plan.instances, self.images)
            for warning in warnings:
                self.warn(warning)
        if self.request.claimed is not None:
            # What is taken over together is compared together: with the data that each begins with.
            await self.restoring.settle_known(self.images)
        made = await self.site.create(instance, image)
        for warning in made.warnings:
            self.warn(warning)
        page.created_at, page.waited, page.anew = self.clock(), made.waited, made.why
        page.booted, page.starts = made.booted, 1 if made.booted else page.starts
        return self._created()

    def _created(self) -> End:
        if all(p.created_at for p in self.book.pages.values()):
            self.reach("created")
            self._tell_standby()
        return End.DONE

    def _tell_standby(self) -> None:
        """What of the environment was there already, and what kept the rest from it."""
        claimed = self.request.claimed
        if claimed is not None:
            waited = [key for key, page in self.book.pages.items() if page.waited]
            anew = {key: page.anew for key, page in self.book.pages.items() if not page.waited and not page.in_snapshot}
            ready = [key for key, page in self.book.pages.items() if page.booted]
            self.recorder.event("standby.used", claimed.placement, waited=waited, ready=ready, anew=anew, seconds=claimed.seconds)
        elif self.request.unclaimed:
            self.recorder.event("standby.none", why=self.request.unclaimed)

    async def _start(self, step: Step) -> End:
        page = self.book[step.subject]
        if not page.instance.gated:
            self._allow(page)
        if page.waited and page.instance.gated:
            page.starts = page.starts if page.booted else 1
        else:
            await self.site.start(page.instance)
        page.started_at = page.started_at or self.clock()
        if not page.exits:
            page.running = True
        self.evidence.follow(step.subject)
        self.book.touch()
        if all(p.started_at for p in self.book.pages.values()):
            self.reach("started")
        if self.application.services[page.instance.service].ports:
            await self._tell_ports(step.subject)
        return End.DONE

    async def _tell_ports(self, key: str) -> None:
        """Ports that the file publishes are on free ones; where, only the engine knows."""
        with contextlib.suppress(DockyardError):
            ports = await self.site.published(key)
            if ports:
                self.recorder.event("service.published", key, ports=dict(ports))

    async def _release(self, step: Step) -> End:
        page = self.book[step.subject]
        self._allow(page)
        if goes_on(page):
            taken(page)
        else:
            await self.site.release(page.instance)
        self.book.touch()
        return End.DONE

    def _allow(self, page: Page) -> None:
        page.allowed = True
        page.released_at = self.clock()
        if page.instance.role is Role.TEST:
            self.reach("ready")
            self.reach("tests_begun")
            self.recorder.event("test.begun", page.instance.key)

    async def _hooks(self, step: Step) -> End:
        page = self.book[step.subject]
        if not page.booted:
            await hooks.post_start(self.site, step.subject, self.application.services[page.instance.service])
        return End.DONE

    async def _ready(self, step: Step) -> End:
        page = self.book[step.subject]
        readiness = self.readiness(page, demanded=self._healthy_demanded(page.instance.service))
        how = self._booted.said(page) or await readiness.wait()
        page.ready_at = self.clock()
        self.recorder.event(
            "service.ready",
            step.subject,
            why=how,
            seconds=round(page.ready_at - page.released_at, 4),
            check=round(readiness.check_seconds, 4),
        )
        self.book.touch()
        self._look_whether_ready()
        return End.DONE

    def readiness(self, page: Page, *, demanded: bool = False, after: int = 0) -> Readiness:
        """What an instance is asked until it is ready. `demanded`: it must have something to be asked; `after`: lines of its log that don't count."""
        service = self.application.services[page.instance.service]
        extension = self.application.extension(page.instance.service)
        return Readiness(
            self.site, self.book, page, service, extension, self.recorder, self.clock, demanded=demanded, after=after
        )

    def _healthy_demanded(self, service: str) -> bool:
        dependencies = (s.depends_on.get(service) for s in self.application.services.values())
        return any(d is not None and d.condition == "service_healthy" for d in dependencies)

    def _look_whether_ready(self) -> None:
        if all(p.ready_at or p.completed_at for p in self.book.pages.values() if p.instance.role is not Role.TEST):
            self.reach("ready")

    async def _complete(self, step: Step) -> End:
        page = self.book[step.subject]
        if page.instance.role is Role.TEST:
            return await answers.of_test(self, page)
        await self.book.until(lambda: page.over or any(e.code == 0 for e in page.exits))
        end = page.exits[-1]
        if end.code != 0:
            raise UserError(Problem(f"{step.subject} {says(end)}; others wait for it to complete successfully"))
        page.completed_at = end.at
        self.recorder.event("service.completed", step.subject, seconds=round(end.at - page.released_at, 4))
        self.book.touch()
        self._look_whether_ready()
        return End.DONE

    def told_test(self, result: TestResult, at: float) -> None:
        self.tests.append((at, result))
        self.recorder.event(
            "test.ended", result.service, exit_code=result.exit_code, seconds=result.seconds, passed=result.passed
        )
        if len(self.tests) >= len(self.plan.tests):
            self.reach("tests_ended")
        self.book.touch()
