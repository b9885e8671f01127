"""HTTP/1.1 as the engine speaks it: calls, endless answers, and connections that become plain byte streams (Upgrade).

h11 reads and writes the protocol, asyncio's streams carry it: 14 ms to import and 0.3 ms a call, where httpx2 takes 230 ms and 0.6 (and
knows neither half-close nor a subprocess as its transport). Promises: a connection is used again only when its exchange ended well;
a call that is cancelled closes its own; only calls that change nothing are sent a second time, when an idle connection proves stale.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from typing import Any

import msgspec

from dockyard.engines.docker.client_dial import Dial, Pipe
from dockyard.engines.docker.client_errors import Slow, Unreachable, of_status
from dockyard.engines.docker.client_exchange import READ, Exchange

ANSWER = 120.0
"""Seconds until an answer must begin. Engines under load take many for a start."""

IDLE = 16
"""Connections that are kept for the next call."""

_ERROR_BODY = 64 * 1024
_BROKEN = (OSError, EOFError)


class Answer(msgspec.Struct, frozen=True):
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return msgspec.json.decode(self.body) if self.body.strip() else None


class Body:
    """The body of an answer as it comes: iterate it, and close it (also by leaving it as a context)."""

    def __init__(self, exchange: Exchange, call: str) -> None:
        self._exchange: Exchange | None = exchange
        self._call = call
        self.status = exchange.status
        self.headers = exchange.headers

    def __aiter__(self) -> Body:
        return self

    async def __anext__(self) -> bytes:
        if self._exchange is None:
            raise StopAsyncIteration
        try:
            data = await self._exchange.read()
        except BaseException as error:
            self.close()
            if isinstance(error, _BROKEN):
                raise Unreachable(
                    f"the engine's answer to {self._call} broke off: {error or 'connection closed'}", begun=True
                ) from error
            raise
        if not data:
            exchange, self._exchange = self._exchange, None
            exchange.done()
            raise StopAsyncIteration
        return data

    async def whole(self, limit: int | None = None) -> bytes:
        """All of it, or its first `limit` bytes."""
        parts: list[bytes] = []
        size = 0
        async for data in self:
            parts.append(data)
            size += len(data)
            if limit is not None and size >= limit:
                self.close()
                break
        return b"".join(parts)

    def close(self) -> None:
        if self._exchange is not None:
            self._exchange.drop()
            self._exchange = None

    async def __aenter__(self) -> Body:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.close()


class Hijacked:
    """A connection that is now a plain byte stream. `framed`: what comes is multiplexed (8-byte headers), not raw; None: not said."""

    def __init__(self, pipe: Pipe, first: bytes, headers: Mapping[str, str], call: str) -> None:
        self._pipe = pipe
        self._first = first
        self._call = call
        kind = headers.get("content-type", "")
        self.framed: bool | None = True if "multiplexed-stream" in kind else None

    async def send(self, data: bytes) -> None:
        try:
            self._pipe.writer.write(data)
            await self._pipe.writer.drain()
        except _BROKEN as error:
            raise Unreachable(f"the stream of {self._call} broke: {error}", begun=True) from error

    async def receive(self) -> bytes:
        """The next bytes; b"" at the end."""
        if self._first:
            data, self._first = self._first, b""
            return data
        try:
            return await self._pipe.reader.read(READ)
        except _BROKEN as error:
            raise Unreachable(f"the stream of {self._call} broke: {error}", begun=True) from error

    def end(self) -> None:
        """Say that no more is sent, and go on reading. Over TLS that can't be said."""
        with contextlib.suppress(OSError):
            self._pipe.end()

    def close(self) -> None:
        self._pipe.close()

    def __aiter__(self) -> Hijacked:
        return self

    async def __anext__(self) -> bytes:
        data = await self.receive()
        if not data:
            raise StopAsyncIteration
        return data

    async def __aenter__(self) -> Hijacked:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.close()


