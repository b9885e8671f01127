"""Volumes that are filled by us: the gate's, once for an engine, and a run's uploads.

A volume takes files through a container that mounts it and is never started. The gate's volume is filled under a lock that the engine
holds: a container of a fixed name is made (whoever makes it fills), and gets its lasting name when the file is in. So any number of
runs may come at once, a half-filled volume is never taken for a whole one, and `docker volume prune` can't take it away.
"""

from __future__ import annotations

import asyncio
import contextlib
import time

from dockyard.engines.docker import archive, cache_image
from dockyard.engines.docker.api import Api, Conflict, Missing
from dockyard.engines.docker.gate_side import FOLDER, PROGRAM
from dockyard.engines.docker.scene import GateMount, Json
from dockyard.engines.gate import gate as program
from dockyard.model.errors import DockyardError, Fatal
from dockyard.model.placement import CACHE

_STALE = 10.0
"""Seconds after which a filler that has not finished is taken for dead."""
GATES = 4
"""Gates of other versions of Dockyard that an engine keeps for an architecture; the oldest go when a new one comes."""


async def image(api: Api, arch: str) -> str:
    """The reference of our empty image, put on the engine where it isn't yet."""
    reference = cache_image.reference(arch)
    try:
        await api.image(reference)
    except Missing:
        await api.load(cache_image.archive(arch))
    return reference


async def gate(api: Api, arch: str) -> GateMount:
    """The volume with the gate's program in it. One call where it is there already."""
    name = f"dockyard-gate-{arch}-{program.digest(arch)}"
    mount = GateMount(name, FOLDER, PROGRAM)
    if not await _there(api, name):
        await _fill_gate(api, arch, name)
        await _bound(api, arch, name)
    return mount


async def _there(api: Api, name: str) -> bool:
    try:
        await api.container(name)
    except Missing:
        return False
    return True


async def _fill_gate(api: Api, arch: str, name: str) -> None:
    empty = await image(api, arch)
    until = time.monotonic() + _STALE
    while True:
        try:
            filler = await api.create(f"{name}-filling", mounting(empty, name, {CACHE: "gate"}))
            break
        except Conflict:
            # Somebody else fills it. Wait for the lasting name; a dead filler's lock is broken.
            if await _there(api, name):
                return
            if time.monotonic() > until:
                await api.remove(f"{name}-filling")
                until = time.monotonic() + _STALE
            await asyncio.sleep(0.02)
    try:
        await api.put(filler, FOLDER, program.archive(arch))
        await api.rename(filler, name)
    except Conflict:
        await api.remove(filler)
    except BaseException:
        await asyncio.shield(api.remove(filler))
        raise


async def _bound(api: Api, arch: str, newest: str) -> None:
    """Remove the oldest gates. The engine refuses to remove a volume that a container has: such a gate stays."""
    prefix = f"dockyard-gate-{arch}-"
    held = {
        name: one["Created"]
        for one in await api.containers({"label": [f"{CACHE}=gate"]})
        for name in (one["Names"][0].removeprefix("/"),)
        if name.startswith(prefix) and name != newest and not name.endswith("-filling")
    }
    for name in sorted(held, key=held.__getitem__, reverse=True)[GATES:]:
        with contextlib.suppress(DockyardError):
            used = await api.containers({"volume": [name]})
            if len(used) == 1:
                await api.remove(name)
                await api.remove_volume(name)


async def upload(api: Api, arch: str, labels: dict[str, str], volume: str, source: str) -> None:
    """Fill a run's volume from a local folder."""
    empty = await image(api, arch)
    filler = await api.create("", mounting(empty, volume, labels))
    try:
        data = await asyncio.to_thread(archive.of_path, source)
        await api.put(filler, FOLDER, data)
    finally:
        await asyncio.shield(api.remove(filler))


async def shows_files(api: Api, arch: str, probe_file: str, labels: dict[str, str]) -> bool:
    """Whether a bind mount on this engine shows this machine's file: such a container can be created, and never is started."""
    empty = await image(api, arch)
    body: Json = {
        "Image": empty,
        "Labels": labels,
        "HostConfig": {"Mounts": [{"Type": "bind", "Source": probe_file, "Target": "/look", "ReadOnly": True}]},
    }
    try:
        made = await api.create("", body)
    except (Fatal, Conflict):
        raise
    except Exception:
        return False
    await api.remove(made)
    return True


async def made(api: Api, body: Json) -> str:
    """A container of ours that is never started. One whose creation is cut off is removed all the same."""
    creating = asyncio.ensure_future(api.create("", body))
    try:
        return await asyncio.shield(creating)
    except asyncio.CancelledError:
        with contextlib.suppress(Exception):
            await api.remove(await creating)
        raise


def mounting(image_reference: str, volume: str, labels: dict[str, str]) -> Json:
    """A container that mounts one volume, to be filled through it."""
    mount: Json = {"Type": "volume", "Source": volume, "Target": FOLDER, "VolumeOptions": {"NoCopy": True, "Labels": labels}}
    return {
        "Image": image_reference,
        "Labels": labels,
        "NetworkDisabled": True,
        "HostConfig": {"NetworkMode": "none", "Mounts": [mount]},
    }
