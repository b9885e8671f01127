"""The verdict as a function of what happened: each row of the contract's table, and what happens where rows meet."""

from __future__ import annotations

import itertools

import pytest

from dockyard.environments.judge import Blame, Ending, Fault, judge
from dockyard.model.verdict import EXIT_CODES, TestCounts, TestResult, Word


def _test(service: str = "sut", *, passed: bool, code: int | None = None, **more: object) -> TestResult:
    return TestResult(service=service, exit_code=(0 if passed else 1) if code is None else code, passed=passed, **more)  # type: ignore[arg-type]


def _fault(blame: Blame, at: float, what: str = "it broke", **more: str) -> Fault:
    return Fault(blame=blame, what=what, at=at, **more)


@pytest.mark.parametrize(
    ("blame", "word"),
    [
        (Blame.ENVIRONMENT, Word.ENVIRONMENT_FAILED),
        (Blame.INFRASTRUCTURE, Word.INFRASTRUCTURE),
        (Blame.TIME, Word.TIMED_OUT),
        (Blame.USAGE, Word.USAGE),
        (Blame.ABORT, Word.ABORTED),
        (Blame.INTERNAL, Word.INTERNAL),
    ],
)
def test_a_fault_alone_is_the_verdict_with_its_code(blame: Blame, word: Word) -> None:
    judged = judge(Ending(faults=(_fault(blame, 5, service="db"),), expected=("sut",)))
    assert (judged.word, judged.code) == (word, EXIT_CODES[word])
    assert judged.causes[0].service == "db" and judged.causes[0].what == "it broke"


def test_the_codes_are_the_contracts() -> None:
    assert {str(word): code for word, code in EXIT_CODES.items()} == {
        "passed": 0,
        "failed": 1,
        "usage": 2,
        "environment-failed": 3,
        "timed-out": 4,
        "infrastructure": 5,
        "internal": 70,
        "aborted": 130,
    }


def test_all_tests_passed_and_nothing_else_happened_is_passed() -> None:
    judged = judge(Ending(tests=((3, _test("a", passed=True)), (4, _test("b", passed=True))), expected=("a", "b"), ready=True))
    assert (judged.word, judged.code, judged.causes) == (Word.PASSED, 0, ())


def test_without_a_test_ready_is_the_verdict() -> None:
    assert judge(Ending(ready=True)).word is Word.PASSED


@pytest.mark.parametrize("ending", [Ending(ready=False), Ending(expected=("sut",), ready=True)])
def test_an_end_that_nothing_explains_is_our_own_fault_and_never_a_pass(ending: Ending) -> None:
    judged = judge(ending)
    assert judged.word is Word.INTERNAL and judged.causes


def test_one_failed_test_of_two_is_a_failure_and_named() -> None:
    tests = ((3.0, _test("a", passed=True)), (4.0, _test("b", passed=False, code=7)))
    judged = judge(Ending(tests=tests, expected=("a", "b"), ready=True))
    assert judged.word is Word.FAILED
    assert [(c.service, c.what) for c in judged.causes] == [("b", "exited with 7")]


def test_failed_cases_are_a_failure_though_the_test_exited_with_0() -> None:
    result = _test(passed=False, code=0, counts=TestCounts(total=9, failed=1, errors=1))
    judged = judge(Ending(tests=((3, result),), expected=("sut",), ready=True))
    assert judged.word is Word.FAILED and judged.causes[0].what == "exited with 0; 2 of 9 cases failed"


@pytest.mark.parametrize(
    ("environment_at", "test_at", "word"),
    [(1, 2, Word.ENVIRONMENT_FAILED), (2, 1, Word.FAILED), (2, 2, Word.ENVIRONMENT_FAILED)],
)
def test_what_failed_first_is_the_verdict_and_at_the_same_instant_the_environment(
    environment_at: float, test_at: float, word: Word
) -> None:
    ending = Ending(
        faults=(_fault(Blame.ENVIRONMENT, environment_at, service="db"),),
        tests=((test_at, _test(passed=False)),),
        expected=("sut",),
        ready=True,
    )
    judged = judge(ending)
    assert judged.word is word
    assert {c.service for c in judged.causes} == {"db", "sut"}, "what did not decide is told too"


def test_a_service_that_died_under_tests_that_then_passed_is_the_environments_fault() -> None:
    ending = Ending(
        faults=(_fault(Blame.ENVIRONMENT, 2, service="db"),), tests=((3, _test(passed=True)),), expected=("sut",), ready=True
    )
    assert judge(ending).word is Word.ENVIRONMENT_FAILED


@pytest.mark.parametrize("above", [Blame.INTERNAL, Blame.ABORT, Blame.USAGE])
@pytest.mark.parametrize("below", [Blame.ENVIRONMENT, Blame.INFRASTRUCTURE, Blame.TIME])
def test_our_own_fault_and_an_abort_stand_above_what_came_before_them(above: Blame, below: Blame) -> None:
    ending = Ending(faults=(_fault(below, 1), _fault(above, 9)), tests=((2, _test(passed=False)),), expected=("sut",))
    judged = judge(ending)
    assert judged.word is judge(Ending(faults=(_fault(above, 9),))).word
    assert len(judged.causes) == 3


def test_the_order_in_which_faults_are_handed_in_changes_nothing() -> None:
    faults = (_fault(Blame.TIME, 3, "time"), _fault(Blame.ENVIRONMENT, 1, "db"), _fault(Blame.INFRASTRUCTURE, 2, "registry"))
    told = {judge(Ending(faults=order, expected=("sut",))) for order in itertools.permutations(faults)}
    assert len(told) == 1 and told.pop().word is Word.ENVIRONMENT_FAILED


@pytest.mark.parametrize(
    ("result", "says"),
    [
        (_test(passed=False, code=137, oom=True), "was killed for memory"),
        (_test(passed=False, code=143, signal="SIGTERM"), "was ended by SIGTERM (exit code 143)"),
        (_test(passed=False, code=1, counts=TestCounts(total=4)), "exited with 1; none of 4 cases failed"),
        (_test(passed=False, code=1, counts=TestCounts()), "exited with 1"),
        (_test(passed=False, code=0, unread=("j.xml could not be read",)), "exited with 0; j.xml could not be read"),
        (
            _test(passed=False, code=0, counts=TestCounts(total=2), unread=tuple("abcde")),
            "exited with 0; none of 2 cases failed; a; b; c; and 2 more",
        ),
    ],
)
def test_a_failed_test_is_told_in_words(result: TestResult, says: str) -> None:
    assert judge(Ending(tests=((1, result),), expected=("sut",), ready=True)).causes[0].what == says
