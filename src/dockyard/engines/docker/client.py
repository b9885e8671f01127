"""The Docker Engine API, one method for each call that Dockyard makes. Plain dicts, bytes and iterators in and out.

Promises: the version is negotiated once (1.41 at least); what goes wrong is `client_errors`'; streams end when their reader leaves them;
nothing is retried and nothing is decided here. Works with Podman's socket where it answers alike.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from dockyard.engines.docker.client_dial import Dial, dialer
from dockyard.engines.docker.client_errors import EngineError
from dockyard.engines.docker.client_wire import ANSWER, Body, Hijacked, Wire, lines
from dockyard.engines.docker.endpoint import Endpoint
from dockyard.model.errors import Problem, UserError

Json = dict[str, Any]
Filters = Mapping[str, Sequence[str]]

OLDEST = (1, 41)
NEWEST = (1, 56)
"""Both are tested; an engine that speaks a newer one is asked for this one."""

TAR = "application/x-tar"


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
        self.wire.close()

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

    async def events(self, *, filters: Filters | None = None, since: float = 0, until: float = 0) -> AsyncIterator[Json]:
        """What happens, from `since` (Unix seconds, engine's clock) on, to `until`, or without an end. Unreachable when the engine goes."""
        query = {"filters": filters, "since": _moment(since), "until": _moment(until)}
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
        **headers: str,
    ) -> Any:
        """One call of the versioned API: JSON in, JSON out (None where the answer is empty)."""
        return (await self.call(method, path, query=query, body=body, timeout=timeout, **headers)).json()

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        timeout: float | None = ANSWER,
        **headers: str,
    ):
        sent, data = _sent(body, headers)
        return await self.wire.call(method, self.target(path, query), headers=sent, body=data, timeout=timeout)

    async def open(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        timeout: float | None = ANSWER,
        **headers: str,
    ) -> Body:
        """A call whose answer is read as it comes, and closed, by the caller."""
        sent, data = _sent(body, headers)
        return await self.wire.open(method, self.target(path, query), headers=sent, body=data, timeout=timeout)

    async def upgrade(self, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None) -> Hijacked:
        sent, data = _sent(body, {})
        assert data is None or isinstance(data, bytes)
        return await self.wire.upgrade("POST", self.target(path, query), headers=sent, body=data)

    def target(self, path: str, query: Mapping[str, Any] | None = None) -> str:
        found = {name: _text(value) for name, value in (query or {}).items() if value not in (None, "", {}, [])}
        return f"{self._prefix}{path}{'?' + urlencode(found) if found else ''}"


async def connect(endpoint: Endpoint, *, dial: Dial | None = None) -> Client:
    """Reach the engine and agree on a version. Unreachable where none answers; UserError where it is too old or isn't what was asked for."""
    wire = Wire(dial or dialer(endpoint), endpoint.host if endpoint.scheme == "tcp" else "docker")
    try:
        base = endpoint.path if endpoint.scheme == "tcp" else ""
        headers = (await wire.call("GET", f"{base}/_ping", timeout=15)).headers
        return Client(endpoint, wire, negotiate(headers.get("api-version", ""), endpoint.api, str(endpoint)))
    except BaseException:
        wire.close()
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


