"""The engine's calls about networks and volumes. See `client`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockyard.engines.docker.client_words import Filters, Json, of

if TYPE_CHECKING:
    from dockyard.engines.docker.client import Client


class Networks:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def create(self, body: Json) -> Json:
        """`{"Id": …, "Warning": …}`. `CheckDuplicate` is added: engines before 25 make two networks of one name otherwise."""
        return await self._client.json("POST", "/networks/create", body={"CheckDuplicate": True, **body})

    async def list(self, *, filters: Filters | None = None) -> list[Json]:
        return await self._client.json("GET", "/networks", query={"filters": filters}) or []

    async def inspect(self, network: str, *, verbose: bool = False) -> Json:
        return await self._client.json("GET", of("networks", network), query={"verbose": verbose or None})

    async def connect(self, network: str, container: str, endpoint: Json | None = None) -> None:
        body = {"Container": container, "EndpointConfig": endpoint or {}}
        await self._client.call("POST", of("networks", network, "connect"), body=body)

    async def disconnect(self, network: str, container: str, *, force: bool = True) -> None:
        await self._client.call("POST", of("networks", network, "disconnect"), body={"Container": container, "Force": force})

    async def remove(self, network: str) -> None:
        """EngineError 403: containers are in it."""
        await self._client.call("DELETE", of("networks", network))


class Volumes:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def create(self, body: Json) -> Json:
        """Idempotent at the engine: one of that name is given back as it is."""
        return await self._client.json("POST", "/volumes/create", body=body)

    async def list(self, *, filters: Filters | None = None) -> list[Json]:
        return (await self._client.json("GET", "/volumes", query={"filters": filters}) or {}).get("Volumes") or []

    async def inspect(self, volume: str) -> Json:
        return await self._client.json("GET", of("volumes", volume))

    async def remove(self, volume: str, *, force: bool = True) -> None:
        """Conflict: a container uses it."""
        await self._client.call("DELETE", of("volumes", volume), query={"force": force})
