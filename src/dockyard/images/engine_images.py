"""The images of a Docker engine, as `observe` wants them: one list call, and one look at each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from dockyard.engines.docker import client, endpoint
from dockyard.engines.docker.client_errors import EngineError, NotFound, translate
from dockyard.images import platforms
from dockyard.images.loose import rows, table, texts
from dockyard.images.observe import Observed
from dockyard.model.lineage import reference

_AT_ONCE = 8
_OWN = ("dockyard-run/", "dockyard/")
"""Tags of runs and of Dockyard's own images: no part of anybody's family."""


async def look(environment: Mapping[str, str], *, host: str = "", context: str = "") -> list[Observed]:
    """Every image that has a name. Retry where no engine answers, UserError where it can't serve."""
    made = await client.connect(endpoint.resolve(environment, host=host, context=context))
    try:
        listed = await made.images.list()
        few = asyncio.Semaphore(_AT_ONCE)

        async def inspect(identity: str) -> Any:
            async with few:
                try:
                    return await made.images.inspect(identity)
                except NotFound:
                    return None  # removed since it was listed

        found = await asyncio.gather(*(inspect(str(one["Id"])) for one in listed if _names(one)))
        return [observed(one) for one in found if one is not None and _names(one)]
    except EngineError as error:
        raise translate(error) from error
    finally:
        await made.close()


def observed(body: Any) -> Observed:
    """From `GET /images/{id}/json`. Annotations are there from API 1.48 on; an annotation stands over a label."""
    labels = texts(table(body.get("Config")).get("Labels")) | texts(table(body.get("Descriptor")).get("annotations"))
    platform = platforms.normal(str(body.get("Os") or ""), str(body.get("Architecture") or ""), str(body.get("Variant") or ""))
    digests = {str(one).rpartition("@")[2] for one in rows(body.get("RepoDigests"))}
    return Observed(
        id=str(body.get("Id") or ""),
        names=_names(body),
        digests=tuple(sorted(digests)),
        platform=str(platform),
        layers=tuple(str(one) for one in rows(table(body.get("RootFS")).get("Layers"))),
        labels=labels,
        created=str(body.get("Created") or ""),
        size=int(body.get("Size") or 0),
    )


def _names(body: Any) -> tuple[str, ...]:
    found: list[str] = []
    for tag in rows(body.get("RepoTags")):
        text = str(tag).removeprefix("localhost/") if str(tag).startswith("localhost/") else str(tag)
        if text.startswith(_OWN) or "<none>" in text:
            continue
        try:
            found.append(reference(text).name)
        except ValueError:
            continue
    return tuple(sorted(found))
