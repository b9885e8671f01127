"""What a container's exits mean: restart policies, one-shots, crash loops."""

from __future__ import annotations

import pytest

from dockyard.environments import life
from dockyard.environments.life import Exit
from dockyard.model.restart import Restart


def _exits(*codes: int) -> list[Exit]:
    return [Exit(at=float(n), code=code) for n, code in enumerate(codes)]


@pytest.mark.parametrize(
    ("codes", "policy", "again"),
    [
        ((0,), Restart("no"), False),
        ((1,), Restart("no"), False),
        ((0,), Restart("always"), True),
        ((1,), Restart("unless-stopped"), True),
        ((1,), Restart("on-failure"), True),
        ((0,), Restart("on-failure"), False),
        ((1, 1), Restart("on-failure", 2), True),
        ((1, 1, 1), Restart("on-failure", 2), False),
        ((1, 0), Restart("on-failure"), False),
    ],
)
def test_an_exit_is_covered_where_the_engine_starts_it_again(codes: tuple[int, ...], policy: Restart, again: bool) -> None:
    assert life.covered(_exits(*codes), policy) is again


def test_a_crash_loop_counts_only_once_nothing_else_is_waited_for() -> None:
    exits = _exits(*[1] * 9)
    assert not life.crash_looping(exits, None)
    assert not life.crash_looping(exits, 5.0), "four exits since everything else is ready"
    assert life.crash_looping(exits, 4.0)


@pytest.mark.parametrize(
    ("end", "says"),
    [
        (Exit(at=0, code=0), "exited with 0"),
        (Exit(at=0, code=137), "was ended by SIGKILL (exit code 137)"),
        (Exit(at=0, code=137, oom=True), "was killed for memory"),
        (
            Exit(at=0, code=137, memory_limit=64 << 20),
            "was ended by SIGKILL (exit code 137), most likely killed for memory: its limit is 64 MB",
        ),
        (Exit(at=0, code=127), "could not be started (exit code 127: command not found)"),
        (Exit(at=0, code=126), "could not be started (exit code 126: not executable)"),
        (Exit(at=0, code=127, released=False), "could not be started (exit code 127)"),
        (Exit(at=0, code=150), "was ended by signal 22 (exit code 150)"),
        (Exit(at=0, code=255), "exited with 255"),
    ],
)
def test_an_exit_is_told_in_words(end: Exit, says: str) -> None:
    assert life.says(end) == says
