"""`environment(...)`: a run whose tests are the caller's own, as a context manager, for asyncio and without it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
import warnings
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Literal

import msgspec

from dockyard import clock
from dockyard.api import guard, memory, preparing, terms
from dockyard.api.blocking import Environment, Loop
from dockyard.api.environment import AsyncEnvironment, standing
from dockyard.api.errors import EnvironmentFailed, told
from dockyard.api.wishes import Description, When, Wishes, sequence
from dockyard.environments.host_command import NAME
from dockyard.environments.request import Interrupt
from dockyard.model.errors import Problem, UserError
from dockyard.model.event import Event
from dockyard.model.verdict import TestResult, Verdict, Word

if TYPE_CHECKING:
    from dockyard.environments.work import Work


def environment(
    *description: Description,
    services: str | Sequence[str] = (),
    name: str = "",
    project_directory: str | os.PathLike[str] = "",
    profiles: str | Sequence[str] = (),
    env_files: str | Sequence[str] = (),
    variables: Mapping[str, str] | None = None,
    timeout: float | None = None,
    most: float = 8 * 3600.0,
    standby: bool | None = None,
    cold: bool = False,
    build: bool = True,
    pull: Literal["", "always", "missing", "never"] = "",
    keep: When | None = None,
    keep_for: float | None = None,
    report: str | os.PathLike[str] = "",
    host: str = "",
    context: str = "",
) -> Opening:
    """A throwaway environment: `async with environment("compose.yaml") as env`, or `with` alone.

    `description`: Compose files (none: the one that is found as `docker compose` finds it), or one mapping of `Service`s. `services`: only
    these and what they need; what the file calls its tests stays out, for the caller is the test. `variables` are added to the process's
    for the files' `${…}`. `timeout`: seconds until all must be ready (None: as settings or file say, else 1800); `most`: seconds that the
    block may take. `standby`: claim what stands by and leave the next one standing (None: as settings or file say); `cold` forbids it.
    `build` False: images that the file names are used where they are there. `keep`: leave it standing, `failure` or `always`, for
    `keep_for` seconds. `report`: the folder that reports go to.

    Entering raises UserError (nothing was started: the description is at fault) or EnvironmentFailed. Leaving destroys everything; it
    raises EnvironmentFailed where a service died that nobody had ended, unless the block raised by itself: then that error is told of it.
    """
    return Opening(
        Wishes(
            tuple(description),
            services=sequence(services),
            name=name,
            project_directory=os.fspath(project_directory),
            profiles=sequence(profiles),
            env_files=sequence(env_files),
            variables=dict(variables or {}),
            timeout=timeout,
            most=most,
            standby=standby,
            cold=cold,
            build=build,
            pull=pull,
            keep=keep,
            keep_for=keep_for,
            report=os.fspath(report),
            host=host,
            context=context,
        )
    )


class Opening:
    """An environment that is to be opened, once. `verdict` is there when it has been closed again."""

    def __init__(self, wishes: Wishes) -> None:
        self._wishes = wishes
        self._running: Running | None = None
        self._loop: Loop | None = None

    @property
    def verdict(self) -> Verdict | None:
        """What became of it, once it is closed."""
        return self._running.verdict if self._running is not None else None

    async def __aenter__(self) -> AsyncEnvironment:
        if self._running is not None:
            raise RuntimeError("an environment is opened once; call dockyard.environment again for another one")
        self._running = Running(self._wishes)
        return await self._running.open()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._running is not None
        await self._running.close(error)

    def __enter__(self) -> Environment:
        self._loop = Loop()
        try:
            return Environment(self._loop.call(self.__aenter__()), self._loop)
        except BaseException:
            self._loop.end()
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._loop is not None
        try:
            self._loop.call(self.__aexit__(kind, error, trace))
        finally:
            self._loop.end()


class Running:
    """One environment from its opening to its end: a run in a task of its own, which waits while the caller tests."""

    def __init__(self, wishes: Wishes) -> None:
        self._wishes = wishes
        self.verdict: Verdict | None = None
        self._interrupt = Interrupt()
        self._leave = asyncio.Event()
        self._passed = False
        self._at_hand: asyncio.Future[AsyncEnvironment] = asyncio.get_running_loop().create_future()
        self._run: asyncio.Task[Verdict] | None = None
        self._rest = contextlib.AsyncExitStack()

    async def open(self) -> AsyncEnvironment:
        """UserError, EnvironmentFailed; cancelled: all is cleared away first."""
        try:
            await self._begin()
            assert self._run is not None
            await asyncio.wait({self._run, self._at_hand}, return_when=asyncio.FIRST_COMPLETED)
            if self._at_hand.done():
                return self._at_hand.result()
            raise EnvironmentFailed(self._run.result())
        except BaseException as error:
            await self._end(error)
            raise

    async def close(self, error: BaseException | None) -> None:
        """The caller has done with it; `error` is what its block raised."""
        self._passed = error is None
        verdict = await self._end(error)
        if verdict is None:
            return
        if verdict.leftovers:
            left = ", ".join(verdict.leftovers)
            warnings.warn(f"could not be removed, and is tried again: {left}", ResourceWarning, stacklevel=3)
        if error is None and verdict.verdict is not Word.PASSED:
            raise EnvironmentFailed(verdict)
        if error is not None and verdict.verdict in (Word.ENVIRONMENT_FAILED, Word.INFRASTRUCTURE, Word.TIMED_OUT):
            error.add_note(f"dockyard: {told(verdict)}")

    async def _begin(self) -> None:
        from dockyard.engines.docker.engine import connect
        from dockyard.environments.run import run

        wishes = self._wishes
        begun = clock.now()
        guarding = asyncio.create_task(asyncio.to_thread(guard.start, wishes.host, wishes.context))
        try:
            application = wishes.application()
            settings = wishes.settings(application)
            choice = wishes.choice(application)
            environ = {**os.environ, **({"DOCKYARD_SUBNETS": settings.subnets} if settings.subnets else {})}
            engine = await connect(environ, host=wishes.host or settings.host, context=wishes.context or settings.context)
            self._rest.push_async_callback(engine.close)
        finally:
            watchdog = await guarding
            self._rest.callback(watchdog.close)
        number = terms.wanted(application, settings, asked=bool(wishes.standby), cold=wishes.cold or wishes.standby is False)
        within = wishes.within(application, settings) + wishes.most
        asked, claimed, why = await preparing.claim(engine, application, choice, settings, number=number, timeout=within)
        deadline = time.time() + engine.facts.clock_offset + within + preparing.BEYOND
        placement = preparing.placed(application, claimed, now=time.time(), deadline=deadline)
        request = wishes.request(placement, application, choice, settings)
        kept = terms.kept(application, settings, cold=wishes.cold)
        request = msgspec.structs.replace(request, standby=asked, claimed=claimed, unclaimed=why, begun=begun, snapshots=kept)
        root = wishes.root(application, settings)
        recorder = preparing.recorder(root / placement.run, application)
        self._rest.callback(recorder.close)
        recorder.listen(self._heard)
        sweeping = asyncio.create_task(preparing.sweep(engine, recorder, root, settings))
        self._rest.push_async_callback(_over, sweeping)
        self._run = asyncio.create_task(
            run(request, engine, recorder, watchdog, self._interrupt, clock.now, inside=self._inside), name="environment"
        )

    def _heard(self, event: Event) -> None:
        if event.kind == "container.restarted" and self._at_hand.done() and not self._at_hand.exception():
            self._at_hand.result().started_again(event.subject)

    async def _inside(self, work: Work) -> None:
        """What the run takes for its test: the caller's block."""
        work.reach("tests_begun")
        work.recorder.event("test.begun", NAME)
        began = work.clock()
        self._at_hand.set_result(await standing(work))
        await self._leave.wait()
        seconds = round(work.clock() - began, 4)
        code = 0 if self._passed else 1
        work.told_test(TestResult(service=NAME, exit_code=code, seconds=seconds, passed=self._passed), work.clock())

    async def _end(self, error: BaseException | None) -> Verdict | None:
        """Let the run come to its end, whatever happens meanwhile, and let go of everything."""
        self._leave.set()
        if isinstance(error, (KeyboardInterrupt, asyncio.CancelledError, SystemExit, GeneratorExit)):
            self._interrupt.raise_(type(error).__name__)
        elif error is not None and not self._at_hand.done():
            self._interrupt.raise_("an error")
        cancelled: asyncio.CancelledError | None = None
        while self._run is not None and not self._run.done():
            try:
                await asyncio.shield(asyncio.wait({self._run}))
            except asyncio.CancelledError as again:
                cancelled = again
                self._interrupt.raise_("CancelledError")
        try:
            if self._run is not None and not self._run.cancelled() and self._run.exception() is None:
                self.verdict = self._run.result()
                await memory.remember(os.environ, self.verdict)
            elif self._run is not None and error is None:
                self._run.result()
        finally:
            await self._rest.aclose()
        if cancelled is not None and not isinstance(error, asyncio.CancelledError):
            raise cancelled
        return self.verdict


