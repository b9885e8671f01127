"""Many changes, one build: cases, and a machine that does anything in any order."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from dockyard.images.coalesce import Act, Line, Window, change, end, tick, use

WINDOW = Window(quiet=10, most=60)


def test_what_changes_again_and_again_is_built_once_when_it_is_quiet() -> None:
    line = Line()
    for at, key in enumerate("abc"):
        line, act = change(line, key, at)
        assert act is Act.NOTHING
        line, act = tick(line, at + 1, WINDOW)
        assert act is Act.NOTHING
    line, act = tick(line, 12, WINDOW)
    assert (act, line.running) == (Act.START, "c")


def test_what_never_is_quiet_is_built_in_the_end() -> None:
    line = Line()
    for at in range(0, 60, 5):
        line, _ = change(line, f"k{at}", at)
        line, act = tick(line, at, WINDOW)
        assert act is Act.NOTHING
    assert tick(line, 60, WINDOW)[1] is Act.START


def test_a_newer_base_ends_a_build_unless_somebody_waits_for_it() -> None:
    begun = Line(running="a")
    assert change(begun, "b", 1)[1] is Act.CANCEL
    line, act = change(use(begun), "b", 1)
    assert act is Act.NOTHING
    line = end(line, built=True)
    assert (line.done, line.wanted) == ("a", "b")


def test_a_build_that_was_told_to_end_is_begun_again_where_its_base_comes_back() -> None:
    line, _ = change(Line(running="a"), "b", 1)
    line, _ = change(line, "a", 2)
    line, act = tick(end(line, built=False), 50, WINDOW)
    assert (act, line.running) == (Act.START, "a")


def test_a_base_that_comes_back_to_what_it_was_needs_no_build() -> None:
    line, _ = change(Line(done="a"), "b", 1)
    line, _ = change(line, "a", 2)
    assert tick(line, 100, WINDOW) == (line, Act.NOTHING)


class Coalescing(RuleBasedStateMachine):
    """Changes, ticks and ends in any order: what holds always."""

    def __init__(self) -> None:
        super().__init__()
        self.line, self.now, self.newest = Line(), 0.0, ""
        self.under_way = ""

    @rule(key=st.sampled_from("abc"), wait=st.integers(0, 30))
    def changes(self, key: str, wait: int) -> None:
        self.now += wait
        self.newest = key
        self.line, act = change(self.line, key, self.now)
        assert act is not Act.START
        assert act is not Act.CANCEL or self.under_way

    @rule(wait=st.integers(0, 30))
    def ticks(self, wait: int) -> None:
        self.now += wait
        before = self.line.done
        self.line, act = tick(self.line, self.now, WINDOW)
        if act is Act.START:
            assert not self.under_way, "two builds of one image at once"
            assert self.line.running != before, "one settled state is built twice"
            assert self.line.running == self.newest, "what is no longer wanted is built"
            self.under_way = self.line.running

    @precondition(lambda self: self.under_way)
    @rule()
    def is_used(self) -> None:
        self.line = use(self.line)

    @precondition(lambda self: self.under_way)
    @rule(built=st.booleans())
    def ends(self, built: bool) -> None:
        self.line = end(self.line, built=built and not self.line.ending)
        self.under_way = ""

    def teardown(self) -> None:
        """Left alone, with builds that succeed, it comes to what was wanted last."""
        if not self.newest:
            return
        self.line, _ = change(self.line, self.newest, self.now)
        for _ in range(3):
            if self.under_way:
                self.line, self.under_way = end(self.line, built=not self.line.ending), ""
            self.now += 100
            self.line, act = tick(self.line, self.now, WINDOW)
            self.under_way = self.line.running if act is Act.START else ""
        assert self.line.done == self.newest and not self.under_way


Coalescing.TestCase.settings = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
TestCoalescing = Coalescing.TestCase
