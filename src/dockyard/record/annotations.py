"""A verdict where a CI system shows it: as an annotation on GitHub Actions, a section on GitLab. Pure: lines out.

GitHub: workflow commands (`::error title=…::…`, with %, CR, LF and in properties `:` and `,` escaped). GitLab shows job logs with
collapsible sections (`section_start:<time>:<name>`); its annotations are links only, so the cause is a section that stays open.
"""

from __future__ import annotations

from collections.abc import Mapping

from dockyard.model.verdict import Cause, Verdict, Word
from dockyard.record.printable import printable


def lines(verdict: Verdict, environment: Mapping[str, str]) -> list[str]:
    """What to print for the CI system that `environment` shows; nothing elsewhere, nor when all is well."""
    if verdict.verdict is Word.PASSED:
        return []
    if environment.get("GITHUB_ACTIONS") == "true":
        return [_github(verdict, cause) for cause in verdict.causes[:5]]
    if environment.get("GITLAB_CI") == "true":
        return _gitlab(verdict)
    return []


def _github(verdict: Verdict, cause: Cause) -> str:
    title = f"{verdict.verdict}{': ' + cause.service if cause.service else ''}"
    message = "\n".join([cause.what, *([cause.hint] if cause.hint else []), *(printable(line) for line in cause.lines[-10:])])
    return f"::error title={_property(title)}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _gitlab(verdict: Verdict) -> list[str]:
    at = int(verdict.phases.told or 0)
    found = [f"\x1b[0Ksection_start:{at}:dockyard_cause\r\x1b[0K{verdict.verdict}: {_first(verdict)}"]
    for cause in verdict.causes:
        found += [f"{cause.service or 'run'}: {printable(cause.what)}", *(f"  {printable(line)}" for line in cause.lines[-20:])]
    return [*found, f"\x1b[0Ksection_end:{at}:dockyard_cause\r\x1b[0K"]


def _first(verdict: Verdict) -> str:
    return printable(verdict.causes[0].what) if verdict.causes else ""


def summary(verdict: Verdict) -> str:
    """Markdown for GITHUB_STEP_SUMMARY."""
    rows = [f"### Dockyard: {verdict.verdict}", ""]
    rows += [f"- **{c.service or 'run'}**: {_cell(c.what)}" for c in verdict.causes]
    if verdict.tests:
        rows += ["", "| test | exit code | seconds | cases |", "| --- | --- | --- | --- |"]
        rows += [
            f"| {_cell(t.service)} | {t.exit_code} | {t.seconds:.1f} | {t.counts.total if t.counts else ''} |"
            for t in verdict.tests
        ]
    return "\n".join(rows) + "\n"


def _cell(text: str) -> str:
    return printable(text).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
