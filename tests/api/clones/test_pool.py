"""Clones are ready before they are asked for; what goes wrong is told to whoever waits, and tried again for the next one."""

from __future__ import annotations

import threading

import pytest

from dockyard.api.clones.pool import FEWEST, LEFT, Pool


class Fake:
    """A server at the wire's place. `gate` holds back everything but the first clone while it is closed."""

    def __init__(self, fail: int = 0, size: int = LEFT) -> None:
        self.size = size
        self.made: list[str] = []
        self.dropped: list[str] = []
        self.prepared = 0
        self.resets = 0
        self.fail = fail
        self.moved = threading.Condition()

    def prepare(self) -> None:
        self.prepared += 1

    def make(self, name: str) -> None:
        if self.fail:
            self.fail -= 1
            raise OSError("gone")
        self._note(self.made, name)

    def drop(self, name: str) -> None:
        self._note(self.dropped, name)

    def reset(self) -> None:
        self.resets += 1

    def _note(self, where: list[str], name: str) -> None:
        with self.moved:
            where.append(name)
            self.moved.notify_all()

    def until(self, what: str, number: int) -> None:
        with self.moved:
            assert self.moved.wait_for(lambda: len(getattr(self, what)) >= number, 30)


def test_the_next_ones_are_made_while_one_is_used_and_all_are_dropped_at_the_end() -> None:
    server = Fake()
    pool = Pool(server, "c", ready=2)
    assert pool.take() == "c_1"
    server.until("made", 3)
    assert pool.take() == "c_2"
    pool.give_back("c_1")
    pool.give_back("c_2")
    pool.close(drop=True)
    assert sorted(server.dropped) == sorted(server.made) and server.prepared == 1


def test_nothing_is_made_before_anybody_asks() -> None:
    server = Fake()
    Pool(server, "c", ready=2).close(drop=True)
    assert (server.prepared, server.made) == (0, [])


def test_a_connection_that_broke_is_made_anew_and_the_clone_under_another_name() -> None:
    server = Fake(fail=1)
    pool = Pool(server, "c", ready=1)
    assert pool.take() == "c_2"
    pool.close(drop=True)
    assert "c_1" in server.dropped, "it may be half there"


def test_a_server_that_goes_on_failing_is_told_to_who_waits_and_asked_again_for_the_next() -> None:
    server = Fake(fail=2)
    pool = Pool(server, "c", ready=1)
    with pytest.raises(OSError, match="gone"):
        pool.take()
    assert pool.take().startswith("c_")
    pool.close(drop=True)
    with pytest.raises(RuntimeError, match="closed"):
        pool.take()


@pytest.mark.parametrize(("size", "most"), [(LEFT, FEWEST), (LEFT // 20, 20)])
def test_used_ones_are_dropped_many_at_a_time_before_they_take_too_much(size: int, most: int) -> None:
    server = Fake(size=size)
    pool = Pool(server, "c", ready=1)
    for _ in range(most):
        pool.give_back(pool.take())
    assert server.dropped == []
    for _ in range(4 * most):
        pool.give_back(pool.take())
        with pool._changed:
            assert len(server.made) - len(server.dropped) <= most + FEWEST + 4
    pool.give_back(pool.take())
    server.until("dropped", most)
    pool.close(drop=True)


def test_what_goes_with_the_server_is_not_dropped_one_by_one() -> None:
    server = Fake()
    pool = Pool(server, "c", ready=1)
    pool.give_back(pool.take())
    pool.close(drop=False)
    assert server.dropped == [] and len(server.made) >= 1, "nor one that was being made"
