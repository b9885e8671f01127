"""`x-dockyard`: checked against its schema (x-dockyard.schema.json, published), then made the model's structs."""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Callable
from typing import Any

from dockyard.compose.interpolate import to_float, to_int
from dockyard.compose.schema import Schema, check_against, load_schema
from dockyard.compose.sizes import parse_bytes
from dockyard.compose.tree import Mark, Path, Report, child_mark, is_list, is_map
from dockyard.model import duration
from dockyard.model.extension import HttpReady, Keep, Limits, QueryReady, Ready, ServiceExtension, TopExtension

KEY = "x-dockyard"
_LATER = {
    "top": frozenset(("shards", "matrix", "tenant", "region", "needs")),
    "service": frozenset(("content",)),
}


@functools.cache
def extension_schema() -> Schema:
    """The published JSON Schema."""
    return load_schema("x-dockyard.schema.json")


def read_top(tree: dict[str, Any], report: Report) -> TopExtension:
    """What the top of a file says; the defaults where it says nothing or nothing that can be read."""
    value = _checked(tree, "top", (), report)
    if value is None:
        return TopExtension()
    reader = _Reader(report)
    path = (KEY,)
    keep = value.get("keep")
    limits: dict[str, Any] = value.get("limits") or {}
    below = (*path, "limits")
    return TopExtension(
        test=_strings(value["test"]) if "test" in value else None,
        timeout=reader.seconds(value, "timeout", path, 1800.0),
        keep=None
        if keep is None
        else Keep(when=keep.get("when", "failure"), seconds=reader.seconds(keep, "for", (*path, "keep"), 3600.0)),
        limits=Limits(
            cpus=reader.number(limits, "cpus", below, to_float),
            memory=reader.number(limits, "memory", below, parse_bytes),
            pids=reader.number(limits, "pids", below, to_int),
        ),
        standby=reader.number(value, "standby", path, to_int),
    )


def read_service(service: dict[str, Any], name: str, report: Report) -> ServiceExtension | None:
    """What a service says; None where it says nothing."""
    base: Path = ("services", name)
    if is_map(build := service.get("build")) and KEY in build:
        _later("content", child_mark(build, KEY), (*base, "build", KEY), report)
    value = _checked(service, "service", base, report)
    if value is None:
        return None
    path = (*base, KEY)
    given = value.get("ready", [])
    conditions = given if is_list(given) else [given]
    reader = _Reader(report)
    return ServiceExtension(
        ready=tuple(reader.ready(one, (*path, "ready"), child_mark(value, "ready")) for one in conditions),
        reports=_absolute(value, "reports", path, service.get("working_dir"), report),
        gate=value.get("gate") != "never",
        standby=value.get("standby") != "never",
        booted=value.get("standby") == "ready",
        snapshot=_snapshot(value.get("snapshot")),
    )


def _snapshot(value: Any) -> tuple[str, ...] | None:
    if not value:
        return None
    return _strings(value.get("inputs", ())) if is_map(value) else ()


def _checked(parent: dict[str, Any], kind: str, base: Path, report: Report) -> dict[str, Any] | None:
    """The extension's mapping, or None where it isn't there or is not fit to be read."""
    if KEY not in parent:
        return None
    value, mark, path = parent[KEY], child_mark(parent, KEY), (*base, KEY)
    before = len(report.problems)
    schema = extension_schema()
    kinds: dict[str, Any] = schema["definitions"]
    check_against({**kinds[kind], "definitions": kinds}, value, path, mark, report)
    if is_map(value):
        for key in value:
            if key in _LATER[kind]:
                _later(key, child_mark(value, key), (*path, key), report)
    return value if len(report.problems) == before else None


def _later(key: str, mark: Mark | None, path: Path, report: Report) -> None:
    report.add(f"'{key}' is not built yet", mark, path, "take it out; this version of Dockyard can't honour it")


def _strings(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _absolute(value: dict[str, Any], key: str, path: Path, within: Any, report: Report) -> tuple[str, ...]:
    """Paths in the container. The engine would take a relative one from the root, whatever the service's folder is (`within`)."""
    given = _strings(value.get(key, ()))
    for index, one in enumerate(given):
        if not posixpath.isabs(one):
            meant = posixpath.normpath(posixpath.join("/", within if isinstance(within, str) else "", one))
            said = value[key]
            at, below = (
                (child_mark(said, index), (*path, key, index)) if is_list(said) else (child_mark(value, key), (*path, key))
            )
            report.add(f"{one!r} is not absolute", at, below, f"a path in the container begins with /, as {meant}")
    return given


class _Reader:
    def __init__(self, report: Report) -> None:
        self.report = report

    def seconds(self, parent: dict[str, Any], key: str, path: Path, default: float) -> float:
        def convert(value: str) -> float:
            try:
                nanoseconds = duration.parse(value)
            except ValueError:
                raise ValueError(f"{value!r} is no duration (as 30m, 1h30m, 90s)") from None
            if nanoseconds <= 0:
                raise ValueError("must be longer than nothing")
            return nanoseconds / 1e9

        found = self.number(parent, key, path, convert)
        return default if found is None else found

    def number(self, parent: dict[str, Any], key: str, path: Path, convert: Callable[[str], Any]) -> Any:
        """A text converted; what is a number already stays. Empty where the conversion fails (that is reported)."""
        given = parent.get(key)
        if not isinstance(given, str):
            return given
        try:
            return convert(given)
        except ValueError as error:
            self.report.add(str(error), child_mark(parent, key), (*path, key))
            return None

    def ready(self, value: dict[str, Any], path: Path, mark: Mark | None) -> Ready:
        ((kind, given),) = value.items()
        for pattern in (given if kind == "log" else None, given.get("body") if kind == "http" else None):
            if pattern is not None:
                self.regex(pattern, (*path, kind), mark)
        if kind == "http":
            return Ready(http=HttpReady(**given))
        if kind in ("postgres", "mysql", "redis"):
            said: dict[str, Any] = given or {}
            fields: dict[str, Any] = {key: item if key == "port" else str(item) for key, item in said.items()}
            query: dict[str, Any] = {kind: QueryReady(**fields)}
            return Ready(**query)
        if kind == "command":
            return Ready(command=("/bin/sh", "-c", given) if isinstance(given, str) else tuple(given))
        return Ready(**{kind: given})

    def regex(self, pattern: str, path: Path, mark: Mark | None) -> None:
        try:
            re.compile(pattern)
        except re.error as error:
            self.report.add(f"{pattern!r} is no regular expression: {error}", mark, path)
