"""A Docker engine, reached and negotiated: the `Engine` protocol put together from its parts, and `connect`, the way in.

Promises few calls: facts from one /info and one /version side by side, each image looked at once, the gate's volume checked once. What
the engine is asked belongs to the modules around; what it means to the features above.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from dockyard.engines.docker import (
    external,
    facts,
    filling,
    gate_side,
    images,
    inside,
    limits,
    marks,
    mounts,
    networks,
    standing,
    support,
    sweeping,
)
from dockyard.engines.docker.api import Api, settled
from dockyard.engines.docker.client_errors import EngineError, translate
from dockyard.engines.docker.following import BEFORE
from dockyard.engines.docker.making import Maker
from dockyard.engines.docker.scene import GateMount, Scene
from dockyard.engines.docker.site import DockerSite
from dockyard.engines.protocol import SiteOptions, Tell
from dockyard.model.application import Application
from dockyard.model.bootable import bootable
from dockyard.model.errors import Problem
from dockyard.model.facts import Disk, EngineFacts, Found, ImageFacts, Leftover, StandingBy
from dockyard.model.placement import DEADLINE, OWNER, PLACEMENT, Placement, whole
from dockyard.model.service import Service

if TYPE_CHECKING:
    from dockyard.engines.docker.looking import Looked
    from dockyard.engines.docker.snapshots import DockerSnapshots

SUBNETS = "DOCKYARD_SUBNETS"
"""The variable that says where own subnets come from."""


async def connect(environment: Mapping[str, str], *, host: str = "", context: str = "") -> DockerEngine:
    """The engine that flags, DOCKER_HOST, contexts or the usual sockets name. Retry where none answers, UserError where it can't serve."""
    from dockyard.engines.docker import client, endpoint

    made = await client.connect(endpoint.resolve(environment, host=host, context=context))
    try:
        asked = time.time()
        info, version = await asyncio.gather(made.info(), made.version())
        found = facts.engine(info, version, asked=asked, answered=time.time(), local_files=made.endpoint.local)
        # What is spoken, which may be older than what it could speak.
        api = Api(made, podman=found.kind == "podman")
        if made.endpoint.local and inside.in_container():
            api.host = inside.reach(await api.networks({}))
        return DockerEngine(api, msgspec.structs.replace(found, api=made.api), environment)
    except EngineError as error:
        await made.close()
        raise translate(error) from error
    except BaseException:
        await made.close()
        raise


