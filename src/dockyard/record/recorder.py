"""The record of one run: its folder, its timeline, its logs. Everything is on disk the moment it is known."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from dockyard.model.event import Event
from dockyard.model.facts import Reading
from dockyard.model.verdict import Verdict
from dockyard.record.logs import Heard, ServiceLog, write_all
from dockyard.record.mask import Mask
from dockyard.record.probes import ProbeLog

OURS = ".dockyard-report"
"""A file that says that a folder is a run's report: only such folders are ever pruned."""

_OUR_WORDS = frozenset({"verdict", "run", "placement", "version"})


class Recorder:
    """Writes to `folder` (made here; `dockyard-report/<run>`). `clock`: Unix seconds by ours."""

    def __init__(self, folder: Path, clock: Callable[[], float], mask: Mask | None = None) -> None:
        self.folder = folder
        self.mask = mask or Mask()
        self._clock = clock
        (folder / "services").mkdir(parents=True, exist_ok=True)
        (folder / OURS).touch()
        self._timeline = os.open(folder / "timeline.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._logs: dict[str, ServiceLog] = {}
        self._probes: dict[str, ProbeLog] = {}
        self._listeners: list[Callable[[Event], None]] = []
        self._hearers: list[Heard] = []
        self._verdict_hearers: list[Callable[[Verdict], None]] = []
        self.bytes_logged = 0
        self.broken = ""
        """Why the record is not whole: a disk that is full, a folder that has gone. What can't be written is still told."""
        self._broken_hearers: list[Callable[[str], None]] = []

    def hear_broken(self, hearer: Callable[[str], None]) -> None:
        """Call `hearer` once with the reason when something can't be written."""
        self._broken_hearers.append(hearer)

    def broke(self, error: OSError) -> None:
        """Something could not be written."""
        if not self.broken:
            self.broken = f"the report in {self.folder} can't be written: {error.strerror or error}"
            for hearer in self._broken_hearers:
                hearer(self.broken)

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Call `listener` with each event, as it is recorded."""
        self._listeners.append(listener)

    def hear(self, hearer: Heard) -> None:
        """Call `hearer` with each log line: key, stream, masked bytes."""
        self._hearers.append(hearer)

    def hear_verdict(self, hearer: Callable[[Verdict], None]) -> None:
        """Call `hearer` with the verdict whenever it is written: when it is told, and when everything is gone."""
        self._verdict_hearers.append(hearer)

    def event(self, kind: str, subject: str = "", why: str = "", **data: Any) -> Event:
        """Something happened now."""
        event = Event(at=self._clock(), kind=kind, subject=subject, why=self.mask.text(why), data=self._masked(data))
        if self._timeline >= 0:
            try:
                write_all(self._timeline, msgspec.json.encode(event) + b"\n")
            except OSError as error:
                self.broke(error)
        for listener in self._listeners:
            listener(event)
        return event

    def _masked(self, data: dict[str, Any]) -> dict[str, Any]:
        return {name: self._masked_value(value) for name, value in data.items()}

    def _masked_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.mask.text(value)
        if isinstance(value, (list, tuple)):
            return [self._masked_value(v) for v in value]
        if isinstance(value, dict):
            return self._masked(value)
        return value

    def log(self, key: str) -> ServiceLog:
        """The log of an instance, begun when it is first asked for."""
        if key not in self._logs:
            path = self.folder / "services" / f"{key}.log"
            self._logs[key] = ServiceLog(path, key, self.mask, self._clock, self._heard, self.broke)
        return self._logs[key]

    def has_log(self, key: str) -> bool:
        return key in self._logs

    def _heard(self, key: str, stream: str, line: bytes) -> None:
        self.bytes_logged += len(line) + 1
        for hearer in self._hearers:
            hearer(key, stream, line)

    def probe(self, key: str, reading: Reading) -> None:
        """One try of a check; equal ones in a row are folded."""
        try:
            if key not in self._probes:
                self._probes[key] = ProbeLog(self.folder / "services" / f"{key}.probes.log", self.mask)
            self._probes[key].add(reading)
        except OSError as error:
            self.broke(error)

    def verdict(self, verdict: Verdict) -> None:
        """Write `verdict.json`, whole or not at all."""
        told = msgspec.to_builtins(verdict)
        # The word and our own names are no text that a secret could be in, whatever its value is.
        told |= {name: self._masked_value(value) for name, value in told.items() if name not in _OUR_WORDS}
        target = self.folder / "verdict.json"
        beside = target.with_suffix(".json.new")
        try:
            beside.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n")
            beside.replace(target)
        except OSError as error:
            self.broke(error)
        for hearer in self._verdict_hearers:
            hearer(verdict)

    def internal(self, error: BaseException) -> Path:
        """Write what a fault of our own needs to be found: `internal-error.txt`."""
        from dockyard import __version__

        path = self.folder / "internal-error.txt"
        trace = "".join(traceback.format_exception(error))
        try:
            path.write_text(self.mask.text(f"dockyard {__version__}, Python {sys.version}\n\n{trace}"))
        except OSError as broken:
            self.broke(broken)
        return path

    def close(self) -> None:
        """End all files. Events after this still reach their listeners."""
        for log in self._logs.values():
            log.close()
        for probes in self._probes.values():
            try:
                probes.close()
            except OSError as error:
                self.broke(error)
        if self._timeline >= 0:
            os.close(self._timeline)
            self._timeline = -1
