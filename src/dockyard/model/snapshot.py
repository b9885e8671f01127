"""What is kept of services' data, so that the next environment begins with it: which services, under which key, in which volumes."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Services whose data are kept together, because somebody has a part in the data of more than one of them. In the file's order."""

    services: tuple[str, ...]
    """Those whose data are kept."""
    inputs: tuple[str, ...] = ()
    """Those that have a part in them beside."""
    one_shots: tuple[str, ...] = ()
    """Of `inputs`: what is done when it has ended. Its work is in the data, so it doesn't run again."""
    files: tuple[str, ...] = ()
    """Absolute paths of what else has a part."""

    @property
    def everybody(self) -> tuple[str, ...]:
        return (*self.services, *self.inputs)


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """What data were made of: `hash` of all, `inputs` each by a name that people know. `targets`: by service, where its volumes are."""

    hash: str
    inputs: Mapping[str, str]
    targets: Mapping[str, tuple[str, ...]]


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One volume that is kept: its name on the engine, and who owns its root, which a clone's must be too."""

    volume: str
    uid: int = 0
    gid: int = 0
    mode: int = 0o755


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Data that are kept on an engine. Times are Unix seconds by the engine's clock."""

    key: str
    project: str
    inputs: Mapping[str, str] = {}
    volumes: Mapping[str, Mapping[str, Kept]] = {}
    """By service, and by the path in its container."""
    layered: str | None = None
    """A clone is a layer over it, mounted with these options beside ("" for none); None: it is a copy."""
    size: int = 0
    """Bytes."""
    seconds: float = 0
    """What it took to make and fill the data, from the first release on until all was ready."""
    made_at: float = 0
    used_at: float = 0
    """The day on which it was last begun with, or made."""
    used_by: tuple[str, ...] = ()
    """Placements that stand on clones of it."""

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(self.volumes)


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """Where a service's data are to be: `volumes`, by path in its container. They are clones of `snapshot` ("": their names are not
    known yet), or are filled to be kept."""

    snapshot: Snapshot | None = None
    volumes: Mapping[str, str] = {}
    holds: tuple[str, ...] = ()
    """Services whose work is in the snapshot: they aren't made."""


def begun_with(snapshot: Snapshot, group: Group) -> dict[str, Data]:
    """The data of each service of a group that begins with a snapshot."""
    return {
        name: Data(snapshot=snapshot, volumes=dict.fromkeys(snapshot.volumes[name], ""), holds=group.one_shots)
        for name in group.services
    }