class DockerEngine:
    """One engine. `facts.local_files` is looked at for real when the first application with local files is placed."""

    def __init__(self, api: Api, found: EngineFacts, environment: Mapping[str, str]) -> None:
        self.facts = found
        self._api, self._environment = api, environment
        self._gate: asyncio.Task[GateMount] | None = None
        self._files: asyncio.Task[bool] | None = None

    @property
    def snapshots(self) -> DockerSnapshots:
        from dockyard.engines.docker.snapshots import DockerSnapshots

        return DockerSnapshots(self._api, self.facts, self._scene)

    async def close(self) -> None:
        for task in (self._gate, self._files):
            if task is not None and not task.done():
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await task
        await self._api.client.close()

    def refusals(self, application: Application, services: Iterable[str]) -> tuple[Sequence[Problem], Sequence[Problem]]:
        return support.refusals(application, services, self.facts)

    def ungated(self, service: Service) -> str:
        return support.ungated(service, self.facts, gate_side.ARCHITECTURES)

    async def image(self, reference: str, platform: str = "") -> ImageFacts | None:
        found = await images.look(self._api, reference, platform)
        if found is not None:
            images.fits(self.facts, found, platform)
        return found

    async def pull(self, reference: str, platform: str, tell: Tell) -> ImageFacts:
        from dockyard.engines.docker import auth as logins

        auth = await asyncio.to_thread(logins.header_for, reference, self._environment)
        return await images.pull(self._api, self.facts, reference, platform, auth, tell)

    async def build(
        self, application: Application, service: Service, tag: str, tell: Tell, *, no_cache: bool = False, pull: bool = False
    ) -> ImageFacts:
        from dockyard.engines.build import builder

        target = builder.Target(self._api.client.endpoint, self._environment)
        await builder.build(
            target, self._api.client, application, service, tag, tell, no_cache=no_cache, pull=pull, itself=self._api.podman
        )
        found = await images.look(self._api, tag, service.platform)
        if found is None:
            found = await images.look(self._api, tag, "")
        assert found is not None, f"{tag} was built and is not there"
        return found

    async def site(self, placement: Placement, application: Application, options: SiteOptions) -> DockerSite:
        with settled():
            await external.must_be_there(self._api, application, options.services or tuple(application.services))
        scene = await self._scene(placement, application, options)
        maker = Maker(self._api, scene, self._environment.get(SUBNETS) or networks.RANGE)
        site = DockerSite(self._api, placement, maker, since=time.time() + self.facts.clock_offset - BEFORE, grace=options.grace)
        site.begin()
        return site

    async def misfits(
        self, placement: Placement, application: Application, options: SiteOptions, images: Mapping[str, ImageFacts]
    ) -> Mapping[str, str]:
        if options.claimed is None:
            return {}
        from dockyard.engines.docker import adopting

        scene = await self._scene(placement, application, options)
        looking = adopting.Adopter(self._api, scene, options.claimed, _nothing)
        for name, image in images.items():
            looking.known(name, image)
        return looking.misfits()

    async def _scene(self, placement: Placement, application: Application, options: SiteOptions) -> Scene:
        gate, local = await asyncio.gather(self._gate_there(), self._local_files(application, placement))
        self.facts = msgspec.structs.replace(self.facts, local_files=local)
        from dockyard.engines.docker import surroundings

        return Scene(
            application=application,
            placement=placement,
            options=options,
            facts=self.facts,
            gate=gate,
            shares=limits.share_out(application, options.services or application.services, options),
            seen=surroundings.local_paths(application) if not local else {},
            texts=surroundings.profiles(application),
            proxies=surroundings.proxies(self._environment, str(self._api.client.endpoint)),
            reach=self._api.host if self._api.client.endpoint.local else "",
            parties=bootable(application, options.instances).parties if options.secret else {},
        )

    async def existing(self, placement_id: str) -> DockerSite | None:
        with settled():
            listed = await self._api.containers({"label": [f"{PLACEMENT}={placement_id}"]})
        if not listed:
            return None
        labels = listed[0].get("Labels") or {}
        placement = Placement(
            placement_id, placement_id.rpartition("-")[0], labels.get(OWNER, ""), whole(labels.get(DEADLINE, "")) or 0, ""
        )
        return DockerSite(self._api, placement, None, since=time.time() + self.facts.clock_offset)

    async def look(self) -> Looked:
        """What `dockyard doctor` judges beside the facts."""
        from dockyard.engines.docker import looking

        with settled():
            return await looking.look(self._api, self._environment, local=self._api.client.endpoint.local)

    async def standing_by(self, pool: str = "") -> Sequence[StandingBy]:
        with settled():
            return await standing.find(self._api, pool)

    async def disk(self) -> Disk | None:
        from dockyard.engines.docker import looking

        if not self._api.client.endpoint.local:
            return None
        with settled():
            return looking.disk(str((await self._api.client.info()).get("DockerRootDir", "")))

    async def sizes(self) -> Mapping[str, int]:
        from dockyard.engines.docker import looking

        with settled():
            return looking.sizes(await self._api.client.disk())

    async def hold_image(self, image: ImageFacts, tag: str) -> None:
        repository, _, version = tag.rpartition(":")
        with settled():
            await self._api.client.images.tag(image.id, repository, version)

    async def inventory(self) -> Sequence[Found]:
        with settled():
            return await sweeping.inventory(self._api)

    async def remove(self, found: Sequence[Found]) -> Sequence[Leftover]:
        return await sweeping.remove(self._api, found)

    async def mark(self, name: str, labels: Mapping[str, str]) -> bool:
        with settled():
            return await marks.mark(self._api, self.facts.arch, name, labels)

    async def unmark(self, name: str) -> None:
        with settled():
            await self._api.remove(name)

    async def _gate_there(self) -> GateMount | None:
        """Once for an engine, however many sites ask."""
        if self.facts.os != "linux" or self.facts.arch not in gate_side.ARCHITECTURES:
            return None
        if self._gate is None:
            self._gate = asyncio.create_task(filling.gate(self._api, self.facts.arch))
        with settled():
            return await asyncio.shield(self._gate)

    async def _local_files(self, application: Application, placement: Placement) -> bool:
        """Whether a bind mount shows this machine's files; tried for real, once, where the application has any."""
        if not mounts.wants_files(application):
            return self.facts.local_files
        if self._files is None:
            self._files = asyncio.create_task(self._look_for_files(application.project_directory, placement.labels()))
        with settled():
            return await asyncio.shield(self._files)

    async def _look_for_files(self, project: str, labels: dict[str, str]) -> bool:
        # A file beside the project's own decides: a shared /tmp alone says nothing of it. Reports never enter a build context.
        report = os.path.join(project, "dockyard-report")
        made = not os.path.isdir(report)
        try:
            with contextlib.suppress(OSError):
                os.makedirs(report, exist_ok=True)
            for folder in (report, tempfile.gettempdir()):
                try:
                    handle, path = tempfile.mkstemp(prefix=".dockyard-look-", dir=folder)
                except OSError:
                    continue
                try:
                    os.close(handle)
                    return await filling.shows_files(self._api, self.facts.arch, path, labels)
                finally:
                    os.unlink(path)
            return False
        finally:
            if made:
                with contextlib.suppress(OSError):
                    os.rmdir(report)


async def _nothing(name: str) -> None:
    """Looking makes nothing."""
