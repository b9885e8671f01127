"""What only one process may do at a time is done by one, and by the next when it has ended."""

from __future__ import annotations

from pathlib import Path

from dockyard.store.alone import alone


def test_one_at_a_time_and_each_thing_by_itself(tmp_path: Path) -> None:
    environment = {"XDG_STATE_HOME": str(tmp_path)}
    with alone(environment, "up /a") as first, alone(environment, "up /a") as second, alone(environment, "up /b") as other:
        assert (first, second, other) == (True, False, True)
    with alone(environment, "up /a") as again:
        assert again


def test_where_no_state_can_be_kept_nobody_is_kept_waiting(tmp_path: Path) -> None:
    (tmp_path / "dockyard").write_text("a file in the way")
    with alone({"XDG_STATE_HOME": str(tmp_path)}, "up /a") as mine:
        assert mine
