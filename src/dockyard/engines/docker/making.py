"""Makes a placement's objects on the engine: networks, volumes, containers. The acting half of `render`.

Nothing is asked twice: what a create call returned is kept. What an earlier attempt of ours has made already is taken as made.
"""

from __future__ import annotations

import asyncio
import os
import posixpath

import msgspec

from dockyard.engines.docker import adopting, archive, cloning, filling, names, networks, render
from dockyard.engines.docker.api import Api, Conflict, Overlap
from dockyard.engines.docker.scene import Fill, Json, Put, Rendered, Scene
from dockyard.model.errors import Fatal, Problem, UserError
from dockyard.model.facts import ImageFacts, State
from dockyard.model.placement import INPUTS, KEY, PLACEMENT, STANDBY
from dockyard.model.plan import Instance, Role
from dockyard.model.service import Service

_TRIES = 4
"""Subnets that are tried blindly before the engine is asked which are taken."""


class Maker:
    """Makes one placement's objects. `ids` and `service_of` are by instance key."""

    def __init__(self, api: Api, scene: Scene, subnets: str) -> None:
        self._api, self._subnets = api, subnets
        self.scene = scene
        self.ids: dict[str, str] = {}
        self.service_of: dict[str, Service] = {}
        self._targets: dict[str, set[str]] = {}
        self._booted: set[str] = set()
        self._fills: dict[str, asyncio.Task[None]] = {}
        claimed = scene.options.claimed
        self.adopter = adopting.Adopter(api, scene, claimed, self.volume) if claimed is not None else None
        self._networks = {
            names.network(scene.placement, scene.application, key): asyncio.Event()
            for key, network in scene.application.networks.items()
            if not network.external
        }

    def made(self, key: str, identity: str) -> bool:
        """Whether the container is the instance: made, or claimed for it."""
        claimed = self.scene.options.claimed
        return self.ids.get(key) == identity or any(one.id == identity for one in (claimed.containers if claimed else ()))

    async def network(self, key: str) -> None:
        """Fatal when no subnet is left."""
        if self.adopter is None:
            await self._network(key)
        made = self._networks.get(names.network(self.scene.placement, self.scene.application, key))
        if made is not None:
            made.set()

    async def _network(self, key: str) -> None:
        declared = self.scene.application.networks.get(key)
        if declared is not None and declared.external:
            return
        if declared is not None and not networks.plain(declared):
            await self._post_network(key, networks.payload(self.scene, key))
            return
        prefix, seed = networks.size(self.scene, key), f"{self.scene.placement.id}/{key}"
        tried = 0
        taken = local_routes() if self.scene.facts.local_files else []
        order = networks.candidates(self._subnets, prefix, seed, taken)
        while (subnet := next(order, None)) is not None:
            try:
                await self._post_network(key, networks.payload(self.scene, key, subnet))
                return
            except Overlap:
                tried += 1
                if tried % _TRIES == 0:
                    order = networks.candidates(self._subnets, prefix, f"{seed}/{tried}", [*taken, *await self._api.subnets()])
        raise Fatal(
            f"no subnet is left in {self._subnets} for network {key!r}",
            "dockyard sweep; docker network prune; or another range (subnets)",
        )

    async def _post_network(self, key: str, body: Json) -> None:
        if self.scene.options.pool:
            body["Labels"] = {**body.get("Labels", {}), STANDBY: self.scene.options.pool}
        try:
            await self._api.create_network(body, key=key)
        except Conflict:
            found = await self._api.network(body["Name"])
            if (found.get("Labels") or {}).get(PLACEMENT) != self.scene.placement.id:
                raise UserError(Problem(f"network {body['Name']!r} is there and is not ours")) from None

    async def volume(self, key: str) -> None:
        """Harmless where it is there."""
        declared = self.scene.application.volumes.get(key)
        if declared is not None and declared.external:
            return
        body: Json = {
            "Name": names.volume(self.scene.placement, self.scene.application, key),
            "Labels": names.labels(self.scene.placement, own=declared.labels if declared is not None else None),
        }
        if declared is not None and declared.driver:
            body["Driver"] = declared.driver
        if declared is not None and declared.driver_opts:
            body["DriverOpts"] = dict(declared.driver_opts)
        await self._api.create_volume(body, key=key)

    async def container(self, instance: Instance, image: ImageFacts) -> Rendered:
        """Create it. `complete` has to follow. UserError for what can't be rendered, or can't stand by where it is to."""
        service = self.scene.application.services[instance.service]
        inherited: set[str] = set()
        for text in service.volumes_from:
            inherited |= self._targets.get(text.partition(":")[0], set())
        made = render.container(await cloning.placed(self._api, self.scene, instance.service), instance, image, inherited)
        if self.scene.options.pool:
            self._label(made, instance, image)
        await asyncio.gather(*(self._filled(fill) for fill in made.fills))
        self.ids[instance.key] = await self._create(made, service.platform, instance.key)
        self._made(instance, service, made, inherited)
        return made

    async def adopt(self, instance: Instance, image: ImageFacts) -> tuple[Rendered | None, str]:
        """Take what was claimed for it; None where it has to be made, and why."""
        if self.adopter is None:
            return None, ""
        self.adopter.known(instance.service, image)
        waiting, why = await self.adopter.take(instance)
        if waiting is None:
            return None, why
        made = render.container(self.scene, instance, image)
        self.ids[instance.key] = waiting.id
        if waiting.booted:
            self._booted.add(instance.key)
        self._made(instance, self.scene.application.services[instance.service], made, set())
        return made, ""

    def took(self, instance: Instance) -> State | None:
        """The state of what was taken for it, where that had been booted."""
        if instance.key not in self._booted:
            return None
        return State.EXITED if instance.role is Role.ONE_SHOT else State.RUNNING

    def _label(self, made: Rendered, instance: Instance, image: ImageFacts) -> None:
        key = adopting.key_of(self.scene, instance, image)
        if key is None:
            raise UserError(Problem(f"{instance.key} can't stand by: {adopting.INCOMPARABLE}"))
        inputs = msgspec.json.encode(key.inputs).decode()
        made.body["Labels"] |= {STANDBY: self.scene.options.pool, KEY: key.hash, INPUTS: inputs}

    def _made(self, instance: Instance, service: Service, made: Rendered, inherited: set[str]) -> None:
        self.service_of[instance.key] = service
        self._targets[instance.key] = inherited | {mount["Target"] for mount in made.body["HostConfig"].get("Mounts", ())}

    async def complete(self, instance: Instance, made: Rendered) -> None:
        """What comes after the create call: further networks (API < 1.44), files."""
        identity = self.ids[instance.key]
        for network, endpoint in made.connect:
            if network in self._networks:
                await self._networks[network].wait()
            await self._api.connect(network, identity, endpoint)
        for folder in dict.fromkeys(put.folder for put in made.puts):
            await self._api.put(identity, folder, await asyncio.to_thread(_archive, made.puts, folder))

    async def _create(self, made: Rendered, platform: str, key: str) -> str:
        try:
            return await self._api.create(made.name, made.body, platform, key=key)
        except Conflict:
            found = await self._api.container(made.name)
            if (found.get("Config", {}).get("Labels") or {}).get(PLACEMENT) != self.scene.placement.id:
                raise
            return found["Id"]

    async def _filled(self, fill: Fill) -> None:
        """Each volume is filled once, however many services mount it; the others wait for it."""
        task = self._fills.get(fill.volume)
        if task is None:
            labels = names.labels(self.scene.placement)
            task = asyncio.create_task(filling.upload(self._api, self.scene.facts.arch, labels, fill.volume, fill.source))
            self._fills[fill.volume] = task
        await asyncio.shield(task)


