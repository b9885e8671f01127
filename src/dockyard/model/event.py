"""An event: something that happened to a subject at a time. The timeline (`timeline.jsonl`, one object a line) is all of them."""

from __future__ import annotations

from typing import Any

import msgspec

EVENT_VERSION = 1


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`at`: Unix seconds by our clock. `kind`: dotted, past tense (`step.done`, `probe.failed`, `container.exited`). `subject`: an instance
    key, a step id, a network. `why`: one clause."""

    at: float
    kind: str
    subject: str = ""
    why: str = ""
    data: dict[str, Any] = {}
    v: int = EVENT_VERSION
