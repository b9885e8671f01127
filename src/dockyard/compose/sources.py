"""Where each part of an application was written: a view on the tree it was read from."""

from __future__ import annotations

from typing import Any

from dockyard.compose.tree import Map, child_mark, is_list, is_map, location
from dockyard.model.errors import Location


class TreeSources:
    """A `model.application.Sources`."""

    def __init__(self, files: tuple[str, ...], tree: Map) -> None:
        self.files = files
        self.tree = tree

    def locate(self, path: str) -> Location | None:
        """The nearest thing on the path that was written; names may hold dots."""
        node, mark, rest = self.tree, None, path
        while rest and node is not None:
            key, rest = _first(node, rest)
            if key is None:
                break
            mark = child_mark(node, key) or mark
            node = _child(node, key)
        return location(mark)


def _first(node: Any, rest: str) -> tuple[Any, str]:
    """The next key or index, and what remains of the path."""
    if rest.startswith("["):
        number, _, after = rest[1:].partition("]")
        return (int(number) if number.isdigit() else None), after.removeprefix(".")
    if isinstance(node, Map):
        for key in sorted(node, key=len, reverse=True):
            if rest == key or rest.startswith((f"{key}.", f"{key}[")):
                return key, rest[len(key) :].removeprefix(".")
    return None, rest


def _child(node: Any, key: Any) -> Any:
    if is_map(node):
        return node.get(key)
    if is_list(node) and isinstance(key, int) and key < len(node):
        return node[key]
    return None
