"""A placement on a real engine: made, let go, asked, watched, gone. Each test runs on the old and on the newest engine."""

from __future__ import annotations

import asyncio
import contextlib
import io
import secrets
import tarfile
import time
from pathlib import Path

import pytest
from tests.engines.docker.conftest import MakeSite

from dockyard.engines.docker.engine import DockerEngine
from dockyard.engines.docker.site import DockerSite
from dockyard.engines.protocol import Probe, Stream
from dockyard.model.application import Application, FileObject, Network, Volume
from dockyard.model.errors import DockyardError, UserError
from dockyard.model.facts import Change, ChangeKind, ImageFacts, State
from dockyard.model.plan import Instance
from dockyard.model.service import Bind, FileReference, Mount, Port, Service, ServiceNetwork

BUSYBOX = "busybox:1.36"
NETWORKS = {"default": Network(name="default")}


def app(**services: Service) -> Application:
    named = {
        name: service if service.network_mode or service.networks else _on_default(service) for name, service in services.items()
    }
    return Application(name="t", services=named, networks=NETWORKS)


def _on_default(service: Service) -> Service:
    import msgspec

    return msgspec.structs.replace(service, networks={"default": None})


def sh(script: str, **more: object) -> Service:
    return Service(image=BUSYBOX, command=("sh", "-c", script), **more)  # type: ignore[arg-type]


async def image(docker: DockerEngine, reference: str = BUSYBOX) -> ImageFacts:
    found = await docker.image(reference)
    assert found is not None
    return found


async def up(
    docker: DockerEngine, site: DockerSite, application: Application, *, gated: bool = True, facts: ImageFacts | None = None
) -> None:
    """Everything made, started and let go at once."""
    for network in application.networks:
        await site.create_network(network)
    for volume in application.volumes:
        await site.create_volume(volume)
    facts = facts or await image(docker)
    instances = [Instance(key=name, service=name, gated=gated) for name in application.services]
    for instance in instances:
        await site.create(instance, facts)
    for instance in instances:
        await site.start(instance)
    if gated:
        await asyncio.gather(*(site.release(instance) for instance in instances))


async def until(site: DockerSite, key: str, kind: ChangeKind, times: int = 1) -> Change:
    seen = 0
    async with asyncio.timeout(30):
        async for change in site.changes():
            seen += change.key == key and change.kind is kind
            if seen == times:
                return change
    raise AssertionError


async def text(site: DockerSite, key: str, stream: Stream = Stream.STDOUT) -> str:
    """All that an ended instance has written, without its times."""
    found = b""
    async with asyncio.timeout(20):
        async for chunk in site.logs(key):
            if chunk.stream is stream:
                found += chunk.data
    return "".join(line.split(b" ", 1)[1].decode() for line in found.splitlines(keepends=True))


async def test_a_process_waits_at_its_gate_until_it_is_let_go(docker: DockerEngine, place: MakeSite) -> None:
    application = app(web=sh("echo out; echo err >&2; exit 7"))
    site = await place(application)
    await site.create_network("default")
    instance = Instance(key="web", service="web")
    await site.create(instance, await image(docker))
    await site.start(instance)
    await asyncio.sleep(0.2)
    assert (await site.observe())["web"].state is State.RUNNING
    await site.release(instance)
    ended = await until(site, "web", ChangeKind.EXITED)
    assert ended.exit_code == 7
    assert await text(site, "web") == "out\n"
    assert await text(site, "web", Stream.STDERR) == "err\n"
    found = (await site.observe())["web"]
    assert (found.state, found.exit_code) == (State.EXITED, 7)
    assert abs(found.finished_at - docker.facts.clock_offset - time.time()) < 5
    await site.release(instance)


async def test_a_service_without_a_gate_runs_when_it_is_started(docker: DockerEngine, place: MakeSite) -> None:
    application = app(web=sh("exit 3"))
    site = await place(application)
    await up(docker, site, application, gated=False)
    assert (await until(site, "web", ChangeKind.EXITED)).exit_code == 3


