"""When a service is ready and when it has failed, as readings come in; and which check it is that counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockyard.engines.protocol import Reading
from dockyard.environments import health
from dockyard.environments.health import Health, Timings, Word
from dockyard.model.facts import HealthFacts
from dockyard.model.service import Healthcheck


def _reading(ended: float, *, ok: bool, listening: bool = False, took: float = 0.01, code: int = 1) -> Reading:
    return Reading(began=ended - took, ended=ended, exit_code=0 if ok else code, listening=listening, output=b"first\nno route")


def _after(readings: list[Reading], timings: Timings, *, has_port: bool) -> health.Progress:
    progress = health.begin(0.0, timings)
    for reading in readings:
        progress = health.read(progress, reading, timings, has_port=has_port)
    return progress


def test_an_early_success_of_a_service_without_a_port_counts_at_once() -> None:
    assert _after([_reading(0.05, ok=True)], Timings(), has_port=False).word is Word.READY


def test_an_early_success_of_a_service_with_a_port_waits_for_the_port() -> None:
    progress = _after([_reading(0.05, ok=True), _reading(0.1, ok=True)], Timings(), has_port=True)
    assert progress.word is Word.WAITING
    progress = health.read(progress, _reading(0.2, ok=True, listening=True), Timings(), has_port=True)
    assert progress.word is Word.READY and "port" in progress.why


def test_a_port_that_listens_is_not_enough_while_the_check_says_no() -> None:
    assert _after([_reading(0.05, ok=False, listening=True)], Timings(), has_port=True).word is Word.WAITING


def test_a_port_that_nobody_ever_listens_on_does_not_keep_a_service_from_being_ready_at_its_own_next_time() -> None:
    timings = Timings(interval=5)
    early = [_reading(t, ok=True) for t in (0.1, 1, 4.9)]
    assert _after(early, timings, has_port=True).word is Word.WAITING
    assert _after([*early, _reading(5.0, ok=True)], timings, has_port=True).word is Word.READY


def test_failures_before_the_schedules_own_moments_do_not_count() -> None:
    timings = Timings(interval=1, retries=1)
    assert _after([_reading(t / 100, ok=False) for t in range(1, 99)], timings, has_port=False).word is Word.WAITING
    assert _after([_reading(1.0, ok=False)], timings, has_port=False).word is Word.FAILED


def test_retries_in_a_row_on_the_users_own_schedule_are_the_end() -> None:
    timings = Timings(interval=1, retries=3)
    looks = [_reading(t, ok=False) for t in (1.0, 2.0, 3.0)]
    assert _after(looks[:2], timings, has_port=False).word is Word.WAITING
    failed = _after(looks, timings, has_port=False)
    assert failed.word is Word.FAILED
    assert failed.why == "its check failed 3 times in a row on its own schedule (exited with 1: no route)"


def test_failures_within_the_start_period_do_not_count() -> None:
    timings = Timings(interval=1, retries=1, start_period=10, start_interval=1)
    assert _after([_reading(float(t), ok=False) for t in range(1, 11)], timings, has_port=False).word is Word.WAITING
    assert _after([_reading(float(t), ok=False) for t in range(1, 13)], timings, has_port=False).word is Word.FAILED


def test_the_next_look_is_one_interval_after_the_last_ones_end() -> None:
    timings = Timings(interval=1, retries=2)
    slow = [_reading(1.9, ok=False, took=0.9), _reading(2.5, ok=False)]
    assert _after(slow, timings, has_port=False).word is Word.WAITING, "the second look is due at 2.9"
    assert _after([*slow, _reading(2.9, ok=False)], timings, has_port=False).word is Word.FAILED


def test_a_check_that_takes_too_long_is_told_so() -> None:
    failed = _after([_reading(1.0, ok=False, code=-1)], Timings(interval=1, retries=1, timeout=0.5), has_port=False)
    assert "ran longer than 0.5 s" in failed.why


_readings = st.lists(st.tuples(st.floats(0.001, 0.7), st.booleans(), st.booleans()).map(lambda t: t), min_size=1, max_size=60)


@given(_readings, st.booleans(), st.integers(1, 4), st.floats(0.1, 3), st.floats(0, 3))
def test_whatever_comes_an_end_is_an_end_and_never_sooner_than_the_user_allows(
    steps: list[tuple[float, bool, bool]], has_port: bool, retries: int, interval: float, start_period: float
) -> None:
    timings = Timings(interval=interval, retries=retries, start_period=start_period, start_interval=interval)
    progress, now, failures = health.begin(0.0, timings), 0.0, 0
    for pause, ok, listening in steps:
        now += pause
        before = progress
        progress = health.read(progress, _reading(now, ok=ok, listening=listening, took=0.0), timings, has_port=has_port)
        failures += not ok
        if before.word is not Word.WAITING:
            assert progress == before
        elif progress.word is Word.FAILED:
            assert not ok and failures >= retries and now >= start_period + (retries - 1) * interval - 1e-9
        elif progress.word is Word.READY:
            assert ok and (not has_port or listening or now >= interval - 1e-9)


@pytest.mark.parametrize(
    ("written", "image", "expected"),
    [
        (None, None, None),
        (None, HealthFacts(test=("NONE",)), None),
        (None, HealthFacts(test=("CMD", "ok")), Health(command=("ok",))),
        (None, HealthFacts(test=("CMD-SHELL", "ok || no")), Health(command=("ok || no",), shell=True)),
        (
            None,
            HealthFacts(test=("CMD", "ok"), interval=2.0, retries=7),
            Health(command=("ok",), timings=Timings(interval=2, retries=7)),
        ),
        (Healthcheck(disable=True), HealthFacts(test=("CMD", "ok")), None),
        (Healthcheck(test=("NONE",)), HealthFacts(test=("CMD", "ok")), None),
        (Healthcheck(test=("CMD", "mine", "-v")), HealthFacts(test=("CMD", "ok")), Health(command=("mine", "-v"))),
        (
            Healthcheck(interval="1m30s", start_period="10s"),
            HealthFacts(test=("CMD", "ok"), timeout=4.0),
            Health(command=("ok",), timings=Timings(interval=90, timeout=4, start_period=10)),
        ),
        (Healthcheck(retries=1, test=("CMD-SHELL", "x")), None, Health(command=("x",), shell=True, timings=Timings(retries=1))),
    ],
)
def test_the_files_check_stands_over_the_images_field_by_field(
    written: Healthcheck | None, image: HealthFacts | None, expected: Health | None
) -> None:
    assert health.health_of(written, image) == expected
