"""What an engine holds of ours, and what survives what: gates filled by many at once, markers, sweeps, dropped connections, restarts."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
from pathlib import Path

import pytest
from tests.engines.docker.conftest import MakeSite, placement
from tests.engines.docker.test_site import BUSYBOX, NETWORKS, app, image, sh, up

from dockyard.engines.docker import filling, sweeping
from dockyard.engines.docker.engine import DockerEngine, connect
from dockyard.engines.protocol import SiteOptions
from dockyard.model.application import Application, Network
from dockyard.model.errors import Fatal, Retry, UserError
from dockyard.model.facts import ChangeKind, FoundKind
from dockyard.model.placement import DEADLINE, PLACEMENT, run_tag
from dockyard.model.plan import Instance
from dockyard.model.service import Mount, Service


async def test_facts_are_the_engines_own(docker: DockerEngine, engine) -> None:
    found = docker.facts
    assert found.id and found.version and found.os == "linux" and found.arch in ("amd64", "arm64")
    assert found.api == ("1.41" if engine.name == "classic" else docker._api.client.api)
    assert found.cpus > 0 and found.memory > 1 << 20 and abs(found.clock_offset) < 5


async def test_an_engine_that_is_not_there_may_come_later(tmp_path: Path) -> None:
    with pytest.raises(Retry):
        await connect({"DOCKER_HOST": f"unix://{tmp_path}/no.sock"})


async def test_an_image_that_cannot_be_had_is_told_apart_from_a_registry_that_is_down(docker: DockerEngine) -> None:
    assert await docker.image("no/such/image:1") is None
    with pytest.raises(UserError, match="no image reference"):
        await docker.pull("Not An Image", "", print)
    with pytest.raises(Retry):
        await docker.pull("127.0.0.1:1/no/such:1", "", print)


async def test_an_image_for_another_platform_is_not_the_one_asked_for(docker: DockerEngine) -> None:
    other = "linux/arm64" if docker.facts.arch == "amd64" else "linux/amd64"
    assert await docker.image(BUSYBOX, other) is None
    assert await docker.image(BUSYBOX, f"linux/{docker.facts.arch}") is not None


@pytest.mark.engine
async def test_twenty_runs_at_once_fill_the_gate_once(private_engine, engine_objects) -> None:
    host = private_engine().host
    engines = [await connect({"DOCKER_HOST": host}) for _ in range(20)]
    try:
        mounts = await asyncio.gather(*(engine._gate_there() for engine in engines))
        assert len(set(mounts)) == 1
        held = engine_objects(host)
        assert len(held["containers"]) == 1 and len(held["volumes"]) == 1
        assert not [one for one in held["images"] if one.endswith("<none>")]
        found = await engines[0].inventory()
        assert {one.kind for one in found} == {FoundKind.CONTAINER, FoundKind.VOLUME, FoundKind.IMAGE_TAG}
        assert all(one.cache for one in found)
        assert not await engines[0].remove(found)
        assert not await engines[0].inventory()
    finally:
        for engine in engines:
            await engine.close()


@pytest.mark.engine
async def test_a_gate_that_somebody_died_filling_is_filled_again(private_engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "_STALE", 0.3)
    docker = await connect({"DOCKER_HOST": private_engine().host})
    try:
        api, arch = docker._api, docker.facts.arch
        name = (await filling.gate(api, arch)).volume
        await api.rename(name, f"{name}-filling")
        assert (await filling.gate(api, arch)).volume == name
        assert (await api.container(name))["Name"] == f"/{name}"
        with pytest.raises(filling.Missing):
            await api.container(f"{name}-filling")
    finally:
        await docker.close()


@pytest.mark.engine
async def test_gates_of_many_versions_do_not_pile_up_and_one_in_use_stays(
    private_engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker = await connect({"DOCKER_HOST": private_engine().host})
    versions = [f"{n:012x}" for n in range(filling.GATES + 4)]
    try:
        api, arch = docker._api, docker.facts.arch
        user = ""
        for version in versions:
            monkeypatch.setattr(filling.program, "digest", lambda arch, v=version: v)
            mount = await filling.gate(api, arch)
            user = user or await api.create(
                "", filling.mounting(await filling.image(api, arch), mount.volume, {"for": "this test"})
            )
            await asyncio.sleep(1)  # the engine tells its objects' age in seconds
        stay = {f"dockyard-gate-{arch}-{version}" for version in (versions[0], *versions[-filling.GATES - 1 :])}
        assert {one["Names"][0][1:] for one in await api.containers({"label": ["dockyard.cache=gate"]})} == stay
        assert {one["Name"] for one in await api.volumes({"label": ["dockyard.cache=gate"]})} == stay
        await api.remove(user)
        assert not await docker.remove(await docker.inventory())
        assert not await docker.inventory()
    finally:
        await docker.close()


async def test_one_of_many_gets_a_marker(docker: DockerEngine) -> None:
    name = f"dockyard-mark-test-{secrets.token_hex(4)}"
    labels = {PLACEMENT: name, DEADLINE: "5"}
    got = await asyncio.gather(*(docker.mark(name, labels) for _ in range(10)))
    try:
        assert got.count(True) == 1
        found = [one for one in await docker.inventory() if one.name == name]
        assert [(one.kind, one.placement, one.deadline) for one in found] == [(FoundKind.MARKER, name, 5)]
    finally:
        await docker.unmark(name)
    assert not [one for one in await docker.inventory() if one.name == name]
    await docker.unmark(name)


async def test_a_sweep_finds_everything_of_a_placement_and_removes_it(docker: DockerEngine, place: MakeSite) -> None:
    service = sh("sleep 100", volumes=(Mount(type="volume", target="/anon"),))
    application = app(web=service)
    site = await place(application)
    await up(docker, site, application)
    tag = run_tag("web", site.placement)
    repository, _, version = tag.rpartition(":")
    await docker._api.client.images.tag(BUSYBOX, repository, version)
    found = [one for one in await docker.inventory() if one.placement == site.placement.id]
    assert {one.kind for one in found} == {FoundKind.CONTAINER, FoundKind.NETWORK, FoundKind.VOLUME, FoundKind.IMAGE_TAG}
    assert {one.deadline for one in found} == {site.placement.deadline}
    assert {one.service for one in found if one.kind is FoundKind.CONTAINER} == {"web"}
    assert not await docker.remove(found)
    assert not [one for one in await docker.inventory() if one.placement == site.placement.id]
    assert await docker.image(BUSYBOX) is not None
    assert not await docker.remove(found)


def test_only_our_own_tags_are_ours() -> None:
    found = sweeping.of_tag("dockyard-run/web-1a2b3c:demo-1a2b3c4d-1700000000")
    assert found is not None and (found.placement, found.deadline) == ("demo-1a2b3c4d", 1700000000)
    for text in ("dockyard-run/web:latest", "other/dockyard-run/web:a-1", "busybox:1", "dockyard-run/web:demo"):
        assert sweeping.of_tag(text) is None


async def test_containers_that_a_service_started_on_our_network_go_with_it(docker: DockerEngine, place: MakeSite) -> None:
    application = app(web=sh("sleep 100"))
    site = await place(application)
    await up(docker, site, application)
    api = docker._api
    network = f"{site.placement.id}-default"
    child = await api.create("", {"Image": BUSYBOX, "Cmd": ["sleep", "100"], "HostConfig": {"NetworkMode": network}})
    guest = await api.create("", {"Image": BUSYBOX, "Cmd": ["sleep", "100"]})
    try:
        await api.start(child, "child")
        await api.start(guest, "guest")
        await api.connect(network, guest, {})
        assert not await site.delete()
        with pytest.raises(filling.Missing):
            await api.container(child)
        assert (await api.container(guest))["State"]["Running"]
    finally:
        await api.remove(guest)
        await api.remove(child)


async def test_more_networks_than_the_engine_has_pools_for(docker: DockerEngine, place: MakeSite) -> None:
    names = [f"n{n}" for n in range(34)]
    application = Application(name="t", services={}, networks={name: Network() for name in names})
    site = await place(application)
    await asyncio.gather(*(site.create_network(name) for name in names))
    listed = await docker._api.networks({"label": [f"{PLACEMENT}={site.placement.id}"]})
    assert len({network["IPAM"]["Config"][0]["Subnet"] for network in listed}) == 34


async def test_a_taken_subnet_is_passed_over(docker: DockerEngine, place: MakeSite) -> None:
    application = Application(name="t", services={"web": Service(networks={"default": None})}, networks=NETWORKS)
    first, second = await place(application), await place(application)
    range_of_two = "10.212.77.0/27"
    for site in (first, second):
        assert site._maker is not None
        site._maker._subnets = range_of_two
        await site.create_network("default")
    third = await place(application)
    assert third._maker is not None
    third._maker._subnets = range_of_two
    with pytest.raises(Fatal, match="no subnet is left"):
        await third.create_network("default")


async def test_creating_a_network_again_is_harmless(docker: DockerEngine, place: MakeSite) -> None:
    application = app(web=sh("true"))
    site = await place(application)
    await site.create_network("default")
    await site.create_network("default")
    instance = Instance(key="web", service="web")
    await site.create(instance, await image(docker))
    await site.create(instance, await image(docker))
    listed = await docker._api.containers({"label": [f"{PLACEMENT}={site.placement.id}"]})
    assert len(listed) == 1


class Cut:
    """A socket between us and an engine whose connections can be cut."""

    def __init__(self, path: Path, target: str) -> None:
        self.path, self._target = path, target
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def listen(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, str(self.path))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_unix_connection(self._target)
        self._writers |= {writer, ours}
        with contextlib.suppress(OSError):
            await asyncio.gather(self._copy(reader, ours), self._copy(theirs, writer))
        self._writers -= {writer, ours}

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()

    def cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()


async def test_changes_and_logs_survive_a_dropped_connection(docker: DockerEngine, engine, tmp_path: Path) -> None:
    between = Cut(tmp_path / "cut.sock", engine.host.removeprefix("unix://"))
    await between.listen()
    cut_off = await connect({"DOCKER_HOST": f"unix://{between.path}"})
    application = app(web=sh("i=0; while [ $i -lt 40 ]; do echo $i; i=$((i+1)); sleep 0.05; done; exit 6"))
    site = await cut_off.site(placement(), application, SiteOptions())
    lines: list[bytes] = []

    async def read() -> None:
        async for chunk in site.logs("web"):
            lines.extend(line.split(b" ", 1)[1] for line in chunk.data.splitlines())

    try:
        await up(cut_off, site, application)
        reading = asyncio.create_task(read())
        kinds = []
        cuts = 0
        async with asyncio.timeout(40):
            async for change in site.changes():
                kinds.append(change.kind)
                if change.kind is ChangeKind.STARTED:
                    for _ in range(3):
                        await asyncio.sleep(0.3)
                        between.cut()
                        cuts += 1
                if change.kind is ChangeKind.EXITED:
                    assert change.exit_code == 6
                    break
            await reading
        assert cuts == 3 and kinds == [ChangeKind.STARTED, ChangeKind.EXITED]
        assert lines == [str(n).encode() for n in range(40)]
    finally:
        assert not await site.delete()
        await cut_off.close()
        await between.close()


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize("graceful", [True, False])
async def test_a_restarted_engine_that_lost_the_containers_is_fatal_and_no_exit_is_told(private_engine, graceful: bool) -> None:
    private = private_engine()
    docker = await connect({"DOCKER_HOST": private.host})
    application = app(web=sh("sleep 100"), db=sh("sleep 100"))
    site = await docker.site(placement(), application, SiteOptions())
    try:
        await up(docker, site, application)

        async def watch() -> None:
            async for change in site.changes():
                assert change.kind is ChangeKind.STARTED

        watching = asyncio.create_task(watch())
        await asyncio.sleep(0.2)
        how = signal.SIGTERM if graceful else signal.SIGKILL
        restarting = asyncio.create_task(asyncio.to_thread(private.restart, how))
        with pytest.raises(Fatal, match="restarted"):
            async with asyncio.timeout(60):
                await watching
        await restarting
        assert not await site.delete()
    finally:
        await docker.close()


@pytest.mark.engine
@pytest.mark.slow
async def test_an_engine_that_keeps_its_containers_is_followed_on(private_engine) -> None:
    private = private_engine(options=("--live-restore",))
    docker = await connect({"DOCKER_HOST": private.host})
    application = app(web=sh("sleep 100"), short=sh("sleep 2; exit 5"), waiting=sh("exit 8"))
    site = await docker.site(placement(), application, SiteOptions())
    try:
        await site.create_network("default")
        facts = await image(docker)
        instances = {key: Instance(key=key, service=key) for key in application.services}
        for instance in instances.values():
            await site.create(instance, facts)
            await site.start(instance)
        await site.release(instances["web"])
        await site.release(instances["short"])
        ends: dict[str, int] = {}

        async def watch() -> None:
            async for change in site.changes():
                if change.kind is ChangeKind.EXITED:
                    assert change.key not in ends
                    ends[change.key] = change.exit_code
                    if len(ends) == 2:
                        return

        watching = asyncio.create_task(watch())
        await asyncio.to_thread(private.restart)
        await site.release(instances["waiting"])
        async with asyncio.timeout(30):
            await watching
        assert ends["waiting"] == 8 and "short" in ends
        assert (await site.observe())["web"].state == "running"
        assert not await site.delete()
    finally:
        await docker.close()
