"""Folders with Dockerfiles, Compose files and bake files, and the graph that they are."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dev import plugins
from dockyard.images import bake, grow, scan
from dockyard.images.platforms import Platform
from dockyard.model.errors import UserError
from dockyard.model.lineage import EdgeKind, Graph

AMD = Platform("linux", "amd64")


def scanned(folder: Path, *paths: str, env: dict[str, str] | None = None, **more: object) -> scan.Scanned:
    names = more.pop("names", None)
    world = grow.World(**{"platforms": (AMD,), "build_platform": AMD, **more})  # type: ignore[arg-type]
    return scan.scan(paths, str(folder), env or {}, world, names)  # type: ignore[arg-type]


def write(folder: Path, **files: str) -> Path:
    """`a__b` is a/b, a `_` at the end of a name a dot."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def edges(graph: Graph) -> list[str]:
    return [f"{e.child} <{'' if e.final else e.kind} {e.parent}" for e in graph.edges]


def test_a_dockerfile_that_nobody_names_is_called_by_its_path(tmp_path: Path) -> None:
    write(tmp_path, a__Dockerfile="FROM alpine:3.20\n", b__api_dockerfile="FROM debian\n", b__Dockerfile_dockerignore="x\n")
    found = scanned(tmp_path).grown
    assert edges(found.graph) == [
        "a/Dockerfile linux/amd64 < alpine:3.20 linux/amd64",
        "b/api.dockerfile linux/amd64 < debian:latest linux/amd64",
    ]
    assert found.problems == ()


def test_a_name_for_a_dockerfile_joins_it_with_those_who_stand_on_it(tmp_path: Path) -> None:
    write(tmp_path, base__Dockerfile="FROM alpine\n", app__Dockerfile="FROM acme/base:1\n")
    found = scanned(tmp_path, names={"base/Dockerfile": "docker.io/acme/base:1"}).grown.graph
    assert edges(found) == [
        "acme/base:1 linux/amd64 < alpine:latest linux/amd64",
        "app/Dockerfile linux/amd64 < acme/base:1 linux/amd64",
    ]


def test_a_compose_files_builds_bring_names_arguments_targets_platforms_and_contexts(tmp_path: Path) -> None:
    write(
        tmp_path,
        web__Dockerfile="ARG V=1\nFROM base:${V} AS run\nCOPY --from=tools / /\nFROM other\n",
        compose_yaml="""\
name: shop
services:
  web:
    image: acme/web:2
    build:
      context: web
      target: run
      args: {V: "9"}
      tags: [acme/web:latest]
      platforms: [linux/amd64, linux/arm64]
      additional_contexts: {tools: "docker-image://acme/tools:3"}
  api:
    profiles: [later]
    build: {context: web, target: run}
""",
    )
    graph = scanned(tmp_path).grown.graph
    assert edges(graph) == [
        "acme/web:2 linux/amd64 <copy acme/tools:3 linux/amd64",
        "acme/web:2 linux/amd64 < base:9 linux/amd64",
        "acme/web:2 linux/arm64 <copy acme/tools:3 linux/arm64",
        "acme/web:2 linux/arm64 < base:9 linux/arm64",
        "shop-api:latest linux/amd64 < base:1 linux/amd64",
        "shop-api:latest linux/amd64 <copy tools:latest linux/amd64",
    ]
    web = next(node for node in graph.nodes if node.name == "acme/web:2")
    assert web.aliases == ("acme/web:latest",)
    assert web.recipe is not None and str(web.recipe.declared) == "compose.yaml:5:5"
    assert [str(one) for one in graph.edges[0].learned] == ["web/Dockerfile:3:13", "compose.yaml:11:7"]
    assert {one.name for one in graph.unused} == {"other:latest"}


