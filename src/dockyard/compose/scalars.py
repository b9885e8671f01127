"""Plain scalars, as go-yaml v3 reads them; and numbers as Go prints them.

Not YAML 1.1: `yes`, `no`, `on`, `off` and `22:22` stay text. Octal is both `0o14` and `014`. A plain date becomes a
timestamp, which no field of Compose takes.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from typing import Any

from dockyard.compose.tree import Timestamp, is_list, is_map

_WORDS: dict[str, Any] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
for _name in (".nan", ".NaN", ".NAN"):
    _WORDS[_name] = float("nan")
for _name in (".inf", ".Inf", ".INF"):
    _WORDS[_name] = _WORDS["+" + _name] = float("inf")
    _WORDS["-" + _name] = float("-inf")

_INT = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_DATE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)| (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?)?\Z"
)
_SHORT = {f"tag:yaml.org,2002:{name}": name for name in ("str", "int", "float", "bool", "null", "timestamp", "binary")}
_FIRST = frozenset("+-.0123456789")


def plain(text: str) -> Any:
    """The value of an unquoted scalar without a tag."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _FIRST:
        return text
    if text[0] == ".":
        return float(text) if _FLOAT.match(text) and _finite(text) else text
    if _is_date(text):
        return Timestamp(text)
    return number(text)


def number(text: str) -> Any:
    """An int or a float where the text is one (underscores may group digits), else the text."""
    body = text.replace("_", "")
    if _INT.match(body):
        value = _integer(body)
        if -(2**63) <= value < 2**64:
            return value
    if _FLOAT.match(body) and _finite(body):
        return float(body)
    return text


def _integer(body: str) -> int:
    sign = -1 if body[0] == "-" else 1
    digits = body.lstrip("+-")
    if digits[:2].lower() in ("0x", "0o", "0b"):
        return sign * int(digits, 0)
    return sign * int(digits, 8 if len(digits) > 1 and digits[0] == "0" else 10)


def _finite(text: str) -> bool:
    return float(text) not in (float("inf"), float("-inf"))


def _is_date(text: str) -> bool:
    if not (match := _DATE.match(text)):
        return False
    import datetime

    parts = [int(part) for part in match.groups() if part is not None]
    try:
        datetime.datetime(*parts)  # type: ignore[arg-type]
    except ValueError:
        return False
    return True


def tagged(tag: str, text: str) -> Any:
    """The value of a scalar with a tag. ValueError where the text is no such thing; tags of one's own mean text."""
    kind = _SHORT.get(tag, "")
    if kind == "binary":
        try:
            return base64.b64decode(text.replace("\n", "").replace(" ", ""), validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            raise ValueError("!!binary value contains invalid base64 data") from None
    if kind in ("", "str"):
        return text
    value = plain(text) if text else None
    wanted: dict[str, Any] = {"int": int, "float": float, "bool": bool, "null": type(None), "timestamp": Timestamp}
    if kind == "float" and type(value) is int:
        return float(value)
    if type(value) is not wanted[kind]:
        raise ValueError(f"{text!r} is no {kind}")
    return value


def go_text(value: Any) -> str:
    """A value as Go's `%v` prints it: what a number or a boolean becomes where text is wanted."""
    if value is None:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, float):
        return go_float(value)
    if isinstance(value, Timestamp):
        return value.text
    if is_map(value):
        items: dict[str, Any] = value
        return f"map[{' '.join(f'{key}:{_inside(items[key])}' for key in sorted(items))}]"
    if is_list(value):
        return f"[{' '.join(map(_inside, value))}]"
    return str(value)


def _inside(value: Any) -> str:
    return "<nil>" if value is None else go_text(value)


def go_float(value: float) -> str:
    """Shortest text of a float, with an exponent below 1e-4 and from 1e6 on (Go's `%v`)."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "+Inf" if value > 0 else "-Inf"
    from decimal import Decimal

    _, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    if not value:
        return "-0" if str(value)[0] == "-" else "0"
    power = int(exponent) + len(digits) - 1
    if -5 < power < 6:
        return f"{Decimal(repr(value)).normalize():f}"
    shown = "".join(map(str, digits))
    point = f".{shown[1:]}" if len(shown) > 1 else ""
    return f"{'-' if value < 0 else ''}{shown[0]}{point}e{'-' if power < 0 else '+'}{abs(power):02d}"


def float32(value: float) -> float:
    """The value as Go's float32 holds and prints it."""
    try:
        rounded = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return value
    for precision in range(6, 10):
        shown = float(f"{rounded:.{precision}g}")
        if struct.unpack("f", struct.pack("f", shown))[0] == rounded:
            return shown
    return rounded
