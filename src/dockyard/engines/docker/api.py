"""The calls that rendering's acts make, with what goes wrong turned into a meaning.

`Missing`, `Conflict` and `Overlap` are for callers to decide on; everything else is one of the model's three kinds already: `UserError`
where the description is at fault, `Retry` where time helps, `Fatal` where it doesn't. The wire itself is `client`'s.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from urllib.parse import quote

import msgspec

from dockyard.engines.docker.client import Client
from dockyard.engines.docker.client_errors import Conflict, EngineError, NotFound, Unreachable, translate
from dockyard.engines.docker.refusing import refused
from dockyard.engines.docker.scene import Json, version
from dockyard.engines.docker.stream import Demultiplexer, Joiner, RawJoiner
from dockyard.engines.protocol import Chunk, Stream
from dockyard.model.errors import Problem, UserError
from dockyard.model.placement import RUN_TAG

Missing = NotFound
Dropped = Unreachable
Filters = Mapping[str, list[str]]

_GRACE = 10
"""Seconds that Docker gives a process to end by itself."""

_OVERLAPS = ("overlap", "address already in use", "is already used on the host or by another config")

__all__ = ["Api", "Conflict", "Dropped", "EngineError", "Missing", "Overlap", "settled"]


class Overlap(EngineError):
    """The subnet is taken by another network."""


class Api:
    """One engine's calls. `host`: where a port is reached that the engine publishes on every address. `podman`: it is Podman that
    speaks Docker's API, with habits of its own."""

    def __init__(self, client: Client, *, podman: bool = False) -> None:
        self.client = client
        self.podman = podman
        self.host = client.endpoint.host if client.endpoint.scheme in ("tcp", "ssh") and client.endpoint.host else "127.0.0.1"

    async def image(self, reference: str, platform: str = "") -> Json:
        """`platform`: which one of several the engine is to show, where it can keep several (API 1.49)."""
        query = {"platform": _platform(platform)} if platform and version(self.client.api) >= (1, 49) else None
        with meaning():
            return await self.client.json("GET", f"/images/{quote(reference, safe='/:@')}/json", query=query)

    async def load(self, archive: bytes) -> None:
        with meaning():
            await self.client.images.load(archive)

    def pull(self, name: str, version: str, platform: str, auth: str) -> AsyncIterator[Json]:
        """Raises the engine's own errors: their texts are the registry's, and `pulling` reads them."""
        return self.client.images.pull(name, tag=version, platform=platform, auth=auth)

    async def create(self, name: str, body: Json, platform: str = "", *, key: str = "") -> str:
        """The new container's id. `key`: the instance that it is, as a refusal is to name it."""
        if self.podman:
            # It gives no labels to volumes that come with a container, so they come before it.
            for volume, labels in _labelled_volumes(body):
                await self.create_volume({"Name": volume, "Labels": labels})
        try:
            return (await self.client.containers.create(name, body, platform=platform))["Id"]
        except (NotFound, Conflict):
            raise
        except EngineError as error:
            raise refused(f"{key or name or 'a container'} can't be created", error) from error

    async def container(self, identity: str) -> Json:
        with meaning():
            return await self.client.containers.inspect(identity)

    async def containers(self, filters: Filters) -> list[Json]:
        with meaning():
            return await self.client.containers.list(filters=filters)

    async def start(self, identity: str, key: str) -> None:
        """UserError where the program, a mount or a port of the service makes it impossible."""
        try:
            await self.client.containers.start(identity)
        except EngineError as error:
            raise refused(f"{key} can't be started", error) from error

    async def rename(self, identity: str, name: str) -> None:
        with meaning():
            await self.client.containers.rename(identity, name)

    async def stop(self, identity: str, grace: float | None = None) -> None:
        """`grace`: seconds before SIGKILL, None: the container's own."""
        with meaning():
            seconds = None if grace is None else math.ceil(grace)
            if self.podman and seconds is None:
                # It has no default of its own here, and would kill at once.
                seconds = ((await self.client.containers.inspect(identity)).get("Config") or {}).get("StopTimeout") or _GRACE
            await self.client.containers.stop(identity, grace=seconds)

    async def kill(self, identity: str, key: str, signal: str) -> None:
        try:
            await self.client.containers.kill(identity, signal)
        except EngineError as error:
            raise refused(f"{key} can't be sent {signal}", error) from error

    async def pause(self, identity: str, key: str) -> None:
        try:
            await self.client.containers.pause(identity)
        except EngineError as error:
            if "already paused" not in error.message:
                raise refused(f"{key} can't be paused", error) from error

    async def unpause(self, identity: str, key: str) -> None:
        try:
            await self.client.containers.unpause(identity)
        except EngineError as error:
            if "not paused" not in error.message:
                raise refused(f"{key} can't be unpaused", error) from error

    async def remove(self, identity: str) -> None:
        """With its anonymous volumes. Harmless when it is gone."""
        with meaning(), contextlib.suppress(NotFound):
            await self.client.containers.remove(identity)

    async def put(self, identity: str, path: str, archive: bytes | AsyncIterable[bytes]) -> None:
        with meaning():
            # Without copyUIDGID the archive's own owners stay; with it, all is the container user's.
            await self.client.containers.put_archive(identity, path, archive, keep_owners=False)

    async def get(self, identity: str, path: str) -> AsyncIterator[bytes]:
        try:
            body = await self.client.containers.get_archive(identity, path)
        except NotFound as error:
            hint = "nothing has written it, or it lies on a tmpfs, which nothing can be copied from"
            if not path.startswith("/"):
                hint = f"a path in the container begins with /: /{path}"
            raise UserError(Problem(f"{path} is not in the container", hint=hint)) from error
        except EngineError as error:
            raise translate(error) from error
        async with body:
            async for block in body:
                yield block

    async def logs(self, identity: str, *, tty: bool, since: str, follow: bool, tail: int = 0) -> AsyncIterator[Chunk]:
        """`since`: Unix seconds with nine decimals; "" from the beginning. `tail`: so many lines at the end alone."""
        query = {"follow": follow, "stdout": True, "stderr": True, "timestamps": True, "since": since, "tail": tail or None}
        with meaning():
            body = await self.client.open("GET", f"/containers/{identity}/logs", query=query)
        async with body:
            async for chunk in _terminal(body) if tty else _framed(body):
                yield chunk

    async def stats(self, identity: str) -> Json:
        with meaning():
            return await self.client.containers.stats(identity)

    def events(self, filters: Filters, since: str) -> AsyncIterator[Json]:
        return self.client.events(filters=filters, since=float(since))

    async def create_network(self, body: Json, *, key: str = "") -> None:
        """Overlap: the subnet is taken. Conflict: the name is. `key`: what the file calls it."""
        try:
            await self.client.networks.create(body)
        except EngineError as error:
            if any(words in error.message.lower() for words in _OVERLAPS):
                raise Overlap(error.status, error.message, error.call) from error
            if isinstance(error, Conflict):
                raise
            raise refused(f"network {key or body['Name']} can't be made", error) from error

    async def network(self, name: str) -> Json:
        with meaning():
            return await self.client.networks.inspect(name)

    async def networks(self, filters: Filters) -> list[Json]:
        with meaning():
            return await self.client.networks.list(filters=filters)

    async def subnets(self) -> list[str]:
        """Every subnet that a network of the engine has."""
        pools = [pool for network in await self.networks({}) for pool in (network.get("IPAM") or {}).get("Config") or ()]
        return [pool["Subnet"] for pool in pools if pool.get("Subnet")]

    async def connect(self, network: str, identity: str, endpoint: Json) -> None:
        with meaning():
            await self.client.networks.connect(network, identity, endpoint)

    async def disconnect(self, network: str, identity: str) -> None:
        with meaning():
            await self.client.networks.disconnect(network, identity)

    async def remove_network(self, identity: str) -> None:
        with meaning():
            await self.client.networks.remove(identity)

    async def create_volume(self, body: Json, *, key: str = "") -> None:
        """`key`: what the file calls it."""
        try:
            await self.client.volumes.create(body)
        except EngineError as error:
            raise refused(f"volume {key or body['Name']} can't be made", error) from error

    async def volumes(self, filters: Filters) -> list[Json]:
        with meaning():
            return await self.client.volumes.list(filters=filters)

    async def volume(self, name: str) -> Json:
        with meaning():
            return await self.client.volumes.inspect(name)

    async def remove_volume(self, name: str) -> None:
        with meaning():
            await self.client.volumes.remove(name)

    async def run_tags(self) -> list[str]:
        """Every tag that runs gave to what they built."""
        with meaning():
            images = await self.client.images.list(filters={"reference": [f"{RUN_TAG}/*"]})
        tags = [familiar(tag) for image in images for tag in image.get("RepoTags") or ()]
        return [tag for tag in tags if tag.startswith(f"{RUN_TAG}/")]

    async def untag(self, tag: str) -> None:
        """The image goes with its last tag; the images of its steps stay, which are the cache of an engine that builds without BuildKit."""
        with meaning():
            await self.client.images.remove(tag, prune=False)


