"""Real builds on both engines: through buildx, and by the engine itself where there is none."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dockyard.engines.build import builder, process
from dockyard.engines.docker.client_errors import Conflict, NotFound
from dockyard.engines.docker.engine import DockerEngine, connect
from dockyard.model.application import Application, FileObject
from dockyard.model.errors import UserError
from dockyard.model.placement import Placement, run_tag
from dockyard.model.service import Build, FileReference, Service


@pytest.fixture(params=["buildx", "engine"])
async def docker(engine, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DockerEngine]:
    if request.param == "engine":
        monkeypatch.setattr(builder, "find_buildx", lambda environment: None)
    elif builder.find_buildx(os.environ) is None:
        pytest.skip("no buildx is installed")
    made = await connect({**os.environ, "DOCKER_HOST": engine.host})
    yield made
    await made.close()


@pytest.fixture
async def tag(docker: DockerEngine) -> AsyncIterator[str]:
    placement = Placement(f"test-{secrets.token_hex(4)}", "t", "o", int(time.time()) + 900, "r")
    yield run_tag("web", placement)
    assert not await docker.remove([one for one in await docker.inventory() if one.placement == placement.id])


def _context(folder: Path, dockerfile: str, **files: str) -> Path:
    (folder / "Dockerfile").write_text(dockerfile)
    (folder / "dockyard-report").mkdir()
    (folder / "dockyard-report" / "old").write_text("x")
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(content)
    return folder


async def _says(docker: DockerEngine, image: str, path: str) -> bytes:
    api = docker._api
    made = await api.create("", {"Image": image, "Cmd": ["x"]})
    try:
        return b"".join([block async for block in api.get(made, path)])
    finally:
        await api.remove(made)


async def test_a_context_is_built_without_reports_and_ignored_files(docker: DockerEngine, tag: str, tmp_path: Path) -> None:
    dockerfile = (
        'FROM busybox:1.36\nARG WHO\nCOPY . /ctx\nRUN echo hello $WHO > /out; ls -a /ctx > /list\nLABEL a=b\nCMD ["/x"]\n'
    )
    context = _context(tmp_path, dockerfile, __dockerignore="no.txt\n", no__txt="n", yes__txt="y")
    service = Service(build=Build(context=str(context), args={"WHO": "world"}, labels={"team": "t"}))
    told: list[str] = []
    found = await docker.build(Application(name="a", services={"web": service}), service, tag, told.append)
    assert found.reference == tag and found.cmd == ("/x",)
    assert b"hello world" in await _says(docker, tag, "/out")
    listed = await _says(docker, tag, "/list")
    assert b"yes.txt" in listed and b"no.txt" not in listed and b"dockyard-report" not in listed
    assert any("COPY" in line for line in told)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".dockerignore",
        "Dockerfile",
        "dockyard-report",
        "no.txt",
        "yes.txt",
    ]


async def test_the_build_cache_outlives_the_tag(docker: DockerEngine, tag: str, tmp_path: Path) -> None:
    token = secrets.token_hex(4)
    dockerfile = f'FROM busybox:1.36\nLABEL test={token}\nRUN cat /proc/sys/kernel/random/uuid > /stamp\nRUN true\nCMD ["/x"]\n'
    service = Service(build=Build(context=str(_context(tmp_path, dockerfile))))
    application = Application(name="a", services={"web": service})
    try:
        stamps = []
        for _ in range(2):
            await docker.build(application, service, tag, lambda line: None)
            stamps.append(await _says(docker, tag, "/stamp"))
            await docker._api.untag(tag)
        assert stamps[0] == stamps[1]
    finally:
        for image in await docker._api.client.images.list(all=True, filters={"label": [f"test={token}"]}):
            with contextlib.suppress(NotFound, Conflict):
                await docker._api.client.images.remove(image["Id"], force=True)


async def test_an_inline_dockerfile_and_a_target(docker: DockerEngine, tag: str, tmp_path: Path) -> None:
    inline = "FROM busybox:1.36 AS one\nRUN echo 1 > /n\nFROM one AS two\nRUN echo 2 > /n\n"
    service = Service(build=Build(context=str(tmp_path), dockerfile_inline=inline, target="one"))
    await docker.build(Application(name="a", services={"web": service}), service, tag, lambda line: None)
    assert b"1\n" in await _says(docker, tag, "/n")


async def test_a_failing_step_is_the_users_error_with_its_output(docker: DockerEngine, tag: str, tmp_path: Path) -> None:
    context = _context(tmp_path, "FROM busybox:1.36\nRUN echo so-much-is-wrong; exit 3\n")
    service = Service(build=Build(context=str(context)))
    with pytest.raises(UserError) as error:
        await docker.build(Application(name="a", services={"web": service}), service, tag, lambda line: None)
    assert "building web failed" in str(error.value) and "so-much-is-wrong" in str(error.value)
    assert error.value.problems[0].path == "services.web.build"


async def test_a_context_or_dockerfile_that_is_not_there_is_named(docker: DockerEngine, tag: str, tmp_path: Path) -> None:
    for build, words in (
        (Build(context=str(tmp_path / "no")), "is no folder"),
        (Build(context=str(tmp_path)), "Dockerfile can't be read"),
    ):
        service = Service(build=build)
        with pytest.raises(UserError, match=words):
            await docker.build(Application(name="a", services={"web": service}), service, tag, lambda line: None)


async def test_build_secrets_reach_the_step_and_nothing_else(
    docker: DockerEngine, tag: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    context = _context(tmp_path, "FROM busybox:1.36\nRUN --mount=type=secret,id=pw wc -c < /run/secrets/pw > /n\n")
    service = Service(build=Build(context=str(context), secrets=(FileReference(source="pw"),)))
    application = Application(name="a", services={"web": service}, secrets={"pw": FileObject(content="hush-hush")})
    told: list[str] = []
    if "engine]" in request.node.name or request.node.callspec.params["docker"] == "engine":
        with pytest.raises(UserError, match="needs buildx"):
            await docker.build(application, service, tag, told.append)
        return
    await docker.build(application, service, tag, told.append)
    assert b"9\n" in await _says(docker, tag, "/n")
    assert "hush" not in "\n".join(told)


async def test_a_cancelled_program_ends_with_all_its_children(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    script = f"sleep 100 & echo $! > {pid}; echo ready; wait"
    ready = asyncio.Event()
    running = asyncio.create_task(process.run(["sh", "-c", script], os.environ, lambda line: ready.set()))
    async with asyncio.timeout(10):
        await ready.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    child = int(pid.read_text())
    for _ in range(50):
        try:
            with open(f"/proc/{child}/stat") as file:
                if file.read().split()[2] == "Z":
                    return
        except FileNotFoundError:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the child still runs")


async def test_a_line_without_an_end_does_not_stop_the_reading() -> None:
    lines: list[str] = []
    code = await process.run(
        ["sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo end; exit 4"], os.environ, lines.append
    )
    assert code == 4 and lines[-1] == "end"
