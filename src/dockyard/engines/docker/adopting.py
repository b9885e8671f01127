"""Takes over what was claimed: each container that is what would be made now, and makes way for those that aren't.

What shares a volume or a namespace is taken over all together or not at all: a volume was filled from the images of those that mount it, and
a namespace belongs to the container that it was made with. An old container is renamed and goes while its successor is made; nobody's process is
released before it has gone, so that no name leads to it.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Awaitable, Callable

from dockyard.engines.docker import keys
from dockyard.engines.docker.api import Api
from dockyard.engines.docker.scene import Scene
from dockyard.model import sharing
from dockyard.model.errors import DockyardError
from dockyard.model.facts import ImageFacts, StandingBy, State, Waiting
from dockyard.model.plan import Instance


class Adopter:
    """One claimed environment. `make_volume` makes a declared volume again, by its name in the file."""

    def __init__(self, api: Api, scene: Scene, claimed: StandingBy, make_volume: Callable[[str], Awaitable[None]]) -> None:
        self._api, self._scene, self._make_volume = api, scene, make_volume
        self._waiting = {one.key: one for one in claimed.containers}
        self._instances = {instance.key: instance for instance in scene.options.instances}
        self._together = sharing.together(scene.application, scene.options.instances)
        self._images: dict[str, ImageFacts] = {}
        self._decided: dict[frozenset[str], asyncio.Task[dict[str, str]]] = {}
        self._leaving: list[asyncio.Task[None]] = []
        self.left: set[str] = set()
        """Ids of containers that make way: what happens to them is nothing of the placement's."""

    def begin(self) -> None:
        """What stands there and is no part of the plan goes."""
        for key, waiting in self._waiting.items():
            if key not in self._instances:
                self._leave(waiting)

    def known(self, service: str, image: ImageFacts) -> None:
        self._images[service] = image

    def misfits(self) -> dict[str, str]:
        """What would be made anew, and why; images that aren't known yet are taken to be other ones."""
        own = {key: why for key, instance in self._instances.items() if (why := self._misfit(instance))}
        for key, group in self._together.items():
            other = next((one for one in sorted(group) if one in own and one != key), None)
            if key not in own and other is not None:
                own = {**own, key: _shares(other, own[other])}
        return own

    async def take(self, instance: Instance) -> tuple[Waiting | None, str]:
        """The container that stands for the instance; or None, and why it doesn't. Its place is free then."""
        group = self._together[instance.key]
        if group not in self._decided:
            self._decided[group] = asyncio.create_task(self._decide(group))
        misfits = await asyncio.shield(self._decided[group])
        if not misfits:
            return self._waiting[instance.key], ""
        own = misfits.get(instance.key)
        other = next(iter(misfits))
        return None, own or _shares(other, misfits[other])

    async def gone(self) -> None:
        """Return when nothing of what had to go is there any more."""
        if self._leaving:
            await asyncio.gather(*self._leaving)

    async def _decide(self, group: frozenset[str]) -> dict[str, str]:
        misfits = {key: why for key in sorted(group) if (why := self._misfit(self._instances[key]))}
        if misfits:
            await self._make_way([self._waiting[key] for key in group if key in self._waiting], group)
        return misfits

    def _misfit(self, instance: Instance) -> str:
        waiting, image = self._waiting.get(instance.key), self._images.get(instance.service)
        if waiting is None:
            return "it did not stand by"
        if waiting.state is not (State.RUNNING if instance.gated else State.CREATED):
            return f"what stood by is {waiting.state}"
        if image is None:
            return "its image is not known"
        key = key_of(self._scene, instance, image)
        if key is None:
            return "its files are uploaded"
        if key.hash == waiting.hash:
            return ""
        return keys.changed(waiting.inputs, key.inputs) or "something that it is made of"

    async def _make_way(self, old: list[Waiting], group: frozenset[str]) -> None:
        volumes = {name for waiting in old for name in waiting.volumes}
        if not volumes:
            for number, waiting in enumerate(old):
                await self._api.rename(waiting.id, f"{waiting.name}-leaves-{number}")
                self._leave(waiting)
            return
        self.left |= {waiting.id for waiting in old}
        await asyncio.gather(*(self._api.remove(waiting.id) for waiting in old))
        await asyncio.gather(*(self._api.remove_volume(name) for name in volumes))
        services = {self._instances[key].service for key in group}
        declared = {name for service in services for name in sharing.volumes(self._scene.application, service)}
        await asyncio.gather(*(self._make_volume(name) for name in declared))

    def _leave(self, waiting: Waiting) -> None:
        self.left.add(waiting.id)
        self._leaving.append(asyncio.create_task(self._remove(waiting)))

    async def _remove(self, waiting: Waiting) -> None:
        try:
            await self._api.remove(waiting.id)
        except DockyardError:
            # It goes with the rest at the end; what is wrong with the engine is told by those who need it.
            return


def _shares(other: str, why: str) -> str:
    return f"it shares a volume or a namespace with {other} ({why})"


def key_of(scene: Scene, instance: Instance, image: ImageFacts) -> keys.Key | None:
    """The key of what would be made now."""
    inodes = {path: found for path in keys.files_of(scene, instance.service) if (found := _inode(path))}
    return keys.of(scene, instance, image, scene.options.secret, inodes=inodes)


def _inode(path: str) -> tuple[int, int] | None:
    """Of a file; a folder is mounted as it is at any time."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None
