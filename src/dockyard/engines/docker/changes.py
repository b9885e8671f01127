"""The engine's events read into changes. Pure; the stream itself is followed by `site`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from dockyard.model.facts import Change, ChangeKind, InstanceFacts, State
from dockyard.model.placement import INSTANCE, whole

_KINDS = {
    "start": ChangeKind.STARTED,
    "die": ChangeKind.EXITED,
    "died": ChangeKind.EXITED,
    "oom": ChangeKind.OOM,
    "destroy": ChangeKind.LOST,
    "remove": ChangeKind.LOST,
}
"""Docker's words and Podman's own (its issues 12628 and 16857: before 4.4 it tells `die`, and finds it as `died` alone)."""

ACTIONS = (*_KINDS, "kill")
"""What is asked for of `/events`."""


KILLED_BEFORE = 60.0
"""Seconds between a kill that somebody asks for and the end of which it is taken for the reason."""


def of_event(event: dict[str, Any], killed: Mapping[str, float] = MappingProxyType({})) -> Change | None:
    """One line of `/events`; None where it is no change of an instance's. `killed`: who was to be killed, and when (its clock)."""
    actor = event.get("Actor") or {}
    attributes = actor.get("Attributes") or {}
    kind = _KINDS.get(event.get("Action", ""))
    key = key_of(event)
    if kind is None or not key:
        return None
    code = attributes.get("exitCode") or attributes.get("containerExitCode", "0")
    asked = kind is ChangeKind.EXITED and 0 <= at(event) - killed.get(key, -1e12) < KILLED_BEFORE
    return Change(key=key, kind=kind, at=at(event), exit_code=whole(code) or 0, killed=asked)


def at(event: dict[str, Any]) -> float:
    """Unix seconds by the engine's clock."""
    return event.get("timeNano", 0) / 1e9 or float(event.get("time", 0))


def key_of(event: dict[str, Any]) -> str:
    """The instance that an event is about; "" where it is none's."""
    return ((event.get("Actor") or {}).get("Attributes") or {}).get(INSTANCE, "")


def known(was: InstanceFacts | None, change: Change) -> InstanceFacts:
    """What is known of an instance after a change of it."""
    was = was or InstanceFacts(key=change.key, id="", state=State.CREATED)
    match change.kind:
        case ChangeKind.STARTED:
            return msgspec.structs.replace(was, state=State.RUNNING, started_at=change.at, oom=False)
        case ChangeKind.EXITED:
            return msgspec.structs.replace(was, state=State.EXITED, finished_at=change.at, exit_code=change.exit_code)
        case ChangeKind.OOM:
            return msgspec.structs.replace(was, oom=True)
        case ChangeKind.LOST:
            return msgspec.structs.replace(was, state=State.ABSENT)


def stale(was: InstanceFacts | None, change: Change) -> bool:
    """Whether a change says what is known already: an end of what has ended, a start of what runs."""
    if was is None:
        return False
    match change.kind:
        case ChangeKind.STARTED:
            return was.state is State.RUNNING
        case ChangeKind.EXITED:
            return was.state is State.EXITED
        case ChangeKind.OOM:
            return was.oom
        case ChangeKind.LOST:
            return was.state is State.ABSENT


def since(before: dict[str, InstanceFacts], after: dict[str, InstanceFacts], now: float) -> list[Change]:
    """What must have happened between two looks, for the time in which nobody listened. `now`: engine's clock."""
    made: list[Change] = []
    for key in {**before, **after}:
        was = before.get(key) or InstanceFacts(key=key, id="", state=State.CREATED)
        found = after.get(key)
        if found is None:
            if was.state is not State.ABSENT:
                made.append(Change(key=key, kind=ChangeKind.LOST, at=now))
            continue
        restarted = found.started_at > was.started_at
        ended_anew = found.finished_at > was.finished_at
        if was.state is State.RUNNING and (restarted or found.state is not State.RUNNING) and ended_anew:
            made.append(Change(key=key, kind=ChangeKind.EXITED, at=found.finished_at, exit_code=found.exit_code))
        if restarted:
            made.append(Change(key=key, kind=ChangeKind.STARTED, at=found.started_at))
            if found.state is State.EXITED and found.finished_at > found.started_at:
                made.append(Change(key=key, kind=ChangeKind.EXITED, at=found.finished_at, exit_code=found.exit_code))
        if found.oom and not was.oom:
            made.append(Change(key=key, kind=ChangeKind.OOM, at=found.finished_at))
    return sorted(made, key=lambda change: change.at)
