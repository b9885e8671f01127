"""The verdict, as a pure function of what happened and when (contract: Verdicts and exit codes).

What happened first decides: a test's failure, the environment's, the infrastructure's, or the end of the run's time. Three things stand
above that: a fault of Dockyard's own, an abort, and a refusal before anything was started.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from dockyard.environments.life import for_memory
from dockyard.model.verdict import EXIT_CODES, Cause, TestResult, Word


class Blame(StrEnum):
    """Whose fault something is."""

    ENVIRONMENT = "environment"
    INFRASTRUCTURE = "infrastructure"
    TIME = "time"
    USAGE = "usage"
    ABORT = "abort"
    INTERNAL = "internal"


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Something that went wrong apart from the tests' own word. `at` is Unix seconds by our clock."""

    blame: Blame
    what: str
    at: float
    service: str = ""
    hint: str = ""


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the verdict rests on. `expected` are the tests that were to run; `tests` those that ended, with their end."""

    faults: tuple[Fault, ...] = ()
    tests: tuple[tuple[float, TestResult], ...] = ()
    expected: tuple[str, ...] = ()
    ready: bool = False


_WORDS = {
    Blame.ENVIRONMENT: Word.ENVIRONMENT_FAILED,
    Blame.INFRASTRUCTURE: Word.INFRASTRUCTURE,
    Blame.TIME: Word.TIMED_OUT,
    Blame.USAGE: Word.USAGE,
    Blame.ABORT: Word.ABORTED,
    Blame.INTERNAL: Word.INTERNAL,
}
_ABOVE_ALL = (Blame.INTERNAL, Blame.ABORT, Blame.USAGE)
_TOLD = 3
"""Unread reports that a cause names."""
_WHOLE = "nobody knows whether a case in it failed: a report must be whole, and within bounds, when its test ends"


class Judgement(msgspec.Struct, frozen=True):
    """The word, its exit code, and the causes: the deciding one first, the rest in order of time."""

    word: Word
    code: int
    causes: tuple[Cause, ...]


def judge(ending: Ending) -> Judgement:
    """The verdict of `ending`."""
    faults = sorted(ending.faults, key=lambda f: f.at)
    failures = sorted(((at, t) for at, t in ending.tests if not t.passed), key=lambda pair: pair[0])
    test_causes = [(at, Word.FAILED, _test_cause(at, t)) for at, t in failures]
    causes = [(f.at, _WORDS[f.blame], _cause(f)) for f in faults] + test_causes
    for blame in _ABOVE_ALL:
        above = [c for c in causes if c[1] is _WORDS[blame]]
        if above:
            return _told(above[0], causes)
    if causes:
        # at the same instant the environment comes first: a test that meets a dead service fails at once
        causes.sort(key=lambda c: (c[0], c[1] is Word.FAILED))
        return _told(causes[0], causes)
    return _without_fault(ending)


def _without_fault(ending: Ending) -> Judgement:
    ended = {t.service for _, t in ending.tests}
    missing = [name for name in ending.expected if name not in ended]
    if missing or (not ending.expected and not ending.ready):
        what = f"{', '.join(missing)} never ended" if missing else "the environment never became ready"
        return Judgement(Word.INTERNAL, EXIT_CODES[Word.INTERNAL], (Cause(what=f"{what}, and nothing says why"),))
    return Judgement(Word.PASSED, 0, ())


def _told(first: tuple[float, Word, Cause], causes: Sequence[tuple[float, Word, Cause]]) -> Judgement:
    rest = sorted((c for c in causes if c is not first), key=lambda c: c[0])
    return Judgement(first[1], EXIT_CODES[first[1]], (first[2], *(c[2] for c in rest)))


def _cause(fault: Fault) -> Cause:
    return Cause(what=fault.what, service=fault.service, at=fault.at, hint=fault.hint)


def _test_cause(at: float, test: TestResult) -> Cause:
    hint = _WHOLE if test.unread else ""
    return Cause(what=test_says(test), service=test.service, at=at, hint=hint)


def test_says(test: TestResult) -> str:
    """How a test ended, in words."""
    counts = test.counts
    if test.oom:
        how = "was killed for memory"
    elif test.signal:
        how = f"was ended by {test.signal} (exit code {test.exit_code}){for_memory(test.memory_limit)}"
    else:
        how = f"exited with {test.exit_code}"
    said = [how]
    if counts is not None and counts.total:
        said.append(f"{counts.failed + counts.errors or 'none'} of {counts.total} cases failed")
    said += test.unread[:_TOLD]
    if len(test.unread) > _TOLD:
        said.append(f"and {len(test.unread) - _TOLD} more")
    return "; ".join(said)


test_says.__test__ = False  # pyright: ignore[reportFunctionMemberAccess]
