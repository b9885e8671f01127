"""Waits until an instance is ready: its healthcheck and its `x-dockyard.ready`, asked by us, until they hold or can hold no more."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from dockyard.engines.protocol import Probe, Reading, Site
from dockyard.environments import health, queries
from dockyard.environments.book import Book, Page
from dockyard.environments.life import says
from dockyard.environments.tell_services import tcp_ports
from dockyard.model.errors import DockyardError, Problem, UserError
from dockyard.model.extension import Ready, ServiceExtension
from dockyard.model.service import Service
from dockyard.record.recorder import Recorder

_SHORT = 0.05
"""Seconds until a container that could not be asked is asked again, where no change of it wakes us before."""


class NotReady(UserError):
    """The service failed to become ready by its own timings, or can't any more."""


class Readiness:
    """How one instance becomes ready. `demanded`: somebody waits for service_healthy, so there must be something to ask."""

    def __init__(
        self,
        site: Site,
        book: Book,
        page: Page,
        service: Service,
        extension: ServiceExtension,
        recorder: Recorder,
        clock: Callable[[], float],
        *,
        demanded: bool,
        after: int = 0,
    ) -> None:
        """`after`: so many lines of its log are from an earlier life."""
        self._site, self._book, self._page = site, book, page
        self._service, self._extension = service, extension
        self._recorder, self._clock = recorder, clock
        self._demanded, self._after = demanded, after
        self._unasked = ""
        self.check_seconds = 0.0
        """How long the try took that said yes (the last one, where there are several checks)."""
        self._health = health.health_of(service.healthcheck, page.image.healthcheck if page.image else None)
        page.has_check = self._health is not None or bool(extension.ready)

    async def wait(self) -> str:
        """Return how it was seen to be ready. NotReady when it can't become so."""
        key = self._page.instance.key
        if not self._page.has_check:
            if self._demanded:
                raise NotReady(
                    Problem(
                        f"{key} has no healthcheck, but is waited for as healthy",
                        hint="give it a healthcheck or x-dockyard.ready",
                    )
                )
            await self._book.until(lambda: self._page.running or self._page.over)
            return "its process runs; it has no check"
        while True:
            starts = self._page.starts
            checks = asyncio.ensure_future(self._all_checks())
            moved = asyncio.ensure_future(self._book.until(lambda seen=starts: self._page.over or self._page.starts != seen))
            try:
                await asyncio.wait({checks, moved}, return_when=asyncio.FIRST_COMPLETED)
                if checks.done():
                    return checks.result()
            finally:
                checks.cancel()
                moved.cancel()
                await asyncio.gather(checks, moved, return_exceptions=True)
            if self._page.over:
                raise NotReady(Problem(f"{key} {says(self._page.exits[-1])} before it was ready"))

    async def again(self) -> str:
        """How one that was ready, and runs, is seen to be so still. NotReady where its own schedule says that it isn't.

        What it logged it has logged. Without end where it doesn't answer.
        """
        return await self._all_checks(logged=True) if self._page.has_check else ""

    async def _all_checks(self, *, logged: bool = False) -> str:
        waits = [self._one(ready) for ready in self._extension.ready if not (logged and ready.log is not None)]
        if self._health is not None:
            waits.append(self._healthy(self._health))
        tasks = [asyncio.ensure_future(w) for w in waits]
        try:
            return "; ".join(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()

    async def _healthy(self, check: health.Health) -> str:
        ports = tcp_ports(self._service, self._page.image)
        progress = health.begin(self._page.released_at, check.timings)
        probe = Probe(
            command=check.command,
            shell=check.shell,
            ports=ports,
            timeout=check.timings.timeout,
            longest=min(1.0, check.timings.interval),
        )
        while True:
            async for reading in self._asked(probe):
                progress = health.read(progress, reading, check.timings, has_port=bool(ports))
                if progress.word is health.Word.READY:
                    return progress.why
                if progress.word is health.Word.FAILED:
                    raise NotReady(Problem(f"{self._page.instance.key} is unhealthy: {progress.why}"))

    async def _one(self, ready: Ready) -> str:
        if ready.log is not None:
            return await self._logged(ready.log)
        if ready.http is not None:
            return await self._answers("http", ready.http.port, lambda d: queries.http(d, ready.http))
        for kind in ("postgres", "mysql", "redis"):
            asked = getattr(ready, kind)
            if asked is not None:
                wanted = queries.wanted(kind, asked, self._environment())
                return await self._answers(kind, wanted.port, lambda d, k=kind, w=wanted: queries.ask(k, d, w))
        probe, how = _in_container(ready)
        while True:
            async for reading in self._asked(probe):
                if reading.ok and (not probe.ports or reading.listening):
                    return how

    async def _asked(self, probe: Probe):
        """Readings; where the container could not be asked, a short wait before the caller asks again."""
        key = self._page.instance.key
        try:
            async for reading in self._site.probe(self._page.instance, probe):
                self._recorder.probe(key, reading)
                self.check_seconds = reading.ended - reading.began
                yield reading
        except DockyardError as error:
            if str(error) != self._unasked:
                self._unasked = str(error)
                self._recorder.event("probe.unasked", key, why=str(error))
        await asyncio.sleep(_SHORT)
        await self._book.until(lambda: self._page.running)

    async def _logged(self, pattern: str) -> str:
        wanted = re.compile(pattern)
        log = self._recorder.log(self._page.instance.key)
        await log.seen(wanted.search, self._after)
        return f"it logged a line that matches {pattern!r}"

    async def _answers(self, kind: str, port: int, ask: Callable[[queries.Duplex], object]) -> str:
        await self._listening(port)
        pause = _SHORT
        while True:
            began = self._clock()
            said = await queries.through(self._site, self._page.instance.key, port, ask)
            self._recorder.probe(
                self._page.instance.key,
                Reading(began=began, ended=self._clock(), exit_code=0 if said is None else 1, output=(said or "").encode()),
            )
            if said is None:
                return f"{kind} answers on port {port}"
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 1.0)

    async def _listening(self, port: int) -> None:
        probe = Probe(ports=(port,))
        while True:
            async for reading in self._asked(probe):
                if reading.listening:
                    return

    def _environment(self) -> dict[str, str]:
        found = dict(entry.split("=", 1) for entry in (self._page.image.env if self._page.image else ()) if "=" in entry)
        found.update({name: value for name, value in self._service.environment.items() if value is not None})
        return found


def _in_container(ready: Ready) -> tuple[Probe, str]:
    if ready.tcp is not None:
        return Probe(ports=(ready.tcp,)), f"port {ready.tcp} listens"
    if ready.file is not None:
        return Probe(file=ready.file), f"{ready.file} is there"
    return Probe(command=tuple(ready.command or ())), f"{' '.join(ready.command or ())} succeeded"
