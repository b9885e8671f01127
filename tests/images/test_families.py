"""Graphs that people look at."""

from __future__ import annotations

from xml.etree import ElementTree

from tests.support.graphs import tree

from dockyard.images import draw
from dockyard.images.families import picture


def test_the_tree_shows_joins_once_in_full_and_how_else_an_image_is_used() -> None:
    found = tree("a:1 < base:1", "b:1 < base:1", "join:1 < a:1", "join:1 <copy b:1", "leaf:1 < join:1")
    assert draw.text(picture(found)) == [
        "base:1  [linux/amd64]",
        "├─ a:1  [linux/amd64]",
        "│  └─ join:1  [linux/amd64]",
        "│     └─ leaf:1  [linux/amd64]",
        "└─ b:1  [linux/amd64]",
        "   └─ join:1  [linux/amd64]  (copied from)  …above",
    ]


def test_platforms_of_a_name_are_one_line_and_circles_end() -> None:
    found = tree("a:1 < base:1", "a:1@arm < base:1@arm", "x:1 < y:1", "y:1 <copy x:1")
    assert draw.text(picture(found)) == [
        "base:1  [linux/amd64 linux/arm64]",
        "└─ a:1  [linux/amd64 linux/arm64]",
        "x:1  [linux/amd64]",
        "└─ y:1  [linux/amd64]  (copied from)",
        "   └─ x:1  [linux/amd64]  …above",
    ]


def test_thousands_fold_into_families_but_nothing_that_others_stand_on() -> None:
    edges = [f"team/svc-{n}:1.{n} < run:1" for n in range(3000)] + ["run:1 < debian:12", "on-seven:1 < team/svc-7:1.7"]
    assert draw.text(picture(tree(*edges))) == [
        "debian:12  [linux/amd64]",
        "└─ run:1  [linux/amd64]",
        "   ├─ team/svc-*:*.*  ×2999  [linux/amd64]",
        "   └─ team/svc-7:1.7  [linux/amd64]",
        "      └─ on-seven:1  [linux/amd64]",
    ]


def test_families_of_two_parents_stay_two_and_are_called_alike() -> None:
    edges = [f"svc-{n}:1 < run-{'a' if n % 2 else 'b'}:x" for n in range(100)]
    assert draw.text(picture(tree(*edges))) == [
        "run-a:x  [linux/amd64]",
        "└─ svc-*:*  ×50  [linux/amd64]",
        "run-b:x  [linux/amd64]",
        "└─ svc-*:*  ×50  [linux/amd64]",
    ]


def test_many_children_that_are_not_alike_are_cut_and_counted() -> None:
    names = [f"{a}{b}" for a in "abcdefgh" for b in "abcdefghij"]
    edges = [f"{name}:x < run:1" for name in names] + [f"below-{name}:x < {name}:x" for name in names]
    lines = draw.text(picture(tree(*edges)))
    assert lines[-1] == "└─ … and 55 more, 110 in all with those below them (--all shows them)"
    assert len(draw.text(picture(tree(*edges), fold=False), everything=True)) == 161


def test_dot_and_svg_have_every_family_and_every_edge() -> None:
    found = picture(tree('a"<&>:1 < base:1', "b:1 <copy base:1"))
    assert draw.dot(found).count("->") == 2 and '"a\\"<&>:1"' in draw.dot(found)
    root = ElementTree.fromstring(draw.svg(found))
    kinds = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert (kinds.count("rect"), kinds.count("path"), kinds.count("script")) == (3, 2, 0)


def test_an_svg_of_a_circle_ends_too() -> None:
    assert draw.svg(picture(tree("x:1 < y:1", "y:1 <copy x:1", "z:1 < x:1"))).endswith("</svg>\n")
