"""What the checks said: `services/<key>.probes.log`, a line for each try that differs from the one before, with how often it was so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from dockyard.model.facts import Reading
from dockyard.record.mask import Mask
from dockyard.record.printable import printable

MOST = 2000
"""Lines of one instance; after that only counts go on."""


class ProbeLog:
    """The probes of one instance."""

    def __init__(self, path: Path, mask: Mask) -> None:
        self._file = path.open("a", buffering=1, encoding="utf-8")
        self._mask = mask
        self._last: tuple[int, bool, bytes] | None = None
        self._times = 0
        self._lines = 0

    def add(self, reading: Reading) -> None:
        said = (reading.exit_code, reading.listening, reading.output)
        if said == self._last:
            self._times += 1
            return
        self._fold()
        self._last = said
        if self._lines < MOST:
            self._lines += 1
            how = "timeout" if reading.exit_code == -1 else f"exit {reading.exit_code}"
            port = ", its port listens" if reading.listening else ""
            text = printable(self._mask.bytes(reading.output)).strip().replace("\n", " | ")
            at = datetime.fromtimestamp(reading.began, UTC).isoformat(timespec="milliseconds")
            self._file.write(
                f"{at} {how} after {(reading.ended - reading.began) * 1000:.0f} ms{port}{': ' + text if text else ''}\n"
            )

    def _fold(self) -> None:
        if self._times:
            self._file.write(f"  … the same {self._times} more times\n")
        self._times = 0

    def close(self) -> None:
        if not self._file.closed:
            self._fold()
            self._file.close()
