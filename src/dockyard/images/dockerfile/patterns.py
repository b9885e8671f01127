"""The shell's patterns in `${A#pattern}`, `${A%pattern}` and `${A/pattern/x}`: `*`, `?`, escapes; no brackets, as in BuildKit. Pure.

Matched by following all ways at once, never by going back: a pattern that was made to be slow is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_MOST = 10_000
"""Characters in which a pattern with wildcards is looked for at every place; no image's name is as long."""

_ANY, _STAR = "?", "*"
Tokens = Sequence[tuple[str, bool]]
"""Characters, each with whether it stands for itself."""


def without_prefix(value: str, pattern: str, *, longest: bool) -> str:
    """ValueError for an escape that means nothing."""
    return _cut(value, _tokens(pattern), longest)


def without_suffix(value: str, pattern: str, *, longest: bool) -> str:
    return _cut(value[::-1], _tokens(pattern)[::-1], longest)[::-1]


def replaced(value: str, pattern: str, replacement: str, *, everywhere: bool) -> str:
    """The longest match from the left, or all of them. As in Go, nothing is found right behind what was found where it is empty."""
    tokens = _tokens(pattern)
    if tokens and all(plain for _, plain in tokens):
        return value.replace("".join(char for char, _ in tokens), replacement, -1 if everywhere else 1)
    if len(value) > _MOST:
        raise ValueError(f"its value is longer than {_MOST} characters")
    out, at, ended = "", 0, -1
    while at <= len(value):
        end = max(_ends(value, tokens, at), default=-1)
        if end < at or (end == at == ended):
            out += value[at : at + 1]
            at += 1
            continue
        out += replacement
        if not everywhere:
            return out + value[end:]
        if end > at:
            at = ended = end
        else:
            out += value[at : at + 1]
            at += 1
    return out


def _cut(value: str, tokens: Tokens, longest: bool) -> str:
    ends = _ends(value, tokens, 0)
    found = max(ends, default=0) if longest else next(ends, 0)
    return value[found:]


def _ends(value: str, tokens: Tokens, start: int) -> Iterator[int]:
    """Where matches that begin at `start` end, the shortest first. A line's end is matched by itself only."""
    states = _behind_stars(tokens, {0})
    for at in range(start, len(value) + 1):
        if len(tokens) in states:
            yield at
        if at == len(value) or not states:
            return
        char = value[at]
        following: set[int] = set()
        for state in states:
            if state < len(tokens):
                token, plain = tokens[state]
                if not plain and token == _STAR and char != "\n":
                    following.add(state)
                elif (token == char and plain) or (not plain and token == _ANY and char != "\n"):
                    following.add(state + 1)
        states = _behind_stars(tokens, following)


def _behind_stars(tokens: Tokens, states: set[int]) -> set[int]:
    for state in list(states):
        while state < len(tokens) and tokens[state] == (_STAR, False):
            state += 1
            states.add(state)
    return states


def _tokens(pattern: str) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    characters = iter(pattern)
    for char in characters:
        if char != "\\":
            found.append((char, char not in (_ANY, _STAR)))
            continue
        char = next(characters, "")
        if char not in ("}", "/", _ANY, _STAR, "\\") or not char:
            raise ValueError(f"\\{char} means nothing in the pattern {pattern}")
        found.append((char, True))
    return found
