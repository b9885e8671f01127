"""Environments that stand by, as they are found on an engine.

All is in labels and markers. `filled` is the last thing that is made: its name says how many milliseconds all of it took. `claim` is whose
it is from then on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from dockyard.engines.docker.api import Api
from dockyard.model.facts import StandingBy, State, Waiting
from dockyard.model.placement import (
    BOOTED,
    CLAIM,
    DEADLINE,
    FILLED,
    FRAME,
    INPUTS,
    INSTANCE,
    KEY,
    MARKER,
    NETWORKS,
    PLACEMENT,
    PROJECT,
    STANDBY,
    marker_name,
    whole,
)

_Labelled = Mapping[str, Any]


async def find(api: Api, pool: str = "") -> list[StandingBy]:
    """Those of a pool, or all; the newest first."""
    labelled = {"label": [f"{STANDBY}={pool}" if pool else STANDBY]}
    containers, networks = await asyncio.gather(api.containers(labelled), api.networks(labelled))
    by_placement: dict[str, list[_Labelled]] = {}
    for one in containers:
        by_placement.setdefault(one["Labels"].get(PLACEMENT, ""), []).append(one)
    there: dict[str, int] = {}
    for one in networks:
        there[one["Labels"].get(PLACEMENT, "")] = there.get(one["Labels"].get(PLACEMENT, ""), 0) + 1
    found = [_standing(placement, ones, there.get(placement, 0)) for placement, ones in by_placement.items() if placement]
    return sorted(found, key=lambda one: (one.made_at, one.placement), reverse=True)


def _standing(placement: str, ones: Sequence[_Labelled], networks: int) -> StandingBy:
    markers = {_name(one): one for one in ones if MARKER in one["Labels"]}
    labels = ones[0]["Labels"]
    filled = next((name for name in markers if name.startswith(marker_name(placement, FILLED))), "")
    said = markers[filled]["Labels"] if filled else {}
    booted = _words(said, BOOTED)
    return StandingBy(
        placement=placement,
        project=labels.get(PROJECT, ""),
        pool=labels.get(STANDBY, ""),
        frame=said.get(FRAME, ""),
        deadline=whole(said.get(DEADLINE, "")) or 0,
        made_at=markers[filled].get("Created", 0) if filled else 0,
        seconds=(whole(filled.rpartition("-")[2]) or 0) / 1000,
        whole=bool(filled) and networks >= (whole(said.get(NETWORKS, "")) or 0),
        claimed=marker_name(placement, CLAIM) in markers,
        containers=tuple(_waiting(one, booted) for one in ones if MARKER not in one["Labels"] and INSTANCE in one["Labels"]),
    )


def _waiting(one: _Labelled, booted: Mapping[str, str]) -> Waiting:
    labels = one["Labels"]
    try:
        state = State(one.get("State", ""))
    except ValueError:
        state = State.DEAD
    own = [mount.get("Name", "") for mount in one.get("Mounts") or () if mount.get("Type") == "volume"]
    return Waiting(
        key=labels[INSTANCE],
        id=one["Id"],
        name=_name(one),
        state=state,
        hash=labels.get(KEY, ""),
        inputs=_words(labels, INPUTS),
        booted=booted.get(labels[INSTANCE], ""),
        image=one.get("ImageID", ""),
        networks=tuple(on["NetworkID"] for on in _endpoints(one) if on.get("NetworkID")),
        volumes=tuple(name for name in own if name.startswith(f"{labels.get(PLACEMENT, '')}-")),
    )


def _endpoints(one: _Labelled) -> list[_Labelled]:
    networks = (one.get("NetworkSettings") or {}).get("Networks") or {}
    return [on for name, on in networks.items() if name not in ("none", "host")]


def _words(labels: _Labelled, name: str) -> dict[str, str]:
    """A label's JSON object; what somebody else has written there is none."""
    try:
        return msgspec.json.decode(labels.get(name, "{}"), type=dict[str, str])
    except msgspec.MsgspecError:
        return {}


def _name(one: _Labelled) -> str:
    return one["Names"][0].lstrip("/") if one.get("Names") else one["Id"][:12]
