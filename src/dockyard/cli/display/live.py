"""On a terminal: the services as a table that follows the run, then folds; above it the lines that stay. rich draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dockyard import clock
from dockyard.cli.display import words
from dockyard.model.event import Event
from dockyard.model.verdict import Verdict
from dockyard.record.printable import printable

if TYPE_CHECKING:
    from rich.table import Table

_STATES = {
    "create": "created",
    "start": "at its gate",
    "release": "started",
    "hook": "post_start",
    "ready": "ready",
    "complete": "completed",
}
_STAY = (
    *("run.begun", "plan.made", "service.ready", "service.published", "service.completed", "test.begun", "test.ended"),
    *("step.retried", "fault", "note", "swept"),
)


class Live:
    """The display of one run."""

    def __init__(self, tests: Sequence[str], *, colour: bool) -> None:
        from rich.console import Console
        from rich.live import Live as Drawing

        self._tests = frozenset(tests)
        self._paint = words.painter(colour)
        self._console = Console(highlight=False, no_color=not colour)
        self._states: dict[str, str] = {}
        self._under_way: dict[str, str] = {}
        self._lines: list[str] = []
        self._began = 0.0
        self._told = False
        self._drawing = Drawing(get_renderable=self._table, console=self._console, refresh_per_second=8, transient=True)
        self._drawing.start()

    def event(self, event: Event) -> None:
        self._began = self._began or event.at
        words.under_way(event, self._under_way)
        self._tests = words.shown(event, self._tests)
        self._follow(event)
        text = words.line(event, self._paint) if event.kind in _STAY else ""
        if text:
            self._say(f"{words.elapsed(event.at - self._began)} {text}")

    def _follow(self, event: Event) -> None:
        if event.kind == "plan.made":
            self._states = {s["subject"]: "" for s in event.data["steps"] if s["act"] == "create"}
        elif event.kind == "step.done":
            act, _, subject = event.subject.partition(" ")
            if subject in self._states and act in _STATES:
                self._states[subject] = _STATES[act]
        elif event.kind == "service.ready":
            self._states[event.subject] = f"ready after {event.data['seconds']:.2f} s"
        elif event.kind == "container.exited":
            self._states[event.subject] = printable(event.why)

    def line(self, key: str, stream: str, text: bytes) -> None:
        if key in self._tests:
            self._say(f"{self._paint(key, 'dim')} | {printable(text)}")

    def told(self, verdict: Verdict) -> None:
        if self._told:
            return
        self._told = True
        self._drawing.stop()
        for text in words.closing(verdict, self._paint, quiet=False):
            self._say(text)

    def finish(self, verdict: Verdict) -> None:
        for text in words.last(verdict, self._paint, quiet=False):
            self._say(text)

    def close(self) -> None:
        self._drawing.stop()

    def _say(self, text: str) -> None:
        from rich.text import Text

        self._console.print(Text.from_ansi(text), soft_wrap=True)

    def _table(self) -> Table:
        from rich.table import Table

        table = Table(box=None, pad_edge=False, show_header=False)
        room = max(4, self._console.size.height - 6)
        shown = list(self._states.items())
        for key, state in shown[:room]:
            table.add_row(f"  {key}", state)
        if len(shown) > room:
            table.add_row(f"  … and {len(shown) - room} more", "")
        waiting = ", ".join(list(self._under_way)[:4])
        now = clock.now()
        table.add_row(f"  {words.counting(now - (self._began or now))}", f"waiting for: {waiting}" if waiting else "")
        return table
