"""The graph as a document: written, and read with what is wrong in it told."""

from __future__ import annotations

import msgspec

from dockyard.model.errors import Location, Problem, UserError
from dockyard.model.lineage import VERSION, Graph


def write(graph: Graph) -> bytes:
    """JSON, a line a node and an edge, so that two graphs can be compared by line."""
    parts = msgspec.to_builtins(graph)
    encode = msgspec.json.Encoder().encode
    out = [b'{"version": ' + encode(parts["version"])]
    for name in ("nodes", "edges", "unused", "flaws"):
        rows = parts.get(name) or ()
        inner = b",\n".join(encode(row) for row in rows)
        out.append(b'"' + name.encode() + (b'": [\n' + inner + b"\n]" if rows else b'": []'))
    return b",\n".join(out) + b"\n}\n"


def read(data: bytes, file: str) -> Graph:
    """UserError where it is no graph, of a newer version, or names nodes that aren't in it."""
    hint = "`dockyard images scan -o FILE` writes one, `dockyard schema images` describes it"
    try:
        graph = msgspec.json.decode(data, type=Graph)
    except msgspec.DecodeError as error:
        raise UserError(Problem(f"is no graph of images: {error}", Location(file), hint=hint)) from error
    if graph.version != VERSION:
        raise UserError(
            Problem(f"is a graph of version {graph.version}; this Dockyard reads {VERSION}", Location(file), hint=hint)
        )
    keys = {node.key for node in graph.nodes}
    lost = sorted({end for edge in graph.edges for end in (edge.child, edge.parent)} - keys)
    if lost:
        raise UserError(*(Problem(f"an edge names {one}, which is no node", Location(file)) for one in lost[:10]))
    return graph
