"""Text from a container, made harmless for a terminal: no escapes, no control characters, no endless lines. Disk keeps the truth."""

from __future__ import annotations

import re

WIDEST = 2000
"""Characters of one line that reach a screen."""

# ECMA-48: CSI, OSC (ended by BEL or ST), other two-character escapes
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[PX^_][^\x1b]*(?:\x1b\\)?|\x1b.?|[\x80-\x9f]"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff]")


def printable(text: str | bytes) -> str:
    """One line or several, for a screen. Bytes that are no UTF-8 become replacement characters."""
    if isinstance(text, bytes):
        text = text[: WIDEST * 8].decode("utf-8", "replace")
    cut = len(text) > WIDEST
    text = text[:WIDEST]
    if "\r" in text.rstrip("\r\n"):
        # a progress line that overwrites itself: the last state is what a terminal would show
        text = "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in text.split("\n"))
    text = _CONTROLS.sub("", _ESCAPES.sub("", text.replace("\t", "    ")))
    return f"{text} … (cut)" if cut else text
