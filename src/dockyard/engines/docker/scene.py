"""What rendering looks at, and what comes out of it: data, no I/O.

`Scene` is one application to be placed on one engine. `Rendered` is one container to be made: the create call's body, the networks
that API 1.41 can't take in it, and what must be put into it before it starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from dockyard.engines.protocol import SiteOptions
from dockyard.model.application import Application
from dockyard.model.facts import EngineFacts
from dockyard.model.placement import Placement

Json = dict[str, Any]


class GateMount(msgspec.Struct, frozen=True):
    """Where the gate is: the volume that holds it, and the folder and program as a container sees them."""

    volume: str
    folder: str
    program: str


class Share(msgspec.Struct, frozen=True):
    """What of the run's limits one container gets; 0: nothing is said."""

    cpus: float = 0
    memory: int = 0
    pids: int = 0


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """`seen` has the kinds of those local paths that were looked at, for engines that don't see them: `dir`, `file`, or absent.

    `texts` has the contents of local files that go into the create call itself (seccomp profiles). `proxies` are the variables that
    Docker's own configuration gives to every container. `reach`: the address that published ports bind to. `parties`: the services that
    are booted where the application stands by, each with those that boot with it.
    """

    application: Application
    placement: Placement
    options: SiteOptions
    facts: EngineFacts
    gate: GateMount | None = None
    shares: Mapping[str, Share] = {}
    seen: Mapping[str, str] = {}
    texts: Mapping[str, str] = {}
    proxies: Mapping[str, str] = {}
    reach: str = "127.0.0.1"
    parties: Mapping[str, tuple[str, ...]] = {}

    @property
    def api(self) -> tuple[int, int]:
        return version(self.facts.api)


class Put(msgspec.Struct, frozen=True, kw_only=True):
    """A file to be put into a created container at `target`: `content`, or the local file `source`.

    `folder`: what the engine is told to unpack in; a read-only root takes nothing but in the folder of a volume.
    """

    target: str
    folder: str = "/"
    content: bytes | None = None
    source: str = ""
    mode: int = 0o444
    uid: int = 0
    gid: int = 0


class Fill(msgspec.Struct, frozen=True):
    """A volume to be filled from a local folder before the first container that mounts it starts."""

    volume: str
    source: str


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """One container to be made. `connect` are (network, endpoint body) to be joined after the create call and before the start."""

    name: str
    body: Json
    connect: tuple[tuple[str, Json], ...] = ()
    puts: tuple[Put, ...] = ()
    fills: tuple[Fill, ...] = ()
    warnings: tuple[str, ...] = ()


def version(text: str) -> tuple[int, int]:
    """`1.41` as (1, 41)."""
    major, _, minor = text.partition(".")
    return int(major or 0), int(minor or 0)
