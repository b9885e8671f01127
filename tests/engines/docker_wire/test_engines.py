"""The client against real engines: what they answer, stream, cut and drop."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import tarfile
import time
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from dockyard.engines.docker.client import Client, connect
from dockyard.engines.docker.client_errors import Conflict, EngineError, NotFound, Unreachable, translate
from dockyard.engines.docker.endpoint import parse
from dockyard.engines.docker.stream import Demultiplexer, Joiner, RawJoiner, demultiplex
from dockyard.engines.protocol import Stream
from dockyard.model.errors import Fatal

IMAGE = "busybox:1.36"


class Lab:
    """Containers, all of which are removed."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.made: list[str] = []

    async def make(self, *command: str, **body: Any) -> str:
        host = {"NetworkMode": "none", **body.pop("HostConfig", {})}
        made = await self.client.containers.create(
            f"wire-{uuid.uuid4().hex[:12]}", {"Image": IMAGE, "Cmd": list(command), "HostConfig": host, **body}
        )
        self.made.append(made["Id"])
        return made["Id"]

    async def run(self, *command: str, **body: Any) -> str:
        identity = await self.make(*command, **body)
        await self.client.containers.start(identity)
        return identity


@contextlib.asynccontextmanager
async def lab(host: str) -> AsyncIterator[Lab]:
    async with await connect(parse(host, source="test")) as client:
        made = Lab(client)
        try:
            yield made
        finally:
            await asyncio.gather(*(client.containers.remove(identity) for identity in made.made), return_exceptions=True)


def stamped(data: bytes) -> list[bytes]:
    """The lines without their times; each has one."""
    found = []
    for line in data.splitlines():
        stamp, _, text = line.partition(b" ")
        assert len(stamp) == 30, line[:80]
        found.append(text)
    return found


async def test_a_line_of_a_megabyte_comes_back_whole(engine) -> None:
    async with lab(engine.host) as here:
        script = "head -c 1000000 /dev/zero | tr '\\0' x; echo; echo next; head -c 16384 /dev/zero | tr '\\0' y; echo"
        identity = await here.run("sh", "-c", script)
        await here.client.containers.wait(identity)
        joiner, out = Joiner(), b""
        async with await here.client.containers.logs(identity) as body:
            async for chunk in demultiplex(body):
                out += joiner.join(chunk)
        assert [(line[:1], len(line)) for line in stamped(out)] == [(b"x", 1_000_000), (b"n", 4), (b"y", 16384)]


async def test_a_terminals_line_of_a_megabyte_comes_back_whole(engine) -> None:
    async with lab(engine.host) as here:
        script = "head -c 1000000 /dev/zero | tr '\\0' x; echo; echo next"
        identity = await here.run("sh", "-c", script, Tty=True)
        await here.client.containers.wait(identity)
        joiner, out = RawJoiner(), b""
        async with await here.client.containers.logs(identity) as body:
            async for data in body:
                out += joiner.join(data)
        out += joiner.end()
        assert [(line[:1], len(line)) for line in stamped(out)] == [(b"x", 1_000_000), (b"n", 4)]


async def test_no_line_of_many_is_lost(engine) -> None:
    async with lab(engine.host) as here:
        identity = await here.run("sh", "-c", "seq 1 30000; seq 1 3000 >&2")
        await here.client.containers.wait(identity)
        seen, parts = {Stream.STDOUT: b"", Stream.STDERR: b""}, Demultiplexer()
        async with await here.client.containers.logs(identity, timestamps=False) as body:
            async for data in body:
                for chunk in parts.feed(data):
                    seen[chunk.stream] += chunk.data
        assert seen[Stream.STDOUT].split() == [b"%d" % n for n in range(1, 30001)]
        assert seen[Stream.STDERR].split() == [b"%d" % n for n in range(1, 3001)]


async def test_thirty_containers_start_at_once(engine) -> None:
    async with lab(engine.host) as here:
        identities = await asyncio.gather(*(here.make("sleep", "60") for _ in range(30)))
        assert await asyncio.gather(*(here.client.containers.start(i) for i in identities)) == [True] * 30
        running = await here.client.containers.list(filters={"id": identities, "status": ["running"]})
        assert len(running) == 30


async def test_streams_that_are_left_leave_no_descriptor(engine) -> None:
    async with lab(engine.host) as here:
        identity = await here.run("sh", "-c", "while :; do echo x; sleep 0.01; done")
        await here.client.ping()
        before = len(os.listdir("/proc/self/fd"))

        async def peek() -> None:
            async with await here.client.containers.logs(identity, follow=True) as body:
                await anext(body)

        await asyncio.gather(*(peek() for _ in range(60)))
        await asyncio.sleep(0.2)
        assert len(os.listdir("/proc/self/fd")) <= before + 16


async def test_the_end_of_what_we_say_is_heard_by_an_exec(engine) -> None:
    async with lab(engine.host) as here:
        identity = await here.run("sleep", "60")
        body = {
            "Cmd": ["sh", "-c", "wc -c; echo over >&2; exit 3"],
            "AttachStdin": True,
            "AttachStdout": True,
            "AttachStderr": True,
        }
        made = await here.client.execs.create(identity, body)
        async with await here.client.execs.start(made) as stream:
            await stream.send(b"x" * 100_000)
            stream.end()
            found = [chunk async for chunk in demultiplex(stream)]
        assert b"".join(c.data for c in found if c.stream is Stream.STDOUT).strip() == b"100000"
        assert b"".join(c.data for c in found if c.stream is Stream.STDERR) == b"over\n"
        async with asyncio.timeout(5):
            while (await here.client.execs.inspect(made))["Running"]:  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.01)
        assert (await here.client.execs.inspect(made))["ExitCode"] == 3


