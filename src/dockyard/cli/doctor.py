"""`dockyard doctor`: look at the engine, say what is wrong and what to do. 0 when nothing is, 1 when something is."""

from __future__ import annotations

import argparse
import asyncio
import os
import time

from dockyard.cli.display import words
from dockyard.cli.display.display import coloured
from dockyard.environments import sweep
from dockyard.environments.doctor import Finding, Grade, examine
from dockyard.environments.owner import alive, myself


def run(given: argparse.Namespace) -> int:
    findings = asyncio.run(_look(given))
    if given.json:
        import msgspec

        print(msgspec.json.encode(findings).decode())
    else:
        _tell(given, findings)
    return 1 if any(f.grade is Grade.BAD for f in findings) else 0


async def _look(given: argparse.Namespace) -> list[Finding]:
    from dockyard.engines.docker.engine import connect

    engine = await connect(os.environ, host=given.host, context=given.context)
    me = myself()
    try:
        looked, inventory = await asyncio.gather(engine.look(), engine.inventory())
        now = time.time() + engine.facts.clock_offset
        dead = sweep.decide(inventory, now, lambda owner: alive(owner, me))
        return examine(engine.facts, looked, inventory, len(dead))
    finally:
        await engine.close()


def _tell(given: argparse.Namespace, findings: list[Finding]) -> None:
    paint = words.painter(coloured(given))
    colours = {Grade.OK: "green", Grade.NOTE: "yellow", Grade.BAD: "red"}
    for one in findings:
        if given.quiet and one.grade is Grade.OK:
            continue
        print(f"{paint(f'{one.grade:<5}', colours[one.grade])} {one.what:<14} {one.found}")
        if one.do:
            print(f"{'':<21}{one.do}")
