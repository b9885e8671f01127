"""Clones are ready before they are asked for; what goes wrong is told to whoever waits, and tried again for the next one."""

from __future__ import annotations

import threading

import pytest

from dockyard.api.clones.pool import BACKLOG, Pool


class Fake:
    """A server at the wire's place. `gate` holds back everything but the first clone while it is closed."""

    def __init__(self, fail: int = 0) -> None:
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
    server.until("dropped", 1)
    pool.give_back("c_2")
    pool.close()
    assert sorted(server.dropped) == sorted(server.made) and server.prepared == 1


def test_nothing_is_made_before_anybody_asks() -> None:
    server = Fake()
    Pool(server, "c", ready=2).close()
    assert (server.prepared, server.made) == (0, [])


def test_a_connection_that_broke_is_made_anew_and_the_clone_under_another_name() -> None:
    server = Fake(fail=1)
    pool = Pool(server, "c", ready=1)
    assert pool.take() == "c_2"
    pool.close()
    assert "c_1" in server.dropped, "it may be half there"


def test_a_server_that_goes_on_failing_is_told_to_who_waits_and_asked_again_for_the_next() -> None:
    server = Fake(fail=2)
    pool = Pool(server, "c", ready=1)
    with pytest.raises(OSError, match="gone"):
        pool.take()
    assert pool.take().startswith("c_")
    pool.close()
    with pytest.raises(RuntimeError, match="closed"):
        pool.take()


def test_used_ones_do_not_pile_up_without_end() -> None:
    server = Fake()
    pool = Pool(server, "c", ready=1)
    for _ in range(BACKLOG * 3):
        pool.give_back(pool.take())
    with pool._changed:
        assert len(server.made) - len(server.dropped) <= BACKLOG + 4
    pool.close()
