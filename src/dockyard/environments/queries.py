"""Protocol checks that mean it: a server is ready when it answers a request or a query, not when its port is open.

They speak from this side over a TCP connection made inside the container (`Site.relay`), so nothing need be installed in the image
and no address need be reachable. Clients are h11, pg8000 and PyMySQL; Redis's two replies are read here (RESP, redis.io/docs/reference/protocol-spec).
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from dockyard.engines.protocol import Duplex, Site
from dockyard.model.errors import DockyardError
from dockyard.model.extension import HttpReady, QueryReady

TRY = 5.0
"""Seconds that one try may take."""

BODY = 1 << 20
"""Bytes of an HTTP answer that are looked at."""

_PORTS = {"postgres": 5432, "mysql": 3306, "redis": 6379}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to ask as. An empty password is none."""

    port: int
    user: str = ""
    password: str = ""
    database: str = ""


def wanted(kind: str, asked: QueryReady, environment: Mapping[str, str]) -> Wanted:
    """What the file says, else the variables of the official images (their documentation), else the servers' defaults."""
    env = environment
    if kind == "postgres":
        user = asked.user or env.get("POSTGRES_USER", "") or "postgres"
        password, database = env.get("POSTGRES_PASSWORD", ""), env.get("POSTGRES_DB", "") or user
    elif kind == "mysql":
        user = asked.user or _either(env, "USER") or "root"
        password = _either(env, "PASSWORD") if user != "root" else _either(env, "ROOT_PASSWORD")
        database = _either(env, "DATABASE")
    else:
        user, password, database = asked.user, env.get("REDIS_PASSWORD", ""), ""
    return Wanted(
        port=asked.port or _PORTS[kind], user=user, password=asked.password or password, database=asked.database or database
    )


def _either(environment: Mapping[str, str], name: str) -> str:
    return environment.get(f"MARIADB_{name}", "") or environment.get(f"MYSQL_{name}", "")


async def through(site: Site, key: str, port: int, ask: Callable[[Duplex], Any]) -> str | None:
    """One try: None when the server answered as it should, else what it said or what went wrong."""
    duplex: Duplex | None = None
    try:
        async with asyncio.timeout(TRY):
            duplex = await site.relay(key, port)
            return await ask(duplex)
    except TimeoutError:
        return f"no answer within {TRY:g} s"
    except (DockyardError, OSError) as error:
        return str(error)
    finally:
        if duplex is not None:
            await duplex.close()


async def ask(kind: str, duplex: Duplex, whom: Wanted) -> str | None:
    """One query as `whom`."""
    if kind == "redis":
        return await _redis(duplex, whom)
    query = _postgres if kind == "postgres" else _mysql
    return await _bridged(duplex, lambda sock: query(sock, whom))


async def http(duplex: Duplex, ready: HttpReady | None) -> str | None:
    """One GET, HTTP/1.1; h11 reads the answer."""
    import h11

    assert ready is not None
    client = h11.Connection(h11.CLIENT)
    headers = [("Host", f"localhost:{ready.port}"), ("Accept", "*/*"), ("Connection", "close"), ("User-Agent", "dockyard")]
    sent = client.send(h11.Request(method="GET", target=ready.path, headers=headers))
    await duplex.send((sent or b"") + (client.send(h11.EndOfMessage()) or b""))
    status, body = 0, b""
    try:
        while True:
            event = client.next_event()
            if event is h11.NEED_DATA:
                client.receive_data(await duplex.receive())
            elif isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                body = (body + bytes(event.data))[:BODY]
            elif isinstance(event, (h11.EndOfMessage, h11.ConnectionClosed)):
                break
    except h11.RemoteProtocolError as error:
        return f"no HTTP answer: {error}"
    return _unwanted(status, body, ready)


def _unwanted(status: int, body: bytes, ready: HttpReady) -> str | None:
    """None for the answer that was asked for."""
    if not status:
        return "closed the connection"
    if status != ready.status if ready.status is not None else not 200 <= status < 400:
        return f"answered {status}"
    if ready.body and not re.search(ready.body, body.decode("utf-8", "replace")):
        return f"answered {status}, but nothing in it matches {ready.body!r}"
    return None


async def _redis(duplex: Duplex, whom: Wanted) -> str | None:
    if whom.password:
        words = ["AUTH", *([whom.user] if whom.user else []), whom.password]
        said = await _redis_call(duplex, words)
        if not said.startswith("+OK"):
            return said
    said = await _redis_call(duplex, ["PING"])
    return None if said.startswith("+PONG") else said or "closed the connection"


async def _redis_call(duplex: Duplex, words: list[str]) -> str:
    parts = [f"*{len(words)}\r\n".encode()]
    for word in words:
        data = word.encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    await duplex.send(b"".join(parts))
    answer = b""
    while b"\r\n" not in answer and len(answer) < 4096:
        data = await duplex.receive()
        if not data:
            break
        answer += data
    return answer.split(b"\r\n", 1)[0].decode("utf-8", "replace")


async def _bridged(duplex: Duplex, query: Callable[[socket.socket], str | None]) -> str | None:
    """Run a client that wants a socket, in a thread; its bytes go over the duplex."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.settimeout(TRY)
    loop = asyncio.get_running_loop()

    async def outwards() -> None:
        while data := await loop.sock_recv(ours, 65536):
            await duplex.send(data)

    async def inwards() -> None:
        while data := await duplex.receive():
            await loop.sock_sendall(ours, data)
        ours.shutdown(socket.SHUT_WR)

    pumps: list[asyncio.Future[None]] = [asyncio.ensure_future(_quiet(outwards())), asyncio.ensure_future(_quiet(inwards()))]
    try:
        return await asyncio.to_thread(query, theirs)
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        ours.close()
        theirs.close()


async def _quiet(pump: Awaitable[None]) -> None:
    try:
        await pump
    except OSError:
        return


def _postgres(sock: socket.socket, whom: Wanted) -> str | None:
    import pg8000.native

    try:
        client = pg8000.native.Connection(
            whom.user, password=whom.password or None, database=whom.database or None, sock=sock, timeout=TRY, ssl_context=False
        )
        client.run("SELECT 1")
        client.close()
    except (pg8000.native.Error, OSError) as error:
        return _said(error)
    return None


def _mysql(sock: socket.socket, whom: Wanted) -> str | None:
    import pymysql

    try:
        client = pymysql.connections.Connection(
            user=whom.user,
            password=whom.password,
            database=whom.database or None,
            defer_connect=True,
            read_timeout=TRY,
            write_timeout=TRY,
        )
        client.connect(sock)
        with client.cursor() as cursor:
            cursor.execute("SELECT 1")
        client.close()
    except (pymysql.err.Error, RuntimeError, OSError) as error:
        return _said(error)
    return None


def _said(error: Exception) -> str:
    first = error.args[0] if error.args else error
    if isinstance(first, dict):
        return str(first.get("M", first))
    return str(error)
