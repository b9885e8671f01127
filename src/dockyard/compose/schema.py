"""Whether a tree has the shape that the Compose Specification gives it (compose-spec.json, vendored).

Two passes: `schema_check.py`, generated from the schema, says yes in well under a millisecond; only where it says no
does the walk below go through the tree for every problem, with words that a person can use.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Any

from dockyard.compose.tree import Map, Mark, Path, Report, Timestamp, child_mark, is_list, is_map

Schema = dict[str, Any]

_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "empty",
}


def check(tree: Map, report: Report) -> None:
    """Reports every problem of the tree's shape."""
    from dockyard.compose import schema_check

    try:
        schema_check.validate(tree)  # pyright: ignore[reportUnknownMemberType]
        return
    except schema_check.Invalid:
        pass
    before = len(report.problems)
    _Walk(compose_schema(), report).value(tree, compose_schema(), (), tree.mark)
    if len(report.problems) == before:
        _Walk(compose_schema(), report).fallback(tree)


@functools.cache
def compose_schema() -> Schema:
    """The Compose Specification's JSON Schema."""
    return load_schema("compose-spec.json")


def load_schema(name: str) -> Schema:
    """A schema that lies beside this module."""
    import importlib.resources

    import msgspec

    return msgspec.json.decode(importlib.resources.files("dockyard.compose").joinpath(name).read_bytes(), type=Schema)


def check_against(schema: Schema, value: Any, path: Path, mark: Mark | None, report: Report) -> None:
    """Reports every problem of a value against a schema of ours."""
    _Walk(schema, report).value(value, schema, path, mark)


