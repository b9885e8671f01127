"""`.env` files and `env_file`s, as Compose reads them; and the `raw` format of `docker run --env-file`.

A line is `NAME=value`, `NAME: value`, `export NAME=value`, or `NAME` alone (taken from outside). Unquoted values end
at ` #`; single quotes keep all as it is; double quotes take escapes and variables, and may span lines.
"""

from __future__ import annotations

import re

from dockyard.compose.template import Lookup, substitute
from dockyard.model.errors import Location, Problem, UserError

_SPACES = "\t\v\f\r \x85\xa0"
_EXPORT = re.compile(r"export\s+")
_ESCAPE = re.compile(r'\\(?:[abcfnrtv$"\\]|0\d{0,3})')
_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"'}


def parse(file: str, text: str, outside: Lookup, into: dict[str, str]) -> None:
    """Adds a file's variables to `into`. A variable in a value is looked up outside first, then in `into`.

    UserError with file and line where the text is no such file.
    """
    _Parser(file, text.removeprefix("\ufeff"), outside, into).run()


def parse_raw(file: str, text: str, outside: Lookup, into: dict[str, str]) -> None:
    """The `raw` format: each line is `NAME=value` as it stands, without quotes or variables."""
    for index, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        line = line.rstrip("\r").lstrip(" \t\v\f\x85\xa0")
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not name:
            raise UserError(Problem("no variable name on line", Location(file, index)))
        if any(c in " \t\n\v\f\r" for c in name):
            raise UserError(Problem(f"variable '{name}' contains whitespaces", Location(file, index)))
        if equals:
            into[name] = value
        elif (found := outside(name)) is not None:
            into[name] = found


class _Parser:
    def __init__(self, file: str, text: str, outside: Lookup, into: dict[str, str]) -> None:
        self.file = file
        self.text = text
        self.outside = outside
        self.into = into
        self.at: int = 0

    def run(self) -> None:
        while self.skip_to_statement():
            name, inherited = self.name()
            if " " in name:
                raise self.error("key cannot contain a space")
            if inherited:
                if (value := self.outside(name)) is not None:
                    self.into[name] = value
                continue
            self.into[name] = self.value()

    def error(self, what: str, at: int | None = None) -> UserError:
        position = self.at if at is None else at
        line = self.text.count("\n", 0, position) + 1
        column = position - (self.text.rfind("\n", 0, position) + 1) + 1
        return UserError(Problem(what, Location(self.file, line, column)))

    def skip_to_statement(self) -> bool:
        text = self.text
        while True:
            while self.at < len(text) and text[self.at].isspace():
                self.at += 1
            if self.at >= len(text):
                return False
            if text[self.at] != "#":
                return True
            end = text.find("\n", self.at)
            if end < 0:
                return False
            self.at = end

    def name(self) -> tuple[str, bool]:
        """The name, and whether it stands alone (its value comes from outside)."""
        text = self.text
        if _EXPORT.match(text, self.at):
            self.at += len("export")
            self.skip_blanks()
        start = self.at
        for index in range(start, len(text)):
            char = text[index]
            if char in _SPACES:
                continue
            if char in "=:\n":
                self.at = index + 1
                self.skip_blanks()
                return text[start:index].rstrip(), char == "\n"
            if char not in "_.-[]" and not (char.isalpha() or char.isnumeric()):
                line = text[start:].split("\n", 1)[0]
                raise self.error(f'unexpected character "{char}" in variable name "{line}"', index)
        # The last line without a line break has no name of its own: Compose reads an empty name, and the rest as value.
        self.at = start
        return "", False

    def skip_blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in _SPACES:
            self.at += 1

    def value(self) -> str:
        text, start = self.text, self.at
        quote = text[start : start + 1]
        if quote not in ("'", '"') or not quote:
            end = text.find("\n", start)
            line = text[start:] if end < 0 else text[start:end]
            self.at = len(text) if end < 0 else end + 1
            return self.expand(line.split(" #", 1)[0].rstrip(), start)
        chars: list[str] = []
        escaped = False
        for index in range(start + 1, len(text)):
            char = text[index]
            if char != quote:
                if not escaped and char == "\\":
                    escaped = True
                    continue
                if escaped:
                    escaped = False
                    chars.append("\\")
                chars.append(char)
                continue
            if escaped:
                escaped = False
                chars.append(char)
                continue
            self.at = index + 1
            value = "".join(chars)
            return self.expand(_ESCAPE.sub(_unescape, value), start) if quote == '"' else value
        raise self.error(f"unterminated quoted value {text[start:].splitlines()[0]}", start)

    def expand(self, value: str, at: int) -> str:
        def lookup(name: str) -> str | None:
            found = self.outside(name)
            return self.into.get(name) if found is None else found

        try:
            return substitute(value, lookup)
        except ValueError as error:
            raise self.error(str(error), at) from error


def _unescape(match: re.Match[str]) -> str:
    body = match[0][1:]
    if body == "$":
        return "$$"
    if body[0] == "0":
        digits = body[1:]
        valid = len(digits) == 3 and all(d in "01234567" for d in digits) and int(digits, 8) < 256
        return chr(int(digits, 8)) if valid else match[0]
    return _LETTERS.get(body, match[0])
