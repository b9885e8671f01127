"""Current, stale or unknown, and the line that says why."""

from __future__ import annotations

import msgspec
import pytest
from tests.support.graphs import P, edge, tree

from dockyard.images.stale import Finding, State, findings
from dockyard.model.lineage import How, Learned, Node

BASE = Node(name="base:1", platform=P, id="sha256:id", digests=("sha256:new",), layers=("a", "b"))
APP = Node(name="app:1", platform=P, id="sha256:app", layers=("a", "b", "c"))


def one(child: Node, parent: Node = BASE, **more: object) -> Finding:
    return findings(tree(edge("app:1 < base:1", **more), nodes=(child, parent)))[0]


def but(node: Node, **more: object) -> Node:
    return msgspec.structs.replace(node, **more)


@pytest.mark.parametrize(
    ("child", "parent", "state", "why"),
    [
        (but(APP, base_digest="sha256:new"), BASE, State.CURRENT, "base:1: is sha256:new, as it was built on"),
        (but(APP, base_digest="sha256:id"), BASE, State.CURRENT, "base:1: is sha256:id, as it was built on"),
        (but(APP, base_digest="sha256:old"), BASE, State.STALE, "base:1: was built on sha256:old, now sha256:new"),
        (but(APP, base_digest="sha256:old"), but(BASE, digests=()), State.UNKNOWN, "no digest is known"),
        (but(APP, base_digest="sha256:old"), Node(name="base:1", platform=P), State.UNKNOWN, "the base is not on this engine"),
        (but(APP, base_name="base:0"), BASE, State.STALE, "base:1: was built on base:0, D:1:6 says base:1"),
        (APP, BASE, State.CURRENT, "base:1: its layers are there, to b"),
        (but(APP, layers=("a", "x")), BASE, State.STALE, "base:1: layer 2 is x, the base's now b"),
        (but(APP, layers=("a",)), BASE, State.STALE, "layer 2 is none"),
        (APP, Node(name="base:1", platform=P), State.UNKNOWN, "the base is not on this engine"),
        (Node(name="app:1", platform=P), BASE, State.UNKNOWN, "the image itself is not on this engine"),
    ],
)
def test_an_image_is_compared_with_what_its_base_is_now(child: Node, parent: Node, state: State, why: str) -> None:
    found = one(child, parent)
    assert found.state is state and why in found.why


def test_what_was_copied_in_without_a_digest_is_unknown_and_so_is_the_image() -> None:
    found = findings(tree("app:1 < base:1", "app:1 <copy tools:1", nodes=(APP, BASE)))[0]
    assert (found.state, found.why) == (State.UNKNOWN, "tools:1: no digest of it was recorded in the image")
    assert [reading.state for reading in found.readings] == [State.CURRENT, State.UNKNOWN]


def test_a_stage_that_stands_on_an_image_is_no_base_to_compare_layers_with() -> None:
    assert one(APP, final=False).state is State.UNKNOWN


def test_an_image_below_a_stale_one_is_stale_through_it() -> None:
    old = but(APP, base_digest="sha256:old")
    web = Node(name="web:1", platform=P, id="w", layers=("a", "b", "c", "d"))
    found = {one.image: one for one in findings(tree("app:1 < base:1", "web:1 < app:1", nodes=(old, BASE, web)))}
    assert found[web.key].state is State.STALE and found[web.key].why == "through app:1, which is stale"


def test_content_that_is_mounted_makes_nothing_stale() -> None:
    assert findings(tree("app:1 <content deps:1", nodes=(APP,)))[0].state is State.CURRENT


def test_a_base_found_by_layers_is_current_by_them() -> None:
    assert one(APP, learned=(Learned(how=How.LAYERS, digest="b"),)).state is State.CURRENT
