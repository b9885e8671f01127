"""YAML text into marked trees, as go-yaml v3 and Compose read it, within bounds.

Promises: several documents, anchors, merge keys, `!reset` and `!override`; duplicate keys and keys that aren't text
are errors; an alias bomb, a huge scalar, deep nesting or a cycle is refused before it costs time or memory. Parsing is
libyaml's event stream, built without recursion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

import msgspec

from dockyard.compose import scalars
from dockyard.compose.tree import Map, Mark, Path, Report, Seq, clone, is_map
from dockyard.model.errors import Location, Problem, UserError


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a file may cost. Sizes in bytes or characters; `nodes` counts what aliases stand for as well."""

    file_bytes: int = 8 << 20
    scalar: int = 1 << 20
    nodes: int = 200_000
    depth: int = 100
    files: int = 500


class Document(msgspec.Struct, frozen=True):
    """One YAML document: its value, and the paths that `!reset` and `!override` take out of what came before."""

    value: Any
    resets: tuple[Path, ...] = ()


class _Reset:
    """Stands where `!reset` was."""


class _Override:
    def __init__(self, value: Any) -> None:
        self.value = value


class _Open:
    """A container that is being filled."""

    __slots__ = ("anchor", "key", "key_mark", "merges", "override", "reset", "value")

    def __init__(self, value: Map | Seq, anchor: str | None, tag: str | None) -> None:
        self.value = value
        self.anchor = anchor
        self.reset = tag == "!reset"
        self.override = tag == "!override"
        self.key: Any = _NOTHING
        self.key_mark: Mark | None = None
        self.merges: list[Any] = []


