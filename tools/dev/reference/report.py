"""docs/reference/report.md: the folder that a run leaves, and the fields of its documents, from the structs that are written."""

from __future__ import annotations

import re

import msgspec

PAGE = "docs/reference/report.md"

HEAD = """\
# The report of a run

Made from `src/dockyard/model/verdict.py` and `event.py` by `./dev docs`. `dockyard schema verdict` and `dockyard schema event` print the same as
JSON Schema. Fields are added under the same version; a change of what is there gets a new one.

Everything is on disk the moment it is known, so that a kill loses nothing, and secrets' values are masked before they get there.
`dockyard-report/latest` leads to the newest.

| in `dockyard-report/<run>/` | |
| --- | --- |
| `verdict.json` | the verdict with its causes, the times of the phases, tests, services; written when it is told, and again when everything is gone |
| `timeline.jsonl` | every event, a line each |
| `services/<instance>.log` | `<RFC 3339 time> stdout\\|stderr <text>` a line, bytes as they came |
| `services/<instance>.probes.log` | what its checks said, equal ones folded |
| `junit.xml` | all tests' JUnit merged; each failed case with what the services logged in its time |
| `reports/<instance>/…` | what `x-dockyard.reports` names, copied out: plain files and folders only, a second one of the same name in `2/`; secrets are masked in names and in text files, not in binary ones (a NUL in the first 8 KB: pictures, archives, UTF-16) |
| `reproduce.sh` | the same run again, with the variables that the files asked for; secrets are asked for instead of written |
| `internal-error.txt` | only after a fault of Dockyard's own |

Times are Unix seconds by the clock of the machine that runs `dockyard`; 0 is never.
"""


def render() -> str:
    from dockyard.model import verdict
    from dockyard.model.event import EVENT_VERSION, Event

    parts = [HEAD, f"## verdict.json, version {verdict.SCHEMA_VERSION}\n"]
    for struct in (verdict.Verdict, verdict.Cause, verdict.Phases, verdict.TestResult, verdict.TestCounts, verdict.ServiceResult):
        parts += _table(struct)
    words = ", ".join(f"`{word}` ({code})" for word, code in verdict.EXIT_CODES.items())
    parts += [f"`verdict` and `code`: {words}.\n", f"## timeline.jsonl, version {EVENT_VERSION}\n", *_table(Event), *_kinds()]
    return "\n".join(parts).rstrip() + "\n"


def _table(struct: type[msgspec.Struct]) -> list[str]:
    rows = [f"| `{f.name}` | {_type(f.type)} |" for f in msgspec.structs.fields(struct)]
    text = " ".join((struct.__doc__ or "").split())
    return [f"### {struct.__name__}\n", f"{text}\n", "| field | |", "| --- | --- |", *rows, ""]


def _type(annotation: object) -> str:
    text = annotation.__name__ if isinstance(annotation, type) and "[" not in str(annotation) else str(annotation)
    text = re.sub(r"(?:\w+\.)+(\w+)", r"\1", text).replace("Word", "str").replace(", ...", ", …")
    return text.replace("|", "or").replace("None", "null")


def _kinds() -> list[str]:
    """Every kind of event that the code writes."""
    from dev.paths import ROOT

    found: set[str] = set()
    for path in (ROOT / "src" / "dockyard").rglob("*.py"):
        found |= set(re.findall(r"recorder\.event\(\s*\"([a-z.]+)\"", path.read_text()))
    return [f"Kinds: {', '.join(f'`{kind}`' for kind in sorted(found))}.\n"]
