"""Coalescing: of many changes of an image's parents in a short time only the last is built. A state machine an image; pure.

`wanted` is a key of what the image would be built from (its parents' digests and its revision). A newer one takes the place of one that
waits, and ends a build that is not yet useful. Never are two builds of one image under way, never is one settled state built twice.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Act(StrEnum):
    NOTHING = "nothing"
    START = "start"
    CANCEL = "cancel"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One image's state. Times in seconds by whatever clock the caller has.

    `done`: what it was last built from; `wanted` since `first`, last changed at `last`; `running`: what is being built, `useful` once
    somebody waits for just that, `ending` once it was told to end.
    """

    done: str = ""
    wanted: str = ""
    first: float = 0
    last: float = 0
    running: str = ""
    useful: bool = False
    ending: bool = False


class Window(msgspec.Struct, frozen=True):
    """`quiet`: so long nothing may have changed before a build begins; `most`: after so long it begins all the same."""

    quiet: float = 30.0
    most: float = 600.0


def change(line: Line, key: str, now: float) -> tuple[Line, Act]:
    """Its parents are others now: `key`."""
    if key == line.wanted:
        return line, Act.NOTHING
    if key == line.running and not line.ending:
        return _replace(line, wanted=""), Act.NOTHING
    if key == line.done and not line.running:
        return _replace(line, wanted=""), Act.NOTHING
    line = _replace(line, wanted=key, last=now, first=line.first if line.wanted else now)
    if line.running and not line.useful and not line.ending:
        return _replace(line, ending=True), Act.CANCEL
    return line, Act.NOTHING


def tick(line: Line, now: float, window: Window) -> tuple[Line, Act]:
    """Whether what is wanted begins now."""
    settled = now - line.last >= window.quiet or now - line.first >= window.most
    if not line.wanted or line.running or not settled:
        return line, Act.NOTHING
    return _replace(line, running=line.wanted, wanted="", useful=False, ending=False), Act.START


def use(line: Line) -> Line:
    """Somebody waits for the build that is under way: a newer base doesn't end it any more."""
    return _replace(line, useful=bool(line.running) and not line.ending)


def end(line: Line, *, built: bool) -> Line:
    """The build has ended. A failure leaves `done` as it was; when it is tried again is the breaker's word."""
    done = line.running if built else line.done
    wanted = "" if line.wanted == done else line.wanted
    return _replace(line, done=done, running="", useful=False, ending=False, wanted=wanted)


def _replace(line: Line, **fields: object) -> Line:
    return msgspec.structs.replace(line, **fields)
