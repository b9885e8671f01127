"""Byte values: `64m`, `1.5GiB`, `512kb`, `1073741824`. All units are powers of 1024, as for Docker."""

from __future__ import annotations

_UNITS = {"k": 10, "m": 20, "g": 30, "t": 40, "p": 50}


def parse_bytes(text: str) -> int:
    """Bytes. ValueError where the text is no size."""
    cut = max((text.rfind(char) for char in "0123456789. "), default=-1)
    number, unit = (text[:cut], text[cut + 1 :]) if text[cut : cut + 1] == " " else (text[: cut + 1], text[cut + 1 :])
    unit = unit.lower()
    try:
        if cut < 0 or number != number.strip() or "_" in number:
            raise ValueError
        size = float(number)
        if size < 0 or size != size or size == float("inf"):
            raise ValueError
        return int(size * _factor(unit))
    except ValueError:
        raise ValueError(f"{text!r} is no size (as 512m, 2g, 1073741824)") from None


def _factor(unit: str) -> int:
    if unit in ("", "b"):
        return 1
    if unit[0] not in _UNITS or unit[1:] not in ("", "b", "ib"):
        raise ValueError
    return 1 << _UNITS[unit[0]]