class _Walk:
    """Draft 7, as far as the two schemas use it."""

    def __init__(self, root: Schema, report: Report) -> None:
        self.root = root
        self.report = report

    def fallback(self, tree: Map) -> None:
        """The generated check refused what the walk can't name."""
        self.report.add("this file doesn't have the shape of a Compose file", tree.mark)

    def value(self, value: Any, schema: Schema, path: Path, mark: Mark | None) -> None:
        schema = self.resolve(schema)
        if alternatives := schema.get("oneOf") or schema.get("anyOf"):
            self.choose(value, alternatives, path, mark)
        if (kinds := schema.get("type")) is not None:
            wanted = kinds if is_list(kinds) else [kinds]
            if not any(_is(value, kind) for kind in wanted):
                self.report.add(f"must be {_either(wanted)}, not {_describe(value)}", mark, path, _quote(value, wanted))
                return
        if "enum" in schema and value not in schema["enum"]:
            options = [str(option) for option in schema["enum"]]
            self.report.add(f"must be one of {', '.join(options)}, not {value}", mark, path, suggest(str(value), options))
        if isinstance(value, str):
            self.text(value, schema, path, mark)
        elif is_map(value):
            self.mapping(value, schema, path, mark)
        elif is_list(value):
            self.list(value, schema, path, mark)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            self.number(value, schema, path, mark)

    def resolve(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self.root["definitions"][schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def choose(self, value: Any, alternatives: list[Schema], path: Path, mark: Mark | None) -> None:
        """Reports against the alternative that is of the value's kind, else names all kinds."""
        fitting: list[Schema] = []
        kinds: list[str] = []
        for alternative in map(self.resolve, alternatives):
            own = alternative.get("type", [])
            own = own if is_list(own) else [own]
            kinds.extend(own)
            inner = Report()
            _Walk(self.root, inner).value(value, alternative, path, mark)
            if not inner.problems:
                return
            if any(_is(value, kind) for kind in own):
                fitting.append(alternative)
        if fitting:
            best = max(fitting, key=lambda alternative: self.likeness(value, alternative))
            self.value(value, best, path, mark)
        else:
            kinds = list(dict.fromkeys(kinds))
            self.report.add(f"must be {_either(kinds)}, not {_describe(value)}", mark, path, _quote(value, kinds))

    def likeness(self, value: Any, schema: Schema) -> int:
        return len(set(value) & set(schema.get("properties", {}))) if is_map(value) else 0

    def text(self, value: str, schema: Schema, path: Path, mark: Mark | None) -> None:
        if "pattern" in schema and not re.search(schema["pattern"], value):
            self.report.add(f"{value!r} does not match {schema['pattern']}", mark, path)
        if len(value) < schema.get("minLength", 0):
            self.report.add("must not be empty", mark, path)

    def number(self, value: float, schema: Schema, path: Path, mark: Mark | None) -> None:
        if "minimum" in schema and value < schema["minimum"]:
            self.report.add(f"must be {schema['minimum']} or more, not {value}", mark, path)
        if "maximum" in schema and value > schema["maximum"]:
            self.report.add(f"must be {schema['maximum']} or less, not {value}", mark, path)

    def list(self, value: list[Any], schema: Schema, path: Path, mark: Mark | None) -> None:
        if len(value) < schema.get("minItems", 0):
            self.report.add("must not be empty", mark, path)
        if schema.get("uniqueItems"):
            seen: set[str] = set()
            for index, item in enumerate(value):
                if (shown := repr(item)) in seen:
                    self.report.add(f"{shown} is in the list twice", child_mark(value, index), (*path, index))
                seen.add(shown)
        if "items" in schema:
            for index, item in enumerate(value):
                self.value(item, schema["items"], (*path, index), child_mark(value, index) or mark)

    def mapping(self, value: dict[str, Any], schema: Schema, path: Path, mark: Mark | None) -> None:
        for name in schema.get("required", ()):
            if name not in value:
                self.report.add(f"is missing '{name}'", mark, path)
        if len(value) < schema.get("minProperties", 0):
            self.report.add("must not be empty", mark, path)
        if len(value) > schema.get("maxProperties", len(value)):
            self.report.add(f"takes one of {', '.join(value)}, not several", mark, path)
        known: Schema = schema.get("properties", {})
        patterns: Schema = schema.get("patternProperties", {})
        rest = schema.get("additionalProperties", True)
        for key, child in value.items():
            at, below = child_mark(value, key) or mark, (*path, key)
            matched = [known[key]] if key in known else []
            matched += [one for pattern, one in patterns.items() if re.search(pattern, key)]
            for one in matched:
                self.value(child, one, below, at)
            if matched:
                continue
            if rest is False:
                self.unknown(key, known, patterns, below, at)
            elif is_map(rest):
                self.value(child, rest, below, at)

    def unknown(self, key: str, known: Iterable[str], patterns: Schema, path: Path, mark: Mark | None) -> None:
        if not known and any(not pattern.startswith("^x-") for pattern in patterns):
            self.report.add(f"{key!r} is no valid name: letters, digits, '.', '_' and '-'", mark, path)
            return
        self.report.add(f"unknown key '{key}'", mark, path, "" if self.report.full else suggest(key, known))


def suggest(word: str, known: Iterable[str]) -> str:
    """`did you mean 'image'?`, or nothing."""
    import difflib

    if len(word) > 60:
        return ""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else ""


def _is(value: Any, kind: str) -> bool:
    match kind:
        case "object":
            return is_map(value)
        case "array":
            return is_list(value)
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "null":
            return value is None
        case "integer":
            return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))
        case _:
            return not isinstance(value, bool) and isinstance(value, int | float)


def _describe(value: Any) -> str:
    if isinstance(value, Timestamp):
        return f"the date {value.text}"
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_map(value):
        return "a mapping"
    if is_list(value):
        return "a list"
    return f"the number {value}" if isinstance(value, int | float) else "text"


def _either(kinds: list[str]) -> str:
    words = [_KINDS[kind] for kind in kinds]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _quote(value: Any, kinds: list[str]) -> str:
    if "string" not in kinds or isinstance(value, dict | list) or value is None:
        return ""
    shown = value.text if isinstance(value, Timestamp) else str(value).lower() if isinstance(value, bool) else value
    return f'put it in quotes: "{shown}"'
