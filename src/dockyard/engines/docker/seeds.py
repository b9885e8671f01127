"""What of a snapshot is where on a Docker engine: names, labels, and how they are read again. Pure.

A snapshot's volumes are the very ones that were filled; nothing is copied. What makes it whole is a container of a fixed name that is never started and
mounts them read-only: creating it is the one act, and while it is there no prune can take them. Volumes that no such container names
are parts: they are their filler's, and are swept with it. No two fillers use the same names, so nobody inherits a dead one's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from dockyard.engines.docker.scene import Json
from dockyard.model.placement import CACHE, CLONE, FILLS, INPUTS, KEPT, PLACEMENT, PROJECT, SECONDS, SIZE, SNAPSHOT, Placement
from dockyard.model.snapshot import Kept, Key, Snapshot

KIND = "snapshot"
"""Of `dockyard.cache`."""
OVERLAY, COPY = "overlay", "copy"
OPTIONS = ("metacopy=on", "")
"""What a layer is mounted with, the best first. With metacopy, an image that gives all of its folder to the server's user (chown -R)
before each start copies no content up."""
_Labelled = Mapping[str, Any]
_Volumes = dict[str, dict[str, Kept]]
_USED = re.compile(r"-used-(\d{1,8})$")
_DAY = 86400


def name(key: str) -> str:
    """Of what makes a snapshot whole."""
    return f"dockyard-snapshot-{key}"


def lock(key: str) -> str:
    return f"{name(key)}-filling"


def volume(key: str, token: str, number: int) -> str:
    return f"{name(key)}-{token}-{number}"


def used(key: str, now: float) -> str:
    """Of the marker that says on which day it was last begun with."""
    return f"{name(key)}-used-{int(now // _DAY)}"


def day_of(marker: str) -> float | None:
    """Unix seconds of the day that such a marker names."""
    found = _USED.search(marker)
    return int(found[1]) * float(_DAY) if found else None


def labels_of_part(key: str, placement: Placement) -> dict[str, str]:
    own = placement.labels()
    return {CACHE: KIND, SNAPSHOT: key, FILLS: placement.id, **{label: own[label] for label in own if label != PLACEMENT}}


def labels_of_whole(
    key: Key, project: str, volumes: _Volumes, *, size: int, seconds: float, layered: str | None
) -> dict[str, str]:
    return {
        CACHE: KIND,
        SNAPSHOT: key.hash,
        PROJECT: project,
        INPUTS: msgspec.json.encode(key.inputs).decode(),
        KEPT: msgspec.json.encode(volumes).decode(),
        SIZE: str(size),
        SECONDS: f"{seconds:.4f}",
        CLONE: COPY if layered is None else f"{OVERLAY} {layered}".strip(),
    }


def mount(volume_name: str, number: int) -> Json:
    """Read-only, in a container that is never started."""
    return {
        "Type": "volume",
        "Source": volume_name,
        "Target": f"/{number}",
        "ReadOnly": True,
        "VolumeOptions": {"NoCopy": True},
    }


def read(containers: Sequence[_Labelled], volumes: Sequence[_Labelled]) -> list[Snapshot]:
    """From the engine's lists of all that carries SNAPSHOT; the newest first. What lacks one of its volumes is none."""
    there = {one["Name"] for one in volumes}
    stands = _stands(containers, volumes)
    days: dict[str, float] = {}
    for one in containers:
        key, day = one["Labels"].get(SNAPSHOT, ""), day_of(_name(one))
        if day is not None:
            days[key] = max(day, days.get(key, 0))
    found: list[Snapshot] = []
    for one in containers:
        labels = one["Labels"]
        key = labels.get(SNAPSHOT, "")
        if _name(one) != name(key):
            continue
        snapshot = _whole(key, labels, one.get("Created", 0))
        if snapshot is not None and {kept.volume for paths in snapshot.volumes.values() for kept in paths.values()} <= there:
            by = tuple(sorted(stands.get(key, ())))
            found.append(msgspec.structs.replace(snapshot, used_at=max(snapshot.made_at, days.get(key, 0)), used_by=by))
    return sorted(found, key=lambda one: (one.made_at, one.key), reverse=True)


def _whole(key: str, labels: Mapping[str, str], made_at: float) -> Snapshot | None:
    try:
        return Snapshot(
            key=key,
            project=labels.get(PROJECT, ""),
            inputs=msgspec.json.decode(labels.get(INPUTS, "{}"), type=dict[str, str]),
            volumes=msgspec.json.decode(labels.get(KEPT, ""), type=dict[str, dict[str, Kept]]),
            layered=_layered(labels.get(CLONE, "")),
            size=int(labels.get(SIZE, "0")),
            seconds=float(labels.get(SECONDS, "0")),
            made_at=made_at,
        )
    except (msgspec.MsgspecError, ValueError):
        return None


def _layered(said: str) -> str | None:
    kind, _, options = said.partition(" ")
    return options if kind == OVERLAY and options in OPTIONS else None


def parts(containers: Sequence[_Labelled], volumes: Sequence[_Labelled]) -> list[str]:
    """Volumes that belong to no whole snapshot, and that nobody stands on."""
    whole = {kept.volume for one in read(containers, volumes) for paths in one.volumes.values() for kept in paths.values()}
    stands = _stands(containers, volumes)
    found: list[str] = []
    for one in volumes:
        labels = one.get("Labels") or {}
        if FILLS in labels and one["Name"] not in whole and stands.get(labels.get(SNAPSHOT, ""), set()) <= {labels[FILLS]}:
            found.append(one["Name"])
    return found


def _stands(containers: Sequence[_Labelled], volumes: Sequence[_Labelled]) -> dict[str, set[str]]:
    """By key: the placements that stand on it, or try to."""
    found: dict[str, set[str]] = {}
    for one in (*containers, *volumes):
        labels = one.get("Labels") or {}
        if labels.get(PLACEMENT) and labels.get(SNAPSHOT) and not _fills(one):
            found.setdefault(labels[SNAPSHOT], set()).add(labels[PLACEMENT])
    return found


def _fills(one: _Labelled) -> bool:
    """The lock of somebody who fills is no use of it."""
    return one.get("Names") is not None and _name(one).endswith("-filling")


def _name(one: _Labelled) -> str:
    return one["Names"][0].lstrip("/") if one.get("Names") else one.get("Id", "")[:12]
