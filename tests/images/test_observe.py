"""What an engine has, put into a graph."""

from __future__ import annotations

from tests.support.graphs import P, graph

from dockyard.images.engine_images import observed
from dockyard.images.observe import BASE_DIGEST, BASE_NAME, Observed, merge
from dockyard.model.errors import Location
from dockyard.model.lineage import How, Recipe


def image(name: str, layers: str, **more: object) -> Observed:
    return Observed(id=f"sha256:{name}", names=(name,), platform=P, layers=tuple(layers), **more)  # type: ignore[arg-type]


def edges(*images: Observed, start=None) -> list[tuple[str, str, list[How]]]:
    found = merge(start or graph(), images)
    return [(e.child.split()[0], e.parent.split()[0], [one.how for one in e.learned]) for e in found.edges]


def test_an_image_that_nobody_described_stands_on_the_longest_beginning_of_its_layers() -> None:
    found = edges(image("base:1", "a"), image("mid:1", "ab"), image("app:1", "abc"), image("other:1", "xbc"))
    assert found == [("app:1", "mid:1", [How.LAYERS]), ("mid:1", "base:1", [How.LAYERS])]


def test_layers_of_another_platform_are_no_base() -> None:
    other = Observed(id="o", names=("base:1",), platform="linux/arm64", layers=("a",))
    assert edges(other, image("app:1", "ab")) == []


def test_an_images_own_label_says_what_it_stands_on_also_where_that_is_not_there() -> None:
    app = image("app:1", "ab", labels={BASE_NAME: "docker.io/library/debian:12", BASE_DIGEST: "sha256:old"})
    assert edges(app) == [("app:1", "debian:12", [How.LABEL])]


def test_a_label_that_came_with_the_base_says_nothing_of_the_child() -> None:
    labels = {BASE_NAME: "debian:12", BASE_DIGEST: "sha256:1"}
    found = edges(image("debian:12", "a"), image("base:1", "ab", labels=labels), image("app:1", "abc", labels=labels))
    assert found == [("app:1", "base:1", [How.LAYERS]), ("base:1", "debian:12", [How.LABEL])]


def test_what_a_file_says_stays_and_a_label_that_agrees_is_one_more_witness() -> None:
    app = image("app:1", "ab", labels={BASE_NAME: "debian:12", BASE_DIGEST: "sha256:1"}, digests=("sha256:d",), size=7)
    start = graph("app:1 < debian:12", "app:1 <copy tools:1")
    assert edges(app, image("debian:12", "a"), start=start) == [
        ("app:1", "debian:12", [How.DOCKERFILE, How.LABEL]),
        ("app:1", "tools:1", [How.DOCKERFILE]),
    ]
    node = next(node for node in merge(start, [app]).nodes if node.name == "app:1")
    assert (node.id, node.digests, node.size, node.base_digest) == ("sha256:app:1", ("sha256:d",), 7, "sha256:1")


def test_a_label_that_says_otherwise_than_the_file_makes_no_edge_and_is_kept_for_who_compares() -> None:
    app = image("app:1", "ab", labels={BASE_NAME: "debian:11"})
    assert edges(app, start=graph("app:1 < debian:12")) == [("app:1", "debian:12", [How.DOCKERFILE])]
    assert next(node for node in merge(graph("app:1 < debian:12"), [app]).nodes if node.name == "app:1").base_name == "debian:11"


def test_an_image_from_scratch_that_a_file_describes_gets_no_base_by_chance() -> None:
    start = graph(
        nodes=(graph("app:1 < x:1").nodes[0].__class__(name="app:1", platform=P, recipe=Recipe(dockerfile=Location("D"))),)
    )
    assert edges(image("other:1", "a"), image("app:1", "ab"), start=start) == []


def test_an_image_by_a_second_name_is_the_same_image() -> None:
    two = Observed(id="i", names=("app:1", "app:latest"), platform=P, layers=("a", "b"))
    found = merge(graph(), [two, image("child:1", "abc")])
    assert [(node.name, node.aliases) for node in found.nodes] == [("app:1", ("app:latest",)), ("child:1", ())]
    assert [edge.parent for edge in found.edges] == [f"app:1 {P}"]


def test_an_engines_answer_becomes_an_image() -> None:
    body = {
        "Id": "sha256:1",
        "RepoTags": ["alpine:3", "localhost/mine:1", "dockyard-run/web:x-1", "<none>:<none>"],
        "RepoDigests": ["alpine@sha256:d"],
        "Os": "linux",
        "Architecture": "arm64",
        "Variant": "v8",
        "Config": {"Labels": {BASE_NAME: "label"}},
        "Descriptor": {"annotations": {BASE_NAME: "annotation"}},
        "RootFS": {"Layers": ["sha256:l"]},
        "Size": 5,
        "Created": "2026-01-01T00:00:00Z",
    }
    found = observed(body)
    assert (found.names, found.digests, found.platform) == (("alpine:3", "mine:1"), ("sha256:d",), "linux/arm64")
    assert (found.labels[BASE_NAME], found.layers, found.size) == ("annotation", ("sha256:l",), 5)


def test_an_engines_answer_with_nothing_in_it_is_an_image_all_the_same() -> None:
    found = observed({"Id": "x", "RepoTags": None, "RepoDigests": None, "Config": None, "RootFS": {}})
    assert (found.names, found.labels, found.layers) == ((), {}, ())