def test_an_inline_dockerfile_has_its_places_in_the_compose_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        compose_yaml="""\
services:
  web:
    image: web:1
    build:
      context: .
      dockerfile_inline: |
        # first
        FROM alpine
        COPY --from=busybox / /
""",
    )
    graph = scanned(tmp_path).grown.graph
    assert {edge.parent: str(edge.learned[0]) for edge in graph.edges} == {
        "alpine:latest linux/amd64": "compose.yaml:8",
        "busybox:latest linux/amd64": "compose.yaml:9",
    }


def test_a_context_that_is_another_service_is_that_services_image_for_the_same_platforms(tmp_path: Path) -> None:
    write(
        tmp_path,
        Dockerfile="FROM base\nCOPY --from=alpine / /\n",
        base__Dockerfile="FROM debian\n",
        compose_yaml="""\
name: shop
services:
  base: {build: base}
  app:
    platform: linux/arm64
    build: {context: ., additional_contexts: {base: "service:base"}}
""",
    )
    assert edges(scanned(tmp_path).grown.graph) == [
        "shop-app:latest linux/arm64 <copy alpine:latest linux/arm64",
        "shop-app:latest linux/arm64 < shop-base:latest linux/arm64",
        "shop-base:latest linux/amd64 < debian:latest linux/amd64",
        "shop-base:latest linux/arm64 < debian:latest linux/arm64",
    ]


def test_an_image_that_is_taken_by_its_second_name_is_the_same_image(tmp_path: Path) -> None:
    write(
        tmp_path,
        Dockerfile="FROM acme/base\n",
        base__Dockerfile="FROM debian\n",
        compose_yaml="services: {base: {image: 'acme/base:1', build: {context: base, tags: ['acme/base:latest']}}}\n",
    )
    assert "Dockerfile linux/amd64 < acme/base:1 linux/amd64" in edges(scanned(tmp_path).grown.graph)


def test_a_trigger_fires_in_what_is_built_on_the_image(tmp_path: Path) -> None:
    write(tmp_path, base__Dockerfile="FROM alpine\nONBUILD COPY --from=busybox / /\n", app__Dockerfile="FROM base:1\n")
    graph = scanned(tmp_path, names={"base/Dockerfile": "base:1", "app/Dockerfile": "app:1"}).grown.graph
    assert edges(graph) == [
        "app:1 linux/amd64 < base:1 linux/amd64",
        "app:1 linux/amd64 <copy busybox:latest linux/amd64",
        "base:1 linux/amd64 < alpine:latest linux/amd64",
    ]


def test_a_digest_is_kept_beside_the_name(tmp_path: Path) -> None:
    digest = "sha256:" + "a" * 64
    write(tmp_path, Dockerfile=f"FROM alpine:3@{digest}\nCOPY --from=busybox@{digest} / /\n")
    assert [(edge.parent, edge.pinned) for edge in scanned(tmp_path).grown.graph.edges] == [
        ("alpine:3 linux/amd64", digest),
        (f"busybox@{digest} linux/amd64", digest),
    ]


def test_everything_that_is_wrong_in_all_files_is_told_at_once_and_the_rest_is_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        a__Dockerfile="FROM alpine:${NOPE}\n",
        b__Dockerfile="FROM alpine\nRUM x\nCOPY x\n",
        c__Dockerfile="FROM alpine\n",
        compose_yaml="services: {x: {build: gone}, y: {image: a, prots: []}}\n",
        d__compose_yaml="services: {x: {build: gone}}\n",
    )
    found = scanned(tmp_path).grown
    assert [str(problem.at).rsplit(":", 1)[0] for problem in found.problems] == [
        "a/Dockerfile:1",
        "b/Dockerfile:2",
        "b/Dockerfile:3",
        "compose.yaml:1",
        "d/compose.yaml:1",
    ]
    assert edges(found.graph) == ["c/Dockerfile linux/amd64 < alpine:latest linux/amd64"]


def test_a_build_argument_of_the_command_gives_what_a_file_leaves_open(tmp_path: Path) -> None:
    write(tmp_path, Dockerfile="ARG NOPE\nFROM alpine:${NOPE}\n")
    assert edges(scanned(tmp_path, args={"NOPE": "3"}).grown.graph) == ["Dockerfile linux/amd64 < alpine:3 linux/amd64"]


