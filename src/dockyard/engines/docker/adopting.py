"""Takes over what was claimed: each container that is what would be made now, and makes way for those that aren't.

What shares a volume or a namespace, or has booted together, is taken over all together or not at all: a volume was filled from the images of
those that mount it, a namespace belongs to the container that it was made with, and who has booted with another has spoken to it. What was
booted is woken and asked whether it is well before any of its group is taken.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable

from dockyard.engines.docker import contents, keys, waking
from dockyard.engines.docker.api import Api
from dockyard.engines.docker.parting import Parting
from dockyard.engines.docker.scene import Scene
from dockyard.engines.protocol import Well
from dockyard.model import sharing
from dockyard.model.facts import ImageFacts, StandingBy, State, Waiting
from dockyard.model.plan import Instance, Role

INCOMPARABLE = "its files are uploaded, or too many to compare"


class Adopter:
    """One claimed environment. `make_volume` makes a declared volume again, by its name in the file."""

    def __init__(self, api: Api, scene: Scene, claimed: StandingBy, make_volume: Callable[[str], Awaitable[None]]) -> None:
        self._api, self._scene, self._make_volume = api, scene, make_volume
        self._waiting = {one.key: one for one in claimed.containers}
        self._instances = {instance.key: instance for instance in scene.options.instances}
        self._together = sharing.together(scene.application, scene.options.instances)
        self._images: dict[str, ImageFacts] = {}
        self._decided: dict[frozenset[str], asyncio.Task[dict[str, str]]] = {}
        self.parting = Parting(api)
        self.ask: Well | None = None
        """Whether one that was booted is well; None: nobody asks."""

    def begin(self) -> None:
        """What stands there and is no part of the plan goes."""
        for key, waiting in self._waiting.items():
            if key not in self._instances:
                self.parting.part(waiting)

    def known(self, service: str, image: ImageFacts) -> None:
        self._images[service] = image

    def misfits(self) -> dict[str, str]:
        """What would be made anew, and why; images that aren't known yet are taken to be other ones."""
        own = {key: why for key, instance in self._instances.items() if (why := self._misfit(instance))}
        for key, group in self._together.items():
            other = next((one for one in sorted(group) if one in own and one != key), None)
            if key not in own and other is not None:
                own = {**own, key: self._with(key, other, own[other])}
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
        return None, own or self._with(instance.key, other, misfits[other])

    async def _decide(self, group: frozenset[str]) -> dict[str, str]:
        misfits = {key: why for key in sorted(group) if (why := self._misfit(self._instances[key]))}
        misfits = misfits or await self._unwell(sorted(group))
        if misfits:
            await self._make_way([self._waiting[key] for key in group if key in self._waiting], group)
        return misfits

    async def _unwell(self, group: list[str]) -> dict[str, str]:
        """Those that were booted, and why they can't be taken. All of them run when they are asked: they may need each other."""
        booted = [key for key in group if key in self._waiting and self._waiting[key].booted]
        woken = await asyncio.gather(*(waking.wake(self._api, self._waiting[key], self._instances[key]) for key in booted))
        unwell = {key: why for key, why in zip(booted, woken, strict=True) if why}
        if unwell or self.ask is None:
            return unwell
        said = await asyncio.gather(*(self._asked(self.ask, key) for key in booted))
        return {key: why for key, why in zip(booted, said, strict=True) if why}

    async def _asked(self, ask: Well, key: str) -> str:
        instance = self._instances[key]
        return await ask(instance, self._images[instance.service])

    def _in_kept_data(self, instance: Instance) -> bool:
        """Its work is in the data that others of its group begin with: nothing of it stands by, and nothing is missed."""
        return any(instance.service in data.holds for data in self._scene.options.data.values())

    def _misfit(self, instance: Instance) -> str:
        if self._in_kept_data(instance):
            return ""
        waiting, image = self._waiting.get(instance.key), self._images.get(instance.service)
        if waiting is None:
            return "it did not stand by"
        if waiting.state not in _fit(waiting, instance):
            return f"what stood by is {waiting.state}"
        if image is None:
            return "its image is not known"
        key = key_of(self._scene, instance, image)
        if key is None:
            return INCOMPARABLE
        if key.hash == waiting.hash:
            return ""
        return keys.changed(waiting.inputs, key.inputs) or "something that it is made of"

    async def _make_way(self, old: list[Waiting], group: frozenset[str]) -> None:
        volumes = {name for waiting in old for name in waiting.volumes}
        if not volumes:
            await self.parting.make_room(old, at_once=any(self._holds_fixed(self._instances[key]) for key in group))
            return
        await self.parting.remove(old)
        await asyncio.gather(*(self._api.remove_volume(name) for name in volumes))
        services = {self._instances[key].service for key in group}
        declared = {name for service in services for name in sharing.volumes(self._scene.application, service)}
        await asyncio.gather(*(self._make_volume(name) for name in declared))

    def _holds_fixed(self, instance: Instance) -> bool:
        """Whether its successor can't begin before it has given up what is written: an address, a port of this machine."""
        service = self._scene.application.services[instance.service]
        addresses = [on.ipv4_address or on.ipv6_address or on.mac_address for on in service.networks.values() if on is not None]
        return any(addresses) or bool(service.mac_address) or (self._scene.options.publish == "fixed" and bool(service.ports))

    def _with(self, key: str, other: str, why: str) -> str:
        """Why one is made anew with another of its group."""
        party = self._scene.parties.get(self._instances[key].service, ())
        if self._instances[other].service in party:
            return f"it has booted with {other} ({why})"
        return f"it shares a volume or a namespace with {other} ({why})"


def _fit(waiting: Waiting, instance: Instance) -> tuple[State, ...]:
    """The states in which a container can be taken."""
    if waiting.booted:
        return (State.EXITED,) if instance.role is Role.ONE_SHOT else (State.PAUSED, State.RUNNING)
    return (State.RUNNING,) if instance.gated else (State.CREATED,)


def key_of(scene: Scene, instance: Instance, image: ImageFacts) -> keys.Key | None:
    """The key of what would be made now."""
    files = keys.files_of(scene, instance.service)
    inodes = {path: found for path in files if (found := _inode(path))}
    read = {path: contents.of(path) for path in files} if instance.service in scene.parties else {}
    return keys.of(scene, instance, image, scene.options.secret, inodes=inodes, contents=read)


def _inode(path: str) -> tuple[int, int] | None:
    """What a mount is of: of a file, or a folder, that was put in its place it knows nothing. What is in a folder it shows at any time."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_dev, found.st_ino)
