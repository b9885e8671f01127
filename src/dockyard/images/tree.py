"""A graph with its ways through: nodes by key and by name, edges upwards and downwards. Made once, read only. Pure."""

from __future__ import annotations

import contextlib
import difflib
from collections import defaultdict
from collections.abc import Iterable

from dockyard.model.errors import Problem, UserError
from dockyard.model.lineage import Edge, Graph, Node, reference


class Tree:
    """`parents` and `children` of a key are its edges; a key that has none has an empty list."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes = {node.key: node for node in graph.nodes}
        self.parents: dict[str, list[Edge]] = defaultdict(list)
        self.children: dict[str, list[Edge]] = defaultdict(list)
        self.by_name: dict[str, list[Node]] = defaultdict(list)
        for edge in graph.edges:
            self.parents[edge.child].append(edge)
            self.children[edge.parent].append(edge)
        for node in graph.nodes:
            for name in (node.name, *node.aliases):
                self.by_name[name].append(node)

    def find(self, text: str) -> list[Node]:
        """The nodes of an image, by name, path of its Dockerfile, or key with its platform. UserError where there is none."""
        if text in self.nodes:
            return [self.nodes[text]]
        names = [text, text.removeprefix("./")]
        with contextlib.suppress(ValueError):
            names.append(reference(text).name)
        for name in names:
            if name in self.by_name:
                return self.by_name[name]
        near = difflib.get_close_matches(names[-1], list(self.by_name), 3)
        hint = f"did you mean {' or '.join(near)}?" if near else "`dockyard images graph` shows all that are known"
        raise UserError(Problem(f"no image {text!r} is known", hint=hint))

    def below(self, keys: Iterable[str]) -> set[str]:
        """Every key that can be reached downwards, but not those it began with, unless they can."""
        found: set[str] = set()
        ahead = [edge.child for key in keys for edge in self.children.get(key, ())]
        while ahead:
            key = ahead.pop()
            if key not in found:
                found.add(key)
                ahead += [edge.child for edge in self.children.get(key, ())]
        return found
