"""Plain lines: for logs of CI jobs, pipes, and terminals that can do no more. Quiet; a heartbeat after 10 s of silence says what is waited for."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence
from typing import TextIO

from dockyard import clock
from dockyard.cli.display import words
from dockyard.model.event import Event
from dockyard.model.verdict import Verdict
from dockyard.record.printable import printable

HEARTBEAT = 10.0
"""Seconds of silence before a line says that the run goes on."""


class Lines:
    """One line for what a person wants to know."""

    def __init__(self, out: TextIO, tests: Sequence[str], *, colour: bool, quiet: bool = False) -> None:
        self._out, self._tests, self._quiet = out, frozenset(tests), quiet
        self._paint = words.painter(colour)
        self._began = 0.0
        self._spoke = time.monotonic()
        self._under_way: dict[str, str] = {}
        self._told = False
        self._closed = threading.Event()
        self._lock = threading.Lock()
        if not quiet:
            threading.Thread(target=self._beat, daemon=True, name="heartbeat").start()

    def event(self, event: Event) -> None:
        self._began = self._began or event.at
        words.under_way(event, self._under_way)
        self._tests = words.shown(event, self._tests)
        if self._quiet:
            return
        text = words.line(event, self._paint)
        if text:
            self._say(f"{words.elapsed(event.at - self._began)} {text}")

    def line(self, key: str, stream: str, text: bytes) -> None:
        if not self._quiet and key in self._tests:
            self._say(f"{self._paint(key, 'dim')} | {printable(text)}")

    def told(self, verdict: Verdict) -> None:
        """The cause first, then what happened, then where to look."""
        if not self._told:
            self._told = True
            for text in words.closing(verdict, self._paint, quiet=self._quiet):
                self._say(text)

    def finish(self, verdict: Verdict) -> None:
        for text in words.last(verdict, self._paint, quiet=self._quiet):
            self._say(text)

    def close(self) -> None:
        self._closed.set()
        self._out.flush()

    def _say(self, text: str) -> None:
        with self._lock:
            self._out.write(text + "\n")
            self._out.flush()
            self._spoke = time.monotonic()

    def _beat(self) -> None:
        while not self._closed.wait(1.0):
            if time.monotonic() - self._spoke >= HEARTBEAT:
                waiting = ", ".join(list(self._under_way.values())[:6]) or "the engine"
                with contextlib.suppress(OSError):  # who else writes there meets it too, and says so
                    self._say(f"{words.elapsed(clock.now() - self._began)} … still waiting for: {waiting}")
