"""docs/reference/x-dockyard.md from the schema that reading a file checks against."""

from __future__ import annotations

import json
from typing import Any

from dev.paths import ROOT

PAGE = "docs/reference/x-dockyard.md"
SCHEMA = "src/dockyard/compose/x-dockyard.schema.json"


def render() -> str:
    schema = json.loads((ROOT / SCHEMA).read_text(encoding="utf-8"))
    kinds = schema["definitions"]
    lines = [
        "# x-dockyard",
        "",
        "Made from the schema by `./dev docs`; don't edit.",
        "",
        f"What a Compose file may say to Dockyard. The JSON Schema is [published](../../{SCHEMA}). An unknown key is an error with a",
        "suggestion; a key that is not built yet is an error that names it. An included file's top-level `x-dockyard` is not read.",
        "",
        "## At the top",
        "",
        *_table(kinds["top"], kinds),
        "",
        "## On a service",
        "",
        *_table(kinds["service"], kinds),
    ]
    return "\n".join(lines) + "\n"


def _table(kind: dict[str, Any], kinds: dict[str, Any]) -> list[str]:
    rows = [row for name, field in kind["properties"].items() for row in _rows(name, field, kinds)]
    return [
        "| key | takes | means |",
        "| --- | --- | --- |",
        *(f"| `{name}` | {takes} | {means} |" for name, takes, means in rows),
    ]


def _rows(name: str, field: dict[str, Any], kinds: dict[str, Any]) -> list[tuple[str, str, str]]:
    resolved = _resolved(field, kinds)
    rows = [(name, _takes(resolved, kinds), _cell(field.get("description") or resolved.get("description", "")))]
    for one in [resolved, *(_resolved(option, kinds) for option in resolved.get("oneOf", []))]:
        for key, below in one.get("properties", {}).items():
            rows += _rows(f"{name}.{key}", below, kinds)
    return rows


def _resolved(field: dict[str, Any], kinds: dict[str, Any]) -> dict[str, Any]:
    return kinds[field["$ref"].rsplit("/", 1)[1]] if "$ref" in field else field


def _takes(field: dict[str, Any], kinds: dict[str, Any]) -> str:
    if "enum" in field:
        return " or ".join(f"`{option}`" for option in field["enum"])
    if "oneOf" in field:
        return " or ".join(_takes(_resolved(option, kinds), kinds) for option in field["oneOf"])
    words = {"object": "a mapping", "array": "a list", "string": "text", "integer": "a number", "number": "a number"}
    types = field.get("type", [])
    named = [words.get(one, "nothing") for one in ([types] if isinstance(types, str) else types)]
    if "minimum" in field and "maximum" in field:
        return f"{field['minimum']} to {field['maximum']}"
    return " or ".join(dict.fromkeys(named))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
