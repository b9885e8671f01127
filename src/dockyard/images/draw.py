"""A picture of a graph as lines for a terminal, as DOT, and as SVG. Pure."""

from __future__ import annotations

import json
from collections import defaultdict
from html import escape

from dockyard.images.families import Family, Link, Picture
from dockyard.model.lineage import EdgeKind

_MOST = 25
"""Children of one image that are shown, unless all are asked for."""

_HOW = {
    EdgeKind.FROM: "in a stage",
    EdgeKind.COPY: "copied from",
    EdgeKind.MOUNT: "mounted in its build",
    EdgeKind.CONTENT: "mounted",
}


def text(picture: Picture, *, everything: bool = False) -> list[str]:
    """A tree a root. An image below two parents has its own children below the first only."""
    below: dict[str, list[Link]] = defaultdict(list)
    above: set[str] = set()
    for link in picture.links:
        below[link.parent].append(link)
        above.add(link.child)
    found: list[str] = []
    seen: set[str] = set()
    roots = [title for title in picture.families if title not in above]
    for title in [*roots, *picture.families]:
        # What is left over after the roots stands in circles.
        if title not in seen:
            _branch(picture, below, title, "", "", None, seen, found, everything)
    return found


def _branch(
    picture: Picture,
    below: dict[str, list[Link]],
    title: str,
    lead: str,
    indent: str,
    link: Link | None,
    seen: set[str],
    found: list[str],
    everything: bool,
) -> None:
    again = title in seen
    seen.add(title)
    how = f"  ({_HOW[link.kind]})" if link is not None and not link.final else ""
    more = "  …above" if again and below[title] else ""
    found.append(f"{lead}{_titled(picture.families[title])}{how}{more}")
    if again:
        return
    links = sorted(below[title], key=lambda one: (not one.final, one.child))
    shown = links if everything or len(links) <= _MOST else links[:_MOST]
    for number, one in enumerate(shown):
        last = number == len(links) - 1
        _branch(
            picture,
            below,
            one.child,
            f"{indent}{'└─' if last else '├─'} ",
            f"{indent}{'   ' if last else '│  '}",
            one,
            seen,
            found,
            everything,
        )
    left = links[len(shown) :]
    if left:
        hidden = _reached(below, [one.child for one in left])
        seen |= hidden
        found.append(f"{indent}└─ … and {len(left)} more, {len(hidden)} in all with those below them (--all shows them)")


def _reached(below: dict[str, list[Link]], titles: list[str]) -> set[str]:
    found: set[str] = set()
    ahead = list(titles)
    while ahead:
        title = ahead.pop()
        if title not in found:
            found.add(title)
            ahead += [link.child for link in below[title]]
    return found


def _titled(family: Family) -> str:
    count = f"  ×{len(family.names)}" if len(family.names) > 1 else ""
    return f"{family.label}{count}  [{' '.join(family.platforms)}]"


def dot(picture: Picture) -> str:
    """For Graphviz."""
    lines = ["digraph images {", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif"];']
    for title, family in picture.families.items():
        lines.append(f"  {json.dumps(title)} [label={json.dumps(_titled(family))}];")
    for link in picture.links:
        style = "" if link.final else f" [style=dashed, label={json.dumps(_HOW[link.kind])}]"
        lines.append(f"  {json.dumps(link.parent)} -> {json.dumps(link.child)}{style};")
    return "\n".join([*lines, "}"]) + "\n"


_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _LETTER = 260, 24, 90, 10, 7
_STYLE = "text{font:12px sans-serif;fill:#1b1f24}rect{fill:#f6f8fa;stroke:#8b949e}path{fill:none;stroke:#8b949e}.other{stroke-dasharray:4 3}"


def svg(picture: Picture) -> str:
    """Columns from the bases to what stands on them; dashed: not its base. No script, nothing fetched."""
    places = _placed(picture)
    width = (max((x for x, _ in places.values()), default=0)) + _WIDTH + 20
    height = (max((y for _, y in places.values()), default=0)) + _HEIGHT + 20
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">']
    out.append(f"<style>{_STYLE}</style>")
    for link in picture.links:
        (x1, y1), (x2, y2) = places[link.parent], places[link.child]
        x1, y1, y2 = x1 + _WIDTH, y1 + _HEIGHT // 2, y2 + _HEIGHT // 2
        bend = (x1 + x2) // 2
        other = "" if link.final else ' class="other"'
        out.append(f'<path{other} d="M{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}"/>')
    for title, family in picture.families.items():
        x, y = places[title]
        label = f"{family.label} ×{len(family.names)}" if len(family.names) > 1 else family.label
        most = (_WIDTH - 16) // _LETTER
        shown = label if len(label) <= most else f"…{label[1 - most :]}"
        out.append(
            f'<g><title>{escape(_titled(family))}</title><rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="4"/>'
        )
        out.append(f'<text x="{x + 8}" y="{y + 16}">{escape(shown)}</text></g>')
    return "\n".join([*out, "</svg>"]) + "\n"


def _placed(picture: Picture) -> dict[str, tuple[int, int]]:
    """A column is one further than the furthest parent's; in a column, the order of the parents."""
    parents: dict[str, list[str]] = defaultdict(list)
    for link in picture.links:
        parents[link.child].append(link.parent)
    columns: dict[str, int] = {}
    # Circles end after as many rounds as there are families.
    ahead = {title: 0 for title in picture.families}
    for _ in range(len(picture.families)):
        moved = {
            title: max((ahead[parent] + 1 for parent in parents[title]), default=0)
            for title in picture.families
            if parents[title]
        }
        if all(ahead[title] == column for title, column in moved.items()):
            break
        ahead |= moved
        if max(ahead.values()) > len(picture.families):
            break
    columns = ahead
    rows: dict[str, float] = {}
    places: dict[str, tuple[int, int]] = {}
    for column in sorted(set(columns.values())):
        titles = [title for title in picture.families if columns[title] == column]
        middle = {title: _mean([rows[one] for one in parents[title] if one in rows]) for title in titles}
        for row, title in enumerate(sorted(titles, key=lambda one: (middle[one], one))):
            rows[title] = row
            places[title] = (10 + column * (_WIDTH + _GAP_X), 10 + row * (_HEIGHT + _GAP_Y))
    return places


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