async def test_a_container_that_the_engine_refuses_to_make_is_not_told_as_lost(docker: DockerEngine, place: MakeSite) -> None:
    application = app(web=sh("true", security_opt=("nope:x",)), other=sh("true"))
    site = await place(application)
    await site.create_network("default")
    with pytest.raises(DockyardError, match="nope"):
        await site.create(Instance(key="web", service="web"), await image(docker))
    other = Instance(key="other", service="other")
    await site.create(other, await image(docker))
    await site.start(other)
    async with asyncio.timeout(30):
        async for change in site.changes():
            assert change.kind is not ChangeKind.LOST
            if change.key == "other":
                break


async def test_a_program_that_is_not_there_says_so(docker: DockerEngine, place: MakeSite) -> None:
    from dockyard.engines.gate import gate

    application = app(web=Service(image=BUSYBOX, command=("/no/such",)))
    site = await place(application)
    await up(docker, site, application)
    assert (await until(site, "web", ChangeKind.EXITED)).exit_code == 127
    assert gate.could_not_start(await text(site, "web", Stream.STDERR))


async def test_a_program_that_is_not_there_is_the_users_error_without_a_gate(docker: DockerEngine, place: MakeSite) -> None:
    application = app(web=Service(image=BUSYBOX, command=("/no/such",)))
    site = await place(application)
    with pytest.raises(UserError, match="web can't be started"):
        await up(docker, site, application, gated=False)


async def test_probes_read_results_listening_ports_and_output(docker: DockerEngine, place: MakeSite) -> None:
    application = app(web=sh("sleep 0.3; touch /ready; httpd -p 127.0.0.1:81; exec httpd -f -p 80"))
    site = await place(application)
    await up(docker, site, application)
    web = Instance(key="web", service="web")

    async def first(probe: Probe, good: bool = True):
        async with asyncio.timeout(20):
            async for reading in site.probe(web, probe):
                if (reading.ok and (not probe.ports or reading.listening)) is good:
                    return reading
        raise AssertionError

    failing = await first(Probe(command=("sh", "-c", "echo no >&2; exit 4")), good=False)
    assert failing.exit_code == 4 and failing.output == b"no\n" and failing.began <= failing.ended
    assert (await first(Probe(command=("test -e /ready && echo yes",), shell=True))).output == b"yes\n"
    assert (await first(Probe(file="/ready"))).ok
    assert (await first(Probe(ports=(80,)))).listening
    assert not (await first(Probe(ports=(81,)), good=False)).listening
    slow = await first(Probe(command=("sleep", "5"), timeout=0.1), good=False)
    assert slow.exit_code == -1 and 0.09 < slow.ended - slow.began < 2


async def test_a_probe_that_is_left_leaves_no_process_behind(docker: DockerEngine, place: MakeSite) -> None:
    application = app(web=sh("exec sleep 100"))
    site = await place(application)
    await up(docker, site, application)
    async for _ in site.probe(Instance(key="web", service="web"), Probe(command=("true",))):
        break
    for _ in range(40):
        found = await site.exec("web", ["ps"])
        if b"gate" not in found.output:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(found.output)


@pytest.mark.differs_on_podman("4.3 counts no restarts")
async def test_logs_go_on_over_a_restart_and_every_start_is_told(docker: DockerEngine, place: MakeSite) -> None:
    application = app(web=sh("echo run; test -e /again || { touch /again; exit 1; }", restart="on-failure:3"))
    site = await place(application)
    instance = Instance(key="web", service="web")

    async def let_go() -> None:
        async for change in site.changes():
            if change.kind is ChangeKind.STARTED:
                await site.release(instance)

    releasing = asyncio.create_task(let_go())
    await up(docker, site, application)
    assert await text(site, "web") == "run\nrun\n"
    ended = await until(site, "web", ChangeKind.EXITED, times=2)
    assert ended.exit_code == 0
    assert (await site.observe())["web"].restarts == 1
    releasing.cancel()


async def test_output_comes_whole_and_in_order(docker: DockerEngine, place: MakeSite) -> None:
    script = "i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done; head -c 100000 /dev/zero | tr '\\0' x; echo; printf 'no end'"
    application = app(web=sh(script))
    site = await place(application)
    await up(docker, site, application)
    said = await text(site, "web")
    expected = "".join(f"line {n}\n" for n in range(3000)) + "x" * 100000 + "\nno end"
    assert said == expected


