"""`dockyard history`: past runs, newest first, from the store."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time

from dockyard.cli.display import tables
from dockyard.record.printable import printable


def run(given: argparse.Namespace) -> int:
    return asyncio.run(_run(given))


async def _run(given: argparse.Namespace) -> int:
    import msgspec

    from dockyard.store.sqlite import SqliteStore, state_file

    store = await SqliteStore.open(state_file(os.environ))
    try:
        runs = await store.runs(limit=given.number, project=given.project, verdict=given.verdict)
    finally:
        await store.close()
    if given.json:
        print(json.dumps([msgspec.to_builtins(r) for r in runs]))
        return 0
    if not runs:
        print("no run is remembered")
        return 0
    rows = [["when", "project", "verdict", "seconds", "cause"]]
    for one in runs:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.begun))
        cause = printable(one.cause).split("\n", 1)[0][:80]
        rows.append([when, one.project, one.verdict or "goes on", f"{one.ended - one.begun:.1f}" if one.ended else "", cause])
    print("\n".join(tables.columns(rows)))
    return 0
