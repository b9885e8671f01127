"""contributing/acceptance.md against the tests: a promise is held by tests that are there, or the check fails.

A row of a table is a promise; `tests/…/test_x.py::test_name` in backticks (or a function of bench/) holds it. Tests are found by
reading the files, so that the check takes no time and imports nothing.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

PAGE = Path("contributing/acceptance.md")
NODE = re.compile(r"`([\w./-]+\.py(?:::\w+)+)(?:\[[^`]*\])?`")


def problems(root: Path) -> list[str]:
    """One line for each promise without a test and for each test that is not there."""
    if not (root / PAGE).exists():
        return [f"{PAGE} is missing"]
    found = []
    for number, line in enumerate((root / PAGE).read_text().splitlines(), 1):
        if not line.startswith("|") or set(line) <= set("|-: ") or line.lower().startswith("| promise"):
            continue
        nodes = NODE.findall(line)
        if not nodes:
            found.append(f"{PAGE}:{number}: no test holds this promise: {line.strip('| ').split('|')[0].strip()}")
        for node in nodes:
            path, _, name = node.partition("::")
            if name not in _names(root / path):
                found.append(f"{PAGE}:{number}: there is no {node}")
    return found


@cache
def _names(file: Path) -> frozenset[str]:
    """`test_x` and `TestY::test_z` as pytest names them."""
    if not file.exists():
        return frozenset()
    names: set[str] = set()
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            methods = (n.name for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
            names.update(f"{node.name}::{method}" for method in methods)
    return frozenset(names)