async def _over(task: asyncio.Task[None]) -> None:
    if not task.done():
        await asyncio.wait({task}, timeout=5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class Attaching:
    """An environment that stands already: kept, or brought up by `dockyard up`. Leaving it lets it stand."""

    def __init__(self, wanted: str, host: str, context: str) -> None:
        self._wanted, self._host, self._context = wanted, host, context
        self._rest = contextlib.AsyncExitStack()
        self._loop: Loop | None = None

    async def __aenter__(self) -> AsyncEnvironment:
        from dockyard.engines.docker.engine import connect
        from dockyard.environments import keep

        engine = await connect(os.environ, host=self._host, context=self._context)
        self._rest.push_async_callback(engine.close)
        try:
            one = await keep.find(engine, self._wanted)
            site = await engine.existing(one.placement)
            if site is None:
                raise UserError(Problem(f"environment {one.placement} has gone"))
            self._rest.push_async_callback(site.close)
            there = sorted(await site.observe())
            found = await asyncio.gather(*(site.addresses(key) for key in there))
            return AsyncEnvironment(site, None, dict(zip(there, found, strict=True)))
        except BaseException:
            await self._rest.aclose()
            raise

    async def __aexit__(self, *_: object) -> None:
        await self._rest.aclose()

    def __enter__(self) -> Environment:
        self._loop = Loop()
        try:
            return Environment(self._loop.call(self.__aenter__()), self._loop)
        except BaseException:
            self._loop.end()
            raise

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None
        try:
            self._loop.call(self.__aexit__())
        finally:
            self._loop.end()


def attach(environment: str, *, host: str = "", context: str = "") -> Attaching:
    """An environment that stands, by its id or the beginning of it (`dockyard env ls`): `with attach("shop-1a2b") as env`."""
    return Attaching(environment, host, context)
