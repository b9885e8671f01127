"""How paths, queries and times are written for the engine, and the names that all its calls share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

Json = dict[str, Any]
Filters = Mapping[str, Sequence[str]]

TAR = "application/x-tar"


def of(kind: str, name: str, *rest: str) -> str:
    """The path of an object, or of something about it."""
    return "/".join(("", kind, quote(name, safe=""), *rest))


def text(value: Any) -> str:
    """A value in a query: truths are 1 and 0, filters are JSON."""
    if value is True or value is False:
        return "1" if value else "0"
    if isinstance(value, Mapping):
        return msgspec.json.encode({key: list(found) for key, found in value.items()}).decode()
    return str(value)


def moment(at: float | str) -> str:
    """A time for the engine: Unix seconds with nanoseconds; "" for none."""
    if isinstance(at, str):
        return at
    return f"{at:.9f}" if at else ""
