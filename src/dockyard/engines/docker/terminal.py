"""A command in a container with this process's own terminal or pipes, as `docker exec -it` does it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Sequence

from dockyard.engines.docker import talking
from dockyard.engines.docker.api import Api, EngineError
from dockyard.engines.docker.client_wire import Hijacked
from dockyard.engines.docker.stream import demultiplex
from dockyard.engines.protocol import Stream

_BLOCK = 64 * 1024


async def interact(api: Api, identity: str, command: Sequence[str], *, tty: bool) -> int:
    """Its exit code. The terminal is as it was afterwards, however it ends."""
    body = {**talking.command(command, stdin=True), "Tty": tty}
    if tty and os.environ.get("TERM"):
        body["Env"] = [f"TERM={os.environ['TERM']}"]
    made, stream = await talking.begin(api, identity, body)
    sending = asyncio.create_task(_send(stream))
    try:
        with _raw(tty), _sized(api, made, tty):
            async for chunk in demultiplex(stream, raw=tty):
                out = sys.stderr if chunk.stream is Stream.STDERR else sys.stdout
                out.buffer.write(chunk.data)
                out.buffer.flush()
        return await talking.exit_code(api, made)
    finally:
        sending.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await sending
        stream.close()


async def _send(stream: Hijacked) -> None:
    async for data in _typed():
        await stream.send(data)
    stream.end()


async def _typed() -> AsyncIterator[bytes]:
    """What comes on standard input. Files can't be waited for: they are read in a thread."""
    loop = asyncio.get_running_loop()
    fd = sys.stdin.fileno()
    came = asyncio.Event()
    try:
        loop.add_reader(fd, came.set)
    except (OSError, ValueError, NotImplementedError):
        while data := await asyncio.to_thread(os.read, fd, _BLOCK):
            yield data
        return
    try:
        while True:
            await came.wait()
            came.clear()
            if not select.select([fd], [], [], 0)[0]:
                continue  # the loop has told it once more, before what came was read
            data = os.read(fd, _BLOCK)
            if not data:
                return
            yield data
    finally:
        loop.remove_reader(fd)


@contextlib.contextmanager
def _raw(tty: bool) -> Iterator[None]:
    if not tty or not sys.stdin.isatty():
        yield
        return
    import termios
    import tty as terminal

    fd = sys.stdin.fileno()
    before = termios.tcgetattr(fd)
    terminal.setraw(fd)
    try:
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)


@contextlib.contextmanager
def _sized(api: Api, made: str, tty: bool) -> Iterator[None]:
    """The exec's terminal has the size of ours, also when ours changes."""
    if not tty or not sys.stdout.isatty():
        yield
        return
    loop = asyncio.get_running_loop()
    tasks: set[asyncio.Task[None]] = set()

    async def resize() -> None:
        size = os.get_terminal_size(sys.stdout.fileno())
        with contextlib.suppress(EngineError):
            await api.client.execs.resize(made, size.lines, size.columns)

    def changed() -> None:
        task = asyncio.ensure_future(resize())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    changed()
    loop.add_signal_handler(signal.SIGWINCH, changed)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGWINCH)
