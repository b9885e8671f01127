"""`dockyard test`: from words on a command line to a verdict and its exit code."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from dockyard import clock
from dockyard.api.guard import clear_with
from dockyard.cli import loading
from dockyard.cli.starting import Start, start
from dockyard.environments import watchdog
from dockyard.environments.request import Interrupt

if TYPE_CHECKING:
    from dockyard.engines.docker.engine import DockerEngine


def run(given: argparse.Namespace) -> int:
    """The exit code is the verdict's. UserError where nothing was started."""
    if given.dry_run:
        from dockyard.cli import plan

        return plan.run(given)
    # the guard is forked before anything heavy is imported: it costs a few milliseconds, and little memory while it waits
    guard = watchdog.start(os.environ, clear_with(given.host, given.context))
    try:
        application = loading.application(given, for_test=True, services=given.services)
        begin = start(given, application, loading.settings(application.project_directory))
        return asyncio.run(carry_out(begin, guard))
    finally:
        guard.close()


ABORTED = 130
INFRASTRUCTURE = 5

After = Callable[[Start, "DockerEngine", str], Awaitable[None]]


def raise_descriptors() -> None:
    """As many descriptors as we may have: each service needs two or three."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    if soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def carry_out(begin: Start, guard: watchdog.Watchdog, *, after: After | None = None) -> int:
    """Connect, sweep beside, run, remember. `after` is called where an environment stands at the end."""
    from dockyard.engines.docker.engine import connect
    from dockyard.environments.run import run as run_it

    interrupt = Interrupt()
    listen_to_signals(interrupt)
    raise_descriptors()
    engine = await connect(begin.environment, host=begin.host, context=begin.context)
    try:
        request, recorder, display = await begin.prepare(engine)
        sweeping = asyncio.create_task(begin.sweep(engine, recorder, claimed=request.claimed is not None))
        try:
            verdict = await run_it(request, engine, recorder, guard, interrupt, clock.now)
            await _end(sweeping)  # which may have something to say, and the verdict is the last word
            begin.finish(verdict, display)
            if after is not None and verdict.kept_until:
                await after(begin, engine, verdict.placement)
        finally:
            display.close()
            await _end(sweeping)
            recorder.close()
        await begin.remember(verdict)
        return verdict.code or (INFRASTRUCTURE if display.lost else 0)
    finally:
        await engine.close()


async def _end(task: asyncio.Task[None]) -> None:
    if not task.done():
        await asyncio.wait({task}, timeout=5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def listen_to_signals(interrupt: Interrupt) -> None:
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        try:
            loop.add_signal_handler(one, interrupt.raise_, one.name)
        except (NotImplementedError, RuntimeError):
            return
