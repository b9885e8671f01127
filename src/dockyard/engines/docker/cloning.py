"""Clones of a snapshot's volumes, for one placement: a layer over what is kept, or a copy of it.

A clone is a volume of the engine's local driver, of type overlay: what is kept lies below and is never written to, what the service writes goes into a
folder of another volume of the placement's. The layer's root must belong to whom the data's root does, or the server finds its
folder not its own. All of it carries the placement's labels and goes with it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator

import msgspec

from dockyard.engines.docker import archive, filling, names, seeds
from dockyard.engines.docker.api import Api
from dockyard.engines.docker.gate_side import FOLDER
from dockyard.engines.docker.scene import Json, Scene
from dockyard.engines.docker.uncut import uncut
from dockyard.model.errors import Fatal
from dockyard.model.placement import SNAPSHOT, Placement
from dockyard.model.snapshot import Kept, Snapshot


async def placed(api: Api, scene: Scene, service: str) -> Scene:
    """The same scene, where clones that the service's container is to mount are there."""
    data = scene.options.data.get(service)
    if data is None or data.snapshot is None:
        return scene
    made = await clones(api, scene.facts.arch, scene.placement, data.snapshot, list(data.snapshot.volumes[service].values()))
    volumes = dict(zip(data.snapshot.volumes[service], made, strict=True))
    every = {**scene.options.data, service: msgspec.structs.replace(data, volumes=volumes)}
    return msgspec.structs.replace(scene, options=msgspec.structs.replace(scene.options, data=every))


def ground(placement: Placement, key: str) -> str:
    """The volume that takes the layers of a placement's clones; while it is there, the snapshot is in use."""
    return f"{placement.id}-snapshot-{key[:12]}"


async def reserve(api: Api, placement: Placement, key: str) -> None:
    """From now on the snapshot is in use. Harmless where it is."""
    await uncut(api.create_volume({"Name": ground(placement, key), "Labels": labels(placement, key)}))


def labels(placement: Placement, key: str) -> dict[str, str]:
    return {**names.labels(placement), SNAPSHOT: key}


async def clones(api: Api, arch: str, placement: Placement, snapshot: Snapshot, kept: list[Kept]) -> list[str]:
    """The names of new volumes, one for each that is kept. Fatal where what is kept has gone."""
    if snapshot.layered is None:
        return [await _copy(api, arch, placement, snapshot, one) for one in kept]
    await reserve(api, placement, snapshot.key)
    return await layers(api, arch, placement, snapshot.key, kept, snapshot.layered)


async def layers(api: Api, arch: str, placement: Placement, key: str, kept: list[Kept], more: str) -> list[str]:
    """Overlays over what is kept. `more`: mount options."""
    listed, _ = await asyncio.gather(api.volumes({"label": [f"{SNAPSHOT}={key}"]}), filling.image(api, arch))
    where = {one["Name"]: one.get("Mountpoint", "") for one in listed}
    ours = ground(placement, key)
    tokens = [secrets.token_hex(4) for _ in kept]
    entries: list[archive.Entry] = []
    for token, one in zip(tokens, kept, strict=True):
        entries += [
            archive.Entry(path=token, content=b"", mode=0o755),
            archive.Entry(path=f"{token}/upper", content=b"", mode=one.mode, uid=one.uid, gid=one.gid),
            archive.Entry(path=f"{token}/work", content=b"", mode=0o700),
        ]
    await put(api, arch, placement, ours, archive.of_folders(entries))
    made: list[str] = []
    for token, one in zip(tokens, kept, strict=True):
        lower, base = where.get(one.volume), where.get(ours)
        if not lower or not base:
            raise Fatal(f"the snapshot {key} has gone while it was begun with", "run again; what is missing is made afresh")
        options = f"lowerdir={lower},upperdir={base}/{token}/upper,workdir={base}/{token}/work"
        name = f"{placement.id}-clone-{token}"
        body: Json = {
            "Name": name,
            "Driver": "local",
            "DriverOpts": {"type": "overlay", "device": "overlay", "o": f"{options},{more}" if more else options},
            "Labels": labels(placement, key),
        }
        await uncut(api.create_volume(body))
        made.append(name)
    return made


async def _copy(api: Api, arch: str, placement: Placement, snapshot: Snapshot, kept: Kept) -> str:
    name = f"{placement.id}-clone-{secrets.token_hex(4)}"
    numbers = [one.volume for paths in snapshot.volumes.values() for one in paths.values()]
    await uncut(api.create_volume({"Name": name, "Labels": labels(placement, snapshot.key)}))
    content = api.get(seeds.name(snapshot.key), f"/{numbers.index(kept.volume)}/.")
    await put(api, arch, placement, name, content, kept)
    return name


async def put(
    api: Api, arch: str, placement: Placement, volume: str, content: bytes | AsyncIterator[bytes], root: Kept | None = None
) -> None:
    """Unpack an archive into a volume of the placement's, whose root is then to be as that of `root`."""
    empty = await filling.image(api, arch)
    body = filling.mounting(empty, volume, names.labels(placement))
    helper = await filling.made(api, body)
    try:
        await api.put(helper, FOLDER, content)
        if root is not None:
            # An engine leaves the folder that it unpacks in as it is, whatever the archive says of it.
            owner = archive.Entry(path=FOLDER.lstrip("/"), content=b"", mode=root.mode, uid=root.uid, gid=root.gid)
            await api.put(helper, "/", archive.of_folders([owner]))
    finally:
        await asyncio.shield(api.remove(helper))
