"""What an engine tells of itself and of what it holds: the snapshots that planning, waiting and sweeping read."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class EngineFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One engine as it answered once. Sizes in bytes; `clock_offset` is engine time less ours, in seconds."""

    id: str
    name: str
    kind: str = "docker"
    version: str
    api: str
    os: str
    arch: str
    cpus: int
    memory: int
    clock_offset: float = 0.0
    local_files: bool = False
    """A bind mount shows this machine's files; else files go in by upload."""
    rootless: bool = False
    cgroup: int = 0
    """Cgroup version, 0 where the engine doesn't say."""
    lacks: tuple[str, ...] = ()
    """What it can't limit: of cpus, cpu shares, cpuset, memory, swap, pids."""
    devices: tuple[str, ...] = ()
    """What it shows that hands in GPUs and their like: runtimes made for them, and `cdi`. It may have drivers that it doesn't show."""
    warnings: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """As errors name it."""
        return f"{'Podman' if self.kind == 'podman' else 'Docker Engine'} {self.version} (API {self.api})"


class Disk(msgspec.Struct, frozen=True):
    """Where an engine keeps its data. Bytes."""

    free: int
    size: int


class ImageFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An image that is on the engine. What a run needs of its configuration (OCI image spec v1.1, `config`)."""

    id: str
    reference: str
    digest: str = ""
    os: str = "linux"
    arch: str = ""
    variant: str = ""
    size: int = 0
    entrypoint: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    shell: tuple[str, ...] | None = None
    env: tuple[str, ...] = ()
    user: str = ""
    workdir: str = ""
    ports: tuple[str, ...] = ()
    """Exposed ports as the image has them: `5432/tcp`."""
    volumes: tuple[str, ...] = ()
    stop_signal: str = ""
    healthcheck: HealthFacts | None = None
    layers: tuple[str, ...] = ()
    """Digests of what is in it, uncompressed (OCI image spec v1.1, `rootfs.diff_ids`)."""


class HealthFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A healthcheck as an image or an engine holds it. Durations in seconds, 0: the engine's default."""

    test: tuple[str, ...]
    interval: float = 0
    timeout: float = 0
    retries: int = 0
    start_period: float = 0
    start_interval: float = 0


class State(StrEnum):
    """The states of a container that a run tells apart (Docker Engine API, ContainerState.Status)."""

    ABSENT = "absent"
    CREATED = "created"
    RUNNING = "running"
    RESTARTING = "restarting"
    EXITED = "exited"
    PAUSED = "paused"
    DEAD = "dead"


class InstanceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One container of a placement as the engine shows it. Times are Unix seconds by the engine's clock, 0: not yet."""

    key: str
    id: str
    state: State
    service: str = ""
    exit_code: int = 0
    oom: bool = False
    memory_limit: int = 0
    """Bytes; 0: none."""
    error: str = ""
    restarts: int = 0
    started_at: float = 0
    finished_at: float = 0
    ports: tuple[tuple[int, str], ...] = ()
    """Published TCP ports: (port in the container, `host:port` on this side)."""


def started_text(facts: InstanceFacts) -> str:
    """Which start of a container it is: a process that was started again is another one."""
    return f"{facts.started_at:.6f}"


class ChangeKind(StrEnum):
    """What an engine says of a container by itself."""

    STARTED = "started"
    EXITED = "exited"
    OOM = "oom"
    LOST = "lost"
    """The container was removed by somebody else."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An engine's own word that a container of a placement changed. `at` is Unix seconds by the engine's clock."""

    key: str
    kind: ChangeKind
    at: float
    exit_code: int = 0
    killed: bool = False
    """An end for which somebody asked the engine (`docker kill`, `docker stop`)."""


class FoundKind(StrEnum):
    """The kinds of object that carry a placement's labels."""

    CONTAINER = "container"
    NETWORK = "network"
    VOLUME = "volume"
    IMAGE_TAG = "image tag"
    MARKER = "marker"


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One object of Dockyard's on an engine, as a sweep that knows nothing else sees it."""

    kind: FoundKind
    id: str
    name: str
    placement: str
    deadline: int
    owner: str = ""
    service: str = ""
    cache: bool = False
    running: bool = False
    labels: dict[str, str] = {}


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A container that stands by: at its gate, or booted and spoken to by nobody. `hash`, `inputs`: what it was made of. `booted`: when
    it was started, as `started_text` writes it; "" at its gate."""

    key: str
    id: str
    name: str
    state: State
    hash: str
    inputs: Mapping[str, str] = {}
    volumes: tuple[str, ...] = ()
    """Those that are the environment's own."""
    booted: str = ""
    image: str = ""
    """The id of its image."""
    networks: tuple[str, ...] = ()
    """Ids of those that it is on."""


class StandingBy(msgspec.Struct, frozen=True, kw_only=True):
    """An environment that waits to be claimed. `pool`: whose it is; `frame`: what its networks and volumes were made of; `seconds`:
    what making it took; `deadline`: Unix seconds by the engine's clock. `whole`: it was made to its end, and its networks are there."""

    placement: str
    project: str
    pool: str
    frame: str
    deadline: int
    made_at: int = 0
    seconds: float = 0
    whole: bool = False
    claimed: bool = False
    containers: tuple[Waiting, ...] = ()


class Leftover(msgspec.Struct, frozen=True):
    """Something that could not be removed, and why."""

    kind: FoundKind
    name: str
    why: str


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One try of a probe. Times are Unix seconds by our clock. `listening`: one of the probe's ports was listening on an address
    other than loopback before the try began. `exit_code` is -1 where the try was ended by its timeout."""

    began: float
    ended: float
    exit_code: int
    listening: bool = False
    output: bytes = b""

    @property
    def ok(self) -> bool:
        return self.exit_code == 0
