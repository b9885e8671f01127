"""What an engine has, put into the graph: digests, layers, and for images that no file describes, what they stand on. Pure.

A base is believed in this order: the Dockerfile; the image's own label or annotation; the longest list of layers of another image that
its own begin with. A label that came with the base's configuration is the base's own and says nothing of the child.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from dockyard.model.lineage import Edge, EdgeKind, Graph, How, Learned, Node, key, reference

BASE_NAME = "org.opencontainers.image.base.name"
BASE_DIGEST = "org.opencontainers.image.base.digest"


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """One image of an engine. `names` as references are told; `labels`: with annotations, where the engine tells of them."""

    id: str
    names: tuple[str, ...]
    digests: tuple[str, ...] = ()
    platform: str
    layers: tuple[str, ...] = ()
    labels: Mapping[str, str] = {}
    created: str = ""
    size: int = 0


def merge(graph: Graph, images: Sequence[Observed]) -> Graph:
    """The graph with what the engine has. Edges and recipes stay; facts are the engine's."""
    bases = _bases(images)
    nodes = {node.key: node for node in graph.nodes}
    edges = {(edge.child, edge.parent, edge.kind): edge for edge in graph.edges}
    described = {edge.child for edge in graph.edges} | {node.key for node in graph.nodes if node.recipe is not None}
    aliases = {key(alias, node.platform): node.key for node in graph.nodes for alias in node.aliases}
    keys: dict[str, str] = {}
    for image in images:
        own = [key(name, image.platform) for name in image.names]
        known = [one for one in own if one in nodes] or [aliases[one] for one in own if one in aliases]
        base_name, base_digest = _told(image, bases.get(image.id))
        for one in known or own[:1]:
            node = nodes.get(one) or Node(name=image.names[0], platform=image.platform, aliases=image.names[1:])
            nodes[one] = msgspec.structs.replace(
                node,
                id=image.id,
                digests=image.digests,
                layers=image.layers,
                created=image.created,
                size=image.size,
                base_name=base_name,
                base_digest=base_digest,
            )
            keys.setdefault(image.id, one)
            aliases |= {key(alias, image.platform): one for alias in nodes[one].aliases}
    for image in images:
        child = keys.get(image.id)
        if child is not None:
            _learn(nodes, edges, aliases, child, image, keys, bases.get(image.id), described)
    return msgspec.structs.replace(
        graph,
        nodes=tuple(sorted(nodes.values(), key=lambda node: node.key)),
        edges=tuple(sorted(edges.values(), key=lambda edge: (edge.child, edge.parent, edge.kind))),
    )


def _bases(images: Sequence[Observed]) -> dict[str, Observed]:
    """By id: the image whose layers are the longest beginning of its own. Of two with the same layers the older one."""
    by_layers: dict[tuple[str, tuple[str, ...]], Observed] = {}
    for image in sorted(images, key=lambda one: (one.created, one.id)):
        if image.layers:
            by_layers.setdefault((image.platform, image.layers), image)
    found: dict[str, Observed] = {}
    for image in images:
        for size in range(len(image.layers) - 1, 0, -1):
            base = by_layers.get((image.platform, image.layers[:size]))
            if base is not None:
                found[image.id] = base
                break
    return found


def _told(image: Observed, base: Observed | None) -> tuple[str, str]:
    """What its labels say that it stands on, unless the base says the same of itself."""
    name, digest = image.labels.get(BASE_NAME, ""), image.labels.get(BASE_DIGEST, "")
    if base is not None and (name, digest) == (base.labels.get(BASE_NAME, ""), base.labels.get(BASE_DIGEST, "")):
        return "", ""
    try:
        return (reference(name).name if name else ""), digest
    except ValueError:
        return "", digest


def _learn(
    nodes: dict[str, Node],
    edges: dict[tuple[str, str, EdgeKind], Edge],
    aliases: Mapping[str, str],
    child: str,
    image: Observed,
    keys: Mapping[str, str],
    base: Observed | None,
    described: set[str],
) -> None:
    node = nodes[child]
    if node.base_name:
        parent = key(node.base_name, image.platform)
        parent = parent if parent in nodes else aliases.get(parent, parent)
        label = Learned(how=How.LABEL, digest=node.base_digest)
        known = edges.get((child, parent, EdgeKind.FROM))
        if known is not None:
            edges[(child, parent, EdgeKind.FROM)] = msgspec.structs.replace(known, learned=(*known.learned, label))
        elif child not in described and parent != child:
            nodes.setdefault(parent, Node(name=node.base_name, platform=image.platform))
            edges[(child, parent, EdgeKind.FROM)] = Edge(
                child=child, parent=parent, kind=EdgeKind.FROM, learned=(label,), final=True
            )
    elif child not in described and base is not None and keys.get(base.id, child) != child:
        parent = keys[base.id]
        learned = Learned(how=How.LAYERS, digest=base.layers[-1])
        edges[(child, parent, EdgeKind.FROM)] = Edge(
            child=child, parent=parent, kind=EdgeKind.FROM, learned=(learned,), final=True
        )
