"""What a feature may ask of an engine: one protocol for Docker, Swarm and Kubernetes.

`Engine` is one cluster, reached and negotiated. `Site` is one placement on it: where containers are made, started, released, asked and
removed. Every call turns what it meets into `UserError` (the description or an image is at fault), `Retry` (429, 5xx, a dropped
connection) or `Fatal` (no subnet, disk full, engine gone). Calls that create are idempotent where the object is already there and ours.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from dockyard.model.application import Application, Service
from dockyard.model.errors import Origin, Problem
from dockyard.model.facts import Change, Disk, EngineFacts, Found, ImageFacts, InstanceFacts, Leftover, Reading, StandingBy
from dockyard.model.placement import Placement
from dockyard.model.plan import Instance
from dockyard.model.snapshot import Data, Group, Key, Snapshot

Tell = Callable[[str], None]
"""A line of progress for a person."""


class Stream(StrEnum):
    STDOUT = "stdout"
    STDERR = "stderr"


class Chunk(msgspec.Struct, frozen=True):
    """Bytes that a process wrote, as they came. With timestamps asked for, each line begins with the engine's RFC 3339 time."""

    stream: Stream
    data: bytes


class ExecResult(msgspec.Struct, frozen=True):
    """The end of a command that was run in a container. `output` is stdout and stderr as they came; each of the three is bounded."""

    exit_code: int
    output: bytes
    stdout: bytes = b""
    stderr: bytes = b""


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """A check to be repeated inside a container by one exec. One of `command` (argv), `file`, or neither: only `ports` are looked at.

    `timeout` (seconds) bounds one try, `total` the whole. The pause between tries grows from `pause` with the check's own cost up to
    `longest` (seconds). `shell`: `command` is one text for the image's shell (CMD-SHELL).
    """

    command: tuple[str, ...] = ()
    shell: bool = False
    file: str = ""
    ports: tuple[int, ...] = ()
    timeout: float = 30
    pause: float = 0.01
    longest: float = 1.0
    total: float = 3600


class Usage(msgspec.Struct, frozen=True):
    """Resources at one moment: memory in bytes, cpu as seconds used since start."""

    key: str
    at: float
    memory: int
    cpu: float


class Duplex(Protocol):
    """A byte stream to something inside a container, both ways."""

    async def send(self, data: bytes) -> None: ...

    async def receive(self) -> bytes:
        """The next bytes; b"" at the end."""
        ...

    async def close(self) -> None: ...


class SiteOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a run decides about how its application is put on the engine."""

    publish: str = "mapped"
    """`mapped`: ports that the file publishes, on free loopback ports; `fixed`: as written; `all`: every TCP port that image or file
    exposes, on free loopback ports."""
    limits_cpus: float = 0
    limits_memory: int = 0
    limits_pids: int = 0
    limits_said: Mapping[str, Origin] = {}
    """Who set a limit (cpus, memory, pids), where it wasn't the file."""
    grace: bool = False
    """Tear down with stop_grace_period instead of a kill."""
    hold_for: float = 3600
    """Seconds that a gate holds before it gives up by itself."""
    services: tuple[str, ...] = ()
    """Those of the application that the run has; (): all."""
    tests: tuple[str, ...] = ()
    env: Mapping[str, Mapping[str, str]] = {}
    """Extra environment by service, e.g. DOCKYARD_SERVICE_*."""
    instances: tuple[Instance, ...] = ()
    secret: bytes = b""
    """What keys are hashed with; b"": nothing here stands by, nor was it claimed."""
    pool: str = ""
    """What is made is to stand by, in this pool."""
    claimed: StandingBy | None = None
    """What stands on the engine already, and is to be taken as made where it is what would be made."""
    data: Mapping[str, Data] = {}
    """By service: where its data are, if not in volumes that are made empty. Told before its container is made."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """How an instance came to be there. `waited`: it stood by; `why`: what kept it from that, where something of it did."""

    warnings: tuple[str, ...] = ()
    waited: bool = False
    booted: bool = False
    """It stood by booted: its process runs, or has completed, and was asked whether it is well."""
    why: str = ""


Well = Callable[[Instance, ImageFacts], Awaitable[str]]
"""Whether an instance that stands by booted, and runs, is still well: why not, or ""."""


class Site(Protocol):
    """One placement on an engine. Instances are named by their key."""

    placement: Placement

    async def create_network(self, name: str) -> None: ...

    async def create_volume(self, name: str) -> None: ...

    def heed(self, ask: Well) -> None:
        """Have what stands by booted asked, before it is taken: one that isn't well is made anew."""
        ...

    def known(self, service: str, image: ImageFacts) -> None:
        """A service's image is known: told before any instance is made that shares something with the service."""
        ...

    async def create(self, instance: Instance, image: ImageFacts) -> Made:
        """Make the container; whatever must be in it before it starts is put there (uploads, inline configs, secrets). One that was
        claimed and is the same is taken as it is: it has been started already, where it is gated, and runs where it was booted."""
        ...

    async def start(self, instance: Instance) -> None: ...

    async def release(self, instance: Instance) -> None:
        """Let the process that waits at its gate go. Harmless when it is already gone."""
        ...

    def probe(self, instance: Instance, probe: Probe) -> AsyncIterator[Reading]:
        """The readings as they come, until the caller stops, `probe.total` has passed, or the container is gone."""
        ...

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
        """Run a command to its end. `send` is its standard input; `timeout` in seconds: then its exit code is -1, and it goes on."""
        ...

    async def pause(self, key: str) -> None:
        """Freeze every process of it; harmless where they are."""
        ...

    async def unpause(self, key: str) -> None: ...

    async def kill(self, key: str, signal: str) -> None:
        """Send its first process a signal (`KILL`, `TERM`, …). UserError where it doesn't run."""
        ...

    async def stop(self, key: str, grace: float | None) -> None:
        """Its stop signal, and after `grace` seconds (None: as described) SIGKILL. Returns when it has ended."""
        ...

    async def interact(self, key: str, command: Sequence[str], *, tty: bool) -> int:
        """Run a command with this process's own terminal or pipes; its exit code."""
        ...

    async def relay(self, key: str, port: int, host: str = "self") -> Duplex:
        """A TCP connection made from inside the container. `self`: wherever in its network namespace the port listens."""
        ...

    def changes(self) -> AsyncIterator[Change]:
        """What the engine says of this placement's containers, from before the first create on; survives a dropped connection by
        looking again, and raises Fatal when the engine has been restarted and the containers are gone."""
        ...

    def logs(self, key: str, *, since: float = 0, follow: bool = True) -> AsyncGenerator[Chunk, None]:
        """With timestamps, from `since` on (engine's clock), over restarts, until the container is gone."""
        ...

    async def usage(self) -> Sequence[Usage]: ...

    def read(self, key: str, path: str) -> AsyncIterator[bytes]:
        """A tar archive of `path` in the container (also a stopped one). UserError where it isn't there."""
        ...

    async def write(self, key: str, path: str, archive: bytes) -> None:
        """Unpack a tar archive into `path` in the container."""
        ...

    async def observe(self) -> Mapping[str, InstanceFacts]:
        """Every instance of the placement that is there now, by key."""
        ...

    async def addresses(self, key: str) -> Mapping[int, str]:
        """Where this side reaches the instance's published TCP ports: container port to `host:port`."""
        ...

    async def published(self, key: str) -> Mapping[str, str]:
        """Where every published port is, as people are told: `80` of TCP, else with its protocol, `53/udp`."""
        ...

    async def close(self) -> None:
        """Listen no more; everything stays."""
        ...

    async def delete(self) -> Sequence[Leftover]:
        """Remove everything of this placement, in parallel, containers first; what could not be removed."""
        ...


