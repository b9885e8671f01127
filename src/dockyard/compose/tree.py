"""Values read from YAML, which remember where they were written.

`Map` and `Seq` are plain dict and list (schema checkers take them as such) with a mark beside each child. Every step
of reading keeps the marks, so that an error at the very end still names file, line and column. A path is a tuple of
keys and indexes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeGuard

from dockyard.model.errors import Location, Problem

Mark = tuple[str, int, int]
"""File, line, column; both count from 1."""

Path = tuple[str | int, ...]


class Map(dict[str, Any]):
    """A mapping. `at` has the mark of each key (a key made by us has its parent's)."""

    __slots__ = ("at", "mark")

    def __init__(self, mark: Mark | None = None) -> None:
        super().__init__()
        self.mark = mark
        self.at: dict[str, Mark | None] = {}

    def put(self, key: str, value: Any, mark: Mark | None) -> None:
        self[key] = value
        self.at[key] = mark

    def drop(self, key: str) -> None:
        self.pop(key, None)
        self.at.pop(key, None)


class Seq(list[Any]):
    """A list. `at` runs parallel to it."""

    __slots__ = ("at", "mark")

    def __init__(self, mark: Mark | None = None) -> None:
        super().__init__()
        self.mark = mark
        self.at: list[Mark | None] = []

    def add(self, value: Any, mark: Mark | None) -> None:
        self.append(value)
        self.at.append(mark)

    def pairs(self) -> Iterable[tuple[Any, Mark | None]]:
        return zip(self, self.at, strict=True)


def is_map(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether it is a mapping (its keys are text: `document` sees to that)."""
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


class Timestamp:
    """A date that YAML made of plain text. No field takes one; `text` is what was written."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def make(mark: Mark | None, **values: Any) -> Map:
    """A Map whose keys were all written at `mark`."""
    made = Map(mark)
    for key, value in values.items():
        made.put(key, value, mark)
    return made


def child_mark(parent: Any, key: Any) -> Mark | None:
    """Where the child was written, else its parent."""
    if isinstance(parent, Map):
        return parent.at.get(key) or parent.mark
    if isinstance(parent, Seq) and isinstance(key, int) and 0 <= key < len(parent.at):
        return parent.at[key] or parent.mark
    return None


def clone(value: Any) -> Any:
    """A deep copy; scalars and marks are shared."""
    if isinstance(value, Map):
        copied = Map(value.mark)
        copied.at = dict(value.at)
        for key, child in value.items():
            copied[key] = clone(child) if isinstance(child, dict | list) else child
        return copied
    if isinstance(value, Seq):
        listed = Seq(value.mark)
        listed.at = list(value.at)
        listed.extend(clone(child) if isinstance(child, dict | list) else child for child in value)
        return listed
    return value


def path_text(path: Path) -> str:
    """`services.web.ports[0]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def location(mark: Mark | None) -> Location | None:
    return Location(*mark) if mark else None


class Report:
    """Collects problems, so that all of a file's errors come at once (up to `most`: nobody reads more)."""

    most = 100

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.paths: list[Path] = []
        self.warnings: list[str] = []
        self.ports = 0

    def add(self, what: str, mark: Mark | None = None, path: Path | str = "", hint: str = "") -> None:
        text = path if isinstance(path, str) else path_text(path)
        problem = Problem(what, location(mark), text, hint)
        if not isinstance(path, str):
            self.paths.append(path)
        self.take(problem)

    def take(self, *problems: Problem) -> None:
        """Adds what isn't there yet."""
        for problem in problems:
            if len(self.problems) < self.most and problem not in self.problems:
                self.problems.append(problem)

    @property
    def full(self) -> bool:
        return len(self.problems) >= self.most

    def warn(self, text: str) -> None:
        if len(self.warnings) < self.most and text not in self.warnings:
            self.warnings.append(text)

    def touches(self, prefix: str) -> bool:
        """Whether something at or below the path is already reported."""
        return any(p.path == prefix or p.path.startswith((f"{prefix}.", f"{prefix}[")) for p in self.problems)


Rules = dict[Any, Any]
"""Patterns as nested dicts: parts of the path, and under RULE what is to be done there."""

RULE = object()
"""No key of a file can be this."""


def rules(table: dict[str, Any]) -> Rules:
    """Dotted patterns (`services.*.ports.[]`) as nested dicts."""
    root: Rules = {}
    for pattern, rule in table.items():
        node = root
        for part in pattern.split("."):
            node = node.setdefault(part, {})
        node[RULE] = rule
    return root


def step(node: Rules | None, key: str) -> Rules | None:
    """The rules below a mapping's key. Only literal parts and `*` may stand beside each other."""
    if node is None:
        return None
    return node.get(key) or node.get("*")


def step_item(node: Rules | None) -> Rules | None:
    """The rules below a list's item."""
    if node is None:
        return None
    return node.get("[]") or node.get("*")
