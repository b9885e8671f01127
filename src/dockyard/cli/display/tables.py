"""The few small tables of a verdict. Pure."""

from __future__ import annotations

import time
from collections.abc import Sequence

from dockyard.model.verdict import Verdict


def tests(verdict: Verdict) -> list[str]:
    """A row for each test service."""
    rows = [["test", "", "seconds", "cases", "failed"]]
    for test in verdict.tests:
        cases = [str(test.counts.total), str(test.counts.failed + test.counts.errors)] if test.counts else ["", ""]
        how = "passed" if test.passed else f"exit code {test.exit_code}" if test.exit_code else "failed"
        rows.append([test.service, how, f"{test.seconds:.2f}", *cases])
    return columns(rows)


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows with their columns aligned; empty columns at the end fall away."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def size(number: int) -> str:
    """Bytes as people read them."""
    return f"{number / 1e6:.0f} MB" if number < 1e9 else f"{number / 1e9:.1f} GB"


def phases(verdict: Verdict) -> str:
    """How long each phase took, one after the other."""
    at = verdict.phases
    marks = (
        ("plan", at.begun, at.planned),
        ("ready after", at.begun, at.ready),
        ("tests", at.tests_begun, at.tests_ended),
        ("told after", at.begun, at.told),
    )
    return " · ".join(f"{name} {until - since:.2f} s" for name, since, until in marks if since and until)


def clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))
