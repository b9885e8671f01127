"""A proxy between a run and its engine that sees every call, and does something at the one it was told.

It passes bytes on as they come; a request is recognised by its first line at the start of what a client sends (clients send a head in one
piece, and the next one only when the answer is there).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path

_REQUEST = re.compile(rb"(GET|POST|PUT|DELETE|HEAD) (\S+) HTTP/1\.1\r\n")


class Moment(StrEnum):
    """When, around a call."""

    BEFORE = "before"
    IN = "in"
    """The engine has it; nobody has heard its answer."""
    AFTER = "after"


Strike = Callable[[str], Awaitable[None] | None]


class Wire:
    """Listens at `path`, talks to the engine at `engine` (both Unix sockets). `calls`: every request line so far. `meet`: awaited
    with each request line before the engine hears of it; a ConnectionError from it drops the connection."""

    def __init__(
        self,
        path: Path,
        engine: str,
        *,
        at: int = -1,
        moment: Moment = Moment.BEFORE,
        strike: Strike | None = None,
        meet: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self.path, self._engine, self._meet = path, engine, meet
        self._at, self._moment, self._strike = at, moment, strike
        self.calls: list[str] = []
        self.struck = ""
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Wire:
        self._server = await asyncio.start_unix_server(self._serve, str(self.path))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            there, back = await asyncio.open_unix_connection(self._engine)
            armed = asyncio.Event()
            await asyncio.gather(self._outwards(reader, back, armed), self._inwards(there, writer, armed))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _outwards(self, reader: asyncio.StreamReader, back: asyncio.StreamWriter, armed: asyncio.Event) -> None:
        while data := await reader.read(65536):
            found = _REQUEST.match(data)
            mine = False
            if found:
                self.calls.append(f"{found[1].decode()} {found[2].decode()}")
                mine = len(self.calls) - 1 == self._at
                if self._meet is not None:
                    await self._meet(self.calls[-1])
            if mine and self._moment is Moment.BEFORE:
                await self._hit()
            back.write(data)
            await back.drain()
            if mine and self._moment is Moment.IN:
                await self._hit()
            if mine and self._moment is Moment.AFTER:
                armed.set()
        if back.can_write_eof():
            back.write_eof()

    async def _inwards(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter, armed: asyncio.Event) -> None:
        while data := await there.read(65536):
            writer.write(data)
            await writer.drain()
            if armed.is_set():
                armed.clear()
                await self._hit()
        if writer.can_write_eof():
            writer.write_eof()

    async def _hit(self) -> None:
        self.struck = self.calls[self._at]
        if self._strike is not None:
            done = self._strike(self.struck)
            if done is not None:
                await done
