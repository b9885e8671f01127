"""The Docker Engine API, one method for each call that Dockyard makes. Plain dicts, bytes and iterators in and out.

Promises: the version is negotiated once (1.41 at least); what goes wrong is `client_errors`'; streams end when their reader leaves them;
nothing is retried and nothing is decided here. Works with Podman's socket where it answers alike.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from dockyard.engines.docker.client_containers import Containers, Execs
from dockyard.engines.docker.client_dial import Dial, dialer
from dockyard.engines.docker.client_images import Images
from dockyard.engines.docker.client_networks import Networks, Volumes
from dockyard.engines.docker.client_wire import ANSWER, Answer, Body, Hijacked, Wire, lines
from dockyard.engines.docker.client_words import Filters, Json, moment, text
from dockyard.engines.docker.endpoint import Endpoint
from dockyard.model.errors import Problem, UserError

OLDEST = (1, 41)
NEWEST = (1, 56)
"""Both are tested; an engine that speaks a newer one is asked for this one."""


class Client:
    """One engine. Made by `connect`; `api` is the version that was agreed on, as in "1.41"."""

    def __init__(self, endpoint: Endpoint, wire: Wire, api: str) -> None:
        self.endpoint = endpoint
        self.api = api
        self.wire = wire
        self._prefix = f"{endpoint.path if endpoint.scheme == 'tcp' else ''}/v{api}"
        self.containers = Containers(self)
        self.images = Images(self)
        self.networks = Networks(self)
        self.volumes = Volumes(self)
        self.execs = Execs(self)

    async def close(self) -> None:
        await self.wire.close()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def ping(self) -> Mapping[str, str]:
        """The headers of the answer: `api-version`, `ostype`, `builder-version`, `server`, lower case."""
        return (await self.wire.call("GET", "/_ping", timeout=10)).headers

    async def version(self) -> Json:
        return await self.json("GET", "/version")

    async def info(self) -> Json:
        return await self.json("GET", "/info")

    async def disk(self) -> Json:
        """`system df`. Slow: the engine measures."""
        return await self.json("GET", "/system/df", timeout=None)

    async def events(
        self, *, filters: Filters | None = None, since: float | str = 0, until: float | str = 0
    ) -> AsyncIterator[Json]:
        """What happens, from `since` (Unix seconds by the engine's clock; as text where nanoseconds count) on, to `until` or without an end.

        Unreachable when the engine goes away.
        """
        query = {"filters": filters, "since": moment(since), "until": moment(until)}
        async with await self.open("GET", "/events", query=query) as body:
            async for line in lines(body):
                yield msgspec.json.decode(line)

    async def json(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        timeout: float | None = ANSWER,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """One call of the versioned API: JSON in, JSON out (None where the answer is empty)."""
        return (await self.call(method, path, query=query, body=body, timeout=timeout, headers=headers)).json()

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        timeout: float | None = ANSWER,
        headers: Mapping[str, str] | None = None,
        content_type: str = "",
    ) -> Answer:
        """A call and its whole answer. A body of bytes is sent as it is, as `content_type`; any other becomes JSON."""
        sent, data = _sent(body, headers, content_type)
        return await self.wire.call(method, self.target(path, query), headers=sent, body=data, timeout=timeout)

    async def open(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        timeout: float | None = ANSWER,
        headers: Mapping[str, str] | None = None,
        content_type: str = "",
    ) -> Body:
        """A call whose answer is read as it comes, and closed, by the caller."""
        sent, data = _sent(body, headers, content_type)
        return await self.wire.open(method, self.target(path, query), headers=sent, body=data, timeout=timeout)

    async def upgrade(self, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None) -> Hijacked:
        sent, data = _sent(body, None, "")
        assert data is None or isinstance(data, bytes)
        return await self.wire.upgrade("POST", self.target(path, query), headers=sent, body=data)

    def target(self, path: str, query: Mapping[str, Any] | None = None) -> str:
        found = {name: text(value) for name, value in (query or {}).items() if value not in (None, "", {}, [])}
        return f"{self._prefix}{path}{'?' + urlencode(found) if found else ''}"


async def connect(endpoint: Endpoint, *, dial: Dial | None = None) -> Client:
    """Reach the engine and agree on a version. Unreachable where none answers; UserError where it is too old or isn't what was asked for."""
    wire = Wire(dial or dialer(endpoint), endpoint.host if endpoint.scheme == "tcp" else "docker")
    try:
        base = endpoint.path if endpoint.scheme == "tcp" else ""
        headers = (await wire.call("GET", f"{base}/_ping", timeout=45 if endpoint.scheme == "ssh" else 15)).headers
        return Client(endpoint, wire, negotiate(headers.get("api-version", ""), endpoint.api, str(endpoint)))
    except BaseException:
        await wire.close()
        raise


def negotiate(theirs: str, asked: str, where: str) -> str:
    """The version to speak: what was asked for, else the newest that both know."""
    speaks = _version(theirs)
    if speaks is None:
        raise UserError(Problem(f"what answers at {where} is no Docker Engine: its ping names no API version"))
    if speaks < OLDEST:
        raise UserError(
            Problem(
                f"the engine at {where} speaks API {theirs}; {OLDEST[0]}.{OLDEST[1]} is needed at least",
                hint="upgrade it to Docker Engine 20.10 or newer",
            )
        )
    chosen = min(speaks, NEWEST)
    if asked:
        wanted = _version(asked)
        if wanted is None or wanted < OLDEST or wanted > speaks:
            raise UserError(
                Problem(
                    f"DOCKER_API_VERSION asks for {asked!r}; the engine speaks {theirs}, Dockyard needs 1.41 at least",
                    hint="unset it",
                )
            )
        chosen = wanted
    return f"{chosen[0]}.{chosen[1]}"


def _sent(
    body: Any, headers: Mapping[str, str] | None, content_type: str
) -> tuple[dict[str, str], bytes | AsyncIterable[bytes] | None]:
    sent = dict(headers or {})
    if body is None:
        return sent, None
    if isinstance(body, bytes | AsyncIterable):
        return {"Content-Type": content_type or "application/octet-stream", **sent}, body
    return {"Content-Type": "application/json", **sent}, msgspec.json.encode(body)


def _version(text: str) -> tuple[int, int] | None:
    major, _, minor = text.lstrip("v").partition(".")
    return (int(major), int(minor)) if major.isdigit() and minor.isdigit() else None
