"""Ways to an engine other than a socket here: TCP, TLS with certificates of both sides, ssh."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.engines.docker_wire.fake import Fake, Request, fake

from dockyard.engines.docker.client import connect
from dockyard.engines.docker.client_dial import ssh_command
from dockyard.engines.docker.client_errors import Unreachable
from dockyard.engines.docker.endpoint import Endpoint, Tls, parse
from dockyard.model.errors import UserError


async def answer(request: Request) -> None:
    if request.path.endswith("/attach"):
        request.upgraded()
        while data := await request.reader.read(100):
            request.writer.write(data.upper())
            await request.writer.drain()
        request.close()
        return
    request.answer({"Version": "fake"}, headers={"Api-Version": "1.45"})


@contextlib.asynccontextmanager
async def listening(context: ssl.SSLContext | None) -> AsyncIterator[int]:
    made = Fake("", answer)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def both_ways(endpoint: Endpoint) -> None:
    async with await connect(endpoint) as client:
        assert client.api == "1.45"
        assert await client.version() == {"Version": "fake"}
        async with await client.containers.attach("x", stdin=True) as stream:
            await stream.send(b"hello")
            assert await stream.receive() == b"HELLO"


async def test_an_engine_over_tcp() -> None:
    async with listening(None) as port:
        await both_ways(parse(f"tcp://127.0.0.1:{port}", source=""))


async def test_an_engine_over_tcp_that_is_not_there() -> None:
    async with listening(None) as port:
        pass
    with pytest.raises(Unreachable, match="connection refused"):
        await connect(parse(f"tcp://127.0.0.1:{port}", source=""))


async def test_an_engine_whose_name_is_unknown() -> None:
    with pytest.raises(Unreachable, match=r"tcp://no-such-host\.invalid:1"):
        await connect(parse("tcp://no-such-host.invalid:1", source=""))


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here")
    folder = tmp_path_factory.mktemp("certificates")

    def openssl(*argv: str) -> None:
        subprocess.run(["openssl", *argv], cwd=folder, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", "ca-key.pem", "-out", "ca.pem", "-days", "2", "-subj", "/CN=ca")
    for name, extra in (("server", "subjectAltName=IP:127.0.0.1"), ("client", "extendedKeyUsage=clientAuth")):
        openssl("req", *key, "-keyout", f"{name}-key.pem", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (folder / f"{name}.ext").write_text(extra)
        signed = ["-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext"]
        openssl("x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.pem", *signed)
    openssl("req", "-x509", *key, "-keyout", "other-key.pem", "-out", "other.pem", "-days", "2", "-subj", "/CN=other")
    return folder


def server_side(certificates: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(certificates / "ca.pem"))
    context.load_cert_chain(certificates / "server.pem", certificates / "server-key.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def tls(certificates: Path, **changes: object) -> Tls:
    names = {"ca": "ca.pem", "cert": "client.pem", "key": "client-key.pem", **changes}
    paths = {k: str(certificates / v) if isinstance(v, str) and v else v for k, v in names.items()}
    return Tls(**paths)  # type: ignore[arg-type]


async def test_an_engine_over_tls(certificates: Path) -> None:
    async with listening(server_side(certificates)) as port:
        await both_ways(Endpoint(scheme="tcp", host="127.0.0.1", port=port, tls=tls(certificates)))
        await both_ways(Endpoint(scheme="tcp", host="127.0.0.1", port=port, tls=tls(certificates, ca="", verify=False)))


async def test_an_engine_that_shows_another_certificate_is_refused(certificates: Path) -> None:
    async with listening(server_side(certificates)) as port:
        with pytest.raises(UserError, match="not the one that was expected"):
            await connect(Endpoint(scheme="tcp", host="127.0.0.1", port=port, tls=tls(certificates, ca="other.pem")))


async def test_an_engine_that_refuses_our_certificate_is_unreachable(certificates: Path) -> None:
    async with listening(server_side(certificates)) as port:
        with pytest.raises(Unreachable):
            await connect(Endpoint(scheme="tcp", host="127.0.0.1", port=port, tls=tls(certificates, cert="", key="")))


@pytest.mark.parametrize("broken", ["ca", "cert"])
async def test_certificates_that_are_not_there_are_named(certificates: Path, broken: str) -> None:
    with pytest.raises(UserError, match=r"no-such\.pem"):
        await connect(Endpoint(scheme="tcp", host="127.0.0.1", port=1, tls=tls(certificates, **{broken: "no-such.pem"})))


BRIDGE = """#!{python} -IS
import os, socket, sys, threading
open({note!r}, "a").write(" ".join(sys.argv[1:]) + "\\n")
s = socket.socket(socket.AF_UNIX); s.connect({socket!r})
def out():
    while d := s.recv(65536): os.write(1, d)
    os._exit(0)
