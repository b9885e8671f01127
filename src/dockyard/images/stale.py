"""Which images are stale, and why: what each was built on against what is there now. Pure, over the graph of a scan with an engine.

Unknown is an answer of its own and never shown as good.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from dockyard.images.tree import Tree
from dockyard.model.lineage import Edge, EdgeKind, How, Node


class State(StrEnum):
    CURRENT = "current"
    STALE = "stale"
    UNKNOWN = "unknown"


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One edge of an image: whether what the child has of the parent is what the parent is now."""

    parent: str
    state: State
    why: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One image that has parents. `why` is one line."""

    image: str
    state: State
    why: str
    readings: tuple[Reading, ...]


def findings(tree: Tree) -> list[Finding]:
    """Of every image that stands on something or takes from it, sorted. A child of a stale image is stale through it."""
    own = {child: [_reading(tree, edge) for edge in edges] for child, edges in sorted(tree.parents.items())}
    states = {child: _worst(readings) for child, readings in own.items()}
    through = _through(tree, states)
    return [
        Finding(
            image=child,
            state=State.STALE if child in through else states[child],
            why=f"through {through[child]}, which is stale" if child in through else _why(states[child], readings),
            readings=tuple(readings),
        )
        for child, readings in own.items()
    ]


def _reading(tree: Tree, edge: Edge) -> Reading:
    child, parent = tree.nodes[edge.child], tree.nodes[edge.parent]
    state, why = _compared(child, parent, edge)
    return Reading(parent=edge.parent, state=state, why=f"{parent.name}: {why}")


def _compared(child: Node, parent: Node, edge: Edge) -> tuple[State, str]:
    if edge.kind is EdgeKind.CONTENT:
        return State.CURRENT, "is mounted when it is used"
    if not child.id:
        return State.UNKNOWN, "the image itself is not on this engine"
    if edge.kind is not EdgeKind.FROM or not edge.final:
        return State.UNKNOWN, "no digest of it was recorded in the image"
    if child.base_name and child.base_name not in (parent.name, *parent.aliases):
        written = next((str(one.at) for one in edge.learned if one.at), "")
        return State.STALE, f"was built on {child.base_name}, {written} says {parent.name}"
    if child.base_digest:
        return _by_digest(child.base_digest, parent)
    return _by_layers(child, parent, edge)


def _by_digest(built_on: str, parent: Node) -> tuple[State, str]:
    if not parent.id:
        return State.UNKNOWN, f"was built on {short(built_on)}; the base is not on this engine"
    if built_on == parent.id or built_on in parent.digests:
        return State.CURRENT, f"is {short(built_on)}, as it was built on"
    if not parent.digests:
        return State.UNKNOWN, f"was built on {short(built_on)}; of the one that is here ({short(parent.id)}) no digest is known"
    return State.STALE, f"was built on {short(built_on)}, now {', '.join(short(one) for one in parent.digests)}"


def _by_layers(child: Node, parent: Node, edge: Edge) -> tuple[State, str]:
    if any(one.how is How.LAYERS for one in edge.learned):
        return State.CURRENT, f"its layers are there, to {short(parent.layers[-1])}"
    if not parent.layers:
        return State.UNKNOWN, "the base is not on this engine, and no digest of it was recorded"
    if child.layers[: len(parent.layers)] == parent.layers:
        return State.CURRENT, f"its layers are there, to {short(parent.layers[-1])}"
    place = next((n for n, (a, b) in enumerate(zip(child.layers, parent.layers, strict=False)) if a != b), len(child.layers))
    had = short(child.layers[place]) if place < len(child.layers) else "none"
    return State.STALE, f"layer {place + 1} is {had}, the base's now {short(parent.layers[place])}"


def _through(tree: Tree, states: dict[str, State]) -> dict[str, str]:
    """Images that are not stale themselves but stand below one that is, with the nearest such parent."""
    found: dict[str, str] = {}
    ahead = sorted(key for key, state in states.items() if state is State.STALE)
    while ahead:
        parent = ahead.pop(0)
        for edge in tree.children.get(parent, ()):
            if edge.child not in found and states[edge.child] is not State.STALE and edge.kind is not EdgeKind.CONTENT:
                found[edge.child] = parent.rpartition(" ")[0]
                ahead.append(edge.child)
    return found


def _worst(readings: list[Reading]) -> State:
    for state in (State.STALE, State.UNKNOWN):
        if any(one.state is state for one in readings):
            return state
    return State.CURRENT


def _why(state: State, readings: list[Reading]) -> str:
    return "; ".join(one.why for one in readings if one.state is state)


def short(digest: str) -> str:
    """`sha256:` and twelve digits of it."""
    algorithm, colon, rest = digest.partition(":")
    return f"{algorithm}{colon}{rest[:12]}" if colon else digest[:12]
