"""An engine at the wire: takes connections, reads whole requests, and does with each what the test says."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from dockyard.engines.docker.client_dial import dialer
from dockyard.engines.docker.client_wire import Wire
from dockyard.engines.docker.endpoint import Endpoint


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query, keep_blank_values=True).items()}

    def answer(self, body: object = b"", *, status: int = 200, headers: dict[str, str] | None = None) -> None:
        """A whole answer, with its length."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(data)}", *(f"{k}: {v}" for k, v in (headers or {}).items())]
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + data)

    def begin(self, status: int = 200) -> None:
        """The head of an answer in chunks."""
        self.writer.write(b"HTTP/1.1 %d X\r\nTransfer-Encoding: chunked\r\n\r\n" % status)

    def chunk(self, data: bytes) -> None:
        self.writer.write(b"%x\r\n%s\r\n" % (len(data), data))

    def upgraded(self, more: bytes = b"") -> None:
        self.writer.write(b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n" + more)

    def close(self) -> None:
        self.writer.close()


Handler = Callable[[Request], Awaitable[None] | None]


@dataclass
class Fake:
    path: str
    handler: Handler
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    closed: int = 0
    read_bodies: bool = True

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(scheme="unix", path=self.path)

    def wire(self) -> Wire:
        return Wire(dialer(self.endpoint))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        try:
            while True:
                request = await self._read(reader, writer, number)
                self.requests.append(request)
                done = self.handler(request)
                if done is not None:
                    await done
                await writer.drain()
        except (EOFError, OSError):
            pass
        finally:
            self.closed += 1
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> Request:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, target, _ = head[0].split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = b""
        if self.read_bodies:
            if headers.get("transfer-encoding") == "chunked":
                while size := int(await reader.readuntil(b"\r\n"), 16):
                    body += (await reader.readexactly(size + 2))[:-2]
                await reader.readexactly(2)
            else:
                body = await reader.readexactly(int(headers.get("content-length", 0)))
        return Request(method, target, headers, body, number, reader, writer)


@contextlib.asynccontextmanager
async def fake(folder: Path, handler: Handler) -> AsyncIterator[Fake]:
    made = Fake(str(folder / "engine.sock"), handler)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        await made.serve(reader, writer)

    server = await asyncio.start_unix_server(serve, made.path, limit=1 << 24, backlog=1000)
    try:
        yield made
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
