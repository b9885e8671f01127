"""`dockyard sweep`: remove what nobody answers for any more."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time

from dockyard.environments import sweep
from dockyard.environments.owner import alive, myself


def run(given: argparse.Namespace) -> int:
    """0 when all of it went; 1 when something could not be removed."""
    return asyncio.run(_run(given))


async def _run(given: argparse.Namespace) -> int:
    from dockyard.engines.docker.engine import connect

    engine = await connect(os.environ, host=given.host, context=given.context)
    me = myself()
    try:
        if given.dry_run:
            swept = await sweep.foresee(engine, time.time(), lambda owner: alive(owner, me), cache=given.cache)
        else:
            swept = await sweep.sweep(engine, time.time(), lambda owner: alive(owner, me), cache=given.cache)
    finally:
        await engine.close()
    _tell(given, swept)
    return 1 if swept.leftovers else 0


def _tell(given: argparse.Namespace, swept: sweep.Swept) -> None:
    if given.json:
        dead = [
            {"placement": d.placement, "why": d.why, "objects": [f"{o.kind} {o.name}" for o in d.objects]} for d in swept.dead
        ]
        left = [{"kind": str(o.kind), "name": o.name, "why": o.why} for o in swept.leftovers]
        cache = [f"{o.kind} {o.name}" for o in swept.cache]
        print(json.dumps({"removed": dead, "cache": cache, "leftovers": left, "dry_run": given.dry_run}))
        return
    verb = "would remove" if given.dry_run else "removed"
    for dead in swept.dead:
        print(f"{verb} {dead.placement} ({dead.why}): {', '.join(f'{o.kind} {o.name}' for o in dead.objects)}")
    if swept.cache:
        print(f"{verb} the cache: {', '.join(f'{o.kind} {o.name}' for o in swept.cache)}")
    for one in swept.leftovers:
        print(f"{'would not' if given.dry_run else 'could not'} remove {one.kind} {one.name}: {one.why}")
    if not swept.dead and not swept.leftovers and not swept.cache and not given.quiet:
        print("nothing to sweep")
