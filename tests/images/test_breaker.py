"""What may not begin, and why."""

from __future__ import annotations

import pytest
from tests.support.graphs import P, tree

from dockyard.images.breaker import HOUR, Memory, ask, fail, succeed, wave

TREE = tree("a:1 < base:1", "b:1 < a:1", "c:1 < b:1", "side:1 < base:1")
A, B, C, SIDE = (f"{name}:1 {P}" for name in ("a", "b", "c", "side"))


@pytest.mark.parametrize(("count", "hours"), [(1, 0), (2, 0), (3, 1), (4, 2), (5, 4), (6, 8), (7, 16), (8, 32), (12, 32)])
def test_the_same_content_that_fails_waits_longer_each_time(count: int, hours: int) -> None:
    memory = Memory()
    for _ in range(count):
        memory = wave(fail(memory, A, "k", 1000))
    stop = ask(memory, TREE, A, "k", 1000)
    assert (stop.until if stop else 1000) == 1000 + hours * HOUR
    assert ask(memory, TREE, A, "k", 1000 + hours * HOUR) is None


def test_other_content_begins_anew() -> None:
    memory = Memory()
    for _ in range(4):
        memory = fail(memory, A, "k", 0)
    assert ask(memory, TREE, A, "k", 0) is not None
    assert ask(memory, TREE, A, "other", 0) is None
    assert fail(memory, A, "other", 0).failures[A].count == 1


def test_what_stands_below_a_failure_waits_and_its_siblings_go_on() -> None:
    memory = fail(Memory(), A, "k", 0)
    for image in (B, C):
        stop = ask(memory, TREE, image, "x", 0)
        assert stop is not None and "a:1, which it stands on, failed" in stop.why
    assert ask(memory, TREE, SIDE, "x", 0) is None
    assert ask(succeed(memory, A, "d"), TREE, C, "x", 0) is None


def test_an_image_that_flips_between_two_digests_is_stopped_and_named() -> None:
    memory = Memory()
    for digest in ("d1", "d2", "d1", "d2"):
        assert ask(memory, TREE, A, "k", 0) is None
        memory = succeed(memory, A, digest)
    memory = succeed(memory, A, "d1")
    stop = ask(memory, TREE, A, "k", 0)
    assert stop is not None and "between d2 and d1" in stop.why and stop.until == 0
    assert ask(succeed(memory, A, "d3"), TREE, A, "k", 0) is None


def test_a_wave_that_fails_everywhere_stops_itself_and_the_next_begins() -> None:
    memory = Memory()
    for number in range(5):
        assert ask(memory, TREE, SIDE, "k", 0) is None
        memory = fail(memory, f"x{number}:1 {P}", "k", 0)
    stop = ask(memory, TREE, SIDE, "k", 0)
    assert stop is not None and "all of its 5 builds failed" in stop.why
    assert ask(wave(memory), TREE, SIDE, "k", 0) is None
    one = fail(succeed(Memory(), SIDE, "d"), A, "k", 0)
    for number in range(9):
        one = fail(one, f"x{number}:1 {P}", "k", 0)
    assert ask(one, TREE, SIDE, "k", 0) is None
