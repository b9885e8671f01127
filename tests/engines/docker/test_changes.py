"""Events as changes, and what must have happened while nobody listened."""

from __future__ import annotations

from typing import Any

import pytest

from dockyard.engines.docker import changes
from dockyard.model.facts import Change, ChangeKind, InstanceFacts, State


def _event(action: str, **attributes: str) -> dict[str, Any]:
    return {"Action": action, "timeNano": 5_500_000_000, "Actor": {"Attributes": {"dockyard.instance": "web", **attributes}}}


@pytest.mark.parametrize(
    ("event", "change"),
    [
        (_event("start"), Change(key="web", kind=ChangeKind.STARTED, at=5.5)),
        (_event("die", exitCode="137"), Change(key="web", kind=ChangeKind.EXITED, at=5.5, exit_code=137)),
        (_event("oom"), Change(key="web", kind=ChangeKind.OOM, at=5.5)),
        (_event("destroy"), Change(key="web", kind=ChangeKind.LOST, at=5.5)),
        (_event("died", containerExitCode="3"), Change(key="web", kind=ChangeKind.EXITED, at=5.5, exit_code=3)),
        (_event("remove", containerExitCode="0"), Change(key="web", kind=ChangeKind.LOST, at=5.5)),
        (_event("die", exitCode="no number"), Change(key="web", kind=ChangeKind.EXITED, at=5.5, exit_code=0)),
        (_event("exec_start: ls"), None),
        ({"Action": "start", "timeNano": 1, "Actor": {"Attributes": {}}}, None),
    ],
)
def test_an_event_is_a_change_or_none(event: dict[str, Any], change: Change | None) -> None:
    assert changes.of_event(event) == change


def test_an_end_after_a_kill_that_was_asked_for_says_so() -> None:
    died = _event("die", exitCode="137")
    asked = [changes.of_event(died, killed) for killed in ({"web": 5.0}, {"web": -60.0}, {"other": 5.0}, {})]
    assert [change.killed for change in asked if change] == [True, False, False, False]


def _facts(state: State = State.RUNNING, started: float = 10, finished: float = 0, **more: Any) -> InstanceFacts:
    return InstanceFacts(key="web", id="i", state=state, started_at=started, finished_at=finished, **more)


CASES = {
    "nothing": (_facts(), _facts(), []),
    "it ended": (_facts(), _facts(State.EXITED, 10, 20, exit_code=3), [("exited", 20, 3)]),
    "it was restarted": (_facts(), _facts(State.RUNNING, 21, 20, exit_code=0), [("exited", 20, 0), ("started", 21, 0)]),
    "it was restarted and ended again": (
        _facts(),
        _facts(State.EXITED, 21, 25, exit_code=4),
        [("exited", 25, 4), ("started", 21, 0), ("exited", 25, 4)],
    ),
    "it was made and started": (None, _facts(), [("started", 10, 0)]),
    "it was made, started and ended": (None, _facts(State.EXITED, 10, 20, exit_code=1), [("started", 10, 0), ("exited", 20, 1)]),
    "it was only made": (None, _facts(State.CREATED, 0, 0), []),
    "it is gone": (_facts(), None, [("lost", 99, 0)]),
    "it was killed for memory": (
        _facts(),
        _facts(State.EXITED, 10, 20, exit_code=137, oom=True),
        [("exited", 20, 137), ("oom", 20, 0)],
    ),
}


@pytest.mark.parametrize(("before", "after", "told"), CASES.values(), ids=CASES.keys())
def test_what_happened_in_between_is_made_up_from_the_difference(
    before: InstanceFacts | None, after: InstanceFacts | None, told: list[tuple[str, float, int]]
) -> None:
    known = {"web": before} if before is not None else {}
    now = {"web": after} if after is not None else {}
    made = [(str(change.kind), change.at, change.exit_code) for change in changes.since(known, now, 99)]
    assert sorted(made) == sorted(told)


def test_what_is_known_is_not_told_twice() -> None:
    started = Change(key="web", kind=ChangeKind.STARTED, at=10)
    ended = Change(key="web", kind=ChangeKind.EXITED, at=20, exit_code=1)
    known = changes.known(None, started)
    assert changes.stale(known, started) and not changes.stale(known, ended)
    known = changes.known(known, ended)
    assert changes.stale(known, ended) and not changes.stale(known, started)
    assert known.exit_code == 1 and known.finished_at == 20
