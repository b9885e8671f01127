"""One placement on a Docker engine: the `Site` protocol put together from its parts.

Making is `making`, events `following`, logs `following_logs`, commands and probes `talking`, the end `removal`. What this file adds is the order that the
engine itself demands: a container that joins another's namespace starts after it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence

import msgspec

from dockyard.engines.docker import changes, facts, following, following_logs, refusing, removal, talking, usage
from dockyard.engines.docker.api import Api, EngineError, Missing, settled
from dockyard.engines.docker.client_errors import translate
from dockyard.engines.docker.making import Maker
from dockyard.engines.protocol import Chunk, Duplex, ExecResult, Made, Probe, Reading, Usage, Well
from dockyard.model.errors import Problem, UserError
from dockyard.model.facts import Change, ImageFacts, InstanceFacts, Leftover
from dockyard.model.placement import INSTANCE, PLACEMENT, Placement
from dockyard.model.plan import Instance

SHELL = ("/bin/sh", "-c")
"""What CMD-SHELL means where the image says nothing else."""


CREATES = 2
"""At once: more end no sooner in all, and then none is early to be started."""


class DockerSite:
    """A placement. Made by `DockerEngine.site` (to be filled) or `.existing` (there already, `maker` is None)."""

    def __init__(self, api: Api, placement: Placement, maker: Maker | None, *, since: float, grace: bool = False) -> None:
        self.placement = placement
        self._api, self._maker, self._grace = api, maker, grace
        self._gated = maker is None or maker.scene.gate is not None
        self._filters = {"label": [f"{PLACEMENT}={placement.id}"]}
        self._ids: dict[str, str] = maker.ids if maker is not None else {}
        self._ttys: dict[str, bool] = {}
        self._final: set[str] = set()
        """Instances that the engine starts once: their logs end with their first end."""
        self._creating = asyncio.Semaphore(CREATES)
        self._shells: dict[str, Sequence[str]] = {}
        heard = {**self._filters, "type": ["container"], "event": list(changes.ACTIONS)}
        self._follower = following.Follower(api, heard, self.observe, since)
        self._strangers = maker.adopter.parting.left if maker is not None and maker.adopter is not None else set[str]()
        self._follower.strangers = self._strangers
        if maker is not None:
            self._follower.made = maker.made
        claimed = maker.scene.options.claimed if maker is not None else None
        if claimed is not None:
            self._follower.await_decision(one.key for one in claimed.containers if one.booted)
        self._parting = maker.adopter.parting if maker is not None and maker.adopter is not None else None

    def begin(self) -> None:
        """Listen from now on."""
        self._follower.begin()
        if self._maker is not None and self._maker.adopter is not None:
            self._maker.adopter.begin()

    async def create_network(self, name: str) -> None:
        with settled(), self._at(f"networks.{name}"):
            await self._making.network(name)

    async def create_volume(self, name: str) -> None:
        with settled(), self._at(f"volumes.{name}"):
            await self._making.volume(name)

    def heed(self, ask: Well) -> None:
        if self._making.adopter is not None:
            self._making.adopter.ask = ask

    def known(self, service: str, image: ImageFacts) -> None:
        if self._making.adopter is not None:
            self._making.adopter.known(service, image)

    async def create(self, instance: Instance, image: ImageFacts) -> Made:
        maker = self._making
        with settled(), self._placed(instance):
            made, why = await maker.adopt(instance, image)
            waited = made is not None
            self._follower.decided(instance.key, maker.took(instance))
            if made is None:
                async with self._creating:
                    made = await maker.container(instance, image)
                await maker.complete(instance, made)
            elif instance.gated and maker.took(instance) is None:
                self._follower.runs(instance.key)
        self._shells[instance.key] = image.shell or SHELL
        self._ttys[instance.key] = bool(made.body.get("Tty"))
        if not made.body["HostConfig"].get("RestartPolicy"):
            self._final.add(instance.key)
        return Made(warnings=made.warnings, waited=waited, booted=maker.took(instance) is not None, why=why)

    async def start(self, instance: Instance) -> None:
        with self._placed(instance):
            await self._api.start(await self._id(instance.key), instance.key)

    async def release(self, instance: Instance) -> None:
        if self._parting is not None:
            await self._parting.parted()
        await talking.release(self._api, await self._id(instance.key))

    async def probe(self, instance: Instance, probe: Probe) -> AsyncIterator[Reading]:
        shell = self._shells.get(instance.key, SHELL)
        ask = talking.probe if self._gated else talking.probe_each
        async for reading in ask(self._api, await self._id(instance.key), probe, shell):
            yield reading

    async def exec(
        self,
        key: str,
        command: Sequence[str],
        *,
        user: str = "",
        workdir: str = "",
        env: Mapping[str, str] | None = None,
        privileged: bool = False,
        send: bytes | None = None,
        timeout: float | None = None,
    ) -> ExecResult:
        body = talking.command(command, user=user, workdir=workdir, env=env, privileged=privileged, stdin=send is not None)
        return await talking.run(self._api, await self._id(key), body, timeout, send)

    async def pause(self, key: str) -> None:
        await self._api.pause(await self._id(key), key)

    async def unpause(self, key: str) -> None:
        await self._api.unpause(await self._id(key), key)

    async def kill(self, key: str, signal: str) -> None:
        await self._api.kill(await self._id(key), key, signal)

    async def stop(self, key: str, grace: float | None) -> None:
        await self._api.stop(await self._id(key), grace)

    async def interact(self, key: str, command: Sequence[str], *, tty: bool) -> int:
        from dockyard.engines.docker import terminal

        return await terminal.interact(self._api, await self._id(key), command, tty=tty)

    async def relay(self, key: str, port: int, host: str = "self") -> Duplex:
        return await talking.relay(self._api, await self._id(key), host, port)

    def changes(self) -> AsyncIterator[Change]:
        return self._follower.changes()

    async def logs(self, key: str, *, since: float = 0, follow: bool = True) -> AsyncGenerator[Chunk, None]:
        identity = await self._id(key)
        if key not in self._ttys:
            self._ttys[key] = bool((await self._api.container(identity)).get("Config", {}).get("Tty"))
        async for chunk in following_logs.logs(
            self._api, self._follower, key, identity, self._ttys[key], since, follow, key in self._final
        ):
            yield chunk

    async def usage(self) -> Sequence[Usage]:
        with settled():
            return await usage.look(self._api, self._ids or await self._listed())

    async def read(self, key: str, path: str) -> AsyncIterator[bytes]:
        async for block in self._api.get(await self._id(key), path):
            yield block

    async def write(self, key: str, path: str, archive: bytes) -> None:
        with settled():
            await self._api.put(await self._id(key), path, archive)

    async def observe(self) -> Mapping[str, InstanceFacts]:
        listed = await self._listed()
        bodies = await asyncio.gather(*(self._api.container(identity) for identity in listed.values()), return_exceptions=True)
        found: dict[str, InstanceFacts] = {}
        for body in bodies:
            if isinstance(body, Missing):
                continue
            if isinstance(body, EngineError):
                raise translate(body) from body
            if isinstance(body, BaseException):
                raise body
            one = facts.instance(body, self._api.host)
            found[one.key] = one
        return found

    async def addresses(self, key: str) -> Mapping[int, str]:
        with settled():
            return facts.published(await self._api.container(await self._id(key)), self._api.host)

    async def published(self, key: str) -> Mapping[str, str]:
        with settled():
            return facts.told(await self._api.container(await self._id(key)), self._api.host)

    async def close(self) -> None:
        if self._parting is not None:
            await self._parting.end(remove=True)
        await self._follower.end()

    async def delete(self) -> Sequence[Leftover]:
        with settled():
            if self._parting is not None:
                await self._parting.end(remove=False)
            what = await removal.holdings(self._api, self._filters, self.placement.id)
            await self._follower.end()
            if self._grace:
                await self._say_goodbye(what)
            return await removal.remove(self._api, what)

    async def _say_goodbye(self, what: removal.Holdings) -> None:
        """`pre_stop`, then each service's own signal and grace, all side by side."""
        running = {key: identity for key, identity in self._ids.items() if identity in what.running}
        await asyncio.gather(*(self._pre_stop(key) for key in running), return_exceptions=True)
        await removal.stop(self._api, sorted(what.running))

    async def _pre_stop(self, key: str) -> None:
        service = self._making.service_of.get(key)
        for hook in service.pre_stop if service is not None else ():
            env = {name: value for name, value in hook.environment.items() if value is not None}
            await self.exec(
                key, hook.command or (), user=hook.user, workdir=hook.working_dir, env=env, privileged=hook.privileged
            )

    @contextlib.contextmanager
    def _placed(self, instance: Instance) -> Iterator[None]:
        """What an engine refuses in its own words gets the field that they speak of."""
        try:
            yield
        except UserError as error:
            if self._maker is None:
                raise
            scene = self._maker.scene
            raise refusing.placed(error, scene.application, instance.service, scene.facts) from error.__cause__

    @contextlib.contextmanager
    def _at(self, path: str) -> Iterator[None]:
        """What is wrong with it gets its place in the file."""
        try:
            yield
        except UserError as error:
            at = self._making.scene.application.locate(path)
            placed = (msgspec.structs.replace(one, at=one.at or at, path=one.path or path) for one in error.problems)
            raise UserError(*placed) from error.__cause__

    @property
    def _making(self) -> Maker:
        if self._maker is None:
            raise UserError(Problem(f"environment {self.placement.id} is there already: nothing can be added to it"))
        return self._maker

    async def _id(self, key: str) -> str:
        if key not in self._ids:
            self._ids.update(await self._listed())
        try:
            return self._ids[key]
        except KeyError:
            raise UserError(
                Problem(f"{self.placement.id} has no instance {key!r}", hint=f"there are: {', '.join(sorted(self._ids))}")
            ) from None

    async def _listed(self) -> dict[str, str]:
        listed = await self._api.containers(self._filters)
        ours = [c for c in listed if INSTANCE in (c.get("Labels") or {}) and c["Id"] not in self._strangers]
        return {c["Labels"][INSTANCE]: c["Id"] for c in ours}
