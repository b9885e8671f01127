"""Markers: containers of our empty image that are never started. Creating one of a fixed name is the atomic act that a run needs."""

from __future__ import annotations

from collections.abc import Mapping

from dockyard.engines.docker import filling
from dockyard.engines.docker.api import Api, Conflict, Missing
from dockyard.engines.docker.scene import Json
from dockyard.model.placement import MARKER


async def mark(api: Api, arch: str, name: str, labels: Mapping[str, str]) -> bool:
    """False: somebody else has it."""
    empty = await filling.image(api, arch)
    body: Json = {
        "Image": empty,
        "Labels": {MARKER: name, **labels},
        "NetworkDisabled": True,
        "HostConfig": {"NetworkMode": "none"},
    }
    for again in (True, False):
        try:
            await api.create(name, body)
        except Conflict:
            return False
        except Missing:
            # Somebody pruned the image in between.
            if not again:
                raise
            await filling.image(api, arch)
        else:
            return True
    return True