_NOTHING = object()
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def parse(file: str, data: bytes | str, limits: Limits) -> list[Document]:
    """All documents of a file. UserError with every duplicate or odd key, or with the one syntax error."""
    import yaml

    if len(data) > limits.file_bytes:
        raise _refuse(file, f"the file has {len(data)} bytes, more than the {limits.file_bytes} that are read")
    if isinstance(data, bytes):
        try:
            text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise UserError(Problem("this is not UTF-8 text", Location(file, line))) from error
    else:
        text = data
    report = Report()
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        documents = list(_Builder(file, limits, report).documents(yaml.parse(text, Loader=loader)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = Location(file, mark.line + 1, mark.column + 1) if mark else Location(file)
        raise UserError(*report.problems, Problem(_explain(error, text, at), at)) from error
    except yaml.YAMLError as error:
        raise UserError(*report.problems, Problem(_explain_reader(text, error), _control_at(file, text))) from error
    except (RecursionError, MemoryError) as error:
        raise _refuse(file, "this YAML is nested too deeply") from error
    if report.problems:
        raise UserError(*report.problems)
    return documents


def _refuse(file: str, what: str, mark: Mark | None = None) -> UserError:
    return UserError(Problem(what, Location(*mark) if mark else Location(file)))


def _explain(error: Any, text: str, at: Location) -> str:
    what = " ".join(part for part in (error.problem, error.context) if part)
    lines = text.splitlines()
    if at.line and at.line <= len(lines) and "\t" in lines[at.line - 1][: max(at.column, 1)]:
        return f"this is no valid YAML: a tab where only spaces may indent ({what})"
    return f"this is no valid YAML: {what}"


def _explain_reader(text: str, error: Exception) -> str:
    if _CONTROL.search(text):
        return "this is no valid YAML: control characters are not allowed"
    return f"this is no valid YAML: {str(error).splitlines()[0]}"


def _control_at(file: str, text: str) -> Location:
    if not (found := _CONTROL.search(text)):
        return Location(file)
    start = found.start()
    return Location(file, text.count("\n", 0, start) + 1, start - (text.rfind("\n", 0, start) + 1) + 1)


class _Builder:
    """Fills containers from events. One per file: nodes are counted over all its documents."""

    def __init__(self, file: str, limits: Limits, report: Report) -> None:
        self.file = file
        self.limits = limits
        self.report = report
        self.nodes = 0
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.tagged = False

    def documents(self, events: Iterator[Any]) -> Iterator[Document]:
        import yaml

        stack: list[_Open] = []
        root: Any = None
        for event in events:
            kind = cast("type[Any]", type(event))
            if kind is yaml.ScalarEvent:
                value = self.scalar(event)
                if event.anchor is not None:
                    self.anchors[event.anchor] = (value, 1)
                root = self.place(stack, value, event)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                stack.append(self.open(event, len(stack)))
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                done = stack.pop()
                value = self.close(done)
                root = self.place(stack, value, None, done.value.mark)
            elif kind is yaml.AliasEvent:
                root = self.place(stack, self.alias(event, stack), event)
            elif kind is yaml.DocumentStartEvent:
                self.anchors, self.tagged, root = {}, False, None
            elif kind is yaml.DocumentEndEvent:
                yield self.finish(root)

    def mark(self, event: Any) -> Mark:
        start = event.start_mark
        return (self.file, start.line + 1, start.column + 1)

    def count(self, many: int, mark: Mark) -> None:
        self.nodes += many
        if self.nodes > self.limits.nodes:
            raise _refuse(self.file, f"this YAML stands for more than {self.limits.nodes} values (aliases that multiply?)", mark)

    def scalar(self, event: Any) -> Any:
        text: str = event.value
        mark = self.mark(event)
        self.count(1, mark)
        if len(text) > self.limits.scalar:
            raise _refuse(
                self.file,
                f"this text has {len(text)} characters, more than the {self.limits.scalar} that a value may have",
                mark,
            )
        tag = event.tag
        if tag == "!reset":
            self.tagged = True
            return _Reset()
        if tag == "!override":
            self.tagged = True
            return _Override(scalars.plain(text) if event.implicit[0] or not event.style else text)
        if tag is None or tag == "!":
            return scalars.plain(text) if event.implicit[0] else text
        try:
            return scalars.tagged(tag, text)
        except ValueError as error:
            self.report.add(str(error), mark)
            return text

    def open(self, event: Any, depth: int) -> _Open:
        mark = self.mark(event)
        self.count(1, mark)
        if depth >= self.limits.depth:
            raise _refuse(self.file, f"this YAML is nested more than {self.limits.depth} levels deep", mark)
        mapping = type(event).__name__ == "MappingStartEvent"
        opened = _Open(Map(mark) if mapping else Seq(mark), event.anchor, event.tag)
        self.tagged = self.tagged or opened.reset or opened.override
        opened.anchor = event.anchor
        if event.anchor is not None:
            self.anchors[event.anchor] = (_NOTHING, self.nodes)
        return opened

    def close(self, done: _Open) -> Any:
        value = done.value
        if isinstance(value, Map):
            for merge in done.merges:
                self.merge(value, merge)
        result: Any = _Reset() if done.reset else _Override(value) if done.override else value
        if done.anchor is not None:
            self.anchors[done.anchor] = (result, self.nodes - self.anchors[done.anchor][1] + 1)
        return result

    def merge(self, into: Map, source: Any) -> None:
        if isinstance(source, Seq):
            for one in source:
                self.merge(into, one)
        elif isinstance(source, Map):
            for key, value in source.items():
                if key not in into:
                    into.put(key, value, source.at.get(key))
        else:
            self.report.add("a merge key (<<) takes a mapping or a list of mappings", into.mark)

    def alias(self, event: Any, stack: list[_Open]) -> Any:
        name, mark = event.anchor, self.mark(event)
        if name not in self.anchors:
            raise _refuse(self.file, f"unknown anchor '{name}' referenced", mark)
        value, size = self.anchors[name]
        if value is _NOTHING:
            raise _refuse(self.file, f"the anchor '{name}' contains itself", mark)
        self.count(size, mark)
        if isinstance(value, _Override):
            return _Override(clone(value.value))
        copied: Any = clone(value)
        if len(stack) > 1 and isinstance(value, Map | Seq) and _depth(value) + len(stack) > self.limits.depth:
            raise _refuse(self.file, f"this YAML is nested more than {self.limits.depth} levels deep", mark)
        return copied

    def place(self, stack: list[_Open], value: Any, event: Any, mark: Mark | None = None) -> Any:
        """Puts a finished value where it belongs. Gives it back when it is the document itself."""
        if not stack:
            return value
        top = stack[-1]
        if mark is None:
            mark = self.mark(event)
        if isinstance(top.value, Seq):
            if not isinstance(value, _Reset):
                top.value.add(value, mark)
        elif top.key is _NOTHING:
            self.key(top, value, event, mark)
        else:
            if top.key is _MERGE:
                top.merges.append(value)
            elif top.key is not _BAD:
                top.value.put(top.key, value, top.key_mark)
            top.key = _NOTHING
        return None

    def key(self, top: _Open, value: Any, event: Any, mark: Mark) -> None:
        top.key_mark = mark
        plain_merge = value == "<<" and getattr(event, "style", None) in (None, "") and event is not None
        if plain_merge and type(event).__name__ == "ScalarEvent":
            if top.merges:
                self.report.add("the key '<<' is written twice in this mapping", mark, hint="<<: [*a, *b] merges several")
            top.key = _MERGE
        elif not isinstance(value, str):
            shown = getattr(event, "value", None) or scalars.go_text(value)
            self.report.add(f"the key {shown} is no text", mark, hint=f'put it in quotes: "{shown}"')
            top.key = _BAD
        elif value in top.value:
            assert isinstance(top.value, Map)
            first = top.value.at.get(value)
            where = f" (first on line {first[1]})" if first else ""
            self.report.add(f"the key '{value}' is written twice in this mapping{where}", mark)
            top.key = _BAD
        else:
            top.key = value

    def finish(self, root: Any) -> Document:
        if not self.tagged:
            return Document(root)
        resets: list[Path] = []
        value = _settle(root, (), resets)
        return Document(None if isinstance(value, _Reset) else value, tuple(resets))


_MERGE = object()
_BAD = object()


def _settle(value: Any, path: Path, resets: list[Path]) -> Any:
    """Takes `!reset` and `!override` out of a tree and notes their paths."""
    if isinstance(value, _Reset):
        resets.append(path)
        return value
    if isinstance(value, _Override):
        resets.append(path)
        return _settle(value.value, path, [])
    if isinstance(value, Map):
        for key in list(value):
            settled = _settle(value[key], (*path, key), resets)
            if isinstance(settled, _Reset):
                value.drop(key)
            else:
                value[key] = settled
    elif isinstance(value, Seq):
        for index, child in enumerate(value):
            value[index] = _settle(child, (*path, index), resets)
    return value


def _depth(value: Any) -> int:
    children = value.values() if is_map(value) else value
    return 1 + max((_depth(child) for child in children if isinstance(child, dict | list)), default=0)