BAKE = {
    "target": {
        "common": {"context": "app", "args": {"V": "1", "W": "2"}, "platforms": ["linux/arm64"]},
        "app": {"inherits": ["common"], "args": {"V": "3"}, "tags": ["acme/app:1"], "contexts": {"base": "target:base"}},
        "base": {"dockerfile-inline": "FROM alpine\n", "tags": ["acme/base:1"]},
    }
}


def test_a_bake_file_without_expressions_needs_no_buildx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bake, "find_buildx", lambda environment: None)
    write(tmp_path, app__Dockerfile="ARG V\nARG W\nFROM x:${V}${W} AS x\nFROM base\nCOPY --from=x / /\n")
    (tmp_path / "docker-bake.json").write_text(json.dumps(BAKE))
    found = scanned(tmp_path).grown
    assert "acme/app:1 linux/arm64 < acme/base:1 linux/arm64" in edges(found.graph)
    assert "acme/app:1 linux/arm64 <from x:32 linux/arm64" in edges(found.graph)
    assert "acme/base:1 linux/arm64 < alpine:latest linux/arm64" in edges(found.graph)


def test_an_hcl_file_without_buildx_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bake, "find_buildx", lambda environment: None)
    (tmp_path / "docker-bake.hcl").write_text('target "a" {}\n')
    (problem,) = scanned(tmp_path).grown.problems
    assert "needs buildx" in problem.what and str(problem.at) == "docker-bake.hcl"


HCL = """\
variable "TAG" { default = "dev" }
function "tag" {
  params = [name]
  result = ["acme/${name}:${TAG}"]
}
target "app" {
  name = "app-${v}"
  matrix = { v = ["1", "2"] }
  dockerfile-inline = "FROM x:${v}"
  tags = tag("app${v}")
}
"""


def _buildx(home: Path) -> dict[str, str]:
    folder = plugins.present()
    if folder is None and bake.find_buildx(dict(os.environ)) is None:
        pytest.skip("no buildx is installed")
    return {
        "PATH": f"{os.environ['PATH']}{os.pathsep}{folder}" if folder else os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
    }


def test_an_hcl_files_variables_functions_and_matrices_are_buildxs_own(tmp_path: Path) -> None:
    (tmp_path / "docker-bake.hcl").write_text(HCL)
    found = scanned(tmp_path, env={**_buildx(tmp_path), "TAG": "7"}).grown
    assert found.problems == ()
    assert edges(found.graph) == [
        "acme/app1:7 linux/amd64 < x:1 linux/amd64",
        "acme/app2:7 linux/amd64 < x:2 linux/amd64",
    ]


def test_what_buildx_says_of_a_bake_file_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "docker-bake.hcl").write_text('target "a" {\n  tags = [nope]\n}\n')
    (problem,) = scanned(tmp_path, env=_buildx(tmp_path)).grown.problems
    assert str(problem.at).startswith("docker-bake.hcl:2:")


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no nope"):
        scanned(tmp_path, "nope")


def test_two_scans_of_the_same_files_are_the_same(tmp_path: Path) -> None:
    write(tmp_path, a__Dockerfile="FROM alpine\nCOPY --from=b / /\n", b__Dockerfile="FROM alpine\n")
    assert scanned(tmp_path).grown == scanned(tmp_path, "b", "a").grown


def test_kinds_are_those_of_the_instructions(tmp_path: Path) -> None:
    write(tmp_path, Dockerfile="FROM a AS a\nFROM b\nCOPY --from=a / /\nCOPY --from=c / /\nRUN --mount=from=d,target=/d true\n")
    found = {edge.parent.split(":")[0]: (edge.kind, edge.final) for edge in scanned(tmp_path).grown.graph.edges}
    assert found == {
        "a": (EdgeKind.FROM, False),
        "b": (EdgeKind.FROM, True),
        "c": (EdgeKind.COPY, False),
        "d": (EdgeKind.MOUNT, False),
    }