async def test_a_container_removed_by_somebody_else_is_lost(docker: DockerEngine, place: MakeSite) -> None:
    application = app(web=sh("sleep 100"))
    site = await place(application)
    await up(docker, site, application)
    await docker._api.remove((await site.observe())["web"].id)
    await until(site, "web", ChangeKind.LOST)
    assert await site.observe() == {}


@pytest.mark.differs_on_podman("4.3 does not tell what the kernel killed")
async def test_a_process_killed_for_memory_is_told(docker: DockerEngine, place: MakeSite) -> None:
    application = app(web=sh("tail /dev/zero", mem_limit=16 * 1024 * 1024, memswap_limit=16 * 1024 * 1024))
    site = await place(application)
    await up(docker, site, application)
    assert (await until(site, "web", ChangeKind.EXITED)).exit_code != 0
    assert (await site.observe())["web"].oom


async def test_names_resolve_as_compose_has_them(docker: DockerEngine, place: MakeSite) -> None:
    application = Application(
        name="t",
        networks={"front": Network(), "back": Network()},
        services={
            "db": sh(
                "sleep 100", container_name="fixed-db", networks={"back": ServiceNetwork(aliases=("database",)), "front": None}
            ),
            "web": sh(
                "for n in db fixed-db database; do ping -c1 -w5 $n >/dev/null || exit 1; done",
                networks={"front": None, "back": None},
            ),
        },
    )
    site = await place(application)
    await up(docker, site, application)
    assert (await until(site, "web", ChangeKind.EXITED)).exit_code == 0


async def test_a_service_joins_the_namespaces_of_another(docker: DockerEngine, place: MakeSite) -> None:
    application = app(
        db=sh("exec httpd -f -p 8080"),
        web=sh(
            "sleep 0.3; wget -qO- http://127.0.0.1:8080/ 2>&1 | grep -q 404 && ps | grep -q httpd",
            network_mode="service:db",
            pid="service:db",
        ),
    )
    site = await place(application)
    await up(docker, site, application)
    assert (await until(site, "web", ChangeKind.EXITED)).exit_code == 0


async def test_inline_files_are_there_before_the_start_whatever_the_root_is(docker: DockerEngine, place: MakeSite) -> None:
    check = "stat -c '%a %u %g' /run/secrets/pw; cat /run/secrets/pw /etc/app.conf"
    more = {
        "secrets": (FileReference(source="pw", mode=0o440, uid="7", gid="65534"),),
        "configs": (FileReference(source="conf", target="/etc/app.conf"),),
        "user": "nobody",
    }
    application = Application(
        name="t",
        services={
            "plain": sh(check, **more),
            "hidden": sh(check, tmpfs=("/run",), **more),
            "fixed": sh(check, read_only=True, cap_drop=("ALL",), **more),
        },
        secrets={"pw": FileObject(content="s3cret\n")},
        configs={"conf": FileObject(content="a=1\n")},
    )
    import msgspec

    application = msgspec.structs.replace(
        application, networks=NETWORKS, services={name: _on_default(service) for name, service in application.services.items()}
    )
    site = await place(application)
    await up(docker, site, application)
    for name in application.services:
        assert await text(site, name) == "440 7 65534\ns3cret\na=1\n", name


async def test_a_remote_engine_gets_folders_and_files_by_upload(
    docker: DockerEngine, place: MakeSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "hello").write_text("hello\n")
    (tmp_path / "one.txt").write_text("one\n")

    async def elsewhere(*args: object) -> bool:
        return False

    monkeypatch.setattr(docker, "_local_files", elsewhere)
    bind = Bind(create_host_path=True)
    mounts = (
        Mount(type="bind", source=str(tmp_path / "src"), target="/app", bind=bind),
        Mount(type="bind", source=str(tmp_path / "one.txt"), target="/etc/one.txt", bind=bind),
    )
    application = app(
        web=sh("cat /app/hello /etc/one.txt; echo back > /app/new; touch /app/done; sleep 100", volumes=mounts),
        other=sh("while ! test -e /app/done; do sleep 0.05; done; cat /app/new", volumes=mounts),
    )
    site = await place(application)
    for network in application.networks:
        await site.create_network(network)
    facts = await image(docker)
    warnings = (await site.create(Instance(key="web", service="web"), facts)).warnings
    assert any("uploaded to /app" in warning for warning in warnings) and any(
        "uploaded to /etc/one.txt" in warning for warning in warnings
    )
    await site.create(Instance(key="other", service="other"), facts)
    for key in ("web", "other"):
        await site.start(Instance(key=key, service=key))
        await site.release(Instance(key=key, service=key))
    assert await text(site, "other") == "back\n"
    assert (await site.exec("web", ["cat", "/app/hello", "/etc/one.txt"])).output == b"hello\none\n"


