"""A display whose output may be lost (a reader that went away, a full disk): the run goes on all the same, and its verdict counts."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable

from dockyard.cli.display.display import Display
from dockyard.model.event import Event
from dockyard.model.verdict import Verdict


class Lasting:
    """`inner`, until its output can't be written any more. `lost`: why that was; a reader who has seen enough is no loss."""

    def __init__(self, inner: Display) -> None:
        self._inner: Display | None = inner
        self.lost = ""

    def event(self, event: Event) -> None:
        self._show(lambda inner: inner.event(event))

    def line(self, key: str, stream: str, text: bytes) -> None:
        self._show(lambda inner: inner.line(key, stream, text))

    def told(self, verdict: Verdict) -> None:
        self._show(lambda inner: inner.told(verdict))

    def finish(self, verdict: Verdict) -> None:
        self._show(lambda inner: inner.finish(verdict))

    def close(self) -> None:
        self._show(lambda inner: inner.close())

    def _show(self, say: Callable[[Display], None]) -> None:
        if self._inner is None:
            return
        try:
            say(self._inner)
        except OSError as error:
            broken, self._inner = self._inner, None
            # What is printed from here on, and what is still in the buffer, must not break the end of the process too.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            with contextlib.suppress(OSError):
                broken.close()
            if not isinstance(error, BrokenPipeError):
                self.lost = f"what was to be said could not be written: {error.strerror or error}"
                with contextlib.suppress(OSError):
                    print(f"dockyard: {self.lost}; the run goes on, its report has all of it", file=sys.stderr, flush=True)
