"""What an engine has, against a real one: a base that is made anew, and what was built on the old one."""

from __future__ import annotations

import io
import os
import secrets
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dockyard.engines.docker.client import Client, connect
from dockyard.engines.docker.endpoint import resolve
from dockyard.images import engine_images, grow, scan
from dockyard.images.observe import BASE_NAME, merge
from dockyard.images.platforms import Platform, parse
from dockyard.images.stale import findings
from dockyard.images.tree import Tree
from dockyard.model.lineage import Graph, How


@pytest.fixture
async def client(engine) -> AsyncIterator[Client]:
    made = await connect(resolve({**os.environ, "DOCKER_HOST": engine.host}))
    yield made
    await made.close()


@pytest.fixture
async def name(client: Client) -> AsyncIterator[str]:
    """A repository for this test; whatever is in it is removed."""
    mine = f"family-{secrets.token_hex(4)}"
    yield mine
    for image in await client.images.list():
        for tag in image.get("RepoTags") or ():
            if tag.startswith(f"{mine}/"):
                await client.images.remove(tag, force=True)


async def _layer(client: Client, repository: str, content: str, *changes: str) -> None:
    """An image of one layer, with what `docker import --change` takes."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        entry = tarfile.TarInfo("content")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content.encode()))
    await client.images.import_(data.getvalue(), repository=repository, tag="1", changes=changes)


async def _committed(client: Client, base: str, repository: str) -> None:
    """A child of `base` with a layer of its own."""
    made = await client.json("POST", "/containers/create", body={"Image": base, "Cmd": ["x"]})
    try:
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w") as archive:
            # A file of its own: a layer that changes nothing is none to some engines.
            archive.addfile(tarfile.TarInfo(repository.replace("/", "-")), io.BytesIO())
        await client.call(
            "PUT",
            f"/containers/{made['Id']}/archive",
            query={"path": "/"},
            body=data.getvalue(),
            content_type="application/x-tar",
        )
        await client.call("POST", "/commit", query={"container": made["Id"], "repo": repository, "tag": "1"}, body={})
    finally:
        await client.call("DELETE", f"/containers/{made['Id']}", query={"force": True})


async def test_a_base_that_is_another_one_now_makes_its_children_stale_and_says_which_layer(
    engine, client: Client, name: str, tmp_path: Path
) -> None:
    host = {**os.environ, "DOCKER_HOST": engine.host}
    await _layer(client, f"{name}/base", "old")
    await _committed(client, f"{name}/base:1", f"{name}/app")
    await _committed(client, f"{name}/app:1", f"{name}/nobody-described")
    images = [one for one in await engine_images.look(host) if one.names[0].startswith(name)]
    (tmp_path / "Dockerfile").write_text(f"FROM {name}/base:1\n")
    (platform,) = {one.platform for one in images}
    here = parse(platform, Platform("linux", "amd64"))
    world = grow.World(platforms=(here,), build_platform=here)
    described = scan.scan((), str(tmp_path), {}, world, {"Dockerfile": f"{name}/app:1"}).grown.graph

    def said(graph: Graph) -> dict[str, str]:
        found = findings(Tree(graph))
        return {one.image.split()[0].partition("/")[2]: f"{one.state}: {one.why.replace(name, 'N')}" for one in found}

    before = merge(described, images)
    assert {state.partition(":")[0] for state in said(before).values()} == {"current"}
    by_layers = [edge for edge in before.edges if edge.learned[0].how is How.LAYERS]
    assert [(edge.child.split()[0], edge.parent.split()[0]) for edge in by_layers] == [
        (f"{name}/nobody-described:1", f"{name}/app:1")
    ]
    await _layer(client, f"{name}/base", "new")
    now = said(merge(described, [one for one in await engine_images.look(host) if one.names and one.names[0].startswith(name)]))
    assert now["app:1"].startswith("stale: N/base:1: layer 1 is sha256:")
    assert now["nobody-described:1"] == "stale: through N/app:1, which is stale"


async def test_labels_come_with_the_images(engine, client: Client, name: str) -> None:
    await _layer(client, f"{name}/labelled", "x", f"LABEL {BASE_NAME}=debian:12")
    images = await engine_images.look({**os.environ, "DOCKER_HOST": engine.host})
    (mine,) = [one for one in images if f"{name}/labelled:1" in one.names]
    assert mine.labels[BASE_NAME] == "debian:12" and len(mine.layers) == 1 and mine.size > 0
