"""`dockyard test -- CMD`: a command on this machine is the test, run against the environment's published ports."""

from __future__ import annotations

import asyncio
import os
import signal

from dockyard.environments.life import signal_of
from dockyard.environments.tell_services import tcp_ports, variables
from dockyard.environments.work import Work
from dockyard.model.errors import Problem, UserError
from dockyard.model.plan import Role
from dockyard.model.verdict import TestResult

NAME = "command"
"""What the host command is called among the tests, in logs and in the verdict."""


async def run(work: Work) -> None:
    """Run the command of the request; its end is the test's."""
    env = {**work.request.command_env, **await addresses(work)}
    work.reach("tests_begun")
    work.recorder.event("test.begun", NAME)
    began = work.clock()
    try:
        process = await asyncio.create_subprocess_exec(
            *work.request.command,
            cwd=work.request.command_directory,
            env=env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise UserError(Problem(f"{work.request.command[0]}: {error.strerror or error}")) from error
    try:
        await asyncio.gather(_copy(work, process.stdout, "stdout"), _copy(work, process.stderr, "stderr"))
        code = await process.wait()
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    code = 128 - code if code < 0 else code
    result = TestResult(
        service=NAME, exit_code=code, signal=signal_of(code), seconds=round(work.clock() - began, 4), passed=code == 0
    )
    work.told_test(result, work.clock())


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


async def _copy(work: Work, stream: asyncio.StreamReader | None, name: str) -> None:
    assert stream is not None
    log = work.recorder.log(NAME)
    while data := await stream.read(65536):
        log.feed_plain(name, data)