def _archive(puts: tuple[Put, ...], folder: str) -> bytes:
    return archive.of_entries(_entry(put) for put in puts if put.folder == folder)


def _entry(put: Put) -> archive.Entry:
    path = posixpath.relpath(put.target, put.folder)
    if put.content is not None:
        return archive.Entry(path=path, content=put.content, mode=put.mode, uid=put.uid, gid=put.gid)
    try:
        with open(put.source, "rb") as file:
            content = file.read()
        mode = os.stat(put.source).st_mode & 0o7777
    except OSError as error:
        raise UserError(Problem(f"{put.source} can't be read: {error.strerror}")) from error
    return archive.Entry(path=path, content=content, mode=mode, uid=put.uid, gid=put.gid)


def local_routes(table: str = "/proc/net/route") -> list[str]:
    """Subnets that this machine already has a way to, other than by its default route: an engine here must not cover them."""
    import ipaddress

    found: list[str] = []
    try:
        with open(table) as file:
            rows = [line.split() for line in file.readlines()[1:]]
    except OSError:
        return found
    for row in rows:
        if len(row) > 7 and row[1] != "00000000":
            address, mask = (int.from_bytes(bytes.fromhex(row[n]), "little") for n in (1, 7))
            found.append(str(ipaddress.ip_network((address & mask, mask.bit_count()))))
    return found
