"""Short ways to a graph."""

from __future__ import annotations

from dockyard.images.tree import Tree
from dockyard.model.errors import Location
from dockyard.model.lineage import VERSION, Edge, EdgeKind, Graph, How, Learned, Node, key

P = "linux/amd64"


def edge(text: str, **more: object) -> Edge:
    """`child < parent` (its base), `child <copy parent`, names with tags; `@arm` behind a name is linux/arm64."""
    child, word, parent = text.split()
    kind = EdgeKind(word[1:] or "from")
    given: dict[str, object] = {"final": kind is EdgeKind.FROM, "learned": (Learned(how=How.DOCKERFILE, at=Location("D", 1, 6)),)}
    return Edge(child=_key(child), parent=_key(parent), kind=kind, **{**given, **more})  # type: ignore[arg-type]


def graph(*edges: Edge | str, nodes: tuple[Node, ...] = ()) -> Graph:
    made = [edge(one) if isinstance(one, str) else one for one in edges]
    known = {node.key: node for node in nodes}
    for one in made:
        for end in (one.child, one.parent):
            name, _, platform = end.rpartition(" ")
            known.setdefault(end, Node(name=name, platform=platform))
    return Graph(version=VERSION, nodes=tuple(known.values()), edges=tuple(made))


def tree(*edges: Edge | str, nodes: tuple[Node, ...] = ()) -> Tree:
    return Tree(graph(*edges, nodes=nodes))


def _key(text: str) -> str:
    name, at, _ = text.partition("@")
    return key(name, "linux/arm64" if at else P)
