"""What a change of a base causes, before anything runs: who is built again, in which order, why, and what it costs. Pure.

Exactly those that can be reached by edges that follow the change are in it; a join is built once, after all of its parents that
change; what an edge does is its policy's word. One snapshot of digests holds for the whole wave.
"""

from __future__ import annotations

import graphlib
from collections import defaultdict
from collections.abc import Mapping
from enum import StrEnum

import msgspec

from dockyard.images.policies import Policies, Policy
from dockyard.images.stale import short
from dockyard.images.tree import Tree
from dockyard.model.lineage import Edge, EdgeKind


class Action(StrEnum):
    BUILD = "build"
    REBASE = "rebase"
    LATER = "later"
    """At its next build, whenever that is."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One image for one platform. `after`: what has to be done before, of this wave. `level` counts from 1; None is unknown."""

    image: str
    action: Action
    level: int
    why: str
    after: tuple[str, ...] = ()
    seconds: float | None = None
    bytes: int | None = None


class Publish(msgspec.Struct, frozen=True, kw_only=True):
    """A name's tag moves once, when all of its platforms that change are there. `kept`: platforms that stay as they are."""

    name: str
    platforms: tuple[str, ...]
    kept: tuple[str, ...] = ()
    after_level: int = 1


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What a change would concern but does not reach, and why."""

    image: str
    why: str


class Wave(msgspec.Struct, frozen=True, kw_only=True):
    """`seconds` and `bytes` add up what is known of what is done now; `unknown` counts steps of which nothing is. `critical`: the longest
    chain's seconds, as far as they are known. `snapshot`: the digests of parents that this wave doesn't change ("" unknown)."""

    changed: tuple[str, ...]
    digest: str
    steps: tuple[Step, ...]
    publish: tuple[Publish, ...]
    held: tuple[Held, ...]
    snapshot: Mapping[str, str]
    seconds: float
    bytes: int
    unknown: int
    critical: float


def plan(tree: Tree, changed: list[str], policies: Policies, *, digest: str = "") -> Wave:
    """`changed`: keys of nodes that are new; `digest`: what their name is now, "" where that isn't known."""
    return _Planner(tree, changed, policies, digest).wave()


