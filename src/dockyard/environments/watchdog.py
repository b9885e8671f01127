"""The guard: a process that outlives a run and clears away after it, even after a kill -9.

It is forked before the run begins (so that it costs nothing to start), in a session of its own, and reads a pipe: what to watch, what is
kept, what is gone, which command of this machine is the test. When the pipe ends while something is still watched, the run is dead and the guard removes what is left, again and
again until nothing is. For a kept environment it stays: it releases containers that the engine starts again, and removes all at the deadline.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from dockyard.model.placement import Placement

AGAIN = 0.5
"""Seconds between two looks for what a call that was under way may still have made."""
CLEAN_LOOKS = 4
"""So many looks in a row must find nothing."""
GIVE_UP = 600.0
"""Seconds after which a sweep of somebody else's must do what could not be done here."""
OVERDUE = 120.0
"""Seconds after a placement's deadline at which a run that hangs is cleared away under its hands."""


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """One line on the pipe."""

    act: str
    placement: Placement
    until: int = 0
    group: int = 0


class Watchdog:
    """The run's end of the pipe. `pid` is the guard's own."""

    def __init__(self, pipe: int, pid: int) -> None:
        self._pipe = pipe
        self.pid = pid

    def watch(self, placement: Placement) -> None:
        self._say(Word(act="watch", placement=placement))

    def keep(self, placement: Placement, until: int) -> None:
        self._say(Word(act="keep", placement=placement, until=until))

    def gone(self, placement: Placement) -> None:
        self._say(Word(act="gone", placement=placement))

    def command(self, placement: Placement, group: int) -> None:
        self._say(Word(act="command", placement=placement, group=group))

    def close(self) -> None:
        """Our end of the pipe. Placements that are still watched are cleared away then."""
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1

    def _say(self, word: Word) -> None:
        with contextlib.suppress(OSError):
            os.write(self._pipe, msgspec.json.encode(word) + b"\n")


Clear = Callable[[Mapping[str, str], Word], Awaitable[None]]
"""Removes a placement, or stays with a kept one."""


def start(environment: Mapping[str, str], clear: Clear) -> Watchdog:
    """Fork the guard. Call it before any thread or event loop is there. `clear` removes a placement, or stays with a kept one."""
    reading, writing = os.pipe()
    first = os.fork()
    if first:
        os.close(reading)
        os.waitpid(first, 0)
        return Watchdog(writing, first)
    try:
        os.setsid()
        if os.fork():
            os._exit(0)
        os.close(writing)
        _be_the_guard(reading, environment, clear)
    finally:
        os._exit(0)


def spawn(program: Sequence[str]) -> Watchdog:
    """The guard as a program of its own, which reads the pipe whose number is its last argument (`serve`): for a process that has threads,
    which a fork would leave behind in the middle of anything."""
    reading, writing = os.pipe()
    try:
        child = subprocess.Popen(
            [*program, str(reading)], pass_fds=(reading,), stdin=subprocess.DEVNULL, start_new_session=True, cwd="/"
        )
    except BaseException:
        os.close(writing)
        raise
    finally:
        os.close(reading)
    child.wait()  # it forks once more, so that nobody has to wait for its end
    return Watchdog(writing, child.pid)


def serve(pipe: int, environment: Mapping[str, str], clear: Clear) -> None:
    """Be the guard that `spawn` has started: return at once, to whoever waits for this process, and go on as another."""
    if not os.fork():
        try:
            _be_the_guard(pipe, environment, clear)
        finally:
            os._exit(0)


def _be_the_guard(pipe: int, environment: Mapping[str, str], clear: Clear) -> None:
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(name, signal.SIG_IGN)
    _let_go_of(pipe)
    with contextlib.suppress(OSError):
        os.chdir("/")
    watched: dict[str, Word] = {}
    groups: dict[str, int] = {}
    for word in _words(pipe, watched):
        if word.act == "gone":
            watched.pop(word.placement.id, None)
        elif word.act == "command":
            groups[word.placement.id] = word.group
        else:
            watched[word.placement.id] = word
    for group in filter(None, groups.values()):
        with contextlib.suppress(OSError):
            os.killpg(group, signal.SIGKILL)
    if watched:
        asyncio.run(_all(environment, list(watched.values()), clear))


def _let_go_of(pipe: int) -> None:
    """Nobody may wait for the end of our output: a CI job ends when its pipes do."""
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    for name in os.listdir("/dev/fd") if os.path.isdir("/dev/fd") else ():
        number = int(name)
        if number > 2 and number != pipe:
            with contextlib.suppress(OSError):
                os.close(number)
    sys.stdin = sys.stdout = sys.stderr = open(os.devnull, "r+")  # noqa: SIM115 - for the life of the process


def _words(pipe: int, watched: Mapping[str, Word]):
    """Words until the pipe ends, or a run is overdue."""
    decoder = msgspec.json.Decoder(Word)
    pending = b""
    # by a clock that doesn't jump, nor counts a laptop's sleep: a run is not cleared away for a correction of the time
    ends: dict[str, float] = {}
    while True:
        overdue = min((ends[name] for name in watched), default=float("inf"))
        ready, _, _ = select.select([pipe], [], [], min(60.0, max(0.0, overdue - time.monotonic())))
        if not ready:
            if time.monotonic() >= overdue:
                return
            continue
        data = os.read(pipe, 65536)
        if not data:
            return
        *lines, pending = (pending + data).split(b"\n")
        for line in lines:
            word = decoder.decode(line)
            ends[word.placement.id] = time.monotonic() + word.placement.deadline + OVERDUE - time.time()
            yield word


async def _all(environment: Mapping[str, str], words: list[Word], clear: Clear) -> None:
    until = time.monotonic() + GIVE_UP
    for word in words:
        while True:
            try:
                await clear(environment, word)
                break
            except Exception:
                # the engine may be down for a while; who else would clear away?
                if time.monotonic() > until and word.act != "keep":
                    return
                await asyncio.sleep(AGAIN * 4)
