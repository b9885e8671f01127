"""argparse, but what it can't read is a `UserError` like any other: what is wrong, the nearest right word, where to read more."""

from __future__ import annotations

import argparse
import difflib
import re
from typing import NoReturn

_UNKNOWN = re.compile(r"unrecognized arguments: (\S+)")
_REQUIRED = re.compile(r"the following arguments are required: (.*)")
_ARGUMENT = re.compile(r"argument (\S+): (.*)", re.DOTALL)


class Parser(argparse.ArgumentParser):
    """Raises UserError where argparse prints its usage and exits."""

    def error(self, message: str) -> NoReturn:
        from dockyard.model.errors import Problem, UserError

        more = f"{self.prog} --help tells more"
        if found := _UNKNOWN.match(message):
            word = found[1].partition("=")[0]
            near = difflib.get_close_matches(word, _flags(self), 1) if word.startswith("-") else []
            raise UserError(Problem(f"{self.prog} takes no {word}", hint=f"did you mean {near[0]}? {more}" if near else more))
        if found := _REQUIRED.match(message):
            raise UserError(Problem(f"{self.prog} needs {found[1]}", hint=more))
        if found := _ARGUMENT.match(message):
            raise UserError(Problem(found[2], path=found[1], hint=more))
        raise UserError(Problem(message, hint=more))


def _flags(parser: argparse.ArgumentParser) -> list[str]:
    """Its own and its subcommands'."""
    found: list[str] = []
    for action in parser._actions:
        found += action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                found += _flags(below)
    return found


def whole(text: str) -> int:
    """A whole number above 0."""
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def amount(text: str) -> float:
    """A number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return value
