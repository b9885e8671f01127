"""An environment in the hand of a program without asyncio: the same words, each call waits. The loop runs in a thread of its own."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import os
import threading
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from dockyard.api.clones import credentials
from dockyard.api.clones.credentials import Kind
from dockyard.api.clones.opening import Clones
from dockyard.api.environment import PATIENCE, Address, AsyncEnvironment, Done
from dockyard.model.facts import State

T = TypeVar("T")


class Loop:
    """An event loop in a thread, for as long as an environment is open."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._left: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="dockyard", daemon=True)
        self._thread.start()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Its result. Ctrl-C cancels it, waits until it has cleared up, and goes on up."""
        ended = threading.Event()
        future: concurrent.futures.Future[T] | None = None
        try:
            future = asyncio.run_coroutine_threadsafe(_until_ended(work, ended), self._loop)
            return future.result()
        except KeyboardInterrupt:
            if future is not None:
                future.cancel()
                ended.wait(60)
            raise
        except concurrent.futures.CancelledError:
            raise KeyboardInterrupt from None

    def clear_up(self, work: Coroutine[Any, Any, None]) -> None:
        """`call` for what a generator leaves behind: it may be collected as garbage anywhere, also in the loop's own thread, which can't
        wait for itself."""
        if threading.current_thread() is not self._thread:
            self.call(work)
            return
        task = self._loop.create_task(work)
        self._left.add(task)
        task.add_done_callback(self._left.discard)

    def end(self) -> None:
        """Stop, with all that is still in it."""
        if self._loop.is_closed():
            return
        with contextlib.suppress(BaseException):
            asyncio.run_coroutine_threadsafe(_finish(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        if not self._thread.is_alive():
            self._loop.close()


async def _until_ended(work: Coroutine[Any, Any, T], ended: threading.Event) -> T:
    """The future of what is cancelled is done at once; what it cancels isn't."""
    try:
        return await work
    finally:
        ended.set()


async def _finish() -> None:
    others = _others()
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()


