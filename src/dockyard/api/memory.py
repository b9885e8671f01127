"""The run's row in the store. A state folder that can't be written is no reason to fail: a run works without memory, and says so."""

from __future__ import annotations

from collections.abc import Mapping

from dockyard.model.errors import DockyardError
from dockyard.model.verdict import Verdict

REMEMBERED = 365 * 86400.0
"""Seconds for which a run is remembered, counted back from the newest."""


async def remember(environment: Mapping[str, str], verdict: Verdict) -> str:
    """A warning when it could not be remembered, else ""."""
    from dockyard.store.contract import Run
    from dockyard.store.sqlite import SqliteStore, state_file

    phases = verdict.phases
    row = Run(
        id=verdict.run,
        placement=verdict.placement,
        project=verdict.project,
        begun=phases.begun or phases.told,
        ended=phases.gone or phases.told,
        verdict=str(verdict.verdict),
        code=verdict.code,
        cause=verdict.causes[0].what if verdict.causes else "",
        engine=verdict.engine,
        report=verdict.report,
    )
    durations = {s.key: s.ready_at - s.released_at for s in verdict.services if s.ready_at and s.released_at}
    try:
        store = await SqliteStore.open(state_file(environment))
        try:
            await store.finish_run(row)
            await store.durations(verdict.project, durations, row.begun)
            await store.forget(row.begun - REMEMBERED)
        finally:
            await store.close()
    except DockyardError as error:
        return f"this run is not remembered: {str(error).splitlines()[0]}"
    return ""
