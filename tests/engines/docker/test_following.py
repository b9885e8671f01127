"""The follower between two connections: what counts as an end of a service's own, and what as the engine's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from dockyard.engines.docker.api import Dropped
from dockyard.engines.docker.following import Follower
from dockyard.model.errors import Fatal
from dockyard.model.facts import ChangeKind, InstanceFacts, State

Connection = list[dict[str, Any] | Dropped]


def _event(action: str, at: float, key: str = "web", **attributes: str) -> dict[str, Any]:
    return {"Action": action, "timeNano": int(at * 1e9), "Actor": {"Attributes": {"dockyard.instance": key, **attributes}}}


class Wire:
    """An engine whose events stream says what each connection is to say, and then stays open."""

    def __init__(self, connections: list[Connection]) -> None:
        self.connections = connections

    async def events(self, filters: object, since: str) -> AsyncIterator[dict[str, Any]]:
        said = self.connections.pop(0) if self.connections else []
        for item in said:
            if isinstance(item, Dropped):
                raise item
            yield item
        await asyncio.Event().wait()


async def _told(
    connections: list[Connection], observe: Callable[[], dict[str, InstanceFacts]], until: int, patience: float = 5
) -> list[ChangeKind]:
    """The first `until` changes, or those of `patience` seconds."""

    async def look() -> dict[str, InstanceFacts]:
        return observe()

    follower = Follower(Wire(connections), {}, look, 0.0)  # type: ignore[arg-type]
    kinds: list[ChangeKind] = []
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                async for change in follower.changes():
                    kinds.append(change.kind)
                    if len(kinds) == until:
                        break
    finally:
        await follower.end()
    return kinds


def _facts(state: State, **more: Any) -> InstanceFacts:
    return InstanceFacts(key="web", id="1", state=state, started_at=1.0, **more)


async def test_what_a_given_up_creation_leaves_and_takes_away_is_no_loss_of_the_instance() -> None:
    """The engine tells of each try that fails; only what was made can be lost."""

    def destroyed(at: float, identity: str) -> dict[str, Any]:
        event = _event("destroy", at)
        event["Actor"]["ID"] = identity
        return event

    async def look() -> dict[str, InstanceFacts]:
        return {}

    events: Connection = [destroyed(1.0, "first try"), destroyed(2.0, "second try"), _event("start", 3.0), destroyed(4.0, "made")]
    follower = Follower(Wire([events]), {}, look, 0.0)  # type: ignore[arg-type]
    follower.made = lambda key, identity: (key, identity) == ("web", "made")
    told: list[tuple[ChangeKind, float]] = []
    try:
        async with asyncio.timeout(30):
            async for change in follower.changes():
                told.append((change.kind, change.at))
                if change.at == 4.0:
                    break
    finally:
        await follower.end()
    assert told == [(ChangeKind.STARTED, 3.0), (ChangeKind.LOST, 4.0)]


DROP = Dropped("the engine", begun=True)
REFUSED = Dropped("the engine", begun=False)


async def test_an_end_in_a_drop_of_the_connection_is_the_services_own() -> None:
    start, end = _event("start", 1.0), _event("die", 2.0, exitCode="137")
    ended = _facts(State.EXITED, finished_at=2.0, exit_code=137)
    kinds = await _told([[start, DROP], [start, end]], lambda: {"web": ended}, 2)
    assert kinds == [ChangeKind.STARTED, ChangeKind.EXITED]


@pytest.mark.parametrize("refused", [[], [[REFUSED]]])
async def test_an_engine_that_has_forgotten_what_it_told_was_restarted_though_it_refused_no_connection(
    refused: list[Connection],
) -> None:
    start, end = _event("start", 1.0), _event("die", 2.0, exitCode="137")
    ended = _facts(State.EXITED, finished_at=2.0, exit_code=137)
    with pytest.raises(Fatal, match="restarted"):
        await _told([[start, DROP], *refused, [end]], lambda: {"web": ended}, 2)


async def test_containers_that_outlive_a_restart_are_followed_on() -> None:
    start, end = _event("start", 1.0), _event("die", 9.0, exitCode="5")
    running = _facts(State.RUNNING)
    # The end of one among others that still run is its own.
    kinds = await _told(
        [[start, _event("start", 1.0, "db"), DROP], [end]],
        lambda: {"web": running, "db": InstanceFacts(key="db", id="2", state=State.RUNNING, started_at=1.0)},
        3,
    )
    assert kinds == [ChangeKind.STARTED, ChangeKind.STARTED, ChangeKind.EXITED]


async def test_an_end_that_was_seen_by_a_look_is_not_told_again_by_a_late_event() -> None:
    start, end = _event("start", 1.0), _event("die", 2.0, exitCode="3")
    ended = _facts(State.EXITED, finished_at=2.0, exit_code=3)
    kinds = await _told([[start, DROP], [start, DROP], [start, end]], lambda: {"web": ended}, 3, patience=2)
    assert kinds == [ChangeKind.STARTED, ChangeKind.EXITED]


async def test_of_what_was_booted_nothing_is_told_until_it_is_decided_whether_it_is_taken() -> None:
    """Its boot is no news; what happens to it after it was looked at is, where it is taken; a stranger's is nobody's."""
    follower = Follower(Wire([]), {}, lambda: asyncio.sleep(0, {}), 100.0)  # type: ignore[arg-type]
    follower.await_decision(("db", "old"))
    strangers: set[str] = set()
    follower.strangers = strangers
    for key, identity in (("db", "1"), ("old", "2")):
        for action, at in (("start", 100.5), ("die", 102.0)):
            event = _event(action, at, key)
            event["Actor"]["ID"] = identity
            follower._take(event)  # pyright: ignore[reportPrivateUsage]
    assert not follower.starts("db")
    strangers.add("2")
    follower.decided("db", State.RUNNING)
    follower.decided("old", None)
    follower._take(_event("start", 103.0, "old"))  # pyright: ignore[reportPrivateUsage]
    told = [(change.key, change.kind) for change in follower._kept]  # pyright: ignore[reportPrivateUsage]
    assert told == [("db", ChangeKind.EXITED), ("old", ChangeKind.STARTED)]
