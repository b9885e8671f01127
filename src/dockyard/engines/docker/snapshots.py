"""Data that a Docker engine keeps: found, made whole, noted as used, removed. What they are made of is `snapshot_key`, where they are `seeds`."""

from __future__ import annotations

import asyncio
import io
import secrets
import tarfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from dockyard.engines.docker import archive, cloning, filling, marks, seeds
from dockyard.engines.docker.api import Api, Conflict, Missing, settled
from dockyard.engines.docker.uncut import uncut
from dockyard.engines.protocol import SiteOptions
from dockyard.model.application import Application
from dockyard.model.errors import DockyardError, Problem, UserError
from dockyard.model.facts import EngineFacts, FoundKind, ImageFacts, Leftover
from dockyard.model.placement import CACHE, SNAPSHOT, Placement
from dockyard.model.snapshot import Data, Group, Kept, Key, Snapshot

if TYPE_CHECKING:
    from dockyard.engines.docker.scene import Json, Scene

Placing = Callable[[Placement, Application, SiteOptions], "Awaitable[Scene]"]


class DockerSnapshots:
    """See `engines.protocol.Snapshots`. `scene`: how an application is placed here."""

    def __init__(self, api: Api, facts: EngineFacts, scene: Placing) -> None:
        self._api, self._facts, self._scene = api, facts, scene

    @property
    def why_not(self) -> str:
        if self._facts.kind != "docker":
            return f"{self._facts.kind} loses who owns the files of a volume when they are read through its API"
        return "" if self._facts.os == "linux" else "the engine runs no Linux"

    async def find(self, key: str = "") -> list[Snapshot]:
        with settled():
            containers, volumes = await self._listed(key)
        return [one for one in seeds.read(containers, volumes) if key in ("", one.key)]

    async def key(
        self,
        placement: Placement,
        application: Application,
        options: SiteOptions,
        group: Group,
        images: Mapping[str, ImageFacts],
        secret: bytes,
        scope: str,
    ) -> Key:
        from dockyard.engines.docker import snapshot_key

        scene = await self._scene(placement, application, options)
        return await asyncio.to_thread(snapshot_key.of, scene, group, images, secret, scope)

    async def reserve(self, key: str, placement: Placement) -> Snapshot | None:
        with settled():
            await cloning.reserve(self._api, placement, key)
            # Who removes it looks for users after it is no longer whole, so one of the two sees the other.
            found = await self.find(key)
            if not found:
                await self._api.remove_volume(cloning.ground(placement, key))
        return found[0] if found else None

    async def begin(self, key: Key, placement: Placement) -> Mapping[str, Data] | None:
        with settled():
            lock = {**placement.labels(), SNAPSHOT: key.hash}
            mine = await uncut(marks.mark(self._api, self._facts.arch, seeds.lock(key.hash), lock))
            if not mine or await self.find(key.hash):
                return None
            token, number = secrets.token_hex(4), 0
            made: dict[str, Data] = {}
            for service, targets in key.targets.items():
                names: dict[str, str] = {}
                for target in targets:
                    names[target] = seeds.volume(key.hash, token, number)
                    number += 1
                    labels = seeds.labels_of_part(key.hash, placement)
                    await uncut(self._api.create_volume({"Name": names[target], "Labels": labels}))
                made[service] = Data(volumes=names)
            return made

    async def keep(self, key: Key, placement: Placement, data: Mapping[str, Data], seconds: float) -> Snapshot | None:
        with settled():
            names = [name for one in data.values() for name in one.volumes.values()]
            kept, size, empty = await self._looked_at(placement, names)
            for service, one in data.items():
                if empty.issuperset(one.volumes.values()):
                    raise UserError(Problem(f"{service} has left nothing in its volumes, so its data are elsewhere"))
            layered = await self._layered(placement, key.hash, kept)
            rest = iter(kept)
            volumes = {service: {target: next(rest) for target in one.volumes} for service, one in data.items()}
            labels = seeds.labels_of_whole(key, placement.project, volumes, size=size, seconds=seconds, layered=layered)
            try:
                await uncut(self._api.create(seeds.name(key.hash), await self._mounting(names, labels)))
            except Conflict:
                return None
        found = await self.find(key.hash)
        return found[0] if found else None

    async def used(self, snapshot: Snapshot, now: float) -> None:
        name = seeds.used(snapshot.key, now)
        if snapshot.used_at >= (seeds.day_of(name) or 0):
            return
        with settled():
            containers, _ = await self._listed(snapshot.key)
            await marks.mark(self._api, self._facts.arch, name, {CACHE: seeds.KIND, SNAPSHOT: snapshot.key})
            for one in containers:
                older = seeds.day_of(_name(one))
                if older is not None and older < (seeds.day_of(name) or 0):
                    await self._api.remove(one["Id"])

    async def remove(self, key: str) -> Sequence[Leftover]:
        name = seeds.name(key)
        found = await self.find(key)
        if not found:
            return []
        if found[0].used_by:
            return [_in_use(name, found[0])]
        mine = {kept.volume for paths in found[0].volumes.values() for kept in paths.values()}
        with settled():
            await self._api.remove(name)
            containers, volumes = await self._listed(key)
            left: list[Leftover] = []
            for one in containers:
                if seeds.day_of(_name(one)) is not None:
                    await self._api.remove(one["Id"])
            for volume in mine & set(seeds.parts(containers, volumes)):  # what somebody stands on since goes with the next sweep
                try:
                    await self._api.remove_volume(volume)
                except Missing:
                    continue
                except (Conflict, DockyardError) as error:
                    left.append(Leftover(FoundKind.VOLUME, volume, str(error).partition("\n")[0]))
        return left

    async def _listed(self, key: str) -> tuple[list[Json], list[Json]]:
        labelled = {"label": [f"{SNAPSHOT}={key}" if key else SNAPSHOT]}
        containers, volumes = await asyncio.gather(self._api.containers(labelled), self._api.volumes(labelled))
        return containers, volumes

    async def _mounting(self, names: Sequence[str], labels: dict[str, str]) -> Json:
        mounts = [seeds.mount(name, number) for number, name in enumerate(names)]
        return {
            "Image": await filling.image(self._api, self._facts.arch),
            "Labels": labels,
            "NetworkDisabled": True,
            "HostConfig": {"NetworkMode": "none", "Mounts": mounts},
        }

    async def _looked_at(self, placement: Placement, names: Sequence[str]) -> tuple[list[Kept], int, set[str]]:
        """Who owns the root of each volume, how large all of them are, and which are empty."""
        looker = await filling.made(self._api, await self._mounting(names, placement.labels()))
        try:
            found: list[Kept] = []
            empty: set[str] = set()
            size = 0
            for number, name in enumerate(names):
                head = b""
                async for block in self._api.get(looker, f"/{number}/."):
                    head = head if len(head) >= _HEAD else head + block
                    size += len(block)
                root, holds = _root(head)
                found.append(msgspec.structs.replace(root, volume=name))
                empty |= set() if holds else {name}
            return found, size, empty
        finally:
            await asyncio.shield(self._api.remove(looker))

    async def _layered(self, placement: Placement, key: str, kept: list[Kept]) -> str | None:
        """With which options this engine lays something over them: tried, by having it mount one. None: it can't."""
        for options in seeds.OPTIONS:
            try:
                await cloning.reserve(self._api, placement, key)
                (layer, *_) = await cloning.layers(self._api, self._facts.arch, placement, key, kept[:1], options)
                await cloning.put(self._api, self._facts.arch, placement, layer, archive.of_folders(()))
            except (DockyardError, Conflict, Missing):
                continue
            return options
        return None


_HEAD = 65536


def _root(head: bytes) -> tuple[Kept, bool]:
    """The owner of an archive's first member, which is the folder itself; and whether anything comes after it."""
    with tarfile.open(fileobj=io.BytesIO(head), mode="r|") as tar:
        first = tar.next()
        assert first is not None and first.isdir(), "the archive of a folder begins with it"
        return Kept(volume="", uid=first.uid, gid=first.gid, mode=first.mode & 0o7777), tar.next() is not None


def _in_use(name: str, snapshot: Snapshot) -> Leftover:
    return Leftover(FoundKind.CONTAINER, name, f"{', '.join(snapshot.used_by)} stands on it")


def _name(one: Json) -> str:
    return one["Names"][0].lstrip("/") if one.get("Names") else one["Id"][:12]
