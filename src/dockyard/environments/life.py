"""What a container's exits mean. Pure: which the engine covers, what is a crash loop, how they read."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dockyard.model.restart import Restart

CRASH_LOOP = 5
"""Exits after every other service on its networks is ready: nothing that it may have waited for is missing any more."""

SIGNALS = {
    1: "SIGHUP",
    2: "SIGINT",
    3: "SIGQUIT",
    4: "SIGILL",
    6: "SIGABRT",
    8: "SIGFPE",
    9: "SIGKILL",
    11: "SIGSEGV",
    13: "SIGPIPE",
    15: "SIGTERM",
}


class Exit(msgspec.Struct, frozen=True, kw_only=True):
    """One end of a process. `at` is Unix seconds by our clock."""

    at: float
    code: int
    oom: bool = False
    memory_limit: int = 0
    """Bytes, where SIGKILL ended it and nobody had the engine do that: a kernel that kills for memory isn't always told of."""
    released: bool = True
    """False: it was still waiting at its gate."""


def covered(exits: Sequence[Exit], policy: Restart) -> bool:
    """Whether the engine starts the container again after the last of `exits`."""
    last = exits[-1]
    if policy.name in ("always", "unless-stopped"):
        return True
    if policy.name != "on-failure" or last.code == 0:
        return False
    return not policy.attempts or len(exits) <= policy.attempts


def crash_looping(exits: Sequence[Exit], others_ready_at: float | None) -> bool:
    """`others_ready_at`: since when every other service on its networks is ready (or runs without a check); None: not yet."""
    if others_ready_at is None:
        return False
    return sum(1 for e in exits if e.at >= others_ready_at) >= CRASH_LOOP


def signal_of(code: int) -> str:
    """The signal behind an exit code over 128, as shells and engines write it; "" for a plain code."""
    return SIGNALS.get(code - 128, f"signal {code - 128}") if 128 < code < 160 else ""


def says(end: Exit) -> str:
    """An exit in words."""
    if end.oom:
        return "was killed for memory"
    if not end.released and end.code in (126, 127):
        return f"could not be started (exit code {end.code})"
    if end.code in (126, 127):
        return f"could not be started (exit code {end.code}: {'not executable' if end.code == 126 else 'command not found'})"
    signal = signal_of(end.code)
    if not signal:
        return f"exited with {end.code}"
    return f"was ended by {signal} (exit code {end.code}){for_memory(end.memory_limit)}"


def for_memory(limit: int) -> str:
    """What is behind a SIGKILL of nobody's, in words; `limit` in bytes, 0: not known."""
    return f", most likely killed for memory: its limit is {limit / (1 << 20):.0f} MB" if limit else ""
