"""Wakes a container that stood by booted: the very process that was booted, running again."""

from __future__ import annotations

from dockyard.engines.docker import facts
from dockyard.engines.docker.api import Api, EngineError
from dockyard.model.errors import DockyardError
from dockyard.model.facts import State, Waiting, started_text
from dockyard.model.plan import Instance, Role


async def wake(api: Api, waiting: Waiting, instance: Instance) -> str:
    """Have it run, where it isn't one that has completed. Why it can't be taken, or ""."""
    try:
        found = facts.instance(await api.container(waiting.id), "")
        if started_text(found) != waiting.booted:
            # By its restart policy, or by the engine when it came back: it waits at its gate again, and what it had in memory is gone.
            return "it was started again while it stood by"
        if instance.role is Role.ONE_SHOT:
            return "" if found.state is State.EXITED and found.exit_code == 0 else f"what stood by is {found.state}"
        if found.state is State.PAUSED:
            await api.unpause(waiting.id, waiting.key)
        elif found.state is not State.RUNNING:
            return f"what stood by has ended (exit code {found.exit_code})"
    except (EngineError, DockyardError) as error:
        why = str(error).partition("\n")[0]
        return f"what stood by can't be woken: {why}"
    return ""
