"""Variables in a Dockerfile's words: `$A`, `${A}`, `${A:-${B}}`, `${A:+x}`, `${A#pattern}`, `${A/x/y}`, quotes and escapes. Pure.

The rules of BuildKit's `shell` package, quirks and all, since a base's name is what they make of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dockyard.images.dockerfile import patterns

_SPECIAL = "@*#?-$!0"
_PLAIN = re.compile(r"[^$'\"\\`<]*")


def expand(word: str, variables: Mapping[str, str], escape: str = "\\", unset: set[str] | None = None) -> str:
    """The word with its variables filled in; those that aren't set are added to `unset`. ValueError where it can't be read."""
    if _PLAIN.fullmatch(word):
        return word
    try:
        return _Lexer(word, variables, escape, unset=unset).all()[0]
    except RecursionError as error:
        raise ValueError("variables stand in variables too deeply") from error


def split(text: str, *, raw: bool = False) -> list[str]:
    """Words at spaces, variables left as they are; `raw` keeps quotes and escapes. ValueError for a quote without its other."""
    try:
        return _Lexer(text, {}, "\\", keep_unset=True, raw=raw).all()[1]
    except RecursionError as error:
        raise ValueError("variables stand in variables too deeply") from error


class _Lexer:
    def __init__(
        self,
        text: str,
        variables: Mapping[str, str],
        escape: str,
        *,
        keep_unset: bool = False,
        raw: bool = False,
        unset: set[str] | None = None,
    ) -> None:
        self._text = text
        self._at = 0
        self._variables = variables
        self._escape = escape
        self._keep_unset = keep_unset
        self._raw_quotes = raw
        self._raw_escapes = raw
        self._unset = unset
        self._made: _Words | None = None

    def all(self) -> tuple[str, list[str]]:
        return self._until("", self._raw_escapes, False)

    def _peek(self) -> str:
        return self._text[self._at] if self._at < len(self._text) else ""

    def _next(self) -> str:
        char = self._peek()
        self._at += 1
        return char

    def _until(self, stop: str, raw_escapes: bool, doubled: bool) -> tuple[str, list[str]]:
        """All up to `stop` (which is taken), or to the end: as one, and as words. `doubled`: escapes in quotes are kept for a pattern."""
        before, self._raw_escapes = self._raw_escapes, raw_escapes
        try:
            return self._until_stop(stop, doubled)
        finally:
            self._raw_escapes = before

    def _until_stop(self, stop: str, doubled: bool) -> tuple[str, list[str]]:
        # BuildKit reads the word of `${A-word}` into the same buffer: what stands in front of it is lost to the word around.
        outer, made = self._made, _Words()
        if outer is not None:
            outer.forget()
        self._made = made
        try:
            return self._words(stop, doubled, made)
        finally:
            self._made = outer

    def _words(self, stop: str, doubled: bool, made: _Words) -> tuple[str, list[str]]:
        result = ""
        while char := self._peek():
            if char == stop:
                self._at += 1
                return result, made.all()
            if char in "$'\"<":
                part = self._special(char, doubled)
                result += part
                (made.add if char == "$" else made.add_raw)(part)
                continue
            self._at += 1
            if char != self._escape:
                made.add(char)
            else:
                if self._raw_escapes:
                    made.add_raw(char)
                    result += char
                char = self._next()
                if not char:
                    break
                made.add_raw(char)
            result += char
        if stop:
            raise ValueError(f"there is no {stop} that ends it")
        return result, made.all()

    def _special(self, char: str, doubled: bool) -> str:
        if char == "$":
            return self._dollar()
        if char == "'":
            return self._single(doubled)
        return self._double(doubled) if char == '"' else self._less()

    def _less(self) -> str:
        """`<`, or `<<` with the spaces behind it: a here document's word may stand apart."""
        self._at += 1
        if self._peek() != "<":
            return "<"
        begin = self._at
        self._at += 1
        while self._peek() and self._peek() in "\t\r ":
            self._at += 1
        return "<" + self._text[begin : self._at]

    def _single(self, doubled: bool) -> str:
        end = self._text.find("'", self._at + 1)
        if end < 0:
            raise ValueError("a ' has no other")
        inner = self._text[self._at + 1 : end]
        self._at = end + 1
        if doubled:
            inner = inner.replace(self._escape, self._escape * 2)
        return f"'{inner}'" if self._raw_quotes else inner

    def _double(self, doubled: bool) -> str:
        result = self._next() if self._raw_quotes else ""
        self._at += 0 if self._raw_quotes else 1
        while char := self._peek():
            if char == "$":
                result += self._dollar()
                continue
            self._at += 1
            if char == '"':
                return result + (char if self._raw_quotes else "")
            if char == self._escape:
                following = self._peek()
                if not following:
                    continue
                if following in ('"', "$", self._escape):
                    result += char if self._raw_escapes else ""
                    char = self._next()
                elif self._raw_escapes and (not self._raw_quotes or doubled):
                    result += char
            result += char
        raise ValueError('a " has no other')

    def _dollar(self) -> str:
        self._at += 1
        if self._peek() != "{":
            name = self._name()
            if not name:
                return "$"
            value = self._get(name)
            return (f"${name}" if self._keep_unset else "") if value is None else value
        self._at += 1
        if self._peek() in ("", "{", "}", ":"):
            raise ValueError("`${` is not followed by a name" if self._peek() else "there is no } that ends `${`")
        name = self._name()
        sign = self._next()
        if sign == "}":
            value = self._get(name)
            return (f"${{{name}}}" if self._keep_unset else "") if value is None else value
        if sign == "/":
            return self._replaced(name)
        empty_is_unset = sign == ":"
        if empty_is_unset:
            sign = self._next()
        modifier = f":{sign}" if empty_is_unset else sign
        pattern = sign in ("#", "%")
        if sign not in ("+", "-", "?", "#", "%") or (empty_is_unset and pattern) or not sign:
            if empty_is_unset and sign and not pattern:
                self._until("}", False, False)
            raise ValueError(f"`{modifier}` is no way to expand a variable" if sign else "there is no } that ends `${`")
        word = self._until("}", pattern, pattern)[0]
        value = self._get(name)
        if value is None and self._keep_unset:
            return f"${{{name}{modifier}{word}}}"
        return _modified(name, value, sign, empty_is_unset, word)

    def _replaced(self, name: str) -> str:
        everywhere = self._peek() == "/"
        self._at += everywhere
        pattern = self._until("/", True, True)[0]
        replacement = self._until("}", True, False)[0]
        value = self._get(name)
        if value is None and self._keep_unset:
            return f"${{{name}/{pattern}/{replacement}}}"
        return patterns.replaced(value or "", pattern, replacement, everywhere=everywhere)

    def _get(self, name: str) -> str | None:
        value = self._variables.get(name)
        if value is None and self._unset is not None:
            self._unset.add(name)
        return value

    def _name(self) -> str:
        begin = self._at
        first = self._peek()
        if first.isdecimal():
            while self._peek().isdecimal():
                self._at += 1
        elif first and first in _SPECIAL:
            self._at += 1
        else:
            while (char := self._peek()) and (char.isalpha() or char.isdecimal() or char == "_"):
                self._at += 1
        return self._text[begin : self._at]


class _Words:
    """Words as they come: spaces of what is added end a word, those of what is added raw don't."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._word = ""

    def add(self, text: str) -> None:
        for char in text:
            if not char.isspace():
                self._word += char
            elif self._word:
                self._done.append(self._word)
                self._word = ""

    def add_raw(self, text: str) -> None:
        self._word += text

    def forget(self) -> None:
        self._word = ""

    def all(self) -> list[str]:
        return [*self._done, self._word] if self._word else self._done


def _modified(name: str, value: str | None, sign: str, empty_is_unset: bool, word: str) -> str:
    missing = value is None or (empty_is_unset and not value)
    if sign == "-":
        return word if missing else value or ""
    if sign == "+":
        return "" if missing else word
    if sign == "?":
        if missing:
            raise ValueError(f"{name}: {word or ('may not be unset' if value is None else 'may not be empty')}")
        return value or ""
    greedy = word[:1] == sign
    pattern = word[1:] if greedy else word
    return (patterns.without_prefix if sign == "#" else patterns.without_suffix)(value or "", pattern, longest=greedy)
