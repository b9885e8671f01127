"""Who put what where, and until when: the identity that every object on an engine carries.

The keys and forms are the outside contract (labels and marker names): a sweeper that knows nothing but the engine must be able to
read them. Ids, times and the owner come in as arguments; nothing here looks at the clock or the machine.
"""

from __future__ import annotations

import hashlib
import re

import msgspec

PLACEMENT = "dockyard.placement"
DEADLINE = "dockyard.deadline"
SERVICE = "dockyard.service"
OWNER = "dockyard.owner"
CACHE = "dockyard.cache"
PROJECT = "dockyard.project"
"""The project's name as people know it: objects are named after the placement."""
INSTANCE = "dockyard.instance"
MARKER = "dockyard.marker"
STANDBY = "dockyard.standby"
"""On all of an environment that stands by, and on its markers: the pool that it is in."""
FRAME = "dockyard.frame"
KEY = "dockyard.key"
"""What a container that stands by was made of: its key, and each input's own."""
INPUTS = "dockyard.inputs"
NETWORKS = "dockyard.networks"
"""On the marker of one that is whole: how many networks of its own it has."""
BOOTED = "dockyard.booted"
"""On the same marker: which containers were booted, and when the engine says that each was started."""
BUILDS = "builds"
"""The kind of marker that says whose the tags of a placement are: they carry no labels."""
FILLING, FILLED, CLAIM = "filling", "filled", "claim"
"""Kinds of markers: who makes it, and answers for it until it is whole; it was made to its end (the name says in how many milliseconds);
whose it is from then on."""
SNAPSHOT = "dockyard.snapshot"
"""The key of kept data: on what holds them, and on whatever stands on a clone of them."""
FILLS = "dockyard.fills"
"""On a volume that is filled to be kept: the placement that fills it, whose it is while the snapshot isn't whole."""
KEPT, SIZE, SECONDS, CLONE = "dockyard.kept", "dockyard.size", "dockyard.seconds", "dockyard.clone"
"""On what makes a snapshot whole: its volumes, their bytes, how long they took to make, how they are cloned."""
NOBODY = "standby"
"""The owner of what stands by: no process answers for it, its deadline decides."""
COMPOSE_PROJECT = "com.docker.compose.project"
COMPOSE_SERVICE = "com.docker.compose.service"
COMPOSE_DIRECTORY = "com.docker.compose.project.working_dir"
"""On containers: the folder of the Compose file, by which checkouts of one project are told apart."""

RUN_TAG = "dockyard-run"
"""Repository prefix of the tags that a run gives to what it built: `dockyard-run/<service>:<placement>-<deadline>`."""

_WHOLE = re.compile(r"[0-9]{1,18}")
_LEGAL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")


def whole(text: str) -> int | None:
    """A label's number: up to 18 ASCII digits; None for anything else that somebody may have written there."""
    return int(text) if _WHOLE.fullmatch(text) else None


class Owner(msgspec.Struct, frozen=True):
    """The process that answers for a placement. `started` is the process's start time in clock ticks since boot (0: unknown)."""

    host: str
    boot: str
    pidns: str
    pid: int
    started: int

    def __str__(self) -> str:
        return f"{self.host}/{self.boot}/{self.pidns}/{self.pid}/{self.started}"

    @classmethod
    def parse(cls, text: str) -> Owner | None:
        """The owner that `str(owner)` wrote; None when the label says something else."""
        parts = text.split("/")
        if len(parts) != 5:
            return None
        pid, started = whole(parts[3]), whole(parts[4])
        return None if pid is None or started is None else cls(parts[0], parts[1], parts[2], pid, started)

    def same_machine(self, other: Owner) -> bool:
        """Only where host, boot id and PID namespace are one's own can a pid be judged dead (contract: On the engine)."""
        return (self.host, self.boot, self.pidns) == (other.host, other.boot, other.pidns)


class Placement(msgspec.Struct, frozen=True):
    """An application on a cluster. `id` is a DNS label of at most 20 characters; `deadline` is Unix seconds by the engine's clock."""

    id: str
    project: str
    owner: str
    deadline: int
    run: str

    def labels(self) -> dict[str, str]:
        """What goes into the create call of every object."""
        return {
            PLACEMENT: self.id,
            DEADLINE: str(self.deadline),
            OWNER: self.owner,
            PROJECT: self.project,
            COMPOSE_PROJECT: self.id,
        }


def placement_id(project: str, token: str) -> str:
    """A readable id: up to 11 characters of the project's name, then `-` and the 8-character random `token`."""
    slug = re.sub(r"[^a-z0-9]+", "-", project.lower()).strip("-")[:11].rstrip("-")
    if not slug or not slug[0].isalpha():
        slug = f"d{slug}"[:11].rstrip("-")
    return f"{slug}-{token}"


def service_label(name: str) -> str:
    """`name` where it is legal as a Kubernetes label value, else 52 cleaned characters, `-` and 8 hex digits of its hash."""
    if _LEGAL.fullmatch(name):
        return name
    clean = re.sub(r"[^A-Za-z0-9_.-]", "-", name)[:52].strip("-_.") or "x"
    return f"{clean}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def run_tag(service: str, placement: Placement) -> str:
    """The tag that holds what a run built. Image repositories are lower case (OCI distribution spec, `<name>`)."""
    clean = re.sub(r"[^a-z0-9]+", "-", service.lower()).strip("-") or "x"
    return f"{RUN_TAG}/{clean}-{hashlib.sha256(service.encode()).hexdigest()[:6]}:{placement.id}-{placement.deadline}"


def marker_name(placement: str, kind: str, value: str = "") -> str:
    """The fixed name of a marker: a container that is never started. Creating it is the atomic act."""
    return "-".join(part for part in ("dockyard-mark", placement, kind, value) if part)
