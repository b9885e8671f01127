"""`$VAR`, `${VAR:-default}` and their kin, as Compose substitutes them.

Forms: `$V`, `${V}`, `${V:-d}`, `${V-d}`, `${V:?why}`, `${V?why}`, `${V:+alt}`, `${V+alt}`, nested, and `$$` for a
dollar. The oddities are Compose's: the operator that stands first in the whole match wins, a default can't hold a line
break, braces inside a default must pair up.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from typing import Any

import msgspec

from dockyard.compose.tree import is_list, is_map

Lookup = Callable[[str], str | None]

_PATTERN = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<named>[_a-z][_a-z0-9]*)"
    r"|\{(?:(?P<braced>[_a-z][_a-z0-9]*(?::?[-+?](?:.*))?)\}|(?P<invalid>)))",
    re.IGNORECASE,
)
_DEPTH = 50
_WORK = 5_000_000
_OPERATORS = (":?", "?", ":-", "-", ":+", "+")


class InvalidTemplate(ValueError):
    """A dollar that starts nothing that can be substituted."""


class MissingVariable(ValueError):
    """`${V:?why}` without a value; the text says so."""


def substitute(text: str, lookup: Lookup, unset: Callable[[str], None] | None = None, depth: int = 0) -> str:
    """The text with its variables put in. `unset` hears of each variable that has no value and no default.

    InvalidTemplate or MissingVariable where it can't be done.
    """
    if "$" not in text:
        return text
    if depth > _DEPTH or _costly(text):
        raise InvalidTemplate("too many variables in one another or on one line")
    done: list[str] = []
    at = 0
    while found := _PATTERN.search(text, at):
        done.append(text[at : found.start()])
        value, at = _replaced(text, found, lookup, unset, depth)
        done.append(value)
    return "".join(done) + text[at:]


def _costly(text: str) -> bool:
    """Each `${` looks for its end up to the end of the line: many on one long line take too long."""
    many = text.count("${")
    return many * len(text) > _WORK and many * max(map(len, text.split("\n"))) > _WORK


def _replaced(
    text: str, found: re.Match[str], lookup: Lookup, unset: Callable[[str], None] | None, depth: int
) -> tuple[str, int]:
    """What stands for a match, and where to go on (the pattern takes all up to a line's last brace)."""
    matched, end = found[0], found.end()
    closing = _closing_brace(matched)
    if closing > -1:
        end = found.start() + closing + 1
        matched = matched[: closing + 1]
        found = _PATTERN.search(matched) or found
    if found["escaped"]:
        return "$", end
    name = found["named"] or found["braced"]
    if not name:
        raise InvalidTemplate(text)
    operator = _first_operator(name) if not found["named"] else ""
    if operator:
        return _applied(name, operator, lookup, unset, depth), end
    value = lookup(name)
    if value is None and unset is not None:
        unset(name)
    return value or "", end


def _applied(expression: str, operator: str, lookup: Lookup, unset: Callable[[str], None] | None, depth: int) -> str:
    name, _, argument = expression.partition(operator)
    argument = substitute(argument, lookup, unset, depth + 1)
    value = lookup(name)
    given = value is not None and (value != "" or operator[0] != ":")
    if operator[-1] == "?":
        if not given:
            reason = f": {argument}" if argument else ""
            raise MissingVariable(f"required variable {name} is missing a value{reason}")
        return value or ""
    if operator[-1] == "+":
        return argument if given else value or ""
    return (value or "") if given else argument


def _first_operator(text: str) -> str:
    found = [(index, order, op) for order, op in enumerate(_OPERATORS) if (index := text.find(op)) >= 0]
    return min(found)[2] if found else ""


def _closing_brace(text: str) -> int:
    depth, index = 0, 0
    while index < len(text):
        if text[index] == "}":
            depth -= 1
            if depth == 0:
                return index
        if text[index] == "{":
            depth += 1
            index += 1
        index += 1
    return -1


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """A variable that a file asks for."""

    name: str
    required: bool = False
    default: str = ""
    alternative: str = ""


_WORD = string.ascii_letters + string.digits + "_"


def variables(value: Any) -> dict[str, Variable]:
    """Every variable in a tree's texts, by name."""
    found: dict[str, Variable] = {}
    if isinstance(value, str):
        for variable in _in_text(value):
            found[variable.name] = variable
    elif is_map(value) or is_list(value):
        children = list(value.values()) if is_map(value) else list(value)
        for child in children:
            found.update(variables(child))
    return found


def _in_text(text: str) -> list[Variable]:
    found: list[Variable] = []
    for match in _PATTERN.finditer(text):
        if match["escaped"]:
            continue
        expression, rest = match["named"] or "", ""
        if not expression:
            closing = _closing_brace(match[0])
            if closing > 0:
                expression, rest = match[0][2:closing], match[0][closing + 1 :]
            else:
                expression = match["braced"] or ""
        if rest:
            found.extend(_in_text(rest))
        name = expression[: len(expression) - len(expression.lstrip(_WORD))]
        if name:
            found.extend(_of_expression(name, expression[len(name) :]))
    return found


def _of_expression(name: str, tail: str) -> list[Variable]:
    operator = next((op for op in _OPERATORS if tail.startswith(op)), "")
    argument = tail[len(operator) :]
    kind = operator[-1:]
    variable = Variable(
        name=name,
        required=kind == "?",
        default=argument if kind == "-" else "",
        alternative=argument if kind == "+" else "",
    )
    inner = _in_text(argument) if kind in ("-", "+") and argument else []
    return [variable, *inner]
