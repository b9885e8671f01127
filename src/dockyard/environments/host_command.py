"""`dockyard test -- CMD`: a command on this machine is the test, run against the environment's published ports."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING

from dockyard.environments.life import signal_of
from dockyard.environments.tell_services import tcp_ports, variables
from dockyard.environments.work import Work
from dockyard.model.errors import Problem, UserError
from dockyard.model.plan import Role
from dockyard.model.verdict import TestResult

if TYPE_CHECKING:
    from dockyard.environments.run import Guard

NAME = "command"
"""What the host command is called among the tests, in logs and in the verdict."""


GRACE = 2.0
"""Seconds that a command which is to end has for it, from SIGTERM on; then it is killed."""
QUIET, DRAIN = 0.2, 2.0
"""Seconds without output, and seconds at most, for which its output is still read when it has ended and something else holds it open."""


async def run(work: Work, guard: Guard) -> None:
    """Run the command of the request; its end is the test's, whatever it has left in the background.

    It has a session of its own, which ends with it: by us, or by the guard where this process is killed.
    """
    env = {**work.request.command_env, **await addresses(work)}
    work.reach("tests_begun")
    work.recorder.event("test.begun", NAME)
    began = work.clock()
    async with _Output(work) as output:
        try:
            process = await asyncio.create_subprocess_exec(
                *work.request.command,
                cwd=work.request.command_directory,
                env=env,
                stdout=output.ends["stdout"],
                stderr=output.ends["stderr"],
                start_new_session=True,
            )
        except OSError as error:
            raise UserError(Problem(f"{work.request.command[0]}: {error.strerror or error}")) from error
        finally:
            output.handed_over()
        guard.command(work.request.placement, process.pid)
        try:
            code = await process.wait()
            if await output.held():
                work.warn("the command has ended, but not what it started: that still held its output, and was ended with it")
        finally:
            await _end(process)
            guard.command(work.request.placement, 0)
    code = 128 - code if code < 0 else code
    result = TestResult(
        service=NAME, exit_code=code, signal=signal_of(code), seconds=round(work.clock() - began, 4), passed=code == 0
    )
    work.told_test(result, work.clock())


async def _end(process: asyncio.subprocess.Process) -> None:
    """The command, and all of its process group."""
    if process.returncode is None:
        _signal(process.pid, signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), GRACE)
    _signal(process.pid, signal.SIGKILL)
    await process.wait()


def _signal(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


class _Output:
    """Copies what a command prints into its log. Pipes of our own: those of asyncio count a command as running while anybody holds them."""

    def __init__(self, work: Work) -> None:
        self._log = work.recorder.log(NAME)
        self.ends: dict[str, int] = {}
        """The writing ends, by stream; the command's."""
        self._transports: list[asyncio.ReadTransport] = []
        self._copying: list[asyncio.Task[None]] = []
        self._bytes = 0

    async def __aenter__(self) -> _Output:
        loop = asyncio.get_running_loop()
        for name in ("stdout", "stderr"):
            reading, self.ends[name] = os.pipe()
            reader = asyncio.StreamReader()
            protocol = asyncio.StreamReaderProtocol(reader)
            transport, _ = await loop.connect_read_pipe(lambda p=protocol: p, os.fdopen(reading, "rb"))
            self._transports.append(transport)
            self._copying.append(asyncio.create_task(self._copy(name, reader)))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.handed_over()
        for task in self._copying:
            task.cancel()
        await asyncio.gather(*self._copying, return_exceptions=True)
        for transport in self._transports:
            transport.close()

    def handed_over(self) -> None:
        """The command has its ends, or never will."""
        while self.ends:
            os.close(self.ends.popitem()[1])

    async def held(self) -> bool:
        """Read what the command that has ended still has to say; whether somebody else holds its output open."""
        waiting, before, until = set(self._copying), -1, time.monotonic() + DRAIN
        while waiting and before != self._bytes and time.monotonic() < until:
            before = self._bytes
            _, waiting = await asyncio.wait(waiting, timeout=QUIET)
        return bool(waiting)

    async def _copy(self, name: str, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(65536):
            self._bytes += len(data)
            self._log.feed_plain(name, data)


async def addresses(work: Work) -> dict[str, str]:
    """DOCKYARD_SERVICE_* as this machine reaches the services."""
    told: dict[str, tuple[str, dict[int, tuple[str, int]]]] = {}
    for key, page in work.book.pages.items():
        if page.instance.role is Role.TEST or page.instance.index > 1 or page.in_snapshot:
            continue
        reached = await work.site.addresses(key)
        order = [p for p in tcp_ports(work.application.services[page.instance.service], page.image) if p in reached]
        order += [p for p in reached if p not in order]
        told[page.instance.service] = ("127.0.0.1", {p: _split(reached[p]) for p in order})
    found, warnings = variables(told)
    for warning in warnings:
        work.warn(warning)
    return found


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)
