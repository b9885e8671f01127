"""What containers use at a moment. One call each, side by side; the engine's one-shot form, which doesn't wait for a second sample."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from dockyard.engines.docker.api import Api
from dockyard.engines.protocol import Usage
from dockyard.model.errors import DockyardError


async def look(api: Api, ids: Mapping[str, str]) -> list[Usage]:
    """One reading of every instance that runs; what has gone meanwhile is left out."""
    found = await asyncio.gather(*(_one(api, key, identity) for key, identity in ids.items()))
    return [usage for usage in found if usage is not None]


async def _one(api: Api, key: str, identity: str) -> Usage | None:
    try:
        return of_stats(key, await api.stats(identity), time.time())
    except DockyardError:
        return None


def of_stats(key: str, body: dict[str, Any] | None, at: float) -> Usage | None:
    """From `GET /containers/{id}/stats`. Memory without the page cache, as `docker stats` shows it; None for one that doesn't run."""
    memory = (body or {}).get("memory_stats") or {}
    if not body or "usage" not in memory:
        return None
    detail = memory.get("stats") or {}
    # cgroup v1 names it total_inactive_file, v2 inactive_file.
    cache = detail.get("total_inactive_file", detail.get("inactive_file", 0))
    used = max(memory["usage"] - cache, 0)
    cpu = ((body.get("cpu_stats") or {}).get("cpu_usage") or {}).get("total_usage", 0)
    return Usage(key, at, used, cpu / 1e9)
