"""Finds where an application says a field of the schema: what decides about fields and what names them read the same paths."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec


def find(root: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every place where a field of the schema is said, with its value: (`services.web.volumes[0].image.subpath`, …)."""
    return _find(root, path.replace("[]", ".[]").split("."), "")


def _find(node: Any, parts: list[str], at: str) -> Iterator[tuple[str, Any]]:
    if not parts:
        if node is not None and node is not False and node != "" and node != () and node != {} and node != 0:
            yield at, node
        return
    head, rest = parts[0], parts[1:]
    if head == "*" and isinstance(node, dict):
        for name, value in node.items():
            yield from _find(value, rest, f"{at}.{name}" if at else name)
    elif head == "[]" and isinstance(node, (tuple, list)):
        for index, value in enumerate(node):
            yield from _find(value, rest, f"{at}[{index}]")
    elif isinstance(node, dict) and not isinstance(node, msgspec.Struct):
        if head in node:
            yield from _find(node[head], rest, f"{at}.{head}" if at else head)
    elif isinstance(node, msgspec.Struct) and head in node.__struct_fields__:
        value, default = getattr(node, head), _defaults(type(node)).get(head)
        if rest or value != default:
            if not rest and value is False:
                yield f"{at}.{head}", value
            else:
                yield from _find(value, rest, f"{at}.{head}" if at else head)


@cache
def _defaults(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {
        field.name: field.default
        if field.default is not msgspec.NODEFAULT
        else field.default_factory()
        if callable(field.default_factory)
        else None
        for field in msgspec.structs.fields(kind)
    }
