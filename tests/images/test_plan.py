"""What a change of a base causes: cases, and properties over graphs of every shape."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.graphs import P, edge, tree

from dockyard.images.plan import Action, Wave, plan
from dockyard.images.policies import Policies, Policy, Rule
from dockyard.images.tree import Tree
from dockyard.model.lineage import VERSION, Edge, EdgeKind, Graph, How, Learned, Node

# How long an example takes says something of the machine only.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
CASCADE = Policies(default=Policy.CASCADE)


def planned(found: Tree, changed: str = "base:1", policies: Policies = CASCADE, digest: str = "") -> Wave:
    return plan(found, [node.key for node in found.find(changed)], policies, digest=digest)


def steps(wave: Wave) -> list[tuple[int, str, str]]:
    return [(step.level, str(step.action), step.image.split()[0]) for step in wave.steps]


def test_descendants_are_built_level_by_level_and_others_are_left_alone() -> None:
    found = planned(tree("a:1 < base:1", "b:1 < a:1", "c:1 < other:1"))
    assert steps(found) == [(1, "build", "a:1"), (2, "build", "b:1")]
    assert [step.why for step in found.steps] == ["base:1 changed (D:1:6)", "a:1 is new in this wave (D:1:6)"]


def test_a_join_is_built_once_after_both_of_its_parents() -> None:
    found = planned(tree("a:1 < base:1", "b:1 < base:1", "c:1 < b:1", "join:1 < a:1", "join:1 <copy c:1"))
    assert steps(found) == [(1, "build", "a:1"), (1, "build", "b:1"), (2, "build", "c:1"), (3, "build", "join:1")]
    assert found.steps[-1].after == (f"a:1 {P}", f"c:1 {P}")


def test_nothing_is_built_by_a_lazy_edge_and_what_stands_below_waits_too() -> None:
    found = planned(tree("a:1 < base:1", "b:1 < a:1"), policies=Policies())
    assert steps(found) == [(1, "later", "a:1"), (2, "later", "b:1")]
    assert found.publish == () and found.snapshot == {}


def test_a_child_of_a_lazy_and_a_cascading_parent_is_built_and_takes_what_is_new() -> None:
    rules = (Rule("*", "lazy:*", Policy.LAZY),)
    found = planned(
        tree("lazy:1 < base:1", "quick:1 < base:1", "app:1 < lazy:1", "app:1 <copy quick:1"),
        policies=Policies(default=Policy.CASCADE, rules=(*rules, Rule("lazy:*", "*", Policy.LAZY))),
    )
    assert steps(found) == [(1, "build", "quick:1"), (1, "later", "lazy:1"), (2, "build", "app:1")]
    assert found.steps[-1].after == (f"quick:1 {P}",)


def test_a_base_is_swapped_and_what_is_copied_from_has_to_be_built() -> None:
    found = planned(tree("a:1 < base:1", "b:1 <copy base:1", "c:1 < a:1"), policies=Policies(default=Policy.REBASE))
    assert steps(found) == [(1, "rebase", "a:1"), (1, "build", "b:1"), (2, "rebase", "c:1")]
    assert "can't be rebased: it takes files from base:1" in found.steps[1].why


def test_a_child_whose_base_and_a_copied_image_change_is_built_not_rebased() -> None:
    found = planned(tree("t:1 < base:1", "a:1 < base:1", "a:1 <copy t:1"), policies=Policies(default=Policy.REBASE))
    assert steps(found)[-1] == (2, "build", "a:1")


def test_content_that_is_mounted_rebuilds_nothing() -> None:
    found = planned(tree("app:1 <content base:1", "web:1 < app:1"))
    assert found.steps == ()
    assert [(one.image, one.why) for one in found.held] == [(f"app:1 {P}", "mounts base:1, and has the new one when it is used")]


def test_a_pinned_child_is_not_reached_and_the_place_of_its_pin_is_told() -> None:
    pinned = edge("app:1 < base:1", pinned="sha256:" + "1" * 64)
    found = planned(tree(pinned, "web:1 < app:1"), digest="sha256:" + "2" * 64)
    assert found.steps == ()
    assert found.held[0].why == "is pinned to sha256:111111111111 of base:1 at D:1:6"


def test_a_child_that_is_pinned_to_the_very_digest_is_built() -> None:
    digest = "sha256:" + "1" * 64
    found = planned(tree(edge("app:1 < base:1", pinned=digest)), digest=digest)
    assert steps(found) == [(1, "build", "app:1")]
    assert found.steps[0].why == "base:1 is now sha256:111111111111 (D:1:6)"


def test_an_image_that_takes_from_itself_is_not_built_for_itself() -> None:
    found = planned(tree("base:1 < base:1", "a:1 < base:1"))
    assert steps(found) == [(1, "build", "a:1")]
    assert "takes from itself" in found.held[0].why


def test_a_circle_is_found_and_held_with_what_stands_below_it() -> None:
    found = planned(tree("a:1 < base:1", "b:1 < a:1", "a:1 <copy b:1", "c:1 < b:1", "d:1 < base:1"))
    assert steps(found) == [(1, "build", "d:1")]
    assert {one.image.split()[0]: one.why.partition(":")[0] for one in found.held} == {
        "a:1": "stands in a circle",
        "b:1": "stands in a circle",
        "c:1": "stands below a circle",
    }


def test_a_names_platforms_are_published_together() -> None:
    found = planned(
        tree("a:1 < base:1", "a:1@arm < base:1@arm", "mid:1 < base:1", "a:1 <copy mid:1", "b:1 < base:1", "b:1@arm < x:1@arm")
    )
    assert [(one.name, one.platforms, one.kept, one.after_level) for one in found.publish] == [
        ("a:1", ("linux/amd64", "linux/arm64"), (), 2),
        ("b:1", ("linux/amd64",), ("linux/arm64",), 1),
        ("mid:1", ("linux/amd64",), (), 1),
    ]


def test_one_snapshot_holds_the_digests_of_all_that_the_wave_does_not_change() -> None:
    tools = Node(name="tools:1", platform=P, digests=("sha256:t",))
    found = planned(tree("a:1 < base:1", "a:1 <copy tools:1", "b:1 < a:1", "b:1 <copy x:1", nodes=(tools,)), digest="sha256:n")
    assert found.snapshot == {f"base:1 {P}": "sha256:n", f"tools:1 {P}": "sha256:t", f"x:1 {P}": ""}


def test_costs_add_up_and_what_is_not_known_is_counted_as_unknown() -> None:
    a, b = Node(name="a:1", platform=P, seconds=30, size=10), Node(name="b:1", platform=P, seconds=60, size=5)
    found = planned(tree("a:1 < base:1", "b:1 < base:1", "c:1 < a:1", nodes=(a, b)))
    assert (found.seconds, found.bytes, found.unknown, found.critical) == (90, 15, 1, 60)
    assert found.steps[-1].seconds is None


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Graph, Policies]:
    """Up to 14 images; edges may point anywhere, also in circles and to themselves."""
    count = draw(st.integers(2, 14))
    names = [f"i{number}:1" for number in range(count)]
    pairs = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=30, unique=True))
    edges: list[Edge] = []
    for child, parent in pairs:
        kind = draw(st.sampled_from(EdgeKind))
        if draw(st.booleans()) and child < parent:
            child, parent = parent, child
        edges.append(
            Edge(
                child=f"{names[child]} {P}",
                parent=f"{names[parent]} {P}",
                kind=kind,
                final=kind is EdgeKind.FROM and draw(st.booleans()),
                pinned=draw(st.sampled_from(["", "", "", "sha256:a"])),
                learned=(Learned(how=How.DOCKERFILE),),
            )
        )
    unique = {(e.child, e.parent, e.kind): e for e in edges}
    policies = Policies(
        default=draw(st.sampled_from(Policy)),
        rules=tuple(
            Rule("*", draw(st.sampled_from(names)), draw(st.sampled_from(Policy))) for _ in range(draw(st.integers(0, 3)))
        ),
    )
    nodes = tuple(Node(name=name, platform=P) for name in names)
    return Graph(version=VERSION, nodes=nodes, edges=tuple(unique.values())), policies


def reached(graph: Graph, policies: Policies, changed: str) -> set[str]:
    """Who a change concerns, said as plainly as can be: again and again along every edge that follows, until nothing is added."""
    found = {changed}
    while True:
        more = {
            e.child
            for e in graph.edges
            if e.parent in found
            and e.child not in found
            and not e.pinned
            and e.kind is not EdgeKind.CONTENT
            and policies.of(e) is not Policy.CONTENT
        }
        if not more:
            return found - {changed}
        found |= more


@PATIENT
@given(graphs())
def test_no_descendant_is_missed_none_is_there_twice_and_none_for_no_reason(made: tuple[Graph, Policies]) -> None:
    graph, policies = made
    changed = graph.nodes[0].key
    wave = plan(Tree(graph), [changed], policies)
    done = [step.image for step in wave.steps]
    held: Mapping[str, str] = {one.image: one.why for one in wave.held}
    assert len(done) == len(set(done))
    circles = {image for image, why in held.items() if "circle" in why}
    assert set(done) | circles == reached(graph, policies, changed)
    assert not set(done) & set(held)


@PATIENT
@given(graphs())
def test_every_step_comes_after_all_that_it_takes_from_in_the_wave(made: tuple[Graph, Policies]) -> None:
    graph, policies = made
    changed = graph.nodes[0].key
    wave = plan(Tree(graph), [changed], policies)
    levels = {step.image: step.level for step in wave.steps}
    now = {step.image for step in wave.steps if step.action is not Action.LATER}
    for e in graph.edges:
        follows = not e.pinned and e.kind is not EdgeKind.CONTENT and policies.of(e) is not Policy.CONTENT
        if follows and e.child in now and e.parent in now and e.child != e.parent:
            assert levels[e.parent] < levels[e.child]
    for step in wave.steps:
        assert all(levels[before] < step.level for before in step.after)


@PATIENT
@given(graphs())
def test_only_what_a_policy_asks_for_is_built_and_the_order_of_a_document_changes_nothing(made: tuple[Graph, Policies]) -> None:
    graph, policies = made
    changed = graph.nodes[0].key
    wave = plan(Tree(graph), [changed], policies)
    assert wave == plan(Tree(msgspec.structs.replace(graph, nodes=graph.nodes[::-1])), [changed], policies)
    by_child: dict[str, list[Edge]] = {}
    for e in graph.edges:
        by_child.setdefault(e.child, []).append(e)
    now = {step.image for step in wave.steps if step.action is not Action.LATER}
    for step in wave.steps:
        acting = [
            e
            for e in by_child[step.image]
            if (e.parent == changed or e.parent in now)
            and e.parent != e.child
            and not e.pinned
            and policies.of(e) in (Policy.CASCADE, Policy.REBASE)
        ]
        assert (step.action is not Action.LATER) == bool(acting)
        if step.action is Action.REBASE:
            assert all(e.final and policies.of(e) is Policy.REBASE for e in acting)