class Containers:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def create(self, name: str, body: Json, *, platform: str = "") -> Json:
        """`{"Id": …, "Warnings": […]}`. NotFound: no such image (or network, or volume driver). Conflict: the name is taken."""
        return await self._client.json("POST", "/containers/create", query={"name": name, "platform": platform}, body=body)

    async def start(self, container: str) -> bool:
        """False: it was running already."""
        return (await self._client.call("POST", _of("containers", container, "start"), timeout=300)).status != 304

    async def inspect(self, container: str, *, size: bool = False) -> Json:
        return await self._client.json("GET", _of("containers", container, "json"), query={"size": size or None})

    async def list(self, *, all: bool = True, filters: Filters | None = None) -> list[Json]:
        return await self._client.json("GET", "/containers/json", query={"all": all, "filters": filters}) or []

    async def kill(self, container: str, signal: str = "SIGKILL") -> None:
        """Conflict: it does not run."""
        await self._client.call("POST", _of("containers", container, "kill"), query={"signal": signal})

    async def stop(self, container: str, *, grace: int | None = None, signal: str = "") -> bool:
        """Ask, then kill after `grace` seconds (None: the container's own). False: it did not run."""
        timeout = None if grace is None or grace < 0 else grace + ANSWER
        answer = await self._client.call(
            "POST", _of("containers", container, "stop"), query={"t": grace, "signal": signal}, timeout=timeout
        )
        return answer.status != 304

    async def restart(self, container: str, *, grace: int | None = None) -> None:
        await self._client.call("POST", _of("containers", container, "restart"), query={"t": grace}, timeout=None)

    async def pause(self, container: str) -> None:
        await self._client.call("POST", _of("containers", container, "pause"))

    async def unpause(self, container: str) -> None:
        await self._client.call("POST", _of("containers", container, "unpause"))

    async def remove(self, container: str, *, force: bool = True, volumes: bool = True) -> None:
        """With `volumes`, its anonymous volumes too. Conflict: its removal is under way."""
        await self._client.call("DELETE", _of("containers", container), query={"force": force, "v": volumes}, timeout=300)

    async def wait(self, container: str, condition: str = "not-running") -> Json:
        """Until it doesn't run (`not-running`), exits the next time (`next-exit`) or is gone (`removed`): `{"StatusCode": …}`."""
        body = await self._client.open("POST", _of("containers", container, "wait"), query={"condition": condition}, timeout=None)
        async with body:
            return msgspec.json.decode(await body.whole())

    async def logs(
        self,
        container: str,
        *,
        follow: bool = False,
        since: float = 0,
        until: float = 0,
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
            "since": _moment(since),
            "until": _moment(until),
            "timestamps": timestamps,
            "tail": "all" if tail is None else tail,
        }
        return await self._client.open("GET", _of("containers", container, "logs"), query=query)

    async def attach(
        self, container: str, *, stdin: bool = False, stdout: bool = False, stderr: bool = False, logs: bool = False
    ) -> Hijacked:
        query = {"stream": True, "stdin": stdin or None, "stdout": stdout or None, "stderr": stderr or None, "logs": logs or None}
        return await self._client.upgrade(_of("containers", container, "attach"), query=query)

    async def stats(self, container: str) -> Json:
        """One sample, without the second that the engine otherwise waits for the previous one."""
        return await self._client.json("GET", _of("containers", container, "stats"), query={"stream": False, "one-shot": True})

    async def top(self, container: str, arguments: str = "") -> Json:
        return await self._client.json("GET", _of("containers", container, "top"), query={"ps_args": arguments})

    async def changes(self, container: str) -> list[Json]:
        return await self._client.json("GET", _of("containers", container, "changes")) or []

    async def update(self, container: str, body: Json) -> Json:
        return await self._client.json("POST", _of("containers", container, "update"), body=body)

    async def rename(self, container: str, name: str) -> None:
        await self._client.call("POST", _of("containers", container, "rename"), query={"name": name})

    async def resize(self, container: str, height: int, width: int) -> None:
        await self._client.call("POST", _of("containers", container, "resize"), query={"h": height, "w": width})

    async def get_archive(self, container: str, path: str) -> Body:
        """A tar stream of `path`. NotFound: no such path. The caller closes it."""
        return await self._client.open("GET", _of("containers", container, "archive"), query={"path": path})

    async def put_archive(
        self, container: str, path: str, archive: bytes | AsyncIterable[bytes], *, keep_owners: bool = True
    ) -> None:
        """Unpack a tar archive into the folder `path`. `keep_owners`: as the archive says, else root's."""
        query = {"path": path, "copyUIDGID": keep_owners or None, "noOverwriteDirNonDir": True}
        await self._client.call(
            "PUT", _of("containers", container, "archive"), query=query, body=archive, timeout=600, content_type=TAR
        )

    async def commit(
        self, container: str, *, repository: str = "", tag: str = "", config: Json | None = None, pause: bool = True
    ) -> str:
        """An image of the container's file system; its id."""
        query = {"container": container, "repo": repository, "tag": tag, "pause": pause}
        return (await self._client.json("POST", "/commit", query=query, body=config or {}, timeout=None))["Id"]

    async def prune(self, filters: Filters) -> Json:
        return await self._client.json("POST", "/containers/prune", query={"filters": filters}, timeout=None)


