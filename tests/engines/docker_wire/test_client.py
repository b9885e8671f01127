"""What each call says to the engine, the version that is agreed on, and how the long jobs' answers are read."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from tests.engines.docker_wire.fake import Fake, Request, fake

from dockyard.engines.docker.client import Client, connect, negotiate
from dockyard.engines.docker.client_errors import EngineError, NotFound, TooMany, Unreachable, translate
from dockyard.engines.docker.endpoint import Endpoint
from dockyard.model.errors import Fatal, Retry, UserError


def engine(answer: Callable[[Request], Awaitable[None] | None], api: str = "1.41") -> Callable[[Request], Awaitable[None] | None]:
    def handle(request: Request) -> Awaitable[None] | None:
        if request.path.endswith("/_ping"):
            return request.answer(b"OK", headers={"Api-Version": api})
        return answer(request)

    return handle


CALLS: list[tuple[str, Callable[[Client], Awaitable[object]], str]] = [
    ("version", lambda c: c.version(), "GET /version"),
    ("info", lambda c: c.info(), "GET /info"),
    ("disk", lambda c: c.disk(), "GET /system/df"),
    (
        "create",
        lambda c: c.containers.create("n", {"Image": "x"}, platform="linux/arm64"),
        "POST /containers/create name=n platform=linux/arm64",
    ),
    ("create for any platform", lambda c: c.containers.create("n", {}), "POST /containers/create name=n"),
    ("start", lambda c: c.containers.start("x"), "POST /containers/x/start"),
    ("a name with a slash", lambda c: c.containers.start("a/b?c"), "POST /containers/a%2Fb%3Fc/start"),
    ("inspect", lambda c: c.containers.inspect("x"), "GET /containers/x/json"),
    ("kill", lambda c: c.containers.kill("x", "SIGUSR1"), "POST /containers/x/kill signal=SIGUSR1"),
    ("stop", lambda c: c.containers.stop("x"), "POST /containers/x/stop"),
    ("stop at once", lambda c: c.containers.stop("x", grace=0), "POST /containers/x/stop t=0"),
    ("restart", lambda c: c.containers.restart("x", grace=3), "POST /containers/x/restart t=3"),
    ("pause", lambda c: c.containers.pause("x"), "POST /containers/x/pause"),
    ("unpause", lambda c: c.containers.unpause("x"), "POST /containers/x/unpause"),
    ("remove", lambda c: c.containers.remove("x"), "DELETE /containers/x force=1 v=1"),
    ("wait", lambda c: c.containers.wait("x", "removed"), "POST /containers/x/wait condition=removed"),
    ("stats", lambda c: c.containers.stats("x"), "GET /containers/x/stats one-shot=1 stream=0"),
    ("top", lambda c: c.containers.top("x", "-ef"), "GET /containers/x/top ps_args=-ef"),
    ("update", lambda c: c.containers.update("x", {"Memory": 1}), "POST /containers/x/update"),
    ("rename", lambda c: c.containers.rename("x", "y"), "POST /containers/x/rename name=y"),
    ("commit", lambda c: c.containers.commit("x", repository="r", tag="t"), "POST /commit container=x pause=1 repo=r tag=t"),
    (
        "put",
        lambda c: c.containers.put_archive("x", "/a b", b"tar"),
        "PUT /containers/x/archive copyUIDGID=1 noOverwriteDirNonDir=1 path=/a b",
    ),
    ("image", lambda c: c.images.inspect("ghcr.io/a/b:1@sha256:0"), "GET /images/ghcr.io/a/b:1@sha256:0/json"),
    ("history", lambda c: c.images.history("a"), "GET /images/a/history"),
    ("tag", lambda c: c.images.tag("a", "b", "c"), "POST /images/a/tag repo=b tag=c"),
    ("untag", lambda c: c.images.remove("a:b"), "DELETE /images/a:b"),
    (
        "import",
        lambda c: c.images.import_(b"tar", repository="a", tag="b", changes=["CMD x"]),
        "POST /images/create changes=CMD x fromSrc=- repo=a tag=b",
    ),
    ("load", lambda c: c.images.load(b"tar"), "POST /images/load quiet=1"),
    ("network", lambda c: c.networks.create({"Name": "n"}), "POST /networks/create"),
    ("connect", lambda c: c.networks.connect("n", "x"), "POST /networks/n/connect"),
    ("disconnect", lambda c: c.networks.disconnect("n", "x"), "POST /networks/n/disconnect"),
    ("remove network", lambda c: c.networks.remove("n"), "DELETE /networks/n"),
    ("volume", lambda c: c.volumes.create({"Name": "v"}), "POST /volumes/create"),
    ("remove volume", lambda c: c.volumes.remove("v"), "DELETE /volumes/v force=1"),
    ("exec", lambda c: c.execs.create("x", {"Cmd": []}), "POST /containers/x/exec"),
    ("exec's state", lambda c: c.execs.inspect("e"), "GET /exec/e/json"),
    ("exec's size", lambda c: c.execs.resize("e", 2, 3), "POST /exec/e/resize h=2 w=3"),
    (
        "list",
        lambda c: c.containers.list(filters={"label": ["a=b"]}),
        'GET /containers/json all=1 filters={"label":["a=b"]}',
    ),
    ("all networks", lambda c: c.networks.list(filters={}), "GET /networks"),
]


@pytest.mark.parametrize("case", CALLS, ids=[name for name, _, _ in CALLS])
async def test_a_call_asks_for_the_right_thing(
    tmp_path: Path, case: tuple[str, Callable[[Client], Awaitable[object]], str]
) -> None:
    _, call, expected = case
    async with fake(
        tmp_path, engine(lambda r: r.answer({"Id": "i"} if "json" not in r.path.rsplit("/", 1)[-1] else {}))
    ) as there:
        async with await connect(there.endpoint) as client:
            await call(client)
        asked = there.requests[-1]
    words = " ".join([asked.method, asked.path.removeprefix("/v1.41"), *(f"{k}={v}" for k, v in sorted(asked.query.items()))])
    assert asked.path.startswith("/v1.41/")
    assert words == expected


async def test_bodies_are_json_and_archives_are_tar(tmp_path: Path) -> None:
    async with fake(tmp_path, engine(lambda r: r.answer({}))) as there, await connect(there.endpoint) as client:
        await client.containers.create("n", {"Env": ["ä=ö"]})
        assert (there.requests[-1].headers["content-type"], json.loads(there.requests[-1].body)) == (
            "application/json",
            {"Env": ["ä=ö"]},
        )
        await client.containers.put_archive("n", "/", b"tar")
        assert (there.requests[-1].headers["content-type"], there.requests[-1].body) == ("application/x-tar", b"tar")
        await client.networks.create({"Name": "n"})
        assert json.loads(there.requests[-1].body) == {"Name": "n", "CheckDuplicate": True}


async def test_what_is_there_already_is_no_error(tmp_path: Path) -> None:
    unmodified = engine(lambda r: r.writer.write(b"HTTP/1.1 304 Not Modified\r\n\r\n"))
    async with fake(tmp_path, unmodified) as there, await connect(there.endpoint) as client:
        assert await client.containers.start("x") is False
        assert await client.containers.stop("x") is False


@pytest.mark.parametrize(
    ("theirs", "asked", "spoken"),
    [("1.41", "", "1.41"), ("1.47", "", "1.47"), ("1.56", "", "1.56"), ("1.99", "", "1.56"), ("1.47", "1.43", "1.43")],
)
def test_the_newest_version_that_both_know_is_spoken(theirs: str, asked: str, spoken: str) -> None:
    assert negotiate(theirs, asked, "x") == spoken


@pytest.mark.parametrize(
    ("theirs", "asked", "why"),
    [
        ("1.40", "", "1.41 is needed at least"),
        ("", "", "no Docker Engine"),
        ("soon", "", "no Docker Engine"),
        ("1.45", "1.46", "DOCKER_API_VERSION"),
        ("1.45", "1.12", "DOCKER_API_VERSION"),
        ("1.45", "x", "DOCKER_API_VERSION"),
    ],
)
def test_a_version_that_cannot_be_spoken_is_told(theirs: str, asked: str, why: str) -> None:
    with pytest.raises(UserError) as caught:
        negotiate(theirs, asked, "unix:///x")
    assert why in str(caught.value)


async def test_what_is_no_engine_is_told_and_left(tmp_path: Path) -> None:
    async with fake(tmp_path, lambda r: r.answer(b"<html>hi</html>")) as there:
        with pytest.raises(UserError, match="no Docker Engine"):
            await connect(there.endpoint)


async def _pulled(there: Fake) -> list[object]:
    async with await connect(there.endpoint) as client:
        return [line async for line in client.images.pull("redis", tag="7", auth="abc")]


async def test_a_pull_tells_its_progress(tmp_path: Path) -> None:
    def pull(request: Request) -> None:
        request.begin()
        for part in (b'{"status":"Pulling"}\r\n{"sta', b'tus":"Done","id":"x"}\r\n', b""):
            request.chunk(part)

    async with fake(tmp_path, engine(pull)) as there:
        assert await _pulled(there) == [{"status": "Pulling"}, {"status": "Done", "id": "x"}]
        assert there.requests[-1].headers["x-registry-auth"] == "abc"
        assert there.requests[-1].query == {"fromImage": "redis", "tag": "7"}


@pytest.mark.parametrize(
    ("message", "kind", "status"),
    [
        ("toomanyrequests: You have reached your pull rate limit", TooMany, 429),
        ("manifest for redis:99 not found: manifest unknown: manifest unknown", NotFound, 404),
        ("pull access denied for x, repository does not exist or may require 'docker login'", EngineError, 403),
        ("unauthorized: authentication required", EngineError, 401),
        ("no matching manifest for linux/amd64 in the manifest list entries", NotFound, 404),
        ("Get https://r: dial tcp: lookup r: no such host", EngineError, 500),
    ],
)
async def test_a_pull_that_fails_in_its_middle_is_an_error(tmp_path: Path, message: str, kind: type, status: int) -> None:
    def pull(request: Request) -> None:
        request.begin()
        request.chunk(msgspec.json.encode({"status": "Pulling"}) + b"\n")
        request.chunk(msgspec.json.encode({"errorDetail": {"message": message}, "error": message}) + b"\n")
        request.chunk(b"")

    async with fake(tmp_path, engine(pull)) as there:
        with pytest.raises(kind) as caught:
            await _pulled(there)
    assert caught.value.status == status
    assert message in str(caught.value)


async def test_a_pull_whose_engine_dies_is_told(tmp_path: Path) -> None:
    def pull(request: Request) -> None:
        request.begin()
        request.chunk(b'{"status":"Pulling"}\n')
        request.close()

    async with fake(tmp_path, engine(pull)) as there:
        with pytest.raises(Unreachable):
            await _pulled(there)


async def test_events_come_as_they_happen(tmp_path: Path) -> None:
    def events(request: Request) -> None:
        request.begin()
        request.chunk(b'{"Action":"start"}\n{"Action":')
        request.chunk(b'"die"}\n')
        request.chunk(b"")

    async with fake(tmp_path, engine(events)) as there, await connect(there.endpoint) as client:
        found = [e["Action"] async for e in client.events(filters={"type": ["container"]}, since="5.000000001")]
        assert found == ["start", "die"]
        assert there.requests[-1].query == {"filters": '{"type":["container"]}', "since": "5.000000001"}


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (404, "could not find an available, non-overlapping IPv4 address pool among the defaults", Fatal),
        (400, "all predefined address pools have been fully subnetted: non-overlapping ipv4 address pool", Fatal),
        (500, "write /var/lib/docker/x: no space left on device", Fatal),
        (500, "something broke", Retry),
        (503, "not now", Retry),
        (404, "no such image", UserError),
        (400, "invalid reference", UserError),
        (403, "denied", UserError),
    ],
)
def test_an_error_means_one_of_three_things(status: int, message: str, kind: type[Exception]) -> None:
    error = EngineError(status, message)
    found = translate(error)
    assert type(found) is kind
    assert found.__cause__ is error


def test_the_client_is_there_quickly() -> None:
    """What takes long to import is imported by nobody, or when the first call is made."""
    code = "import sys, dockyard.engines.docker.client; print(sorted({'httpx2', 'anyio', 'h11', 'rich', 'cyclopts', 'yaml'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_local_engine_is_told_by_its_endpoint() -> None:
    assert str(Endpoint(scheme="unix", path="/x")) == "unix:///x"
