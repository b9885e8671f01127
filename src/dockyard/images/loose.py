"""JSON of somebody else's, taken as it should be: what has another shape is nothing. Pure."""

from __future__ import annotations

from typing import Any, cast


def table(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def rows(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def texts(value: Any) -> dict[str, str]:
    """A table of texts; a null's key falls away."""
    return {str(key): str(one) for key, one in table(value).items() if one is not None}
