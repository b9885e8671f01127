"""The verdict of a run, true and typed, with the evidence it rests on. The shape is that of `verdict.json` (published schema)."""

from __future__ import annotations

from enum import StrEnum

import msgspec

SCHEMA_VERSION = 1


class Word(StrEnum):
    """The seven ends of a run, and no others (contract: Verdicts and exit codes)."""

    PASSED = "passed"
    FAILED = "failed"
    USAGE = "usage"
    ENVIRONMENT_FAILED = "environment-failed"
    TIMED_OUT = "timed-out"
    INFRASTRUCTURE = "infrastructure"
    INTERNAL = "internal"
    ABORTED = "aborted"


EXIT_CODES = {
    Word.PASSED: 0,
    Word.FAILED: 1,
    Word.USAGE: 2,
    Word.ENVIRONMENT_FAILED: 3,
    Word.TIMED_OUT: 4,
    Word.INFRASTRUCTURE: 5,
    Word.INTERNAL: 70,
    Word.ABORTED: 130,
}


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """What decided the verdict. `lines` are the last log lines of `service`, already masked; `at` is Unix seconds by our clock."""

    what: str
    service: str = ""
    at: float = 0
    hint: str = ""
    lines: tuple[str, ...] = ()


class TestCounts(msgspec.Struct, frozen=True):
    """JUnit cases of one test service, or of all."""

    __test__ = False

    total: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0


class TestResult(msgspec.Struct, frozen=True, kw_only=True):
    """How one test service ended. `exit_code` is the raw one (None: it never ended); `signal` names what killed it."""

    __test__ = False

    service: str
    exit_code: int | None
    signal: str = ""
    oom: bool = False
    memory_limit: int = 0
    """Bytes, where SIGKILL ended it, and neither the engine nor anybody who asked it says why; else 0."""
    seconds: float = 0
    counts: TestCounts | None = None
    unread: tuple[str, ...] = ()
    """Reports that may be JUnit and could not be read, and why: nobody knows whether a case in them failed."""
    passed: bool = False


class ServiceResult(msgspec.Struct, frozen=True, kw_only=True):
    """How one instance fared. Times are Unix seconds by our clock, 0: never."""

    key: str
    role: str
    created_at: float = 0
    started_at: float = 0
    released_at: float = 0
    ready_at: float = 0
    ended_at: float = 0
    exit_codes: tuple[int, ...] = ()
    oom: bool = False
    state: str = ""
    peak_memory: int = 0
    peak_cpu: float = 0
    image: str = ""
    gated: bool = True
    made: str = "cold"
    """`standby`: it stood at its gate before the run began; `snapshot`: it began with data that were kept, or its work was in them;
    `cold`: the run made it."""
    made_why: str = ""
    """What kept it from standing by, where the environment did."""
    stood: str = ""
    """How far it stood by: `gate`, or `ready` where it had been booted; empty where it didn't."""
    snapshot: str = ""
    """The key of the data that it began with."""
    snapshot_why: str = ""
    """Why it began with empty data, where the file asks for kept ones."""
    saved: float = 0
    """Seconds that it took to fill those data, less those that it took until they were ready now."""


class Phases(msgspec.Struct, frozen=True, kw_only=True):
    """When each phase was reached, Unix seconds by our clock, 0: never reached."""

    begun: float = 0
    planned: float = 0
    created: float = 0
    started: float = 0
    ready: float = 0
    tests_begun: float = 0
    tests_ended: float = 0
    told: float = 0
    gone: float = 0


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`verdict.json`, version 1."""

    version: int = SCHEMA_VERSION
    run: str
    placement: str
    project: str
    verdict: Word
    code: int
    causes: tuple[Cause, ...] = ()
    """The deciding one first; then what else went wrong."""
    phases: Phases = Phases()
    tests: tuple[TestResult, ...] = ()
    services: tuple[ServiceResult, ...] = ()
    warnings: tuple[str, ...] = ()
    retries: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    engine: str = ""
    report: str = ""
    kept_until: float = 0
    snapshots: tuple[str, ...] = ()
    """By service, whose data were kept for the next runs, or why they weren't; empty where none were to be."""
    standby: str = ""
    """The environment that was left standing by for the next run, or why none was; empty where none was asked for."""
