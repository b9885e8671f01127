"""An environment in a program's hand, for asyncio: where its services are, and what can be done to them."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import posixpath
import re
import tarfile
from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple, TypeVar

from dockyard.api.errors import CommandFailed, TookTooLong
from dockyard.engines.protocol import ExecResult, Site, Stream
from dockyard.environments import host_command
from dockyard.environments.book import Page
from dockyard.environments.tell_services import tcp_ports, variables
from dockyard.environments.work import Work
from dockyard.model.errors import Problem, UserError
from dockyard.model.facts import State
from dockyard.model.plan import Instance, Role

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds that a wait takes at most, where nothing else is said."""

QUIET = 0.3
"""Seconds in which lines that were written already arrive."""

LINKS = 10
"""Links that are followed to a file."""


class Address(NamedTuple):
    """Where this machine reaches a port. As text: `127.0.0.1:32768`."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Done(NamedTuple):
    """A command that has ended. `exit_code` -1: it was given up after its timeout (and goes on in the container)."""

    exit_code: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        """Standard output, decoded, without its last line end."""
        return self.stdout.decode("utf-8", "replace").rstrip("\n")


class AsyncEnvironment:
    """A standing environment. Services are named as in the file; a replica as `web-2`. UserError for a service that isn't there."""

    def __init__(self, site: Site, work: Work | None, addresses: Mapping[str, Mapping[int, str]], report: str = "") -> None:
        """`work`: the run that keeps it standing; None: somebody else's. Made by `environment` and `attach`."""
        self._site, self._work, self._report = site, work, report
        self._addresses = {key: dict(of) for key, of in addresses.items()}
        self._following: set[asyncio.Task[None]] = set()

    @property
    def id(self) -> str:
        """Its id, as `dockyard env ls` shows it."""
        return self._site.placement.id

    @property
    def report(self) -> Path:
        """The folder with logs, timeline and, at the end, the verdict."""
        return Path(self._report)

    @property
    def services(self) -> tuple[str, ...]:
        """Its services (each replica: `web`, `web-2`), in the file's order."""
        return tuple(self._addresses)

    def address(self, service: str, port: int | None = None) -> Address:
        """Where this machine reaches a service's TCP port (None: the first that its image or the file declares)."""
        reached = self._addresses[self._key(service)]
        if port is None and reached:
            port = self._declared(service, reached)[0]
        if port not in reached:
            ports = ", ".join(map(str, reached)) or "none"
            what = f"{service} has no port {port}" if port is not None else f"{service} has no port"
            raise UserError(
                Problem(what, hint=f"ports that its image or the file declare: {ports}; expose: [{port or 'PORT'}] declares one")
            )
        host, _, number = reached[port].rpartition(":")
        return Address(host.strip("[]"), int(number))

    def variables(self) -> dict[str, str]:
        """`DOCKYARD_SERVICE_<NAME>_HOST`, `_PORT`, `_PORT_<n>`, `_URL` of every service, as this machine reaches it."""
        told = {
            key: (
                self.address(key, ports[0]).host,
                {port: (self.address(key, port).host, self.address(key, port).port) for port in ports},
            )
            for key, reached in self._addresses.items()
            if (ports := self._declared(key, reached))
        }
        return variables(told)[0]

    async def exec(
        self,
        service: str,
        command: str | Sequence[str],
        *,
        input: str | bytes | None = None,
        user: str = "",
        workdir: str = "",
        env: Mapping[str, str] | None = None,
        timeout: float | None = None,
        check: bool = False,
    ) -> Done:
        """Run a command in a service's container. A text is for `/bin/sh -c`, a list is a program and its arguments.

        `timeout` in seconds (None: any time). `check`: CommandFailed where it doesn't exit with 0. At most a megabyte of each stream is kept.
        """
        argv = ("/bin/sh", "-c", command) if isinstance(command, str) else tuple(command)
        send = input.encode() if isinstance(input, str) else input
        found = await self._site.exec(self._key(service), argv, user=user, workdir=workdir, env=env, send=send, timeout=timeout)
        if check and found.exit_code:
            raise CommandFailed(service, argv, found.exit_code, found.output.decode("utf-8", "replace"))
        return _done(found)

    async def logs(self, service: str, *, tail: int | None = None) -> str:
        """What it has written so far, both streams, without times. `tail`: the last lines only."""
        key, joined = self._key(service), bytearray()
        rest: dict[Stream, bytes] = {}
        async for chunk in self._site.logs(key, follow=False):
            *lines, rest[chunk.stream] = (rest.get(chunk.stream, b"") + chunk.data).split(b"\n")
            for line in lines:
                joined += _unstamped(line) + b"\n"
        for last in rest.values():
            joined += _unstamped(last)
        text = joined.decode("utf-8", "replace")
        if tail is None:
            return text
        return "".join(text.splitlines(keepends=True)[-tail:]) if tail > 0 else ""

    async def follow(self, service: str) -> AsyncGenerator[str, None]:
        """Its lines, from the first on, as they come, until it has ended for good."""
        rest: dict[Stream, bytes] = {}
        async with contextlib.aclosing(self._site.logs(self._key(service))) as log:
            async for chunk in log:
                *lines, rest[chunk.stream] = (rest.get(chunk.stream, b"") + chunk.data).split(b"\n")
                for line in lines:
                    yield _unstamped(line).decode("utf-8", "replace")
        for last in rest.values():
            if last:
                yield _unstamped(last).decode("utf-8", "replace")

    async def wait_log(self, service: str, pattern: str, *, timeout: float = PATIENCE) -> str:
        """The first line that matches the regex, of those that are there or come. TookTooLong."""
        wanted = re.compile(pattern)

        async def look() -> str:
            async with contextlib.aclosing(self.follow(service)) as lines:
                async for line in lines:
                    if wanted.search(line):
                        return line
            raise UserError(Problem(f"{service} has ended without a line that matches {pattern!r}"))

        return await _within(look(), timeout, f"{service} to log {pattern!r}")

    async def wait_exit(self, service: str, *, timeout: float = PATIENCE) -> int:
        """Its exit code, once it has ended and isn't started again. TookTooLong."""
        key = self._key(service)

        async def look() -> int:
            if self._work is not None:
                page = self._work.book[key]
                await self._work.book.until(lambda: page.over)
                return page.exits[-1].code
            while True:
                found = (await self._site.observe()).get(key)
                if found is None or found.state in (State.EXITED, State.DEAD):
                    return found.exit_code if found else -1
                await asyncio.sleep(0.1)

        return await _within(look(), timeout, f"{service} to end")

    async def wait_ready(self, service: str, *, timeout: float = PATIENCE) -> None:
        """Ask a service that was paused, started again or disturbed until its checks hold. TookTooLong; UserError where it has ended."""
        page, work = self._page(service)
        await _within(work.readiness(page).wait(), timeout, f"{service} to be ready")

    async def state(self, service: str) -> State:
        """What its container is doing now."""
        found = (await self._site.observe()).get(self._key(service))
        return found.state if found is not None else State.ABSENT

    async def pause(self, service: str) -> None:
        """Freeze all its processes: a peer that doesn't answer any more, and doesn't close anything."""
        await self._site.pause(self._key(service))

    async def unpause(self, service: str) -> None:
        await self._site.unpause(self._key(service))

    async def kill(self, service: str, signal: str = "KILL") -> None:
        """Send its first process a signal. An end of it is then no fault of the environment's."""
        self._expect_end(service)
        await self._site.kill(self._key(service), signal.upper())

    async def stop(self, service: str, *, grace: float | None = None) -> None:
        """Its stop signal, and SIGKILL after `grace` seconds (None: its stop_grace_period). Returns when it has ended."""
        self._expect_end(service)
        await self._site.stop(self._key(service), grace)
        if self._work is not None:
            page = self._work.book[self._key(service)]
            await _within(self._work.book.until(lambda: not page.running), PATIENCE, f"{service} to end")

    async def start(self, service: str, *, wait: bool = True, timeout: float = PATIENCE) -> None:
        """Start a service that has ended; with `wait`, until it is ready again. Its address on this machine may be another one."""
        key = self._key(service)
        if self._work is None:
            await self._site.start(Instance(key=key, service=key))
            await self._readdress(key)
            return
        page, work = self._page(service)
        before, lines = page.starts, work.recorder.log(key).lines

        async def up() -> None:
            await self._site.start(page.instance)
            await work.book.until(lambda: page.starts > before and page.running)
            await self._readdress(key)
            if wait:
                await work.readiness(page, after=lines).wait()

        await _within(up(), timeout, f"{service} to be ready again")

    async def restart(self, service: str, *, grace: float | None = None, timeout: float = PATIENCE) -> None:
        """Stop, start, and wait until it is ready."""
        await self.stop(service, grace=grace)
        await self.start(service, timeout=timeout)

    async def read(self, service: str, path: str) -> bytes:
        """A file's content, also of a service that has ended."""
        for _ in range(LINKS):
            with await self._archive(service, path) as archive:
                member = archive.next()
                if member is not None and member.issym():
                    path = posixpath.normpath(posixpath.join(posixpath.dirname(path), member.linkname))
                    continue
                if member is not None and member.isfile() and (found := archive.extractfile(member)) is not None:
                    return found.read()
            break
        raise UserError(Problem(f"{path} in {service} is no file"))

    async def write(self, service: str, path: str, data: str | bytes, *, mode: int = 0o644) -> None:
        """Write a file, root's; its folder must be there."""
        target, content = PurePosixPath(path), data.encode() if isinstance(data, str) else data
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            member = tarfile.TarInfo(target.name)
            member.size, member.mode = len(content), mode
            archive.addfile(member, io.BytesIO(content))
        await self._site.write(self._key(service), str(target.parent), packed.getvalue())

    async def copy_in(self, service: str, source: str | os.PathLike[str], path: str) -> None:
        """Copy a file or folder of this machine to `path` (its new name; the folder above must be there), owned by root."""
        target, packed = PurePosixPath(path), io.BytesIO()

        def pack() -> None:
            with tarfile.open(fileobj=packed, mode="w") as archive:
                archive.add(os.path.realpath(source), target.name, filter=_roots)

        await asyncio.to_thread(pack)
        await self._site.write(self._key(service), str(target.parent), packed.getvalue())

    async def copy_out(self, service: str, path: str, destination: str | os.PathLike[str]) -> Path:
        """Copy a file or folder of a container into the folder `destination` of this machine (made where it isn't there)."""
        folder = Path(destination)
        with await self._archive(service, path) as archive:

            def unpack() -> None:
                folder.mkdir(parents=True, exist_ok=True)
                # What a container says is bad input: nothing may leave the folder, nothing but files and folders is made.
                archive.extractall(folder, filter="data")

            await asyncio.to_thread(unpack)
        return folder / PurePosixPath(path).name

    async def _archive(self, service: str, path: str) -> tarfile.TarFile:
        packed = io.BytesIO()
        async for block in self._site.read(self._key(service), path):
            packed.write(block)
        packed.seek(0)
        return tarfile.open(fileobj=packed)

    async def _readdress(self, key: str) -> None:
        self._addresses[key] = dict(await self._site.addresses(key))

    def started_again(self, key: str) -> None:
        """The engine has started an instance again: its ports may be others now."""
        if key in self._addresses:
            task = asyncio.get_running_loop().create_task(self._readdress(key))
            self._following.add(task)
            task.add_done_callback(self._following.discard)

    def _expect_end(self, service: str) -> None:
        if self._work is not None:
            self._work.book[self._key(service)].ends_asked = True

    def _page(self, service: str) -> tuple[Page, Work]:
        if self._work is None:
            raise UserError(Problem(f"{self.id} was brought up by somebody else, who alone knows what ready means for {service}"))
        return self._work.book[self._key(service)], self._work

    def _key(self, service: str) -> str:
        if service not in self._addresses:
            raise UserError(Problem(f"there is no service {service!r} here", hint=f"there are: {', '.join(self._addresses)}"))
        return service

    def _declared(self, service: str, reached: Mapping[int, str]) -> list[int]:
        """Ports in the order in which they are declared."""
        if self._work is None:
            return list(reached)
        page = self._work.book[self._key(service)]
        order = [
            port for port in tcp_ports(self._work.application.services[page.instance.service], page.image) if port in reached
        ]
        return [*order, *(port for port in reached if port not in order)]

    async def quiet(self) -> None:
        """Give what services have written up to now a moment to arrive."""
        if self._work is not None:
            await self._work.evidence.quiet(QUIET)

    def lines(self) -> dict[str, int]:
        """How many lines each service has logged so far."""
        if self._work is None:
            return {}
        recorder = self._work.recorder
        return {key: recorder.log(key).lines for key in self._addresses if recorder.has_log(key)}

    def since(self, lines: Mapping[str, int], most: int = 30) -> dict[str, list[str]]:
        """The last lines, at most `most`, that each service has logged after it had logged so many; secrets are masked."""
        if self._work is None:
            return {}
        recorder = self._work.recorder
        new = {key: recorder.log(key).lines - lines.get(key, 0) for key in self._addresses if recorder.has_log(key)}
        return {key: recorder.log(key).tail(min(count, most)) for key, count in new.items() if count > 0}


async def standing(work: Work) -> AsyncEnvironment:
    """The environment of a run whose services are ready."""
    keys = [key for key, page in work.book.pages.items() if page.instance.role is not Role.TEST and not page.in_snapshot]
    found = await asyncio.gather(*(work.site.addresses(key) for key in keys))
    return AsyncEnvironment(work.site, work, dict(zip(keys, found, strict=True)), str(work.recorder.folder))


async def _within(waiting: Awaitable[T], seconds: float, what: str) -> T:
    try:
        async with asyncio.timeout(seconds):
            return await waiting
    except TimeoutError:
        raise TookTooLong(f"waited {seconds:g} s for {what}") from None


def _done(found: ExecResult) -> Done:
    return Done(found.exit_code, found.stdout, found.stderr)


def _unstamped(line: bytes) -> bytes:
    """Without the engine's time before it."""
    return line.partition(b" ")[2]


def _roots(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member


NAME = host_command.NAME
