"""JSON lines: each event as it is recorded (`{"event": …}`), log lines of tests excepted; at the end the verdict (`{"verdict": …}`)."""

from __future__ import annotations

from typing import TextIO

import msgspec

from dockyard.model.event import Event
from dockyard.model.verdict import Verdict


class JsonLines:
    """Writes to `out`, a line at a time."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def event(self, event: Event) -> None:
        self._write({"event": event})

    def line(self, key: str, stream: str, text: bytes) -> None:
        """Logs are in the report; they would drown the events here."""

    def told(self, verdict: Verdict) -> None:
        """The event `run.verdict` has said it."""

    def finish(self, verdict: Verdict) -> None:
        self._write({"verdict": verdict})

    def close(self) -> None:
        self._out.flush()

    def _write(self, document: object) -> None:
        self._out.write(msgspec.json.encode(document).decode() + "\n")
        self._out.flush()
