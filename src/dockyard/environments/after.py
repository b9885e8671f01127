"""What the guard does for a placement whose run has ended: remove all of it, or stay with it until its deadline."""

from __future__ import annotations

import asyncio
import time

from dockyard.engines.protocol import Engine, Site
from dockyard.environments.keep import remove
from dockyard.environments.sweep import kept_until
from dockyard.environments.watchdog import AGAIN, CLEAN_LOOKS, Word
from dockyard.model.facts import ChangeKind
from dockyard.model.plan import Instance

LOOK_AT_MARKERS = 20.0
"""Seconds between two looks whether a kept environment was extended or removed."""


async def clear(engine: Engine, word: Word) -> None:
    """Return when nothing of the placement is left."""
    if word.act == "keep":
        await _stay(engine, word)
    await _remove_all(engine, word.placement.id)


async def _remove_all(engine: Engine, placement: str) -> None:
    """A call that was under way when the run died may still make something: look until several looks find nothing."""
    clean = 0
    while clean < CLEAN_LOOKS:
        there = [f for f in await engine.inventory() if f.placement == placement]
        clean = 0 if there else clean + 1
        if there:
            await remove(engine, placement)
        elif clean < CLEAN_LOOKS:
            await asyncio.sleep(AGAIN)


async def _stay(engine: Engine, word: Word) -> None:
    """Until the deadline, which markers may move, or until the environment is gone."""
    releasing: asyncio.Task[None] | None = None
    try:
        while True:
            there = [f for f in await engine.inventory() if f.placement == word.placement.id]
            until = kept_until(word.placement.id, there)
            left = (until or 0) - (time.time() + engine.facts.clock_offset)
            if until is None or left <= 0:
                return
            if releasing is None or releasing.done():
                site = await engine.existing(word.placement.id)
                releasing = asyncio.create_task(_release_again(site)) if site is not None else None
            await asyncio.sleep(min(LOOK_AT_MARKERS, max(0.1, left)))
    finally:
        if releasing is not None:
            releasing.cancel()


async def _release_again(site: Site) -> None:
    """A container that the engine starts again waits at its gate again."""
    async for change in site.changes():
        if change.kind is ChangeKind.STARTED:
            await site.release(Instance(key=change.key, service=change.key))
