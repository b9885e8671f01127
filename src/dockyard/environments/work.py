"""The acts of a run's steps: how each is carried out on a site, and what its failure means."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from dockyard.engines.protocol import Engine, Site
from dockyard.environments import hooks, images
from dockyard.environments.book import Book, Page
from dockyard.environments.booted import Booted, goes_on, taken
from dockyard.environments.evidence import LOGS_AFTER_END, Evidence
from dockyard.environments.judge import Blame, Fault
from dockyard.environments.life import Exit, says, signal_of
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
            return await self._test_ended(page)
        await self.book.until(lambda: page.over or any(e.code == 0 for e in page.exits))
        end = page.exits[-1]
        if end.code != 0:
            raise UserError(Problem(f"{step.subject} {says(end)}; others wait for it to complete successfully"))
        page.completed_at = end.at
        self.recorder.event("service.completed", step.subject, seconds=round(end.at - page.released_at, 4))
        self.book.touch()
        self._look_whether_ready()
        return End.DONE

    async def _test_ended(self, page: Page) -> End:
        key = page.instance.key
        await self.book.until(lambda: bool(page.exits))
        end = page.exits[0]
        if end.code == 0:
            await self.evidence.nearly_ended(key)
        else:
            await self.evidence.ended(key, LOGS_AFTER_END)
        self._refuse_unstartable(page, end)
        reports = self.application.extension(page.instance.service).reports
        counts, unread = None, ()
        if reports:
            found, warnings = await self._reports_of(key, reports, said_no=end.code != 0)
            counts, unread = found.counts, tuple(found.unread)
            self.junit.append((key, page.released_at, end.at, found))
            for warning in warnings:
                self.warn(warning)
        bad = counts.failed + counts.errors if counts else 0
        result = TestResult(
            service=key,
            exit_code=end.code,
            signal=signal_of(end.code),
            oom=end.oom,
            memory_limit=end.memory_limit,
            seconds=round(end.at - page.released_at, 4),
            counts=counts,
            unread=unread,
            passed=end.code == 0 and not bad and not unread,
        )
        page.completed_at = end.at
        self.told_test(result, end.at)
        return End.DONE if result.passed else End.NO

    async def other_reports(self) -> None:
        """What nobody has copied yet: `reports` of services that aren't tests, and of tests that never ended. A case that failed in the
        report of a service is a failed test of its own: whoever asked for the report wants to know."""
        copied = {key for key, *_ in self.junit}
        for key, page in self.book.pages.items():
            paths = self.application.extension(page.instance.service).reports
            if not paths or not page.released_at or key in copied:
                continue
            found, warnings = await self._reports_of(key, paths, said_no=True)
            end = self.clock()
            self.junit.append((key, page.released_at, end, found))
            for warning in warnings:
                self.warn(warning)
            bad = found.counts.failed + found.counts.errors if found.counts else 0
            if page.instance.role is not Role.TEST and (bad or found.unread):
                code = page.exits[-1].code if page.exits else 0
                result = TestResult(
                    service=key,
                    exit_code=code,
                    seconds=round(end - page.released_at, 4),
                    counts=found.counts,
                    unread=tuple(found.unread),
                    passed=False,
                )
                self.tests.append((end, result))

    async def _reports_of(self, key: str, paths: tuple[str, ...], *, said_no: bool) -> tuple[Found, list[str]]:
        """Retry or Fatal where the engine didn't give them: of a test that ended with 0 nobody knows then whether a case failed."""
        from dockyard.record import junit

        try:
            return await self.evidence.copy_reports(key, paths)
        except (Retry, Fatal) as error:
            if not said_no:
                raise
            return junit.Found(), [f"{key}: its reports could not be copied: {error}"]

    def told_test(self, result: TestResult, at: float) -> None:
        self.tests.append((at, result))
        self.recorder.event(
            "test.ended", result.service, exit_code=result.exit_code, seconds=result.seconds, passed=result.passed
        )
        if len(self.tests) >= len(self.plan.tests):
            self.reach("tests_ended")
        self.book.touch()

    def _refuse_unstartable(self, page: Page, end: Exit) -> None:
        """The gate says on stderr that it could not start the program: no test has run, so no test said no."""
        from dockyard.engines.gate import gate

        if end.code in (126, 127) and any(gate.could_not_start(line) for line in self.recorder.log(page.instance.key).tail(3)):
            raise UserError(Problem(f"{page.instance.key} {says(end)}"))