class _Planner:
    def __init__(self, tree: Tree, changed: list[str], policies: Policies, digest: str) -> None:
        self._tree, self._policies, self._digest = tree, policies, digest
        self._changed = set(changed)
        self._held: dict[str, str] = {}
        self._steps: dict[str, Step] = {}
        # Edges that carry the change, by child.
        self._carry: dict[str, list[Edge]] = defaultdict(list)

    def wave(self) -> Wave:
        self._reach()
        for child in self._order():
            self._decide(child)
        steps = tuple(sorted(self._steps.values(), key=lambda step: (step.level, step.action is Action.LATER, step.image)))
        now = [step for step in steps if step.action is not Action.LATER]
        return Wave(
            changed=tuple(sorted(self._changed)),
            digest=self._digest,
            steps=steps,
            publish=self._publish(now),
            held=tuple(Held(image=key, why=why) for key, why in sorted(self._held.items()) if key not in self._steps),
            snapshot=self._snapshot(now),
            seconds=sum(step.seconds or 0 for step in now),
            bytes=sum(step.bytes or 0 for step in now),
            unknown=sum(step.seconds is None for step in now),
            critical=self._critical(now),
        )

    def _reach(self) -> None:
        seen: set[str] = set()
        ahead = sorted(self._changed)
        while ahead:
            parent = ahead.pop()
            for edge in self._tree.children.get(parent, ()):
                if not self._follows(edge):
                    continue
                self._carry[edge.child].append(edge)
                if edge.child not in seen:
                    seen.add(edge.child)
                    ahead.append(edge.child)

    def _follows(self, edge: Edge) -> bool:
        if edge.child in self._changed:
            if edge.child == edge.parent:
                self._held[edge.child] = f"takes from itself ({edge.learned[0]}): no reason to build it again"
            return False
        if edge.child == edge.parent:
            return False
        if self._policies.of(edge) is Policy.CONTENT:
            self._held.setdefault(edge.child, f"mounts {_name(edge.parent)}, and has the new one when it is used")
            return False
        direct = edge.parent in self._changed
        if edge.pinned and not (direct and edge.pinned == self._digest):
            self._held.setdefault(edge.child, f"is pinned to {short(edge.pinned)} of {_name(edge.parent)} at {edge.learned[0]}")
            return False
        return True

    def _order(self) -> list[str]:
        """Children after their parents; those in a circle are held, with what stands below them."""
        sorter = graphlib.TopologicalSorter(
            {child: [edge.parent for edge in edges if edge.parent in self._carry] for child, edges in self._carry.items()}
        )
        try:
            return list(sorter.static_order())
        except graphlib.CycleError as error:
            circle = " takes from ".join(_name(key) for key in reversed(error.args[1]))
            inside = set(error.args[1])
            for child in inside | (self._tree.below(inside) & self._carry.keys()):
                self._held[child] = f"stands in a circle: {circle}" if child in inside else f"stands below a circle: {circle}"
                self._carry.pop(child)
            return self._order()

    def _decide(self, child: str) -> None:
        now: list[tuple[Edge, Policy]] = []
        later: list[Edge] = []
        for edge in self._carry[child]:
            before = self._steps.get(edge.parent)
            if edge.parent in self._changed or (before is not None and before.action is not Action.LATER):
                now.append((edge, self._policies.of(edge)))
            elif before is not None:
                later.append(edge)
        action = _action(now)
        acting = [edge for edge, policy in now if policy is not Policy.LAZY] if action is not Action.LATER else []
        because = acting or [edge for edge, _ in now] or later
        if not because:
            return
        node = self._tree.nodes[child]
        built = action is Action.BUILD
        # All parents of this wave, not only those that are the reason: it takes the new one of each.
        after = sorted({edge.parent for edge in self._carry[child]} & self._steps.keys())
        if action is not Action.LATER:
            after = [parent for parent in after if self._steps[parent].action is not Action.LATER]
        self._steps[child] = Step(
            image=child,
            action=action,
            level=1 + max((self._steps[parent].level for parent in after), default=0),
            why=self._why(action, because, now),
            after=tuple(after),
            seconds=(node.seconds or None) if built else None,
            bytes=(node.size or None) if built else None,
        )

    def _why(self, action: Action, because: list[Edge], now: list[tuple[Edge, Policy]]) -> str:
        parts = [f"{self._happened(edge)} ({edge.learned[0]})" for edge in because[:3]]
        text = "; ".join(parts) + (f"; and {len(because) - 3} more" if len(because) > 3 else "")
        fallen = [edge for edge, policy in now if policy is Policy.REBASE and not edge.final]
        if action is Action.BUILD and fallen:
            text += f"; can't be rebased: it takes files from {_name(fallen[0].parent)}"
        return text

    def _happened(self, edge: Edge) -> str:
        name = _name(edge.parent)
        if edge.parent in self._changed:
            return f"{name} is now {short(self._digest)}" if self._digest else f"{name} changed"
        action = self._steps[edge.parent].action
        return f"{name} {'changes at its next build' if action is Action.LATER else 'is new in this wave'}"

    def _publish(self, now: list[Step]) -> tuple[Publish, ...]:
        levels: dict[str, dict[str, int]] = defaultdict(dict)
        for step in now:
            node = self._tree.nodes[step.image]
            levels[node.name][node.platform] = step.level
        return tuple(
            Publish(
                name=name,
                platforms=tuple(sorted(found)),
                kept=tuple(sorted(n.platform for n in self._tree.by_name[name] if n.name == name and n.platform not in found)),
                after_level=max(found.values()),
            )
            for name, found in sorted(levels.items())
        )

    def _snapshot(self, now: list[Step]) -> dict[str, str]:
        done = {step.image for step in now}
        found: dict[str, str] = {}
        for step in now:
            for edge in self._tree.parents[step.image]:
                if edge.parent in done or edge.parent in found:
                    continue
                node = self._tree.nodes[edge.parent]
                digest = self._digest if edge.parent in self._changed else ""
                found[edge.parent] = edge.pinned or digest or (node.digests[0] if node.digests else "")
        return dict(sorted(found.items()))

    def _critical(self, now: list[Step]) -> float:
        ends: dict[str, float] = {}
        for step in now:
            ends[step.image] = max((ends[parent] for parent in step.after), default=0) + (step.seconds or 0)
        return max(ends.values(), default=0)


def _action(now: list[tuple[Edge, Policy]]) -> Action:
    """The strongest of what its edges ask for. A rebase swaps a base: where anything else has to be taken anew it is a build."""
    acting = [(edge, policy) for edge, policy in now if policy is not Policy.LAZY]
    if not acting:
        return Action.LATER
    if all(policy is Policy.REBASE and edge.final and edge.kind is EdgeKind.FROM for edge, policy in acting):
        return Action.REBASE
    return Action.BUILD


def _name(key: str) -> str:
    return key.rpartition(" ")[0]
