"""The table `[images]` of dockyard.toml: what Dockerfiles that nobody names make, and how edges are refreshed.

[images]
policy = "lazy"                    # of every edge that no rule below is about
[images.names]
"services/api/Dockerfile" = "registry.example.com/api:1"
[images.policies]
"registry.example.com/base/*" = "cascade"          # every child of these
"shop/* < python:3.11-*" = "rebase"                # these children of these parents
"""

from __future__ import annotations

import difflib
import fnmatch
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from dockyard.images import loose
from dockyard.model.errors import Location, Problem, UserError
from dockyard.model.lineage import Edge, EdgeKind

TABLE = "images"


class Policy(StrEnum):
    """What an edge does when its parent has changed."""

    LAZY = "lazy"
    """Nothing now: the child takes the new parent at its next build."""
    CASCADE = "cascade"
    """The child is built again."""
    REBASE = "rebase"
    """The child's own layers are set on the new base, where that is its base; else it is built."""
    CONTENT = "content"
    """The parent is mounted when it is used: nothing is built."""


class Rule(msgspec.Struct, frozen=True):
    """A policy of the edges from children to parents whose names match, as shells match file names."""

    child: str
    parent: str
    policy: Policy


class Policies(msgspec.Struct, frozen=True, kw_only=True):
    """`default`, and rules of which the last that matches an edge counts. `names`: of Dockerfiles, by their paths."""

    default: Policy = Policy.LAZY
    rules: tuple[Rule, ...] = ()
    names: Mapping[str, str] = {}

    def of(self, edge: Edge) -> Policy:
        if edge.kind is EdgeKind.CONTENT:
            return Policy.CONTENT
        child, parent = edge.child.rpartition(" ")[0], edge.parent.rpartition(" ")[0]
        for rule in reversed(self.rules):
            if fnmatch.fnmatchcase(parent, rule.parent) and fnmatch.fnmatchcase(child, rule.child):
                return rule.policy
        return self.default


def rule(text: str, policy: str) -> Rule:
    """`PARENT` or `CHILD < PARENT`, with a policy. ValueError for one that there isn't."""
    child, less, parent = text.rpartition("<")
    return Rule(child.strip() if less else "*", parent.strip(), Policy(policy))


def load(file: Path) -> Policies:
    """The table of this file; the defaults where there is none. UserError for what is no setting of it."""
    try:
        text = file.read_text(encoding="utf-8")
        table = tomllib.loads(text).get(TABLE, {})
    except FileNotFoundError:
        return Policies()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(Problem(f"can't be read: {error}", Location(str(file)))) from error
    return _read(table, text.splitlines(), str(file))


def _read(table: Any, lines: list[str], file: str) -> Policies:
    problems: list[Problem] = []

    def wrong(what: str, key: str, hint: str, *, inside: str = "") -> None:
        own = [line.partition("=")[0].strip().strip("\"'") for line in lines]
        place = next((number for number, name in enumerate(own, 1) if name in (key, f"[{TABLE}.{key}]")), 0)
        path = f"{TABLE}.{inside}.{key}" if inside else f"{TABLE}.{key}"
        problems.append(Problem(what, Location(file, place), path, hint))

    known = ("policy", "policies", "names")
    choices = ", ".join(Policy)
    found = loose.table(table)
    for key in found.keys() - set(known):
        near = difflib.get_close_matches(key, known, 1)
        wrong(
            "there is no such setting",
            key,
            f"did you mean {near[0]}?" if near else f"settings are: {', '.join(known)}",
        )
    default, rules, names = Policy.LAZY, list[Rule](), dict[str, str]()
    try:
        default = Policy(found.get("policy", "lazy"))
    except ValueError:
        wrong(f"{found['policy']!r} is no policy", "policy", f"one of {choices}")
    for text, policy in _strings(found, "policies", wrong).items():
        try:
            rules.append(rule(text, policy))
        except ValueError:
            wrong(f"{policy!r} is no policy", text, f"one of {choices}", inside="policies")
    names = _strings(found, "names", wrong)
    if problems:
        raise UserError(*problems)
    return Policies(default=default, rules=tuple(rules), names=names)


def _strings(table: Mapping[str, Any], key: str, wrong: Any) -> dict[str, str]:
    value = table.get(key, {})
    if isinstance(value, dict) and all(isinstance(one, str) for one in loose.table(value).values()):
        return loose.texts(value)
    wrong(f"{key} is a table of texts", key, f'[{TABLE}.{key}] with lines of "NAME" = "VALUE"')
    return {}
