"""What tests answer: how they ended, and what the reports that they and others leave say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockyard.environments.book import Page
from dockyard.environments.evidence import LOGS_AFTER_END
from dockyard.environments.life import Exit, says, signal_of
from dockyard.environments.steps import End
from dockyard.model.errors import Fatal, Problem, Retry, UserError
from dockyard.model.plan import Role
from dockyard.model.verdict import TestResult

if TYPE_CHECKING:
    from dockyard.environments.work import Work
    from dockyard.record.junit import Found


async def of_test(work: Work, page: Page) -> End:
    """Wait for a test's end, read its reports, and tell its result."""
    key = page.instance.key
    await work.book.until(lambda: bool(page.exits))
    end = page.exits[0]
    if end.code == 0:
        await work.evidence.nearly_ended(key)
    else:
        await work.evidence.ended(key, LOGS_AFTER_END)
    _refuse_unstartable(work, page, end)
    reports = work.application.extension(page.instance.service).reports
    found = await _copied(work, page, reports, end.at, said_no=end.code != 0) if reports else None
    counts, unread = (found.counts, tuple(found.unread)) if found is not None else (None, ())
    result = TestResult(
        service=key,
        exit_code=end.code,
        signal=signal_of(end.code),
        oom=end.oom,
        memory_limit=end.memory_limit,
        seconds=round(end.at - page.released_at, 4),
        counts=counts,
        unread=unread,
        passed=end.code == 0 and not (counts and counts.failed + counts.errors) and not unread,
    )
    page.completed_at = end.at
    work.told_test(result, end.at)
    return End.DONE if result.passed else End.NO


async def of_others(work: Work) -> None:
    """What nobody has copied yet: `reports` of services that aren't tests, and of tests that never ended. A case that failed in the
    report of a service is a failed test of its own: whoever asked for the report wants to know."""
    copied = {key for key, *_ in work.junit}
    for key, page in work.book.pages.items():
        paths = work.application.extension(page.instance.service).reports
        if not paths or not page.released_at or page.in_snapshot or key in copied:
            continue
        end = work.clock()
        found = await _copied(work, page, paths, end, said_no=True)
        bad = found.counts.failed + found.counts.errors if found.counts else 0
        if page.instance.role is not Role.TEST and (bad or found.unread):
            result = TestResult(
                service=key,
                exit_code=page.exits[-1].code if page.exits else 0,
                seconds=round(end - page.released_at, 4),
                counts=found.counts,
                unread=tuple(found.unread),
                passed=False,
            )
            work.tests.append((end, result))


async def _copied(work: Work, page: Page, paths: tuple[str, ...], end: float, *, said_no: bool) -> Found:
    """Retry or Fatal where the engine didn't give them: of a test that ended with 0 nobody knows then whether a case failed."""
    from dockyard.record import junit

    key = page.instance.key
    try:
        found, warnings = await work.evidence.copy_reports(key, paths)
    except (Retry, Fatal) as error:
        if not said_no:
            raise
        found, warnings = junit.Found(), [f"{key}: its reports could not be copied: {error}"]
    work.junit.append((key, page.released_at, end, found))
    for warning in warnings:
        work.warn(warning)
    return found


def _refuse_unstartable(work: Work, page: Page, end: Exit) -> None:
    """The gate says on stderr that it could not start the program: no test has run, so no test said no."""
    from dockyard.engines.gate import gate

    if end.code in (126, 127) and any(gate.could_not_start(line) for line in work.recorder.log(page.instance.key).tail(3)):
        raise UserError(Problem(f"{page.instance.key} {says(end)}"))
