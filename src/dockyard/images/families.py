"""A graph small enough to look at: platforms of a name as one, and images that differ by a number only as one family. Pure."""

from __future__ import annotations

import re
from collections import defaultdict

import msgspec

from dockyard.images.tree import Tree
from dockyard.model.lineage import EdgeKind

FOLDS_ABOVE = 60
"""With no more names than these nothing is folded."""

_FEWEST = 4
_NUMBER = re.compile(r"\d+")


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """One image, or several that are alike. `title` tells families apart, `label` is for people: the name, or the pattern of the names."""

    title: str
    names: tuple[str, ...]
    platforms: tuple[str, ...]

    @property
    def label(self) -> str:
        return self.names[0] if len(self.names) == 1 else _NUMBER.sub("*", self.names[0])


class Link(msgspec.Struct, frozen=True, order=True):
    """`parent` and `child` are titles. `kind`: the strongest of what is between them; `final`: the child stands on the parent."""

    parent: str
    child: str
    kind: EdgeKind
    final: bool


class Picture(msgspec.Struct, frozen=True):
    families: dict[str, Family]
    links: tuple[Link, ...]


def picture(tree: Tree, *, fold: bool = True) -> Picture:
    """Families by title. Only leaves with the same parents are folded, so that nothing that others stand on disappears."""
    platforms: dict[str, set[str]] = defaultdict(set)
    for node in tree.graph.nodes:
        platforms[node.name].add(node.platform)
    edges = _by_name(tree)
    titles = _titles(list(platforms), edges) if fold and len(platforms) > FOLDS_ABOVE else {}
    members: dict[str, list[str]] = defaultdict(list)
    for name in sorted(platforms):
        members[titles.get(name, name)].append(name)
    families = {
        title: Family(title=title, names=tuple(names), platforms=tuple(sorted({p for name in names for p in platforms[name]})))
        for title, names in members.items()
    }
    links: dict[tuple[str, str], Link] = {}
    for (parent, child), (kind, final) in edges.items():
        ends = (titles.get(parent, parent), titles.get(child, child))
        before = links.get(ends)
        if before is None or (final and not before.final):
            links[ends] = Link(*ends, kind, final)
    return Picture(families, tuple(sorted(links.values())))


def _by_name(tree: Tree) -> dict[tuple[str, str], tuple[EdgeKind, bool]]:
    found: dict[tuple[str, str], tuple[EdgeKind, bool]] = {}
    for edge in tree.graph.edges:
        ends = (tree.nodes[edge.parent].name, tree.nodes[edge.child].name)
        before = found.get(ends)
        if ends[0] != ends[1] and (before is None or (edge.final and not before[1])):
            found[ends] = (edge.kind, edge.final)
    return found


def _titles(names: list[str], edges: dict[tuple[str, str], tuple[EdgeKind, bool]]) -> dict[str, str]:
    """The names that are folded, with their pattern."""
    parents: dict[str, set[str]] = defaultdict(set)
    has_children = {parent for parent, _ in edges}
    for parent, child in edges:
        parents[child].add(parent)
    alike: dict[tuple[str, frozenset[str]], list[str]] = defaultdict(list)
    for name in names:
        if name not in has_children and parents[name]:
            alike[(_NUMBER.sub("*", name), frozenset(parents[name]))].append(name)
    used: dict[str, int] = defaultdict(int)
    found: dict[str, str] = {}
    for (pattern, _), group in sorted(alike.items(), key=lambda item: item[1]):
        if len(group) >= _FEWEST:
            used[pattern] += 1
            title = pattern if used[pattern] == 1 else f"{pattern} ({used[pattern]})"
            found |= dict.fromkeys(group, title)
    return found
