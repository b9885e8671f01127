"""The guard of a program that uses Dockyard: a process of its own, since such a program may have threads. Also what any guard does."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from dockyard.environments import watchdog
from dockyard.environments.watchdog import Watchdog


def start(host: str = "", context: str = "") -> Watchdog:
    """One for environments on the engine that `host`, `context` or the environment name."""
    package = str(Path(__file__).parents[2])
    script = "import sys; sys.path.insert(0, sys.argv.pop(1)); from dockyard.api.guard import main; main()"
    return watchdog.spawn([sys.executable, "-c", script, package, json.dumps([host, context])])


def main() -> None:
    """`argv`: the engine as JSON, the pipe's number."""
    host, context = json.loads(sys.argv[1])
    watchdog.serve(int(sys.argv[2]), os.environ, clear_with(host, context))


def clear_with(host: str, context: str) -> watchdog.Clear:
    """What a guard does, with the engine that is named."""

    async def clear(environment: Mapping[str, str], word: watchdog.Word) -> None:
        from dockyard.engines.docker.engine import connect
        from dockyard.environments import after

        engine = await connect(environment, host=host, context=context)
        try:
            await after.clear(engine, word)
        finally:
            await engine.close()

    return clear
