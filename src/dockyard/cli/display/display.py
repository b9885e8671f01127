"""Which display: JSON lines, nothing, a live table on a terminal, or plain lines."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Protocol

from dockyard.model.application import Application
from dockyard.model.event import Event
from dockyard.model.verdict import Verdict


class Display(Protocol):
    """Takes what is recorded, as it is recorded."""

    def event(self, event: Event) -> None: ...

    def line(self, key: str, stream: str, text: bytes) -> None: ...

    def told(self, verdict: Verdict) -> None:
        """The verdict, the moment it is known; clearing away comes after it."""
        ...

    def finish(self, verdict: Verdict) -> None:
        """The verdict with all that came after it."""
        ...

    def close(self) -> None: ...


def display(given: argparse.Namespace, application: Application, tests: Sequence[str]) -> Display:
    """The display that flags and terminal ask for. `tests`: whose output is shown as it comes."""
    if given.json:
        from dockyard.cli.display.jsonl import JsonLines

        return JsonLines(sys.stdout)
    from dockyard.cli.display.lines import Lines

    colour = coloured(given)
    if given.quiet:
        return Lines(sys.stdout, (), colour=colour, quiet=True)
    if sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("CI"):
        from dockyard.cli.display.live import Live

        return Live(tests, colour=colour)
    return Lines(sys.stdout, tests, colour=colour)


def coloured(given: argparse.Namespace) -> bool:
    """no-color.org: any value of NO_COLOR but the empty one; else only a terminal gets colours."""
    if given.no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))
