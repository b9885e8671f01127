"""What a run's book says, in the verdict's words."""

from __future__ import annotations

import msgspec

from dockyard.environments.book import Page
from dockyard.environments.work import Work
from dockyard.model.verdict import Cause, ServiceResult
from dockyard.record.recorder import Recorder

LINES = 20
"""Log lines behind a cause."""


def cause_with_lines(cause: Cause, recorder: Recorder) -> Cause:
    """The cause, masked (what a command printed may be in it), with the last log lines of its service, where it has one that logged."""
    cause = msgspec.structs.replace(cause, what=recorder.mask.text(cause.what), hint=recorder.mask.text(cause.hint))
    if not cause.service or not recorder.has_log(cause.service):
        return cause
    return msgspec.structs.replace(cause, lines=tuple(recorder.log(cause.service).tail(LINES)))


def service_results(work: Work) -> tuple[ServiceResult, ...]:
    """One row for each instance."""
    found: list[ServiceResult] = []
    for key, page in work.book.pages.items():
        peak = work.evidence.peaks.get(key)
        found.append(
            ServiceResult(
                key=key,
                role=str(page.instance.role),
                created_at=page.created_at,
                started_at=page.started_at,
                released_at=page.released_at,
                ready_at=page.ready_at or page.completed_at,
                ended_at=page.exits[-1].at if page.exits else 0,
                exit_codes=tuple(e.code for e in page.exits),
                oom=any(e.oom for e in page.exits),
                state="in the snapshot"
                if page.in_snapshot
                else "running"
                if page.running
                else "ended"
                if page.exits
                else "created"
                if page.created_at
                else "absent",
                peak_memory=peak.memory if peak else 0,
                peak_cpu=peak.cpu if peak else 0,
                image=page.image.reference if page.image else "",
                gated=page.instance.gated,
                made="standby" if page.waited else "snapshot" if page.snapshot is not None else "cold",
                made_why=page.anew,
                stood="" if not page.waited else "ready" if page.booted else "gate",
                snapshot=page.snapshot.key if page.snapshot is not None else "",
                snapshot_why=page.seeded,
                saved=_saved(work, page),
            )
        )
    return tuple(found)


def _saved(work: Work, page: Page) -> float:
    """Told of a group's first service alone: what it saved is all of the group's."""
    decided = next((one for one in work.restoring.decided() if one.group.services[0] == page.instance.service), None)
    if decided is None or decided.snapshot is None or page.instance.index > 1:
        return 0
    pages = [work.book[name] for name in decided.group.services if name in work.book.pages]
    if not all(one.ready_at for one in pages):
        return 0
    now = max(one.ready_at for one in pages) - min(one.released_at for one in pages)
    return round(max(0.0, decided.snapshot.seconds - now), 4)
