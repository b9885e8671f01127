"""Where a container has the gate's program, how a probe is put to it, and what its answers mean to us.

The program, its command lines and its lines are `engines.gate`'s; the streams they travel on are the engine's.
"""

from __future__ import annotations

from collections.abc import Sequence

from dockyard.engines.docker.client_wire import Hijacked
from dockyard.engines.docker.stream import Demultiplexer
from dockyard.engines.gate import arguments, gate
from dockyard.engines.protocol import Probe, Reading, Stream
from dockyard.model.errors import Problem, UserError

FOLDER = "/.dockyard"
"""Where a container sees the gate's volume."""

PROGRAM = f"{FOLDER}/{gate.NAME}"
RELEASE = b"\n"
ARCHITECTURES = ("amd64", "arm64")

SAME = 0.1
"""Seconds between two readings that say the same."""


def loop(probe: Probe, shell: Sequence[str]) -> list[str]:
    """The argv of a probe's exec."""
    command = (*shell, probe.command[0]) if probe.shell and probe.command else probe.command
    return [
        PROGRAM,
        *arguments.loop(
            command,
            file=probe.file,
            ports=probe.ports,
            timeout=probe.timeout,
            pause=probe.pause,
            longest=probe.longest,
            total=probe.total,
            repeated=SAME,
        ),
    ]


class Readings:
    """A loop's output read as readings by our clock."""

    def __init__(self) -> None:
        self._tries = gate.Tries()
        self._began: float | None = None

    def feed(self, data: bytes, now: float) -> list[Reading]:
        """`now`: Unix seconds when the data came. The loop tells times since it began; the quickest delivery says when that was."""
        made: list[Reading] = []
        for one in self._tries.feed(data):
            began = now - one.ended
            self._began = began if self._began is None else min(self._began, began)
            made.append(
                Reading(
                    began=self._began + one.at,
                    ended=self._began + one.ended,
                    exit_code=one.exit_code,
                    listening=one.listening,
                    output=one.output,
                )
            )
        return made


def relay(host: str, port: int) -> list[str]:
    """The argv of an exec whose stdin and stdout are a TCP connection. Loopback means wherever in the container the port listens."""
    return [PROGRAM, *arguments.relay(port, "self" if host in ("127.0.0.1", "localhost") else host)]


class Relayed:
    """A `Duplex` through a relay's exec."""

    def __init__(self, stream: Hijacked) -> None:
        self._stream, self._parts = stream, Demultiplexer()
        self._held: list[bytes] = []
        self._said = b""
        self._ended = False

    async def connected(self) -> None:
        """Wait until it says so. UserError when it can't."""
        while not self._ended and gate.CONNECTED.encode() not in self._said:
            await self._more()
        if gate.CONNECTED.encode() not in self._said:
            await self.close()
            raise UserError(
                Problem(gate.complaint(self._said) or self._said.decode(errors="replace").strip() or "the relay ended")
            )

    async def send(self, data: bytes) -> None:
        await self._stream.send(data)

    async def receive(self) -> bytes:
        while not self._held and not self._ended:
            await self._more()
        return self._held.pop(0) if self._held else b""

    async def close(self) -> None:
        self._stream.close()

    async def _more(self) -> None:
        data = await self._stream.receive()
        self._ended = not data
        for chunk in self._parts.feed(data):
            if chunk.stream is Stream.STDOUT:
                self._held.append(chunk.data)
            else:
                self._said = (self._said + chunk.data)[-4096:]