class Images:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def inspect(self, reference: str) -> Json:
        return await self._client.json("GET", f"/images/{_path(reference)}/json")

    async def history(self, reference: str) -> list[Json]:
        return await self._client.json("GET", f"/images/{_path(reference)}/history")

    async def list(self, *, all: bool = False, filters: Filters | None = None) -> list[Json]:
        return await self._client.json("GET", "/images/json", query={"all": all or None, "filters": filters}) or []

    async def pull(self, image: str, *, tag: str = "", platform: str = "", auth: str = "") -> AsyncIterator[Json]:
        """Progress as it comes: `status`, `id`, `progressDetail`. An error in it is raised: the engine has answered 200 by then.

        `auth` is an X-Registry-Auth. `tag` may be a digest; without one, `image` has it, or all tags are pulled.
        """
        query = {"fromImage": image, "tag": tag, "platform": platform}
        headers = {"X_Registry_Auth": auth} if auth else {}
        async with await self._client.open("POST", "/images/create", query=query, timeout=None, **headers) as body:
            async for line in _progress(body, f"pull of {image}"):
                yield line

    async def import_(
        self, archive: bytes | AsyncIterable[bytes], *, repository: str, tag: str = "", changes: Sequence[str] = ()
    ) -> str:
        """An image of one layer from a tar archive; its id."""
        query = urlencode([("fromSrc", "-"), ("repo", repository), ("tag", tag), *(("changes", text) for text in changes)])
        target = f"{self._client.target('/images/create')}?{query}"
        found = ""
        async with await self._client.wire.open(
            "POST", target, headers={"Content-Type": TAR}, body=archive, timeout=None
        ) as body:
            async for line in _progress(body, f"import of {repository}"):
                found = line.get("status", found)
        return found

    async def push(self, reference: str, *, tag: str = "", auth: str = "") -> AsyncIterator[Json]:
        headers = {"X_Registry_Auth": auth or "e30="}
        async with await self._client.open(
            "POST", f"/images/{_path(reference)}/push", query={"tag": tag}, timeout=None, **headers
        ) as body:
            async for line in _progress(body, f"push of {reference}"):
                yield line

    async def tag(self, reference: str, repository: str, tag: str) -> None:
        await self._client.call("POST", f"/images/{_path(reference)}/tag", query={"repo": repository, "tag": tag})

    async def remove(self, reference: str, *, force: bool = False, prune: bool = True) -> list[Json]:
        """Take the tag away; the image too when it was its last. Conflict: a container uses it."""
        query = {"force": force or None, "noprune": None if prune else True}
        return await self._client.json("DELETE", f"/images/{_path(reference)}", query=query, timeout=300)

    async def load(self, archive: bytes | AsyncIterable[bytes]) -> list[str]:
        """Images from `docker save`'s format; what the engine says, line by line."""
        said: list[str] = []
        body = await self._client.open(
            "POST", "/images/load", query={"quiet": True}, body=archive, timeout=None, content_type=TAR
        )
        async with body:
            async for line in _progress(body, "load"):
                said.append(str(line.get("stream", "")).strip())
        return said

    async def save(self, references: Sequence[str]) -> Body:
        """A tar stream of the images. The caller closes it."""
        target = f"{self._client.target('/images/get')}?{urlencode([('names', name) for name in references])}"
        return await self._client.wire.open("GET", target, timeout=None)

    async def distribution(self, reference: str, *, auth: str = "") -> Json:
        """What the registry has under that name: descriptor and platforms."""
        headers = {"X_Registry_Auth": auth} if auth else {}
        return await self._client.json("GET", f"/distribution/{_path(reference)}/json", **headers)


class Networks:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def create(self, body: Json) -> Json:
        """`{"Id": …, "Warning": …}`. `CheckDuplicate` is added: engines before 25 make two networks of one name otherwise."""
        return await self._client.json("POST", "/networks/create", body={"CheckDuplicate": True, **body})

    async def list(self, *, filters: Filters | None = None) -> list[Json]:
        return await self._client.json("GET", "/networks", query={"filters": filters}) or []

    async def inspect(self, network: str, *, verbose: bool = False) -> Json:
        return await self._client.json("GET", _of("networks", network), query={"verbose": verbose or None})

    async def connect(self, network: str, container: str, endpoint: Json | None = None) -> None:
        body = {"Container": container, "EndpointConfig": endpoint or {}}
        await self._client.call("POST", _of("networks", network, "connect"), body=body)

    async def disconnect(self, network: str, container: str, *, force: bool = True) -> None:
        await self._client.call("POST", _of("networks", network, "disconnect"), body={"Container": container, "Force": force})

    async def remove(self, network: str) -> None:
        """EngineError 403: containers are in it."""
        await self._client.call("DELETE", _of("networks", network))


