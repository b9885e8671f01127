"""Says something to a container and hears what it answers: release, commands, probes, relayed connections.

One exec costs 40-75 ms of the engine's CPU, so a probe is one exec that loops inside (the gate's own program). Where an engine has no gate
for its architecture, the same readings come from one exec a try.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence

from dockyard import clock
from dockyard.engines.docker import gate_side
from dockyard.engines.docker.api import Api, Conflict, EngineError, Missing
from dockyard.engines.docker.client_errors import translate
from dockyard.engines.docker.client_wire import Hijacked
from dockyard.engines.docker.scene import Json
from dockyard.engines.docker.stream import Demultiplexer
from dockyard.engines.protocol import ExecResult, Probe, Reading, Stream
from dockyard.model.errors import Problem, UserError

MOST = 1024 * 1024
"""Bytes of a command's output that are kept."""


async def release(api: Api, identity: str) -> None:
    """One line to the process that waits at its gate. Harmless when nothing waits there any more."""
    try:
        stream = await api.client.containers.attach(identity, stdin=True)
    except (Missing, Conflict):
        return
    except EngineError as error:
        if "not running" in error.message:
            return
        raise translate(error) from error
    await stream.send(gate_side.RELEASE)
    stream.end()
    stream.close()


def command(
    argv: Sequence[str],
    *,
    user: str = "",
    workdir: str = "",
    env: Mapping[str, str] | None = None,
    privileged: bool = False,
    stdin: bool = False,
) -> Json:
    """The body of `POST /containers/{id}/exec`."""
    return {
        "Cmd": list(argv),
        "AttachStdin": stdin,
        "AttachStdout": True,
        "AttachStderr": True,
        "User": user,
        "WorkingDir": workdir,
        "Env": [f"{name}={value}" for name, value in (env or {}).items()],
        "Privileged": privileged,
    }


async def begin(api: Api, identity: str, body: Json) -> tuple[str, Hijacked]:
    """An exec and its stream. UserError when the container doesn't run."""
    try:
        made = await api.client.execs.create(identity, body)
        return made, await api.client.execs.start(made, tty=bool(body.get("Tty")))
    except (Missing, Conflict) as error:
        raise UserError(Problem(f"the container does not run: {error}")) from error
    except EngineError as error:
        raise translate(error) from error


async def run(api: Api, identity: str, body: Json, timeout: float | None, send: bytes | None = None) -> ExecResult:
    """Run it to its end. After `timeout` seconds its output so far with exit code -1: the engine can't end an exec."""
    made, stream = await begin(api, identity, body)
    output, apart = bytearray(), {Stream.STDOUT: bytearray(), Stream.STDERR: bytearray()}
    sending = asyncio.create_task(_send(stream, send)) if send is not None else None
    try:
        async with asyncio.timeout(timeout):
            parts = Demultiplexer()
            async for data in stream:
                for chunk in parts.feed(data):
                    for kept in output, apart[chunk.stream]:
                        kept += chunk.data[: MOST - len(kept)]
            code = await exit_code(api, made)
    except TimeoutError:
        code = -1
    finally:
        if sending is not None:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        stream.close()
    return ExecResult(code, bytes(output), bytes(apart[Stream.STDOUT]), bytes(apart[Stream.STDERR]))


async def _send(stream: Hijacked, data: bytes) -> None:
    """All of it, then the end; a command that doesn't read it to the end is none the worse."""
    with contextlib.suppress(EngineError, OSError):
        for at in range(0, len(data), 65536):
            await stream.send(data[at : at + 65536])
        stream.end()


async def exit_code(api: Api, made: str) -> int:
    """An exec's exit code; its stream ends a moment before the engine knows it."""
    for pause in (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0):
        try:
            found = await api.client.execs.inspect(made)
        except EngineError as error:
            raise translate(error) from error
        if found.get("ExitCode") is not None and not found.get("Running"):
            return found["ExitCode"]
        await asyncio.sleep(pause)
    return -1


async def relay(api: Api, identity: str, host: str, port: int) -> gate_side.Relayed:
    """A TCP connection made from inside, by an exec of the gate's program."""
    body = command(gate_side.relay(host, port), stdin=True)
    _, stream = await begin(api, identity, body)
    relayed = gate_side.Relayed(stream)
    await relayed.connected()
    return relayed


async def probe(api: Api, identity: str, probe: Probe, shell: Sequence[str]) -> AsyncIterator[Reading]:
    """The readings of one looping exec, as they come."""
    # An exec can't be ended from outside; the loop ends when its stdin does.
    body = command(gate_side.loop(probe, shell), stdin=True)
    _, stream = await begin(api, identity, body)
    parts, readings = Demultiplexer(), gate_side.Readings()
    try:
        async for data in stream:
            now = clock.now()
            for chunk in parts.feed(data):
                if chunk.stream is Stream.STDOUT:
                    for reading in readings.feed(chunk.data, now):
                        yield reading
    finally:
        stream.close()


async def probe_each(api: Api, identity: str, probe: Probe, shell: Sequence[str]) -> AsyncIterator[Reading]:
    """The same readings without the gate's program: one exec a try, the pause at least as long as the try took."""
    if probe.file:
        argv: Sequence[str] = ("test", "-e", probe.file)
    elif probe.shell:
        argv = (*shell, probe.command[0])
    else:
        argv = probe.command or ("true",)
    until = clock.now() + probe.total
    while clock.now() < until:
        began = clock.now()
        listening = await _listening(api, identity, probe.ports) if probe.ports else False
        found = await run(api, identity, command(argv), probe.timeout)
        ended = clock.now()
        yield Reading(began=began, ended=ended, exit_code=found.exit_code, listening=listening, output=found.output)
        await asyncio.sleep(min(max(probe.pause, ended - began), probe.longest))


async def _listening(api: Api, identity: str, ports: Sequence[int]) -> bool:
    found = await run(api, identity, command(("cat", "/proc/net/tcp", "/proc/net/tcp6")), 5)
    return listens(found.output, ports)


def listens(table: bytes, ports: Sequence[int]) -> bool:
    """Whether /proc/net/tcp shows one of the ports in LISTEN on an address other than loopback (proc(5))."""
    for line in table.splitlines():
        words = line.split()
        if len(words) > 3 and words[3] == b"0A":
            address, _, port = words[1].partition(b":")
            loopback = address.endswith(b"7F") if len(address) == 8 else address == b"00000000000000000000000001000000"
            if not loopback and int(port, 16) in ports:
                return True
    return False