async def test_a_relative_bind_shows_this_machines_files(docker: DockerEngine, place: MakeSite, tmp_path: Path) -> None:
    (tmp_path / "hello").write_text("hello\n")
    mount = Mount(type="bind", source=str(tmp_path), target="/app", read_only=True, bind=Bind(create_host_path=True))
    application = app(web=sh("cat /app/hello; touch /app/no 2>/dev/null || echo ro", volumes=(mount,)))
    site = await place(application)
    assert docker.facts.local_files
    await up(docker, site, application)
    assert await text(site, "web") == "hello\nro\n"


async def test_volumes_of_image_and_file_go_with_the_placement(
    docker: DockerEngine, place: MakeSite, engine, engine_objects
) -> None:
    client = docker._api.client
    tag = f"test-volumes-{secrets.token_hex(4)}:1"
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        info = tarfile.TarInfo("data/seed")
        info.size = 2
        tar.addfile(info, io.BytesIO(b"x\n"))
    await client.images.import_(buffer.getvalue(), repository=tag, changes=['CMD ["x"]', "VOLUME /data"])
    try:
        facts = await docker.image(tag)
        assert facts is not None and facts.volumes == ("/data",)
        service = Service(
            image=tag,
            networks={"default": None},
            volumes=(Mount(type="volume", source="named", target="/n"), Mount(type="volume", target="/anon")),
        )
        application = Application(name="t", services={"web": service}, networks=NETWORKS, volumes={"named": Volume()})
        before = engine_objects(engine.host)
        site = await place(application)
        await site.create_network("default")
        await site.create_volume("named")
        await site.create(Instance(key="web", service="web"), facts)
        made = engine_objects(engine.host)["volumes"] - before["volumes"]
        ours = [name for name in made if name.startswith(site.placement.id)]
        assert len(ours) == 3
        listed = await docker._api.volumes({"label": [f"dockyard.placement={site.placement.id}"]})
        assert {one["Name"] for one in listed} == set(ours)
        if docker.facts.kind != "podman":  # which copies what the image has there when the container starts
            got = b"".join([block async for block in site.read("web", "/data/seed")])
            assert b"x\n" in got
        assert not await site.delete()
        assert not [name for name in engine_objects(engine.host)["volumes"] if name.startswith(site.placement.id)]
    finally:
        await client.images.remove(tag, force=True)


async def test_published_ports_are_free_ones_and_told(docker: DockerEngine, place: MakeSite) -> None:
    application = app(web=sh("exec httpd -f -p 80", ports=(Port(target=80, published="80", protocol="tcp"),)))
    first, second = await place(application), await place(application)
    for site in (first, second):
        await up(docker, site, application)
    places = {(await site.addresses("web"))[80] for site in (first, second)}
    assert len(places) == 2 and all(one.startswith("127.0.0.1:") for one in places)
    host, _, port = places.pop().partition(":")
    for _ in range(50):
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(b"GET / HTTP/1.0\r\n\r\n")
            answer = await reader.read(100)
            writer.close()
            if answer:
                break
        await asyncio.sleep(0.05)
    assert answer.startswith(b"HTTP/1.")


