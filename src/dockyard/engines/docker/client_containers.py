"""The engine's calls about containers and what is run in them. See `client` for what holds for all calls."""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import TYPE_CHECKING

import msgspec

from dockyard.engines.docker.client_wire import ANSWER, Body, Hijacked
from dockyard.engines.docker.client_words import TAR, Filters, Json, moment, of

if TYPE_CHECKING:
    from dockyard.engines.docker.client import Client


class Containers:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def create(self, name: str, body: Json, *, platform: str = "") -> Json:
        """`{"Id": …, "Warnings": […]}`. NotFound: no such image (or network, or volume driver). Conflict: the name is taken."""
        return await self._client.json("POST", "/containers/create", query={"name": name, "platform": platform}, body=body)

    async def start(self, container: str) -> bool:
        """False: it was running already."""
        return (await self._client.call("POST", of("containers", container, "start"), timeout=300)).status != 304

    async def inspect(self, container: str, *, size: bool = False) -> Json:
        return await self._client.json("GET", of("containers", container, "json"), query={"size": size or None})

    async def list(self, *, all: bool = True, filters: Filters | None = None) -> list[Json]:
        return await self._client.json("GET", "/containers/json", query={"all": all, "filters": filters}) or []

    async def kill(self, container: str, signal: str = "SIGKILL") -> None:
        """Conflict: it does not run."""
        await self._client.call("POST", of("containers", container, "kill"), query={"signal": signal})

    async def stop(self, container: str, *, grace: int | None = None, signal: str = "") -> bool:
        """Ask, then kill after `grace` seconds (None: the container's own). False: it did not run."""
        timeout = None if grace is None or grace < 0 else grace + ANSWER
        answer = await self._client.call(
            "POST", of("containers", container, "stop"), query={"t": grace, "signal": signal}, timeout=timeout
        )
        return answer.status != 304

    async def restart(self, container: str, *, grace: int | None = None) -> None:
        await self._client.call("POST", of("containers", container, "restart"), query={"t": grace}, timeout=None)

    async def pause(self, container: str) -> None:
        await self._client.call("POST", of("containers", container, "pause"))

    async def unpause(self, container: str) -> None:
        await self._client.call("POST", of("containers", container, "unpause"))

    async def remove(self, container: str, *, force: bool = True, volumes: bool = True) -> None:
        """With `volumes`, its anonymous volumes too. Conflict: its removal is under way."""
        await self._client.call("DELETE", of("containers", container), query={"force": force, "v": volumes}, timeout=300)

    async def wait(self, container: str, condition: str = "not-running") -> Json:
        """Until it doesn't run (`not-running`), exits the next time (`next-exit`) or is gone (`removed`): `{"StatusCode": …}`."""
        body = await self._client.open("POST", of("containers", container, "wait"), query={"condition": condition}, timeout=None)
        async with body:
            return msgspec.json.decode(await body.whole())

    async def logs(
        self,
        container: str,
        *,
        follow: bool = False,
        since: float | str = 0,
        until: float | str = 0,
        tail: int | None = None,
        timestamps: bool = True,
        stdout: bool = True,
        stderr: bool = True,
    ) -> Body:
        """The log's bytes, multiplexed unless the container has a terminal (`stream.demultiplex`). The caller closes it."""
        query = {
            "follow": follow,
            "stdout": stdout,
            "stderr": stderr,
            "since": moment(since),
            "until": moment(until),
            "timestamps": timestamps,
            "tail": "all" if tail is None else tail,
        }
        return await self._client.open("GET", of("containers", container, "logs"), query=query)

    async def attach(
        self, container: str, *, stdin: bool = False, stdout: bool = False, stderr: bool = False, logs: bool = False
    ) -> Hijacked:
        query = {"stream": True, "stdin": stdin or None, "stdout": stdout or None, "stderr": stderr or None, "logs": logs or None}
        return await self._client.upgrade(of("containers", container, "attach"), query=query)

    async def stats(self, container: str) -> Json:
        """One sample, without the second that the engine otherwise waits for the previous one."""
        return await self._client.json("GET", of("containers", container, "stats"), query={"stream": False, "one-shot": True})

    async def top(self, container: str, arguments: str = "") -> Json:
        return await self._client.json("GET", of("containers", container, "top"), query={"ps_args": arguments})

    async def changes(self, container: str) -> list[Json]:
        return await self._client.json("GET", of("containers", container, "changes")) or []

    async def update(self, container: str, body: Json) -> Json:
        return await self._client.json("POST", of("containers", container, "update"), body=body)

    async def rename(self, container: str, name: str) -> None:
        await self._client.call("POST", of("containers", container, "rename"), query={"name": name})

    async def resize(self, container: str, height: int, width: int) -> None:
        await self._client.call("POST", of("containers", container, "resize"), query={"h": height, "w": width})

    async def get_archive(self, container: str, path: str) -> Body:
        """A tar stream of `path`. NotFound: no such path. The caller closes it."""
        return await self._client.open("GET", of("containers", container, "archive"), query={"path": path})

    async def put_archive(
        self, container: str, path: str, archive: bytes | AsyncIterable[bytes], *, keep_owners: bool = True
    ) -> None:
        """Unpack a tar archive into the folder `path`. `keep_owners`: as the archive says, else root's."""
        query = {"path": path, "copyUIDGID": keep_owners or None, "noOverwriteDirNonDir": True}
        await self._client.call(
            "PUT", of("containers", container, "archive"), query=query, body=archive, timeout=600, content_type=TAR
        )

    async def commit(
        self, container: str, *, repository: str = "", tag: str = "", config: Json | None = None, pause: bool = True
    ) -> str:
        """An image of the container's file system; its id."""
        query = {"container": container, "repo": repository, "tag": tag, "pause": pause}
        return (await self._client.json("POST", "/commit", query=query, body=config or {}, timeout=None))["Id"]

    async def prune(self, filters: Filters) -> Json:
        return await self._client.json("POST", "/containers/prune", query={"filters": filters}, timeout=None)


class Execs:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def create(self, container: str, body: Json) -> str:
        """Its id. Conflict: the container doesn't run (or is paused)."""
        return (await self._client.json("POST", of("containers", container, "exec"), body=body))["Id"]

    async def start(self, exec_id: str, *, tty: bool = False) -> Hijacked:
        """Run it; its streams. Multiplexed unless it has a terminal."""
        return await self._client.upgrade(of("exec", exec_id, "start"), body={"Detach": False, "Tty": tty})

    async def start_detached(self, exec_id: str) -> None:
        await self._client.call("POST", of("exec", exec_id, "start"), body={"Detach": True})

    async def inspect(self, exec_id: str) -> Json:
        """`Running`, `ExitCode`, `Pid`."""
        return await self._client.json("GET", of("exec", exec_id, "json"))

    async def resize(self, exec_id: str, height: int, width: int) -> None:
        await self._client.call("POST", of("exec", exec_id, "resize"), query={"h": height, "w": width})