class Snapshots(Protocol):
    """Data of services that an engine keeps. What is not whole belongs to the placement that makes it, and goes with it."""

    @property
    def why_not(self) -> str:
        """Why this engine can't keep any; "" where it can."""
        ...

    async def find(self, key: str = "") -> Sequence[Snapshot]:
        """Those that are whole, or the one with this key; the newest first."""
        ...

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
        """What the group's data are made of. UserError where that can't be said."""
        ...

    async def reserve(self, key: str, placement: Placement) -> Snapshot | None:
        """The snapshot with this key, which nobody removes from then on while the placement is there; None: there is none."""
        ...

    async def begin(self, key: Key, placement: Placement) -> Mapping[str, Data] | None:
        """New volumes to be filled by the placement; None: somebody else is filling some, or has."""
        ...

    async def keep(self, key: Key, placement: Placement, data: Mapping[str, Data], seconds: float) -> Snapshot | None:
        """What is in the volumes now is the snapshot, in one act; None: somebody was quicker. Nobody may have them open."""
        ...

    async def used(self, snapshot: Snapshot, now: float) -> None:
        """Note the day on which it was begun with."""
        ...

    async def remove(self, key: str) -> Sequence[Leftover]:
        """Remove it; told as left where it is in use."""
        ...


class Engine(Protocol):
    """One engine, reached and negotiated."""

    facts: EngineFacts

    @property
    def snapshots(self) -> Snapshots: ...

    async def close(self) -> None: ...

    def refusals(self, application: Application, services: Iterable[str]) -> tuple[Sequence[Problem], Sequence[Problem]]:
        """What this engine can't honour: (errors, warnings), naming field and engine. Pure over `facts`."""
        ...

    def ungated(self, service: Service) -> str:
        """Why this service can't wait behind a gate here; "" when it can. Pure."""
        ...

    async def image(self, reference: str, platform: str = "") -> ImageFacts | None:
        """The image as it is on the engine now; None where it isn't, or is for another platform than the one asked for."""
        ...

    async def pull(self, reference: str, platform: str, tell: Tell) -> ImageFacts: ...

    async def build(
        self, application: Application, service: Service, tag: str, tell: Tell, *, no_cache: bool = False, pull: bool = False
    ) -> ImageFacts: ...

    async def site(self, placement: Placement, application: Application, options: SiteOptions) -> Site:
        """Where the placement's objects are made. Makes sure that what all of them need (the gate) is on the engine."""
        ...

    async def existing(self, placement_id: str) -> Site | None:
        """A placement that is there already (kept, or another process's), to look at, talk to and delete."""
        ...

    async def standing_by(self, pool: str = "") -> Sequence[StandingBy]:
        """Environments that stand by, the newest first."""
        ...

    async def disk(self) -> Disk | None:
        """Where the engine keeps its data; None where that isn't on this machine."""
        ...

    async def sizes(self) -> Mapping[str, int]:
        """By placement: the bytes that its containers have written, and its volumes hold. Slow: the engine measures."""
        ...

    async def misfits(
        self, placement: Placement, application: Application, options: SiteOptions, images: Mapping[str, ImageFacts]
    ) -> Mapping[str, str]:
        """Of `options.claimed`, which isn't claimed for it: the instances that would be made anew, and why. Nothing is made."""
        ...

    async def hold_image(self, image: ImageFacts, tag: str) -> None:
        """Give an image one more tag, that keeps it when others go."""
        ...

    async def inventory(self) -> Sequence[Found]:
        """Everything with Dockyard's labels, markers and run tags."""
        ...

    async def remove(self, found: Sequence[Found]) -> Sequence[Leftover]:
        """Remove, containers first. What is already gone counts as removed."""
        ...

    async def mark(self, name: str, labels: Mapping[str, str]) -> bool:
        """Create the marker `name`: a container that is never started. False: somebody else has it."""
        ...

    async def unmark(self, name: str) -> None: ...
