"""Durations as Compose writes them: `1m30s`, `1.5s`, `300ms`.

The model holds them as text in Go's canonical form, as `docker compose config` prints them; who needs a number asks
`seconds`. `parse` takes everything that Compose takes (days and weeks too) and gives nanoseconds.
"""

from __future__ import annotations

import re

Duration = str
"""A duration in Go's canonical text, such as `1m30s`; `seconds` turns it into a float."""

_UNITS = {
    "w": 604_800_000_000_000,
    "d": 86_400_000_000_000,
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ns": 1,
}
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w)")


def parse(text: str) -> int:
    """Nanoseconds of a duration as Compose reads it. ValueError when it is none (a bare number but 0 has no unit)."""
    body = text[1:] if text[:1] in ("-", "+") else text
    if body == "0":
        return 0
    total, end = 0, 0
    for part in _PART.finditer(body):
        if part.start() != end:
            break
        total += _scaled(part[1], _UNITS[part[2]])
        end = part.end()
    if not body or end != len(body):
        raise ValueError(f"{text!r} is no duration")
    if total > 2**63 - 1:
        raise ValueError(f"{text!r} is too long for a duration")
    return -total if text[0] == "-" else total


def _scaled(number: str, unit: int) -> int:
    whole, _, fraction = number.partition(".")
    value = int(whole or "0") * unit
    if fraction:
        value += int(fraction) * unit // 10 ** len(fraction)
    return value


def text(nanoseconds: int) -> Duration:
    """Go's canonical text of a duration: `1h0m0s`, `1m30s`, `1.5s`, `300ms`, `0s`."""
    sign, rest = ("-", -nanoseconds) if nanoseconds < 0 else ("", nanoseconds)
    if rest == 0:
        return "0s"
    if rest < 1_000_000_000:
        for unit, size in (("ms", 1_000_000), ("µs", 1_000), ("ns", 1)):
            if rest >= size:
                return f"{sign}{_decimal(rest, size)}{unit}"
    minutes, below = divmod(rest, 60_000_000_000)
    hours, minutes = divmod(minutes, 60)
    shown = f"{_decimal(below, 1_000_000_000)}s"
    if hours:
        return f"{sign}{hours}h{minutes}m{shown}"
    return f"{sign}{minutes}m{shown}" if minutes else sign + shown


def _decimal(value: int, size: int) -> str:
    whole, rest = divmod(value, size)
    if not rest:
        return str(whole)
    return f"{whole}.{str(rest).rjust(len(str(size)) - 1, '0').rstrip('0')}"


def seconds(duration: Duration | None, default: float = 0.0) -> float:
    """Seconds of a duration in the model; `default` where there is none."""
    return default if duration is None else parse(duration) / 1_000_000_000
