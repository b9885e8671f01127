"""One connection to an engine and the HTTP/1.1 exchange that is under way on it.

h11 reads and writes the protocol; the bytes come and go by the pipe. OSError and EOFError are what a broken connection gives here; what
that means for the call is the wire's to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable
from typing import Any

from dockyard.engines.docker.client_dial import Pipe

READ = 256 * 1024
"""Bytes that are asked for at a time."""


class Exchange:
    """One connection and the exchange that is under way on it."""

    def __init__(self, pipe: Pipe, keep: Callable[[Exchange], None]) -> None:
        """`keep` is given the connection when it may serve again."""
        import h11

        self._h11 = h11
        self._pipe = pipe
        self._keep = keep
        self._connection = h11.Connection(h11.CLIENT)
        self._ended = False
        self.status = 0
        self.headers: dict[str, str] = {}

    def usable(self) -> bool:
        return not self._pipe.reader.at_eof() and not self._pipe.writer.is_closing() and self._pipe.reader.exception() is None

    async def send(self, method: str, target: str, headers: dict[str, str], body: bytes | AsyncIterable[bytes] | None) -> None:
        """Send the request and read the answer's head. OSError or EOFError where the connection breaks."""
        h11, connection, writer = self._h11, self._connection, self._pipe.writer
        self._ended = False
        if isinstance(body, bytes):
            headers["Content-Length"] = str(len(body))
        elif body is not None:
            headers["Transfer-Encoding"] = "chunked"
        elif method not in ("GET", "HEAD"):
            headers["Content-Length"] = "0"
        first = connection.send(h11.Request(method=method, target=target, headers=list(headers.items()))) or b""
        if isinstance(body, bytes):
            first += connection.send(h11.Data(data=body)) or b""
        writer.write(first)
        if body is None or isinstance(body, bytes):
            writer.write(connection.send(h11.EndOfMessage()) or b"")
            if len(first) < READ:
                await self._head()
                return
        # It may answer before it has read all ("no such container" to an upload) and then go; so both at once.
        head = asyncio.ensure_future(self._head())
        upload = asyncio.ensure_future(self._upload(body))
        try:
            await asyncio.wait({head, upload}, return_when=asyncio.FIRST_COMPLETED)
            if not head.done() and upload.exception() is not None:
                await asyncio.wait({head}, timeout=1)
            if not head.done():
                await upload
            await head
        finally:
            head.cancel()
            upload.cancel()
            await asyncio.gather(head, upload, return_exceptions=True)

    async def _upload(self, body: bytes | AsyncIterable[bytes] | None) -> None:
        writer = self._pipe.writer
        await writer.drain()
        if isinstance(body, AsyncIterable):
            async for data in body:
                writer.write(self._connection.send(self._h11.Data(data=data)) or b"")
                await writer.drain()
            writer.write(self._connection.send(self._h11.EndOfMessage()) or b"")
            await writer.drain()

    async def _head(self) -> None:
        while True:
            event = await self._event()
            if isinstance(event, self._h11.InformationalResponse) and event.status_code != 101:
                continue
            if isinstance(event, self._h11.Response | self._h11.InformationalResponse):
                self.status = event.status_code
                self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers}
                return
            raise EOFError("connection closed")

    async def read(self) -> bytes:
        """The next bytes of the body, as many as are there; b"" at its end."""
        parts: list[bytes] = []
        while not self._ended:
            event = self._next()
            if isinstance(event, self._h11.Data):
                parts.append(bytes(event.data))
            elif event is not self._h11.NEED_DATA:
                self._ended = True
            elif parts:
                break
            else:
                await self._fill()
        return b"".join(parts)

    async def _event(self) -> Any:
        while True:
            event = self._next()
            if event is not self._h11.NEED_DATA:
                return event
            await self._fill()

    def _next(self) -> Any:
        try:
            return self._connection.next_event()
        except self._h11.RemoteProtocolError as error:
            raise EOFError(f"no proper HTTP: {error}") from error

    async def _fill(self) -> None:
        data = await self._pipe.reader.read(READ)
        self._connection.receive_data(data)

    def done(self) -> None:
        """The answer was read to its end: the connection may serve again."""
        if self._connection.our_state is self._h11.DONE and self._connection.their_state is self._h11.DONE:
            self._connection.start_next_cycle()
            self._keep(self)
        else:
            self.drop()

    def drop(self) -> None:
        self._pipe.close()

    def take(self) -> tuple[Pipe, bytes]:
        """The connection itself, for whoever reads and writes bytes from here on, and what has come already."""
        return self._pipe, bytes(self._connection.trailing_data[0])

    async def why(self) -> str:
        return await self._pipe.why()
