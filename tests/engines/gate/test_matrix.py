"""Gated against plain on real engines: the same container twice, once with the gate before its process, and no difference between them.

What is compared is what a process can see of itself and its surroundings, and what the engine says of its end.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from dockyard.engines.docker import stream
from dockyard.engines.docker.client import Client, connect
from dockyard.engines.docker.client_errors import EngineError, NotFound
from dockyard.engines.docker.endpoint import parse
from dockyard.engines.gate import arguments, gate
from dockyard.engines.protocol import Stream

Json = dict[str, Any]

SEE = r"""
import json, os, resource, signal, stat, sys
def read(path):
    try:
        with open(path, "rb") as f: return f.read().decode("latin-1")
    except OSError as e: return str(e)
status = dict(l.split(":\t", 1) for l in read("/proc/self/status").splitlines() if ":\t" in l)
def fd(n):
    try: target = os.readlink("/proc/self/fd/%d" % n)
    except OSError: return None
    flags = [l for l in read("/proc/self/fdinfo/%d" % n).splitlines() if l.startswith("flags")]
    return [target.partition(":[")[0], flags, os.isatty(n), stat.S_IMODE(os.stat(n).st_mode) if n == 0 else 0]
def tty():
    if not os.isatty(0): return None
    import termios
    a = termios.tcgetattr(0)
    return [a[:6], [c if isinstance(c, int) else c.hex() for c in a[6]], os.tcgetpgrp(0) == os.getpgid(0)]
