"""What is booted to stand by is frozen where the engine can, and must still stand then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from dockyard.engines.protocol import Probe, Reading
from dockyard.environments import booting
from dockyard.model.errors import Fatal, UserError
from dockyard.model.facts import InstanceFacts, State
from dockyard.model.plan import Instance, Role

DB = Instance(key="db", service="db")
ONCE = Instance(key="db", service="db", role=Role.ONE_SHOT)


class Site:
    """Says what it was asked; pauses where it can; its port listens at the second look."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.looks = error, 0

    async def pause(self, key: str) -> None:
        if self.error is not None:
            raise self.error

    async def probe(self, instance: Instance, probe: Probe) -> AsyncIterator[Reading]:
        for listening in (False, True, True):
            self.looks += 1
            yield Reading(began=0, ended=0, exit_code=0, listening=listening)


async def test_what_can_not_be_paused_is_left_running_and_that_is_said() -> None:
    refuses: Any = Site(Fatal("cannot pause without the freezer cgroup", "none"))
    pauses: Any = Site()
    assert await booting._freeze(pauses, DB) == ""  # pyright: ignore[reportPrivateUsage]
    said = await booting._freeze(refuses, DB)  # pyright: ignore[reportPrivateUsage]
    assert said.startswith("db is left running: cannot pause without the freezer cgroup")


async def test_it_is_frozen_only_once_its_port_listens() -> None:
    site: Any = Site()
    await booting._listens(site, DB, (5432,))  # pyright: ignore[reportPrivateUsage]
    assert site.looks == 2
    await booting._listens(site, DB, ())  # pyright: ignore[reportPrivateUsage]
    assert site.looks == 2, "what declares no port isn't asked"


@pytest.mark.parametrize(
    ("instance", "state", "code", "stands"),
    [
        (DB, State.PAUSED, 0, True),
        (DB, State.RUNNING, 0, True),
        (DB, State.EXITED, 0, False),
        (DB, State.RESTARTING, 0, False),
        (ONCE, State.EXITED, 0, True),
        (ONCE, State.EXITED, 1, False),
        (ONCE, State.RUNNING, 0, False),
    ],
)
def test_what_has_ended_since_it_was_ready_does_not_stand(instance: Instance, state: State, code: int, stands: bool) -> None:
    found = InstanceFacts(key="db", id="1", state=state, exit_code=code)
    if stands:
        booting._must_stand(instance, found)  # pyright: ignore[reportPrivateUsage]
        return
    with pytest.raises(UserError, match="db is"):
        booting._must_stand(instance, found)  # pyright: ignore[reportPrivateUsage]


def test_what_is_gone_does_not_stand() -> None:
    with pytest.raises(UserError, match="db is absent"):
        booting._must_stand(DB, None)  # pyright: ignore[reportPrivateUsage]
