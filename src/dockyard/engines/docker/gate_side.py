"""What this engine layer knows of the gate's program: where a container has it, how it is called, what its lines mean."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache

from dockyard.engines.docker.client_wire import Hijacked
from dockyard.engines.protocol import Probe, Reading

FOLDER = "/.dockyard"
"""Where a container sees the gate's volume."""

PROGRAM = f"{FOLDER}/gate"
RELEASE = b"\n"
ARCHITECTURES: tuple[str, ...] = ()


@cache
def program(arch: str) -> bytes:
    raise NotImplementedError(arch)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def hold(*, limit: float, keep_stdin: bool, tty: bool) -> list[str]:
    raise NotImplementedError


def loop(probe: Probe, shell: Sequence[str]) -> list[str]:
    raise NotImplementedError


class Readings:
    def __init__(self, probe: Probe) -> None: ...

    def feed(self, data: bytes, now: float) -> list[Reading]:
        raise NotImplementedError


def relay(host: str, port: int) -> list[str]:
    raise NotImplementedError


class Relayed:
    def __init__(self, stream: Hijacked) -> None: ...
