"""The cause where a CI system shows it."""

from __future__ import annotations

import pytest

from dockyard.model.verdict import EXIT_CODES, Cause, Phases, TestCounts, TestResult, Verdict, Word
from dockyard.record import annotations


def _verdict(word: Word = Word.ENVIRONMENT_FAILED, *causes: Cause) -> Verdict:
    test = TestResult(service="a|b", exit_code=1, seconds=1.25, counts=TestCounts(total=3))
    told = Phases(told=1700000000.5)
    return Verdict(
        run="r", placement="p", project="shop", verdict=word, code=EXIT_CODES[word], causes=causes, tests=(test,), phases=told
    )


CAUSE = Cause(
    what="db exited with 1, 100%", service="db:x,y", hint="look\nthere", lines=("\x1b[31mfatal\x1b[0m", "::warning::forged")
)


def test_github_gets_one_line_that_says_all_and_that_no_log_can_break_out_of() -> None:
    (line,) = annotations.lines(_verdict(Word.ENVIRONMENT_FAILED, CAUSE), {"GITHUB_ACTIONS": "true"})
    assert line == (
        "::error title=environment-failed%3A db%3Ax%2Cy::db exited with 1, 100%25%0Alook%0Athere%0Afatal%0A::warning::forged"
    )


def test_what_is_told_of_a_container_cannot_begin_a_command_of_its_own() -> None:
    hostile = Cause(what="x\r\n::set-output name=a::b", service="db\n::error::y")
    (line,) = annotations.lines(_verdict(Word.FAILED, hostile), {"GITHUB_ACTIONS": "true"})
    assert "\n" not in line and "\r" not in line


def test_gitlab_gets_a_section_that_stays_open() -> None:
    lines = annotations.lines(_verdict(Word.FAILED, CAUSE), {"GITLAB_CI": "true"})
    assert lines[0] == "\x1b[0Ksection_start:1700000000:dockyard_cause\r\x1b[0Kfailed: db exited with 1, 100%"
    assert lines[-1] == "\x1b[0Ksection_end:1700000000:dockyard_cause\r\x1b[0K"
    assert "  fatal" in lines and not any("\x1b" in line for line in lines[1:-1])


@pytest.mark.parametrize("environment", [{}, {"GITHUB_ACTIONS": "false"}, {"CI": "true"}])
def test_elsewhere_nothing_is_said(environment: dict[str, str]) -> None:
    assert annotations.lines(_verdict(Word.FAILED, CAUSE), environment) == []


def test_a_run_that_passed_says_nothing() -> None:
    assert annotations.lines(_verdict(Word.PASSED), {"GITHUB_ACTIONS": "true"}) == []


def test_the_summary_is_a_table_that_no_name_can_break() -> None:
    text = annotations.summary(_verdict(Word.FAILED, Cause(what="<script>|\nx", service="db")))
    assert "### Dockyard: failed" in text and "&lt;script>\\| x" in text
    assert "| a\\|b | 1 | 1.2 | 3 |" in text