def _others() -> list[asyncio.Task[Any]]:
    return [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


class Environment:
    """A standing environment. Every word means what it means on `AsyncEnvironment`."""

    def __init__(self, environment: AsyncEnvironment, loop: Loop) -> None:
        self._env, self._loop = environment, loop

    @property
    def id(self) -> str:
        """Its id, as `dockyard env ls` shows it."""
        return self._env.id

    @property
    def report(self) -> Path:
        """The folder with logs, timeline and, at the end, the verdict."""
        return self._env.report

    @property
    def services(self) -> tuple[str, ...]:
        """Its services (each replica: `web`, `web-2`), in the file's order."""
        return self._env.services

    def address(self, service: str, port: int | None = None) -> Address:
        """Where this machine reaches a service's TCP port (None: the first that its image or the file declares)."""
        return self._env.address(service, port)

    def variables(self) -> dict[str, str]:
        """`DOCKYARD_SERVICE_<NAME>_HOST`, `_PORT`, `_PORT_<n>`, `_URL` of every service, as this machine reaches it."""
        return self._env.variables()

    def exec(
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
        """Run a command in a service's container: see `AsyncEnvironment.exec`."""
        return self._loop.call(
            self._env.exec(service, command, input=input, user=user, workdir=workdir, env=env, timeout=timeout, check=check)
        )

    def logs(self, service: str, *, tail: int | None = None) -> str:
        """What it has written so far, both streams, without times. `tail`: the last lines only."""
        return self._loop.call(self._env.logs(service, tail=tail))

    def follow(self, service: str) -> Iterator[str]:
        """Its lines, from the first on, as they come, until it has ended for good."""
        lines = self._env.follow(service)

        async def following() -> str | None:
            return await anext(lines, None)

        try:
            while (line := self._loop.call(following())) is not None:
                yield line
        finally:
            self._loop.clear_up(_close(lines))

    def wait_log(self, service: str, pattern: str, *, timeout: float = PATIENCE) -> str:
        """The first line that matches the regex, of those that are there or come. TookTooLong."""
        return self._loop.call(self._env.wait_log(service, pattern, timeout=timeout))

    def wait_exit(self, service: str, *, timeout: float = PATIENCE) -> int:
        """Its exit code, once it has ended and isn't started again. TookTooLong."""
        return self._loop.call(self._env.wait_exit(service, timeout=timeout))

    def wait_ready(self, service: str, *, timeout: float = PATIENCE) -> None:
        """Ask a service that was paused, started again or disturbed until its checks hold. TookTooLong."""
        self._loop.call(self._env.wait_ready(service, timeout=timeout))

    def state(self, service: str) -> State:
        """What its container is doing now."""
        return self._loop.call(self._env.state(service))

    def pause(self, service: str) -> None:
        """Freeze all its processes: a peer that doesn't answer any more, and doesn't close anything."""
        self._loop.call(self._env.pause(service))

    def unpause(self, service: str) -> None:
        self._loop.call(self._env.unpause(service))

    def kill(self, service: str, signal: str = "KILL") -> None:
        """Send its first process a signal. An end of it is then no fault of the environment's."""
        self._loop.call(self._env.kill(service, signal))

    def stop(self, service: str, *, grace: float | None = None) -> None:
        """Its stop signal, and SIGKILL after `grace` seconds (None: its stop_grace_period). Returns when it has ended."""
        self._loop.call(self._env.stop(service, grace=grace))

    def start(self, service: str, *, wait: bool = True, timeout: float = PATIENCE) -> None:
        """Start a service that has ended; with `wait`, until it is ready again. Its address on this machine may be another one."""
        self._loop.call(self._env.start(service, wait=wait, timeout=timeout))

    def restart(self, service: str, *, grace: float | None = None, timeout: float = PATIENCE) -> None:
        """Stop, start, and wait until it is ready."""
        self._loop.call(self._env.restart(service, grace=grace, timeout=timeout))

    def read(self, service: str, path: str) -> bytes:
        """A file's content, also of a service that has ended."""
        return self._loop.call(self._env.read(service, path))

    def write(self, service: str, path: str, data: str | bytes, *, mode: int = 0o644) -> None:
        """Write a file, root's; its folder must be there."""
        self._loop.call(self._env.write(service, path, data, mode=mode))

    def copy_in(self, service: str, source: str | os.PathLike[str], path: str) -> None:
        """Copy a file or folder of this machine to `path` (its new name; the folder above must be there), owned by root."""
        self._loop.call(self._env.copy_in(service, source, path))

    def copy_out(self, service: str, path: str, destination: str | os.PathLike[str]) -> Path:
        """Copy a file or folder of a container into the folder `destination` of this machine (made where it isn't there)."""
        return self._loop.call(self._env.copy_out(service, path, destination))

    def clones(
        self,
        service: str,
        *,
        database: str = "",
        user: str = "",
        password: str | None = None,
        admin: tuple[str, str] | None = None,
        kind: Kind | None = None,
        port: int | None = None,
        ready: int = 2,
        disconnect: bool = False,
        fresh: bool = False,
    ) -> Clones:
        """Clones of a service's database, in PostgreSQL, MySQL or MariaDB: `with env.clones("db") as clones, clones.clone() as db: db.url`.

        The database is copied once, as it is when the first clone is taken; clones are made of that copy, `ready` of them beforehand.
        `fresh`: of a copy of its own, as the database is now. `database`, and who makes clones (`admin`) and uses them (`user`, `password`),
        are what the service's variables say (POSTGRES_*, MYSQL_*, MARIADB_*), where nothing else is given. `disconnect`: whoever is
        connected to the database (PostgreSQL copies only what nobody uses) is disconnected once. UserError for what can't be cloned exactly.
        """
        told = self.exec(service, ["env"], check=True).stdout.decode("utf-8", "replace").splitlines()
        variables = {name: value for name, found, value in (line.partition("=") for line in told) if found}

        def read(path: str) -> str:
            return self.exec(service, ["cat", path], user="0", check=True).stdout.decode()

        access = credentials.access(service, variables, read, kind=kind, admin=admin, user=user, password=password)
        number = port or credentials.PORTS[access.kind]
        self.address(service, number)  # a port that isn't there is said now
        return Clones(service, lambda: self.address(service, number), access, database, ready, disconnect, fresh)

    def lines(self) -> dict[str, int]:
        """How many lines each service has logged so far."""
        return self._env.lines()

    def since(self, lines: Mapping[str, int], most: int = 30) -> dict[str, list[str]]:
        """The last lines, at most `most`, that each service has logged after it had logged so many; secrets are masked."""
        self._loop.call(self._env.quiet())
        return self._env.since(lines, most)


async def _close(lines: Any) -> None:
    await lines.aclose()