class Wire:
    """Calls to one engine, any number at once, each on a connection of its own."""

    def __init__(self, dial: Dial, host: str = "docker") -> None:
        self._dial = dial
        self._host = host
        self._idle: list[Exchange] = []
        self._closed = False

    async def call(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | AsyncIterable[bytes] | None = None,
        timeout: float | None = ANSWER,
    ) -> Answer:
        """One call and its whole answer, begun within `timeout` seconds and read within as many more. Statuses from 400 on are raised."""
        async with await self.open(method, target, headers=headers, body=body, timeout=timeout) as answer:
            try:
                async with asyncio.timeout(timeout):
                    return Answer(answer.status, answer.headers, await answer.whole())
            except TimeoutError as error:
                raise _slow(method, target, timeout) from error

    async def open(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | AsyncIterable[bytes] | None = None,
        timeout: float | None = ANSWER,
    ) -> Body:
        """One call; its answer is read by the caller, who has to close it. `timeout` bounds the wait for the answer's head alone."""
        exchange = await self._exchange(method, target, dict(headers or {}), body, timeout)
        call = _named(method, target)
        answer = Body(exchange, call)
        if exchange.status >= 400:
            await _raise(answer, call)
        return answer

    async def upgrade(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float | None = ANSWER,
    ) -> Hijacked:
        """One call whose connection becomes a stream of bytes."""
        wanted = {"Connection": "Upgrade", "Upgrade": "tcp", **(headers or {})}
        exchange = await self._exchange(method, target, wanted, body, timeout)
        call = _named(method, target)
        if exchange.status >= 400:
            await _raise(Body(exchange, call), call)
        pipe, first = exchange.take()
        return Hijacked(pipe, first, exchange.headers, call)

    async def close(self) -> None:
        """Close what is idle; streams that are being read are their readers'."""
        self._closed = True
        while self._idle:
            self._idle.pop().drop()
        await self._dial.close()

    async def _exchange(
        self, method: str, target: str, headers: dict[str, str], body: bytes | AsyncIterable[bytes] | None, timeout: float | None
    ) -> Exchange:
        try:
            async with asyncio.timeout(timeout):
                return await self._send(method, target, headers, body)
        except TimeoutError as error:
            raise _slow(method, target, timeout) from error

    async def _send(
        self, method: str, target: str, headers: dict[str, str], body: bytes | AsyncIterable[bytes] | None
    ) -> Exchange:
        again = method in ("GET", "HEAD") and not isinstance(body, AsyncIterable)
        while True:
            exchange = self._take_idle()
            fresh = exchange is None
            if exchange is None:
                exchange = Exchange(await self._dial(), self._keep)
            try:
                await exchange.send(method, target, {"Host": self._host, **headers}, body)
                return exchange
            except BaseException as error:
                exchange.drop()
                if not isinstance(error, _BROKEN):
                    raise
                if again and not fresh:
                    continue
                why = await exchange.why() or str(error) or "connection closed"
                raise Unreachable(f"the engine did not answer {_named(method, target)}: {why}", begun=True) from error

    def _take_idle(self) -> Exchange | None:
        while self._idle:
            exchange = self._idle.pop()
            if exchange.usable():
                return exchange
            exchange.drop()
        return None

    def _keep(self, exchange: Exchange) -> None:
        if self._closed or len(self._idle) >= IDLE:
            exchange.drop()
        else:
            self._idle.append(exchange)


async def _raise(answer: Body, call: str) -> None:
    async with answer:
        try:
            async with asyncio.timeout(ANSWER):
                body = await answer.whole(_ERROR_BODY)
        except (TimeoutError, Unreachable):
            body = b""
    raise of_status(
        answer.status,
        _message(body) or f"the engine answered {answer.status}",
        call,
        answer.headers.get("retry-after", ""),
        time.time(),
    )


def _message(body: bytes) -> str:
    """`{"message": …}` is Docker's; Podman has `cause` and `message`; a proxy between has HTML."""
    try:
        found = msgspec.json.decode(body)
    except msgspec.MsgspecError:
        found = body.decode(errors="replace").strip()[:1000]
    if isinstance(found, dict):
        found = found.get("message") or found.get("cause") or ""
    return str(found).strip()


def _slow(method: str, target: str, timeout: float | None) -> Slow:
    return Slow(f"the engine did not answer {_named(method, target)} within {timeout or 0:g} s", begun=True)


def _named(method: str, target: str) -> str:
    return f"{method} {target.partition('?')[0]}"


async def lines(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A stream's lines, without their ends; what follows the last end is a line as well."""
    held = b""
    async for data in body:
        *whole, held = (held + data).split(b"\n")
        for line in whole:
            if line.strip():
                yield line
    if held.strip():
        yield held
