"""What a person's question "what is wrong with this engine?" needs, beyond the facts that every run reads. Looks; judges nothing."""

from __future__ import annotations

import asyncio
import os
import resource
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from dockyard.engines.build.builder import find_buildx
from dockyard.engines.docker.api import Api
from dockyard.model.facts import Disk
from dockyard.model.placement import PLACEMENT


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """Sizes in bytes; -1 where it can't be seen from here (an engine on another machine)."""

    root: str
    disk_free: int = -1
    disk_size: int = -1
    bridges: int = 0
    """Networks with a range from the engine's default pools, as far as can be told: bridges that aren't ours."""
    containers: int = 0
    storage: str = ""
    cgroup_driver: str = ""
    buildx: str = ""
    descriptors: int = 0
    inotify: int = -1
    proxies: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


async def look(api: Api, environment: Mapping[str, str], *, local: bool) -> Looked:
    """One /info, one list of networks, and this machine where the engine is on it."""
    info, networks = await asyncio.gather(api.client.info(), api.networks({}))
    root = str(info.get("DockerRootDir", ""))
    there = disk(root) if local else None
    return Looked(
        root=root,
        disk_free=there.free if there is not None else -1,
        disk_size=there.size if there is not None else -1,
        bridges=sum(1 for n in networks if n.get("Driver") == "bridge" and "dockyard.placement" not in (n.get("Labels") or {})),
        containers=int(info.get("Containers", 0)),
        storage=str(info.get("Driver", "")),
        cgroup_driver=str(info.get("CgroupDriver", "")),
        buildx=find_buildx(environment) or "",
        descriptors=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        inotify=_number("/proc/sys/fs/inotify/max_user_instances") if local else -1,
        proxies=_proxies(info),
        warnings=tuple(str(w) for w in info.get("Warnings") or ()),
    )


def disk(root: str) -> Disk | None:
    """Where a local engine keeps its data; None where that can't be seen (a virtual machine's)."""
    try:
        found = os.statvfs(root)
    except OSError:
        return None
    return Disk(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize)


def sizes(told: Mapping[str, Any]) -> dict[str, int]:
    """By placement, from `/system/df`: what containers have written, and what volumes hold."""
    found: dict[str, int] = {}
    for one, size in [
        *((one, one.get("SizeRw")) for one in _items(told, "Container")),
        *((one, (one.get("UsageData") or {}).get("Size")) for one in _items(told, "Volume")),
    ]:
        if placement := (one.get("Labels") or {}).get(PLACEMENT, ""):
            found[placement] = found.get(placement, 0) + max(0, size or 0)
    return found


def _items(told: Mapping[str, Any], kind: str) -> Sequence[Any]:
    """In its own list, or (API 1.52) below its usage."""
    return told.get(f"{kind}s") or (told.get(f"{kind}Usage") or {}).get("Items") or ()


def _number(path: str) -> int:
    try:
        with open(path) as file:
            return int(file.read())
    except (OSError, ValueError):
        return -1


def _proxies(info: Mapping[str, Any]) -> tuple[str, ...]:
    """Which are set; not their values, which may hold passwords."""
    return tuple(name for name, key in (("HTTP", "HttpProxy"), ("HTTPS", "HttpsProxy")) if info.get(key))
