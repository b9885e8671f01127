"""Command lines of the gate's program, mode by mode. Pure; the C files say what each option means.

All of them come after the program's own path. Times are given in seconds here.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntFlag


class Until(IntFlag):
    """When a loop ends by itself. Both flags: in one and the same try."""

    TOLD = 0
    OK = 1
    LISTENING = 2


PORTS = 64
"""A loop looks at the first so many ports."""


def hold(*, limit: float, keep_stdin: bool = False, tty: bool = False) -> list[str]:
    """Wait at most `limit` seconds, then give up; the process's argv follows. The container needs OpenStdin.

    `keep_stdin`: the process reads stdin itself (stdin_open, tty), so it isn't replaced. A terminal is silenced without being told.
    """
    return ["hold", f"-t{max(1, round(limit))}", *(["-k"] if keep_stdin or tty else []), "--"]


def loop(
    command: Sequence[str] = (),
    *,
    file: str = "",
    ports: Sequence[int] = (),
    until: Until = Until.TOLD,
    timeout: float = 30,
    pause: float = 0.01,
    longest: float = 1.0,
    cost: float = 1.0,
    age: float = 0.005,
    total: float = 3600,
    count: int = 0,
    repeated: float = 0,
) -> list[str]:
    """Repeat a check: `command`, else that `file` exists, else that one of `ports` listens. The exec needs AttachStdin.

    The pause after a try is `cost` times what it took, at least `age` times what has passed since the beginning, between `pause` and
    `longest`. A try ends after `timeout`, all of it after `total` or `count` tries (0: any). Tries that say the same as the one before are
    told each `repeated` seconds at most.
    """
    made = [
        "loop",
        f"-i{_micro(pause)}",
        f"-x{_micro(longest)}",
        f"-k{round(cost * 100)}",
        f"-a{round(1 / age) if age > 0 else 1 << 40}",
        f"-t{_milli(timeout)}",
        f"-T{_milli(total)}",
        f"-u{int(until)}",
        *([f"-n{count}"] if count else []),
        *([f"-s{_milli(repeated)}"] if repeated else []),
        *(f"-p{port}" for port in ports[:PORTS]),
    ]
    if command:
        return [*made, "--", *command]
    return [*made, f"-f{file}"] if file else made


def relay(port: int, host: str = "self", *, limit: float = 0) -> list[str]:
    """Stdin and stdout as a TCP connection to an IPv4 address, or `self`: wherever in the container's network the port listens.

    It ends after `limit` seconds (0: never by itself). The exec needs AttachStdin.
    """
    return ["relay", *([f"-T{max(1, round(limit))}"] if limit else []), "127.0.0.1" if host == "localhost" else host, str(port)]


def _milli(seconds: float) -> int:
    return max(1, round(seconds * 1e3))


def _micro(seconds: float) -> int:
    return max(1, round(seconds * 1e6))