def familiar(tag: str) -> str:
    """A tag as it was given: Podman puts a registry before one that names none."""
    for registry in ("localhost/", "docker.io/library/", "docker.io/"):
        if tag.startswith(registry):
            return tag.removeprefix(registry)
    return tag


def _labelled_volumes(body: Json) -> Iterator[tuple[str, dict[str, str]]]:
    for mount in body.get("HostConfig", {}).get("Mounts", ()):
        labels = (mount.get("VolumeOptions") or {}).get("Labels")
        if mount["Type"] == "volume" and labels:
            yield mount["Source"], labels


@contextlib.contextmanager
def settled() -> Iterator[None]:
    """For the outermost calls: whatever of the engine's errors is left becomes one of the three kinds."""
    try:
        yield
    except EngineError as error:
        raise translate(error) from error


@contextlib.contextmanager
def meaning() -> Iterator[None]:
    """Leaves `Missing` and `Conflict` to the caller, turns every other answer into one of the three kinds."""
    try:
        yield
    except (NotFound, Conflict):
        raise
    except EngineError as error:
        raise translate(error) from error


async def _terminal(body: AsyncIterable[bytes]) -> AsyncIterator[Chunk]:
    joiner = RawJoiner()
    async for data in body:
        yield Chunk(Stream.STDOUT, joiner.join(data))
    yield Chunk(Stream.STDOUT, joiner.end())


async def _framed(body: AsyncIterable[bytes]) -> AsyncIterator[Chunk]:
    parts, joiner = Demultiplexer(), Joiner()
    async for data in body:
        for chunk in merged(Chunk(one.stream, joiner.join(one)) for one in parts.feed(data)):
            yield chunk
    for one in parts.end():
        yield Chunk(one.stream, joiner.join(one))


def merged(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """Neighbours of one stream as one chunk: ten thousand lines a second are a few hundred chunks then."""
    stream = Stream.STDOUT
    held: list[bytes] = []
    for chunk in chunks:
        if held and chunk.stream is not stream:
            yield Chunk(stream, b"".join(held))
            held = []
        stream = chunk.stream
        if chunk.data:
            held.append(chunk.data)
    if held:
        yield Chunk(stream, b"".join(held))


def _platform(text: str) -> str:
    """An OCI platform as the API wants it: JSON."""
    parts = text.split("/")
    named = zip(("os", "architecture", "variant"), parts, strict=False) if len(parts) > 1 else [("architecture", text)]
    return msgspec.json.encode(dict(named)).decode()