threading.Thread(target=out, daemon=True).start()
while d := os.read(0, 65536): s.sendall(d)
s.shutdown(socket.SHUT_WR)
threading.Event().wait(60)
"""


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program `ssh` that goes to the fake's socket, and notes what it was called with."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    script = tmp_path / "ssh"
    script.write_text(BRIDGE.format(python=sys.executable, note=str(tmp_path / "note"), socket=str(tmp_path / "engine.sock")))
    script.chmod(0o755)
    return tmp_path


def children() -> list[str]:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()


async def test_an_engine_over_ssh(ssh: Path) -> None:
    before, open_before = children(), len(os.listdir("/proc/self/fd"))
    async with fake(ssh, answer):
        await both_ways(parse("ssh://me@there:2222/run/d.sock", source=""))
        for _ in range(300):
            if children() == before:
                break
            await asyncio.sleep(0.02)
        assert children() == before
    noted = (ssh / "note").read_text().splitlines()
    assert set(noted) == {
        "-o ConnectTimeout=30 -o BatchMode=yes -T -l me -p 2222 -- there docker --host unix:///run/d.sock system dial-stdio"
    }
    await asyncio.sleep(0.05)
    assert len(os.listdir("/proc/self/fd")) <= open_before


async def test_forty_calls_at_once_go_over_ssh_too(ssh: Path) -> None:
    async with fake(ssh, answer), await connect(parse("ssh://there", source="")) as client:
        assert await asyncio.gather(*(client.version() for _ in range(40))) == [{"Version": "fake"}] * 40


async def test_what_was_sent_last_arrives_though_the_stream_is_closed_at_once(ssh: Path) -> None:
    (ssh / "ssh").write_text((ssh / "ssh").read_text().replace("def out", "import time; time.sleep(0.3)\ndef out"))
    heard = asyncio.get_running_loop().create_future()

    async def hear(request: Request) -> None:
        if request.path.endswith("/attach"):
            request.upgraded()
            await request.writer.drain()
            heard.set_result(await request.reader.read(10))
            request.close()
        else:
            await answer(request)

    async with fake(ssh, hear), await connect(parse("ssh://there", source="")) as client:
        async with await client.containers.attach("x", stdin=True) as stream:
            await stream.send(b"\n")
            stream.end()
        async with asyncio.timeout(5):
            assert await heard == b"\n"


async def test_what_ssh_says_when_it_fails_is_passed_on(ssh: Path) -> None:
    (ssh / "ssh").write_text("#!/bin/sh\necho 'me@there: Permission denied (publickey).' >&2\nexit 255\n")
    with pytest.raises(Unreachable, match=r"Permission denied \(publickey\)"):
        await connect(parse("ssh://me@there", source=""))


async def test_a_machine_without_ssh_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="needs the program ssh"):
        await connect(parse("ssh://me@there", source=""))


def test_the_command_is_dockers_own() -> None:
    assert ssh_command(parse("ssh://there", source=""))[-5:] == ["--", "there", "docker", "system", "dial-stdio"]