class Volumes:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def create(self, body: Json) -> Json:
        """Idempotent at the engine: one of that name is given back as it is."""
        return await self._client.json("POST", "/volumes/create", body=body)

    async def list(self, *, filters: Filters | None = None) -> list[Json]:
        return (await self._client.json("GET", "/volumes", query={"filters": filters}) or {}).get("Volumes") or []

    async def inspect(self, volume: str) -> Json:
        return await self._client.json("GET", _of("volumes", volume))

    async def remove(self, volume: str, *, force: bool = True) -> None:
        """Conflict: a container uses it."""
        await self._client.call("DELETE", _of("volumes", volume), query={"force": force})


class Execs:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def create(self, container: str, body: Json) -> str:
        """Its id. Conflict: the container doesn't run (or is paused)."""
        return (await self._client.json("POST", _of("containers", container, "exec"), body=body))["Id"]

    async def start(self, exec_id: str, *, tty: bool = False) -> Hijacked:
        """Run it; its streams. Multiplexed unless it has a terminal."""
        return await self._client.upgrade(_of("exec", exec_id, "start"), body={"Detach": False, "Tty": tty})

    async def start_detached(self, exec_id: str) -> None:
        await self._client.call("POST", _of("exec", exec_id, "start"), body={"Detach": True})

    async def inspect(self, exec_id: str) -> Json:
        """`Running`, `ExitCode`, `Pid`."""
        return await self._client.json("GET", _of("exec", exec_id, "json"))

    async def resize(self, exec_id: str, height: int, width: int) -> None:
        await self._client.call("POST", _of("exec", exec_id, "resize"), query={"h": height, "w": width})


async def _progress(body: Body, what: str) -> AsyncIterator[Json]:
    """The JSON lines of a long job; a line that tells an error is raised as one, with the registry's status where it has one."""
    from dockyard.engines.docker.client_errors import of_status

    async for line in lines(body):
        found = msgspec.json.decode(line)
        if "error" in found or "errorDetail" in found:
            detail = found.get("errorDetail") or {}
            message = str(found.get("error") or detail.get("message") or "failed")
            raise of_status(_status_of(detail.get("code") or 0, message), message, what)
        yield found


def _status_of(code: int, message: str) -> int:
    """HTTP's status for an error that came in the middle of a stream; the engine seldom gives one."""
    if code >= 400:
        return code
    lower = message.lower()
    for words, status in (
        ("toomanyrequests", 429),
        ("too many requests", 429),
        ("manifest unknown", 404),
        ("not found", 404),
        ("pull access denied", 403),
        ("unauthorized", 401),
        ("denied", 403),
        ("no matching manifest", 404),
    ):
        if words in lower:
            return status
    return 500


def _sent(body: Any, headers: Mapping[str, str]) -> tuple[dict[str, str], bytes | AsyncIterable[bytes] | None]:
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    if body is None or isinstance(body, bytes | AsyncIterable):
        return named, body
    return {"Content-Type": "application/json", **named}, msgspec.json.encode(body)


def _of(kind: str, name: str, *rest: str) -> str:
    return "/".join(("", kind, quote(name, safe=""), *rest))


def _path(reference: str) -> str:
    """A reference keeps its slashes: the engine's routes are written for them."""
    return quote(reference, safe="/:@")


def _text(value: Any) -> str:
    if value is True or value is False:
        return "1" if value else "0"
    if isinstance(value, Mapping):
        return msgspec.json.encode({key: list(found) for key, found in value.items()}).decode()
    return str(value)


def _moment(at: float) -> str:
    return f"{at:.9f}" if at else ""


def _version(text: str) -> tuple[int, int] | None:
    major, _, minor = text.lstrip("v").partition(".")
    return (int(major), int(minor)) if major.isdigit() and minor.isdigit() else None


__all__ = ["Client", "EngineError", "connect", "negotiate"]
