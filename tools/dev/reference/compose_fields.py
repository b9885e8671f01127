"""docs/reference/compose-fields.md: what happens to each field of the Compose Specification on Docker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from dev.paths import ROOT

PAGE = "docs/reference/compose-fields.md"
SCHEMA = ROOT / "src" / "dockyard" / "compose" / "compose-spec.json"

HEAD = """\
# What happens to each field of a Compose file

Made from `src/dockyard/engines/docker/support_rows.py` by `./dev docs`; the fields are those of the Compose Specification's schema. `*` is any
name, `[]` any item of a list. "From API" names the Engine API's version (and the Docker Engine) that a field needs; on an older engine
it is refused, or left out with a warning where Compose leaves it out too. What is refused stops a run before anything is started, with
the place in the file, the field and the engine.
"""


def render() -> str:
    schema = json.loads(SCHEMA.read_text())
    paths = sorted(set(fields(schema, schema["definitions"])), key=_order)
    parts = [HEAD]
    for section, found in groupby(paths, key=_section):
        parts += [f"\n## {section}\n", "| field | on Docker | |", "| --- | --- | --- |"]
        parts += [_line(path) for path in found]
    return "\n".join(parts) + "\n"


def fields(node: dict[str, Any], definitions: dict[str, Any], path: str = "") -> Iterator[str]:
    """Every field that the schema knows, as `services.*.volumes[].source`."""
    while "$ref" in node:
        node = definitions[node["$ref"].rsplit("/", 1)[-1]]
    for option in (*node.get("oneOf", ()), *node.get("anyOf", ())):
        yield from fields(option, definitions, path)
    for name, below in node.get("properties", {}).items():
        at = f"{path}.{name}" if path else name
        yield at
        yield from fields(below, definitions, at)
    for pattern, below in node.get("patternProperties", {}).items():
        if not pattern.startswith("^x-"):
            yield from fields(below, definitions, f"{path}.*")
    if isinstance(node.get("items"), dict):
        yield from fields(node["items"], definitions, f"{path}[]")


def _line(path: str) -> str:
    from dockyard.engines.docker.support import ENGINES, Fate, row_of

    row = row_of(path)
    assert row is not None, f"{path} has no row in support_rows.py"
    fate = str(row.fate)
    if row.when is not None and row.fate in (Fate.REFUSED, Fate.IGNORED):
        fate = f"honoured; some values {fate}"
    note = row.note
    if row.api:
        since = f"from API {row.api} (Docker Engine {ENGINES[row.api]})"
        if row.below is Fate.IGNORED:
            since += ", else left out with a warning"
        note = f"{since}; {note}" if note else since
    for value, api in row.values.items():
        since = f"`{value}` from API {api} (Docker Engine {ENGINES[api]})"
        note = f"{note}; {since}" if note else since
    return f"| `{path}` | {fate} | {note} |"


def _section(path: str) -> str:
    top = path.partition(".")[0]
    if top not in ("services", "networks", "volumes", "configs", "secrets", "models") or path == top:
        return "Top level"
    if top != "services":
        return top.capitalize()
    parts = path.split(".")
    name = parts[2].partition("[")[0]
    return {"build": "Services: build", "deploy": "Services: deploy", "develop": "Services: develop"}.get(name, "Services")


def _order(path: str) -> tuple[int, str]:
    sections = (
        "Top level",
        "Services",
        "Services: build",
        "Services: deploy",
        "Services: develop",
        "Networks",
        "Volumes",
        "Configs",
        "Secrets",
        "Models",
    )
    return sections.index(_section(path)), path
