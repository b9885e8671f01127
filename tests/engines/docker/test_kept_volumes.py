"""Volumes that are kept on a real engine: filled once, whole in one act, cloned as a layer or as a copy, removed when nobody stands on them."""

from __future__ import annotations

import io
import secrets
import tarfile
from collections.abc import AsyncIterator

import pytest
from tests.engines.docker.conftest import placement
from tests.engines.docker.test_site import app, image, sh, text, until

from dockyard.engines.docker import seeds
from dockyard.engines.docker.engine import DockerEngine
from dockyard.engines.protocol import SiteOptions
from dockyard.model.facts import ChangeKind
from dockyard.model.plan import Instance
from dockyard.model.service import Mount, Service
from dockyard.model.snapshot import Data, Key, Snapshot

on_docker = pytest.mark.differs_on_podman("its archives lose who owns what, so nothing is kept there")
FILL = (
    "chown 7:8 /data; chmod 750 /data; echo kept > /data/file; mkdir /data/deep; ln -s file /data/link; chown -R 7:8 /data/deep"
)
TELL = "stat -c '%u:%g %a' /data; cat /data/file; readlink /data/link; stat -c %u /data/deep; echo mine > /data/file; rm -r /data/deep"
TOLD = "7:8 750\nkept\nfile\n7\n"


def on_data(script: str) -> Service:
    return sh(script, volumes=(Mount(type="volume", source="data", target="/data"),))


async def once(docker: DockerEngine, script: str, data: Data) -> str:
    """What a service says that has its data there; nothing of it is left then."""
    site = await docker.site(placement(), app(db=on_data(script)), SiteOptions(data={"db": data}))
    await site.create_network("default")
    db = Instance(key="db", service="db")
    await site.create(db, await image(docker))
    await site.start(db)
    await site.release(db)
    await until(site, "db", ChangeKind.EXITED)
    told = await text(site, "db")
    assert not await site.delete()
    return told


@pytest.fixture
async def kept(docker: DockerEngine, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> AsyncIterator[Snapshot]:
    """A snapshot of one service's volume, cloned as the test asks for; gone after the test."""
    if getattr(request, "param", "layer") == "copy":
        monkeypatch.setattr(seeds, "OPTIONS", ())
    key = Key(hash=secrets.token_hex(16), inputs={"a": "1"}, targets={"db": ("/data",)})
    filler = placement()
    data = await docker.snapshots.begin(key, filler)
    assert data is not None and await docker.snapshots.begin(key, filler) is None, "nobody else is let in"
    assert await docker.snapshots.find(key.hash) == []
    await once(docker, FILL, data["db"])
    made = await docker.snapshots.keep(key, filler, data, 1.5)
    assert made is not None
    assert await docker.snapshots.keep(key, filler, data, 1.5) is None, "never twice under one key"
    await docker.remove([found for found in await docker.inventory() if found.placement == filler.id])
    yield (await docker.snapshots.find(key.hash))[0]
    assert await docker.snapshots.remove(key.hash) == [] and await docker.snapshots.find(key.hash) == []


@on_docker
@pytest.mark.parametrize("kept", ["layer", "copy"], indirect=True)
async def test_a_clone_has_the_data_and_their_owners_and_its_writes_stay_its_own(docker: DockerEngine, kept: Snapshot) -> None:
    data = Data(snapshot=kept, volumes={"/data": ""})
    assert await once(docker, TELL, data) == TOLD
    assert await once(docker, TELL, data) == TOLD
    assert kept.volumes["db"]["/data"].uid == 7 and kept.size > 0 and (kept.seconds, kept.inputs) == (1.5, {"a": "1"})


@on_docker
async def test_what_somebody_stands_on_is_not_removed(docker: DockerEngine, kept: Snapshot) -> None:
    user = placement()
    assert await docker.snapshots.reserve(kept.key, user) is not None
    (left,) = await docker.snapshots.remove(kept.key)
    assert f"{user.id} stands on it" in left.why
    assert (await docker.snapshots.find(kept.key))[0].used_by == (user.id,)
    assert not await docker.remove([found for found in await docker.inventory() if found.placement == user.id])


@on_docker
async def test_none_is_reserved_where_none_is(docker: DockerEngine) -> None:
    user = placement()
    assert await docker.snapshots.reserve("0" * 32, user) is None
    assert [found for found in await docker.inventory() if found.placement == user.id] == []


async def test_an_engine_that_can_not_keep_data_says_why(docker: DockerEngine) -> None:
    assert bool(docker.snapshots.why_not) is (docker.facts.kind == "podman")


@on_docker
async def test_the_day_of_its_use_is_noted_once(docker: DockerEngine, kept: Snapshot) -> None:
    later = kept.made_at + 3 * 86400
    await docker.snapshots.used(kept, later)
    (noted,) = await docker.snapshots.find(kept.key)
    assert kept.used_at < noted.used_at <= later
    await docker.snapshots.used(noted, later)
    await docker.snapshots.used(noted, later + 86400)
    assert (await docker.snapshots.find(kept.key))[0].used_at == noted.used_at + 86400


@on_docker
async def test_parts_go_with_who_fills_them(docker: DockerEngine) -> None:
    key = Key(hash=secrets.token_hex(16), inputs={}, targets={"db": ("/data",)})
    filler = placement()
    data = await docker.snapshots.begin(key, filler)
    assert data is not None
    mine = [found for found in await docker.inventory() if found.placement == filler.id]
    assert {found.name for found in mine} == {seeds.lock(key.hash), data["db"].volumes["/data"]}
    assert not await docker.remove(mine)
    again = await docker.snapshots.begin(key, filler)
    assert again is not None and again["db"].volumes != data["db"].volumes, "what a dead filler left is not inherited"
    assert not await docker.remove([found for found in await docker.inventory() if found.placement == filler.id])


@on_docker
async def test_the_archive_of_a_folder_begins_with_it(docker: DockerEngine, kept: Snapshot) -> None:
    """What the owner of a clone's root is read from."""
    head = b"".join([block async for block in docker._api.get(seeds.name(kept.key), "/0/.")])  # pyright: ignore[reportPrivateUsage]
    with tarfile.open(fileobj=io.BytesIO(head)) as tar:
        first = tar.next()
    assert first is not None and first.isdir() and (first.uid, first.gid, first.mode & 0o7777) == (7, 8, 0o750)
