"""What a measurement gives, and the table that it becomes."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table. `value` against `bound`, both as text for people; `met`: None where nothing is bounded."""

    what: str
    measured: str
    against: str
    at_least: str
    aim: str
    met: bool | None
    aimed: bool | None = None
    note: str = ""


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def spread(values: Sequence[float], unit: str = "ms") -> str:
    """Median with minimum and maximum behind it, in milliseconds."""
    scale = 1000 if unit == "ms" else 1
    low, mid, high = (round(v * scale, 2 if scale == 1 else None) for v in (min(values), statistics.median(values), max(values)))
    return f"{mid} {unit} ({low}-{high})"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of the values don't exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]


def table(rows: Sequence[Row]) -> str:
    """Markdown."""
    lines = ["| measure | measured | against | at least | aim | |", "| --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        word = "" if row.met is None else "aim met" if row.aimed else "met" if row.met else "**not met**"
        lines.append(f"| {row.what} | {row.measured} | {row.against} | {row.at_least} | {row.aim} | {word} |")
    notes = [f"- {row.what}: {row.note}" for row in rows if row.note]
    return "\n".join([*lines, "", *notes]) + "\n"
