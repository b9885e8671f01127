"""A Dockerfile's text as instructions: directives, comments, continuations, flags, here documents. The rules of BuildKit's `parser` package.

Each instruction knows where each of its characters was written, so that what is learned from it can be shown. Errors are collected:
reading goes on behind them.
"""

from __future__ import annotations

import bisect
import re

import msgspec

from dockyard.images.dockerfile import words
from dockyard.model.errors import Location, Problem

_DIRECTIVE = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*\Z")
_DIRECTIVES = ("syntax", "escape", "check")
_SPACES = re.compile(r"[\t\v\f\r ]+")
_HEREDOC = re.compile(r"(\d*)<<(-?)\s*([^<]*)\Z")
_CONTINUED = {
    token: re.compile(rf"([^{re.escape(token)}]){re.escape(token)}[ \t]*\Z|\A{re.escape(token)}[ \t]*\Z") for token in "\\`"
}
_WITH_HEREDOCS = ("RUN", "COPY", "ADD")


class Flag(msgspec.Struct, frozen=True):
    """`--name=value`; `value` is None without one. `offset`: of its value, else of itself, in the instruction's text."""

    name: str
    value: str | None
    offset: int


class Instruction(msgspec.Struct, frozen=True):
    """One instruction with its continuation lines joined. `rest`: what follows name and flags, at `offset` of `text`.

    `pieces`: where the parts of `text` were written: (offset in text, line, column).
    """

    name: str
    flags: tuple[Flag, ...]
    rest: str
    offset: int
    text: str
    pieces: tuple[tuple[int, int, int], ...]

    def at(self, file: str, offset: int = 0) -> Location:
        """Where the character at `offset` was written."""
        found = self.pieces[bisect.bisect_right(self.pieces, (offset, 1 << 30, 0)) - 1]
        return Location(file, found[1], found[2] + offset - found[0])

    def arguments(self) -> list[tuple[str, int]]:
        """`rest` cut at spaces, each part with its offset."""
        if not self.rest:
            return []
        found: list[tuple[str, int]] = []
        begin = 0
        for gap in _SPACES.finditer(self.rest):
            found.append((self.rest[begin : gap.start()], self.offset + begin))
            begin = gap.end()
        return [*found, (self.rest[begin:], self.offset + begin)]


class Lines(msgspec.Struct, frozen=True):
    """A whole file. `directives`: of its head (`syntax`, `escape`, `check`)."""

    instructions: tuple[Instruction, ...]
    directives: dict[str, str]
    escape: str
    problems: tuple[Problem, ...]


def read(text: str, file: str) -> Lines:
    """Take the text apart."""
    return _Reader(text, file).read()


