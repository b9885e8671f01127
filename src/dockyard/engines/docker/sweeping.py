"""Everything of Dockyard's on an engine, as a sweep sees it that knows nothing else: labels, markers' names, run tags."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from dockyard.engines.docker import cache_image, removal, seeds
from dockyard.engines.docker.api import Api, familiar
from dockyard.model.facts import Found, FoundKind, Leftover
from dockyard.model.placement import CACHE, DEADLINE, FILLS, MARKER, OWNER, PLACEMENT, RUN_TAG, SERVICE, SNAPSHOT, whole

_TAG = re.compile(rf"{RUN_TAG}/(?P<service>[^:]+):(?P<placement>[a-z0-9-]+)-(?P<deadline>\d+)")


async def inventory(api: Api) -> list[Found]:
    """All that carries our labels or tags. One call a kind, side by side."""
    # A label filter is an "and": what is ours by one of two labels is picked here, but only from what has labels of ours at all.
    containers, networks, volumes, images = await asyncio.gather(
        api.containers({}), api.networks({}), api.volumes({}), api.client.images.list(filters={})
    )
    found = [_container(one) for one in containers if _ours(one.get("Labels"))]
    found += [
        _labelled(FoundKind.NETWORK, one["Id"], one["Name"], one.get("Labels") or {})
        for one in networks
        if _ours(one.get("Labels"))
    ]
    parts = seeds.parts(*([one for one in some if SNAPSHOT in (one.get("Labels") or {})] for some in (containers, volumes)))
    found += [
        _labelled(FoundKind.VOLUME, one["Name"], one["Name"], _of_filler(one, parts))
        for one in volumes
        if _ours(one.get("Labels"))
    ]
    for image in images:
        found += [tag for text in image.get("RepoTags") or () if (tag := of_tag(text)) is not None]
    return found


def of_tag(text: str) -> Found | None:
    """A run's tag, or our empty image; None for anybody else's."""
    text = familiar(text)
    if text.startswith(f"{cache_image.REPOSITORY}:"):
        return Found(kind=FoundKind.IMAGE_TAG, id=text, name=text, placement="", deadline=0, cache=True)
    match = _TAG.fullmatch(text)
    if match is None:
        return None
    return Found(
        kind=FoundKind.IMAGE_TAG,
        id=text,
        name=text,
        placement=match["placement"],
        deadline=whole(match["deadline"]) or 0,
        service=match["service"],
    )


def _container(one: Mapping[str, Any]) -> Found:
    labels = one.get("Labels") or {}
    name = one["Names"][0].lstrip("/") if one.get("Names") else one["Id"][:12]
    kind = FoundKind.MARKER if MARKER in labels else FoundKind.CONTAINER
    return _labelled(kind, one["Id"], name, labels, running=one.get("State") in ("running", "paused", "restarting"))


def _labelled(kind: FoundKind, identity: str, name: str, labels: Mapping[str, str], *, running: bool = False) -> Found:
    return Found(
        kind=kind,
        id=identity,
        name=name,
        placement=labels.get(PLACEMENT, ""),
        deadline=whole(labels.get(DEADLINE, "")) or 0,
        owner=labels.get(OWNER, ""),
        service=labels.get(SERVICE, ""),
        # a container inherits its image's labels: a marker is no cache, though the empty image is
        cache=CACHE in labels and PLACEMENT not in labels,
        running=running,
        labels=dict(labels),
    )


def _of_filler(one: Mapping[str, Any], parts: Sequence[str]) -> dict[str, str]:
    """The labels of a volume; a part of a snapshot that isn't whole is its filler's, and goes with the filler's placement."""
    labels = dict(one.get("Labels") or {})
    return labels | {PLACEMENT: labels[FILLS]} if one["Name"] in parts else labels


def _ours(labels: Mapping[str, str] | None) -> bool:
    return any(label in (labels or {}) for label in (PLACEMENT, CACHE, MARKER))


async def remove(api: Api, found: Sequence[Found]) -> list[Leftover]:
    """Containers first; what is in use by a container that isn't named stays and is told."""
    by_kind: dict[FoundKind, list[Found]] = {}
    for one in found:
        by_kind.setdefault(one.kind, []).append(one)
    containers = by_kind.get(FoundKind.CONTAINER, ())
    return await removal.remove(
        api,
        removal.Holdings(
            containers=tuple((one.id, one.name) for one in containers),
            running=frozenset(one.id for one in containers if one.running),
            networks=tuple((one.id, one.name) for one in by_kind.get(FoundKind.NETWORK, ())),
            volumes=tuple(one.name for one in by_kind.get(FoundKind.VOLUME, ())),
            tags=tuple(one.name for one in by_kind.get(FoundKind.IMAGE_TAG, ())),
            markers=tuple((one.id, one.name) for one in by_kind.get(FoundKind.MARKER, ())),
        ),
    )