async def test_files_go_in_and_come_out(engine) -> None:
    async with lab(engine.host) as here:
        identity = await here.make("true")
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            info = tarfile.TarInfo("folder/file")
            info.size, info.uid, info.mode = 3_000_000, 1234, 0o640
            tar.addfile(info, io.BytesIO(b"z" * 3_000_000))

        async def pieces() -> AsyncIterator[bytes]:
            data = buffer.getvalue()
            for at in range(0, len(data), 100_000):
                yield data[at : at + 100_000]

        await here.client.containers.put_archive(identity, "/tmp", pieces())
        async with await here.client.containers.get_archive(identity, "/tmp/folder") as body:
            data = await body.whole()
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            member = tar.getmember("folder/file")
            assert (member.size, member.uid, member.mode & 0o777) == (3_000_000, 1234, 0o640)
        with pytest.raises(NotFound):
            await here.client.containers.get_archive(identity, "/no/such/path")
        with pytest.raises(NotFound):
            await here.client.containers.put_archive("no-such-container", "/", b"x" * 2_000_000)


async def test_what_engines_refuse_is_told_by_kind(engine) -> None:
    async with lab(engine.host) as here:
        client = here.client
        identity = await here.make("sleep", "60")
        name = (await client.containers.inspect(identity))["Name"].lstrip("/")
        with pytest.raises(Conflict):
            await client.containers.create(name, {"Image": IMAGE})
        with pytest.raises(Conflict):
            await client.containers.kill(identity)
        with pytest.raises(NotFound, match=r"(?i)no such image"):
            await client.containers.create("wire-never", {"Image": "no-such-image:1"})
        with pytest.raises(NotFound):
            await client.images.inspect("no-such-image:1")
        with pytest.raises(EngineError) as caught:
            await client.containers.create("wire-never", {"Image": IMAGE, "HostConfig": {"Memory": 1}})
        assert caught.value.status == 400
        with pytest.raises(Conflict):
            await client.execs.create(identity, {"Cmd": ["true"]})
        assert await client.containers.stop(identity) is False
        assert await client.containers.start(identity) is True
        assert await client.containers.start(identity) is False


async def test_networks_and_volumes_in_use_are_not_removed(engine) -> None:
    name = f"wire-{uuid.uuid4().hex[:8]}"
    async with lab(engine.host) as here:
        client = here.client
        await client.networks.create({"Name": name, "Internal": True, "IPAM": {"Config": [{"Subnet": "10.213.77.0/28"}]}})
        await client.volumes.create({"Name": name})
        try:
            with pytest.raises(Conflict):
                await client.networks.create({"Name": name})
            identity = await here.run("sleep", "60", HostConfig={"NetworkMode": name, "Binds": [f"{name}:/v"]})
            with pytest.raises(EngineError) as caught:
                await client.networks.remove(name)
            assert caught.value.status == 403
            with pytest.raises(Conflict):
                await client.volumes.remove(name)
            await client.networks.disconnect(name, identity)
            await client.containers.remove(identity)
        finally:
            await client.networks.remove(name)
            await client.volumes.remove(name)
        with pytest.raises(NotFound):
            await client.networks.inspect(name)


async def test_events_are_told_from_a_moment_in_the_past_on(engine) -> None:
    async with lab(engine.host) as here:
        identity = await here.make("true")
        await here.client.containers.start(identity)
        await here.client.containers.wait(identity)
        filters = {"container": [identity], "event": ["create", "start", "die"]}
        found: list[str] = []
        async with asyncio.timeout(10):
            events = here.client.events(filters=filters, since=time.time() - 60)
            async for event in events:
                found.append(event["Action"])
                if event["Action"] == "die":
                    break
            await events.aclose()  # type: ignore[attr-defined]
        assert found == ["create", "start", "die"]


async def test_usage_is_measured_without_a_second_of_waiting(engine) -> None:
    async with lab(engine.host) as here:
        identity = await here.run("sleep", "60")
        took: list[float] = []
        for _ in range(5):  # an engine that waits for a second sample does so each time
            begun = time.monotonic()
            found = await here.client.containers.stats(identity)
            took.append(time.monotonic() - begun)
        assert min(took) < 0.9
        assert found["memory_stats"].get("usage", 0) > 0


@pytest.mark.engine
async def test_an_engine_that_is_restarted_breaks_streams_and_answers_the_same_client_again(
    private_engine: Callable[..., Any],
) -> None:
    engine = private_engine()
    async with lab(engine.host) as here:
        identity = await here.run("sh", "-c", "while :; do echo x; sleep 0.05; done")

        async def follow() -> None:
            async with await here.client.containers.logs(identity, follow=True) as body:
                async for _ in body:
                    pass

        async def watch() -> None:
            async for _ in here.client.events():
                pass

        following, watching = asyncio.ensure_future(follow()), asyncio.ensure_future(watch())
        await asyncio.sleep(0.3)
        await asyncio.to_thread(engine.restart)
        async with asyncio.timeout(10):
            ended = await asyncio.gather(following, watching, return_exceptions=True)
        assert isinstance(ended[1], Unreachable)
        assert ended[0] is None or isinstance(ended[0], Unreachable)
        assert (await here.client.containers.inspect(identity))["State"]["Running"] is False


@pytest.mark.engine
async def test_an_engine_without_an_address_left_is_told_as_fatal(private_engine: Callable[..., Any]) -> None:
    engine = private_engine(options=("--default-address-pool", "base=10.199.0.0/27,size=28"))
    async with await connect(parse(engine.host, source="test")) as client:
        with pytest.raises(EngineError) as caught:
            for n in range(4):
                await client.networks.create({"Name": f"n{n}"})
        assert isinstance(translate(caught.value), Fatal)