def instruction(text: str, escape: str, pieces: tuple[tuple[int, int, int], ...]) -> Instruction:
    """One joined line, taken apart into name, flags and rest."""
    lead = len(text) - len(text.lstrip())
    line = text.strip()
    gap = _SPACES.search(line)
    if gap is None:
        return Instruction(line.upper(), (), "", len(text), text, pieces)
    begin = lead + gap.end()
    flags, rest = _flags(text, begin, lead + len(line), escape)
    rest_text = text[rest : lead + len(line)]
    rest += len(rest_text) - len(rest_text.lstrip())
    return Instruction(line[: gap.start()].upper(), tuple(flags), rest_text.strip(), rest, text, pieces)


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self._lines = text.removeprefix("\ufeff").split("\n")
        if self._lines[-1] == "":
            self._lines.pop()
        self._file = file
        self._at = 0
        self._escape = "\\"
        self._directives: dict[str, str] = {}
        self._head = True
        self._problems: list[Problem] = []

    def read(self) -> Lines:
        found: list[Instruction] = []
        while self._at < len(self._lines):
            one = self._next()
            if one is not None:
                found.append(one)
                self._skip_heredocs(one)
        if not found and not self._problems:
            self._wrong("holds no instruction", max(1, len(self._lines)), "a Dockerfile begins with FROM")
        return Lines(tuple(found), self._directives, self._escape, tuple(self._problems))

    def _next(self) -> Instruction | None:
        raw = self._lines[self._at].rstrip("\r\n")
        line = raw.lstrip()
        self._at += 1
        if self._head:
            self._directive(line)
        if not line or line[0] == "#":
            return None
        part, goes_on = self._cut(line)
        if not part and not goes_on:
            return None
        text, pieces = [part], [(0, self._at, len(raw) - len(line) + 1)]
        size = len(part)
        while goes_on and self._at < len(self._lines):
            line = self._lines[self._at].rstrip("\r\n")
            self._at += 1
            bare = line.lstrip()
            if not bare or bare[0] == "#":
                continue
            part, goes_on = self._cut(line)
            pieces.append((size, self._at, 1))
            text.append(part)
            size += len(part)
        return instruction("".join(text), self._escape, tuple(pieces))

    def _cut(self, line: str) -> tuple[str, bool]:
        """The line without its continuation, and whether it has one."""
        if self._escape not in line:
            return line, False
        found = _CONTINUED[self._escape].search(line)
        return (line[: found.start()] + (found[1] or ""), True) if found else (line, False)

    def _directive(self, line: str) -> None:
        found = _DIRECTIVE.match(line)
        name = found[1].lower() if found else ""
        if found is None or name not in _DIRECTIVES:
            self._head = False
        elif name in self._directives:
            self._wrong(f"the directive `{name}` is there twice", self._at, "one of them has to go")
        elif name == "escape" and found[2] not in _CONTINUED:
            self._wrong(f"the escape character is \\ or `, not {found[2]}", self._at, "# escape=`")
        else:
            self._directives[name] = found[2]
            self._escape = found[2] if name == "escape" else self._escape

    def _skip_heredocs(self, one: Instruction) -> None:
        if "<<" not in one.text or not may_hold_heredocs(one):
            return
        begun = self._at
        try:
            heredocs = _heredocs(one.text)
        except ValueError as error:
            self._wrong(str(error), begun)
            return
        for name, chomp in heredocs:
            while True:
                if self._at >= len(self._lines):
                    self._wrong(f"the here document {name} has no end", one.pieces[0][1], f"a line that is only {name} ends it")
                    return
                line = self._lines[self._at].rstrip("\r\n")
                self._at += 1
                if (line.lstrip("\t") if chomp else line) == name:
                    break

    def _wrong(self, what: str, line: int, hint: str = "") -> None:
        self._problems.append(Problem(what, Location(self._file, line, 1), hint=hint))


def may_hold_heredocs(one: Instruction) -> bool:
    """RUN, COPY and ADD, also behind ONBUILD; not in JSON form."""
    name, rest = one.name, one.rest
    if name == "ONBUILD":
        name, _, rest = rest.partition(" ")
    return name.upper() in _WITH_HEREDOCS and not rest.startswith("[")


def heredoc(word: str) -> tuple[str, bool] | None:
    """Its end and whether leading tabs fall away, where a word begins a here document."""
    found = _HEREDOC.match(word)
    if found is None or not found[3]:
        return None
    names = words.split(found[3])
    return (names[0], found[2] == "-") if len(names) == 1 else None


def _heredocs(text: str) -> list[tuple[str, bool]]:
    try:
        parts = words.split(text, raw=True)
    except ValueError:
        return []
    return [found for found in map(heredoc, parts) if found is not None]


def _flags(text: str, begin: int, end: int, escape: str) -> tuple[list[Flag], int]:
    """The words in front that begin with `--`, quotes and escapes taken away; and where the rest begins."""
    found: list[Flag] = []
    at = begin
    while True:
        while at < end and text[at].isspace():
            at += 1
        if not text.startswith("--", at, end):
            return found, at
        start, word, quote = at, "", ""
        while at < end and (quote or not text[at].isspace()):
            char = text[at]
            at += 1
            if char == quote:
                quote = ""
            elif not quote and char in "'\"":
                quote = char
            elif char == escape:
                word += text[at : min(at + 1, end)]
                at += 1
            else:
                word += char
        at = min(at, end)
        if word == "--":
            return found, at
        name, given, value = word.removeprefix("--").partition("=")
        found.append(Flag(name, value if given else None, start + (len(name) + 3 if given else 0)))