async def test_a_port_is_reached_from_inside(docker: DockerEngine, place: MakeSite) -> None:
    application = app(web=sh("exec httpd -f -p 127.0.0.1:8080"))
    site = await place(application)
    await up(docker, site, application)
    async for reading in site.probe(
        Instance(key="web", service="web"), Probe(command=("sh", "-c", "wget -qO- http://127.0.0.1:8080/ 2>&1 | grep 404"))
    ):
        if reading.ok:
            break
    duplex = await site.relay("web", 8080)
    await duplex.send(b"GET / HTTP/1.0\r\n\r\n")
    answer = b""
    while data := await duplex.receive():
        answer += data
    await duplex.close()
    assert answer.startswith(b"HTTP/1.")
    with pytest.raises(UserError):
        await site.relay("web", 8081)


async def test_commands_run_with_user_folder_and_environment(docker: DockerEngine, place: MakeSite) -> None:
    application = app(web=sh("sleep 100"))
    site = await place(application)
    await up(docker, site, application)
    found = await site.exec(
        "web", ["sh", "-c", "id -un; pwd; echo $A; echo bad >&2; exit 9"], user="nobody", workdir="/tmp", env={"A": "b c"}
    )
    assert found.exit_code == 9
    assert sorted(found.output.splitlines()) == [b"/tmp", b"b c", b"bad", b"nobody"]
    began = time.monotonic()
    assert (await site.exec("web", ["sleep", "100"], timeout=0.2)).exit_code == -1
    assert time.monotonic() - began < 60


async def test_files_go_in_and_come_out(docker: DockerEngine, place: MakeSite) -> None:
    from dockyard.engines.docker import archive

    application = app(web=sh("sleep 100"))
    site = await place(application)
    await up(docker, site, application)
    await site.write("web", "/tmp", archive.of_entries([archive.Entry(path="a/b", content=b"c", mode=0o600)]))
    blocks = b"".join([block async for block in site.read("web", "/tmp/a")])
    with tarfile.open(fileobj=io.BytesIO(blocks)) as tar:
        assert tar.extractfile("a/b").read() == b"c"  # type: ignore[union-attr]
    with pytest.raises(UserError, match="nothing has written it"):
        [block async for block in site.read("web", "/no/such")]
    with pytest.raises(UserError, match="begins with /: /no/such"):
        [block async for block in site.read("web", "no/such")]


async def test_what_containers_use_is_told(docker: DockerEngine, place: MakeSite) -> None:
    application = app(web=sh("sleep 100"), gone=sh("true"))
    site = await place(application)
    await up(docker, site, application)
    await until(site, "gone", ChangeKind.EXITED)
    found = {usage.key: usage for usage in await site.usage()}
    assert found["web"].memory > 0 and found["web"].cpu > 0
    assert "gone" not in found or found["gone"].memory == 0


async def test_a_placement_that_is_there_is_found_again_by_its_id(docker: DockerEngine, place: MakeSite) -> None:
    application = app(web=sh("echo hi; sleep 100"))
    site = await place(application)
    await up(docker, site, application)
    again = await docker.existing(site.placement.id)
    assert again is not None
    assert set(await again.observe()) == {"web"}
    assert (again.placement.id, again.placement.deadline, again.placement.owner) == (
        site.placement.id,
        site.placement.deadline,
        "tests",
    )
    assert (await again.exec("web", ["echo", "x"])).output == b"x\n"
    assert not await again.delete()
    assert await docker.existing(site.placement.id) is None
    with pytest.raises(UserError, match="does not run"):
        await again.exec("web", ["true"])
    with pytest.raises(UserError, match="has no instance 'other'"):
        await again.exec("other", ["true"])


async def test_grace_lets_a_process_end_by_itself(docker: DockerEngine, place: MakeSite) -> None:
    volume = {"volumes": (Mount(type="volume", source="keep", target="/keep"),)}
    application = Application(
        name="t",
        networks=NETWORKS,
        volumes={"keep": Volume()},
        services={"web": _on_default(sh("trap 'exit 0' TERM; echo up; while true; do sleep 0.1; done", **volume))},
    )
    site = await place(application, grace=True)
    await up(docker, site, application)
    async for chunk in site.logs("web"):
        if b"up" in chunk.data:
            break
    exited = asyncio.create_task(until(site, "web", ChangeKind.EXITED))
    stopping = asyncio.create_task(docker._api.stop((await site.observe())["web"].id))
    assert (await exited).exit_code == 0
    await stopping
    assert not await site.delete()