print(json.dumps({
    "argv": sys.argv, "environ": read("/proc/self/environ"), "cwd": os.getcwd(), "pid": os.getpid(), "ppid": os.getppid(),
    "leads": os.getpgid(0) == os.getpid(), "sid": os.getsid(0), "umask": status.get("Umask"), "nice": os.nice(0),
    "ids": [status[k] for k in ("Uid", "Gid", "Groups")],
    "caps": [status[k] for k in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")],
    "nnp": status["NoNewPrivs"], "seccomp": status.get("Seccomp"),
    "signals": [status[k] for k in ("SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt")],
    "fds": [fd(n) for n in range(0, 10)], "tty": tty(),
    "limits": read("/proc/self/limits"), "oom": read("/proc/self/oom_score_adj"),
    "exe": os.readlink("/proc/self/exe"), "cmdline": read("/proc/self/cmdline"),
    "writable": os.access("/", os.W_OK) and not os.statvfs("/").f_flag & 1,
    "stdin": None if os.isatty(0) else read("/proc/self/fd/0"),
    "init": read("/proc/1/comm").strip(),
}))
sys.stdout.flush()
"""
PYTHON = ["python3", "-I", "-c", SEE]

IMAGE = "python:3.11"

SAME: dict[str, Json] = {
    "as it comes": {},
    "a user": {"User": "nobody"},
    "a user and group by number": {"User": "1234:5678"},
    "extra groups": {"User": "1234", "HostConfig": {"GroupAdd": ["77", "88"]}},
    "a working directory": {"WorkingDir": "/var/lib"},
    "a working directory that isn't there": {"WorkingDir": "/not/there/yet"},
    "odd arguments": {"arguments": ["a b", "", "-x", "--", "*", "$HOME", "ü", "new\nline", "'\""]},
    "odd variables": {
        "Env": [
            "discovery.type=single-node",
            "with-dash=1",
            "EMPTY=",
            "A=b=c",
            "SPACES= x ",
            "ü=ö",
            "1=2",
            "_=x",
            "PWD=/x",
            "IFS=,",
        ]
    },
    "a PATH of its own": {"Env": ["PATH=/nowhere:/usr/bin"]},
    "a terminal": {"Tty": True},
    "a terminal that is read": {"Tty": True, "OpenStdin": True},
    "init": {"HostConfig": {"Init": True}},
    "init and a terminal": {"Tty": True, "HostConfig": {"Init": True}},
    "a read-only root": {"HostConfig": {"ReadonlyRootfs": True}},
    "no capabilities": {"HostConfig": {"CapDrop": ["ALL"]}},
    "more capabilities": {"HostConfig": {"CapAdd": ["NET_ADMIN", "SYS_PTRACE"]}},
    "a user with capabilities": {"User": "nobody", "HostConfig": {"CapAdd": ["NET_ADMIN"]}},
    "no new privileges": {"User": "nobody", "HostConfig": {"SecurityOpt": ["no-new-privileges"]}},
    "seccomp unconfined": {"HostConfig": {"SecurityOpt": ["seccomp=unconfined"]}},
    "all of it": {
        "User": "65534:65534",
        "HostConfig": {"ReadonlyRootfs": True, "CapDrop": ["ALL"], "SecurityOpt": ["no-new-privileges:true"], "Init": True},
    },
    "resource limits": {"HostConfig": {"Ulimits": [{"Name": "nofile", "Soft": 111, "Hard": 222}], "PidsLimit": 8}},
    "little memory": {"HostConfig": {"Memory": 32 * 1024 * 1024}},
    "another host name": {"Hostname": "other", "Domainname": "example.test"},
    "the host's network": {"HostConfig": {"NetworkMode": "host"}},
    "the host's processes": {"HostConfig": {"PidMode": "host"}, "vary": ["pid", "sid", "ppid", "init"]},
    "a private cgroup namespace": {"HostConfig": {"CgroupnsMode": "private"}},
}

ENDS: dict[str, tuple[list[str], int]] = {
    "zero": (["sh", "-c", "exit 0"], 0),
    "its own code": (["sh", "-c", "exit 37"], 37),
    "the highest code": (["sh", "-c", "exit 255"], 255),
    "killed by itself": (["python3", "-c", "import os,signal; os.kill(os.fork() or os.getpid(), 0); os._exit(137)"], 137),
    "a child's signal": (["sh", "-c", "sh -c 'kill -SEGV $$'; exit $?"], 139),
    "what a shell can't find": (["sh", "-c", "no-such-thing"], 127),
}


class Lab:
    """Containers on one engine, all of which are removed."""

    def __init__(self, client: Client, volume: str) -> None:
        self.client = client
        self.volume = volume
        self.made: list[str] = []

    async def make(self, body: Json, *, gated: bool, argv: list[str], image: str = IMAGE, limit: float = 60) -> str:
        host = {"NetworkMode": "none", **body.get("HostConfig", {})}
        made: Json = {"Hostname": "here", **{k: v for k, v in body.items() if k not in ("arguments", "vary")}, "Image": image}
        if gated:
            tty, opened = bool(body.get("Tty")), bool(body.get("OpenStdin"))
            hold = arguments.hold(limit=limit, keep_stdin=opened or tty, tty=tty)
            made |= {
                "Entrypoint": ["/.dockyard/gate", *hold],
                "Cmd": argv,
                "OpenStdin": True,
                "StdinOnce": False,
                "AttachStdin": True,
            }
            host["Mounts"] = [{"Type": "volume", "Source": self.volume, "Target": "/.dockyard", "ReadOnly": True}]
        else:
            made |= {"Entrypoint": [], "Cmd": argv}
        made["HostConfig"] = host
        identity = (await self.client.containers.create(f"gate-{uuid.uuid4().hex[:12]}", made))["Id"]
        self.made.append(identity)
        return identity

    async def release(self, identity: str) -> None:
        async with await self.client.containers.attach(identity, stdin=True) as attached:
            await attached.send(b"\n")

    async def run(self, body: Json, *, gated: bool, argv: list[str], image: str = IMAGE) -> tuple[int, bytes, bytes]:
        """Exit code, stdout, stderr."""
        identity = await self.make(body, gated=gated, argv=argv, image=image)
        await self.client.containers.start(identity)
        if gated:
            await self.release(identity)
        code = (await self.client.containers.wait(identity))["StatusCode"]
        return code, *await self.logs(identity, tty=bool(body.get("Tty")))

    async def logs(self, identity: str, *, tty: bool = False) -> tuple[bytes, bytes]:
        out: dict[Stream, bytes] = {Stream.STDOUT: b"", Stream.STDERR: b""}
        async with await self.client.containers.logs(identity, timestamps=False) as body:
            async for chunk in stream.demultiplex(body, raw=tty):
                out[chunk.stream] += chunk.data
        return out[Stream.STDOUT], out[Stream.STDERR]

    async def until(self, identity: str, text: bytes) -> None:
        async def said() -> bool:
            return text in b"".join(await self.logs(identity))

        await come_true(said)


@contextlib.asynccontextmanager
async def lab(host: str) -> AsyncIterator[Lab]:
    async with await connect(parse(host, source="test")) as client:
        told = (await client.info())["Architecture"]
        arch = {"x86_64": "amd64", "aarch64": "arm64"}.get(told, told)
        volume = f"gate-test-{uuid.uuid4().hex[:12]}"
        await client.volumes.create({"Name": volume})
        made = Lab(client, volume)
        try:
            await fill(made, gate.archive(arch))
            yield made
        finally:
            await asyncio.gather(*(client.containers.remove(identity) for identity in made.made), return_exceptions=True)
            await client.volumes.remove(volume)


async def fill(made: Lab, archive: bytes) -> None:
    """The volume is writable here alone; a container that is never started carries the archive in."""
    body = {
        "Image": IMAGE,
        "Cmd": ["true"],
        "HostConfig": {"NetworkMode": "none", "Mounts": [{"Type": "volume", "Source": made.volume, "Target": "/gate"}]},
    }
    identity = (await made.client.containers.create(f"gate-{uuid.uuid4().hex[:12]}", body))["Id"]
    made.made.append(identity)
    await made.client.containers.put_archive(identity, "/gate", archive)


@pytest.mark.parametrize("case", SAME)
async def test_a_gated_process_sees_what_a_plain_one_sees(engine, case: str) -> None:
    body = SAME[case]
    argv = [*PYTHON, *body.get("arguments", ())]
    async with lab(engine.host) as here:
        plain, gated = await asyncio.gather(here.run(body, gated=False, argv=argv), here.run(body, gated=True, argv=argv))
    assert plain[0] == gated[0] == 0, (plain, gated)
    assert plain[2] == gated[2] == b""
    expected, found = json.loads(plain[1]), json.loads(gated[1])
    # Under an init the number is chance: runc's own threads have taken some.
    for name in (*body.get("vary", ()), *(["pid"] if body.get("HostConfig", {}).get("Init") else [])):
        del expected[name], found[name]
    assert found == expected


@pytest.mark.parametrize("case", ENDS)
async def test_a_gated_process_ends_as_a_plain_one_does(engine, case: str) -> None:
    argv, code = ENDS[case]
    async with lab(engine.host) as here:
        plain, gated = await asyncio.gather(here.run({}, gated=False, argv=argv), here.run({}, gated=True, argv=argv))
    assert plain[0] == code
    assert gated == plain


TRAPS = (
    "import signal, sys, time\n"
    "def end(number, frame): print('got', number, flush=True); sys.exit(40)\n"
    "for n in (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1): signal.signal(n, end)\n"
    "print('begun', flush=True)\n"
    "time.sleep(60)\n"
)


@pytest.mark.parametrize("init", [False, True])
@pytest.mark.parametrize(("signal", "number"), [("SIGTERM", 15), ("SIGQUIT", 3), ("SIGINT", 2), ("SIGHUP", 1), ("SIGUSR1", 10)])
async def test_signals_reach_the_process_behind_the_gate(engine, signal: str, number: int, init: bool) -> None:
    async with lab(engine.host) as here:
        argv = ["python3", "-c", TRAPS]
        identity = await here.make({"StopSignal": signal, "HostConfig": {"Init": init}}, gated=True, argv=argv)
        await here.client.containers.start(identity)
        await here.release(identity)
        await here.until(identity, b"begun")
        await here.client.containers.stop(identity, grace=20)
        state = (await here.client.containers.inspect(identity))["State"]
        assert state["ExitCode"] == 40
        assert f"got {number}".encode() in (await here.logs(identity))[0]


@pytest.mark.parametrize("init", [False, True])
@pytest.mark.parametrize("signal", ["SIGTERM", "SIGQUIT", "SIGWINCH", "SIGRTMIN+3"])
async def test_whatever_the_stop_signal_is_a_waiting_gate_ends_at_once_with_143(engine, signal: str, init: bool) -> None:
    async with lab(engine.host) as here:
        identity = await here.make({"StopSignal": signal, "HostConfig": {"Init": init}}, gated=True, argv=["sleep", "60"])
        await here.client.containers.start(identity)
        begun = asyncio.get_running_loop().time()
        await here.client.containers.stop(identity, grace=20)
        assert asyncio.get_running_loop().time() - begun < 5
        assert (await here.client.containers.inspect(identity))["State"]["ExitCode"] == 143
        assert await here.logs(identity) == (b"", b"")


@pytest.mark.parametrize("tty", [False, True])
async def test_nothing_of_the_gate_shows_in_the_logs(engine, tty: bool) -> None:
    async with lab(engine.host) as here:
        for _ in range(3):
            code, out, err = await here.run({"Tty": tty}, gated=True, argv=["echo", "hello"])
            assert (code, out.strip(), err) == (0, b"hello", b"")
            assert out in (b"hello\n", b"hello\r\n")


async def test_a_process_that_reads_stdin_gets_what_comes_after_the_release(engine) -> None:
    async with lab(engine.host) as here:
        identity = await here.make({"OpenStdin": True, "StdinOnce": True}, gated=True, argv=["cat"])
        await here.client.containers.start(identity)
        await here.release(identity)
        async with await here.client.containers.attach(identity, stdin=True, stdout=True) as attached:
            await attached.send(b"for cat\n")
            said = b""
            async with asyncio.timeout(10):
                while b"for cat" not in said:
                    said += await attached.receive()


@pytest.mark.parametrize(
    ("argv", "code"),
    [(["/no/such/program"], 127), (["no-such-program"], 127), (["/etc"], 126), (["/etc/passwd"], 126)],
)
async def test_what_plain_docker_refuses_to_start_is_told_by_the_gate(engine, argv: list[str], code: int) -> None:
    async with lab(engine.host) as here:
        plain = await here.make({}, gated=False, argv=argv)
        with pytest.raises(EngineError):
            await here.client.containers.start(plain)
        assert (await here.client.containers.inspect(plain))["State"]["ExitCode"] == code
        found = await here.run({}, gated=True, argv=argv)
        assert found[0] == code
        assert gate.could_not_start(found[2])


async def test_a_container_that_is_restarted_waits_at_its_gate_again(engine) -> None:
    async with lab(engine.host) as here:
        policy = {"HostConfig": {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3}}}
        identity = await here.make(policy, gated=True, argv=["sh", "-c", "echo ran; exit 1"])
        await here.client.containers.start(identity)
        for turn in (1, 2):
            await here.release(identity)

            async def restarted(turn: int = turn) -> bool:
                return (await here.client.containers.inspect(identity))["RestartCount"] >= turn

            await come_true(restarted)
            await asyncio.sleep(0.3)
            assert (await here.logs(identity))[0].count(b"ran") == turn


async def test_an_image_that_holds_nothing_but_a_program_needs_no_shell_for_its_gate(engine) -> None:
    tag = f"gate-test-{uuid.uuid4().hex[:8]}"
    async with lab(engine.host) as here:
        # The gate itself is the program: static, and it says what it wants when it is called without a mode.
        await here.client.images.import_(gate.archive("amd64"), repository=tag, tag="latest")
        try:
            found = await here.run({}, gated=True, argv=["/gate"], image=tag)
        finally:
            for identity in here.made:
                with contextlib.suppress(NotFound):
                    await here.client.containers.remove(identity)
            await here.client.images.remove(tag, force=True)
        assert found == (125, b"", b"dockyard gate: usage: gate hold|loop|relay\n")


async def test_a_gate_waits_in_six_megabytes(engine) -> None:
    async with lab(engine.host) as here:
        found = await here.run(
            {"HostConfig": {"Memory": 6 * 1024 * 1024}}, gated=True, argv=["sh", "-c", "echo fits"], image="busybox:1.36"
        )
        assert found == (0, b"fits\n", b"")


async def test_the_namespaces_of_a_waiting_gate_can_be_joined(engine) -> None:
    async with lab(engine.host) as here:
        first = await here.make({}, gated=True, argv=["sleep", "60"])
        await here.client.containers.start(first)
        joined = {"NetworkMode": f"container:{first}", "PidMode": f"container:{first}"}
        second = await here.make(
            {"HostConfig": joined, "Hostname": ""}, gated=True, argv=["sh", "-c", "tr '\\0' ' ' < /proc/1/cmdline"]
        )
        await here.client.containers.start(second)
        await here.release(second)
        assert (await here.client.containers.wait(second))["StatusCode"] == 0
        assert re.match(rb"/.dockyard/gate hold -t60 -- sleep 60", (await here.logs(second))[0])


async def test_it_gives_up_by_itself_on_an_engine_that_nobody_looks_after(engine) -> None:
    async with lab(engine.host) as here:
        identity = await here.make({}, gated=True, argv=["true"], limit=1)
        await here.client.containers.start(identity)
        assert (await here.client.containers.wait(identity))["StatusCode"] == gate.TIRED
        assert "nobody came" in gate.complaint((await here.logs(identity))[1])


async def test_a_service_is_probed_and_talked_to_from_inside(engine) -> None:
    serve = "import http.server; http.server.test(http.server.SimpleHTTPRequestHandler, port=8080, bind='0.0.0.0')"
    async with lab(engine.host) as here:
        identity = await here.make({}, gated=True, argv=["python3", "-c", serve])
        await here.client.containers.start(identity)
        await here.release(identity)
        check = ["python3", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080')"]
        until = arguments.Until.OK | arguments.Until.LISTENING
        tries, found, parts = gate.Tries(), [], stream.Demultiplexer()
        looping = await begin(here, identity, arguments.loop(check, ports=[8080], until=until, timeout=5))
        async with looping, asyncio.timeout(20):
            async for data in looping:
                for chunk in parts.feed(data):
                    found += tries.feed(chunk.data)
        assert tries.ended == "until"
        assert (found[-1].exit_code, found[-1].listening) == (0, True)
        relayed = await begin(here, identity, arguments.relay(8080))
        async with relayed, asyncio.timeout(10):
            await relayed.send(b"GET / HTTP/1.0\r\n\r\n")
            chunks = [chunk async for chunk in stream.demultiplex(relayed)]
        assert b"".join(c.data for c in chunks if c.stream is Stream.STDERR) == b"dockyard gate: connected\n"
        assert b"".join(c.data for c in chunks if c.stream is Stream.STDOUT).startswith(b"HTTP/1.0 200 OK")


async def test_a_loop_whose_reader_goes_away_ends(engine) -> None:
    async with lab(engine.host) as here:
        identity = await here.make({}, gated=True, argv=["sleep", "60"])
        await here.client.containers.start(identity)
        looping = await begin(here, identity, arguments.loop(["false"]))
        await looping.receive()
        assert await processes(here, identity, "gate loop") == 1
        looping.close()

        async def gone() -> bool:
            return not await processes(here, identity, "gate loop")

        await come_true(gone)


async def come_true(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await condition():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.02)


async def begin(here: Lab, identity: str, argv: list[str]):
    body = {"Cmd": ["/.dockyard/gate", *argv], "AttachStdin": True, "AttachStdout": True, "AttachStderr": True}
    return await here.client.execs.start(await here.client.execs.create(identity, body))


async def processes(here: Lab, identity: str, name: str) -> int:
    return sum(name in " ".join(row) for row in (await here.client.containers.top(identity))["Processes"])
