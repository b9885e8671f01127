"""One run: bring the environment up, run the tests, tell the truth about them, leave the evidence and nothing else.

`run` reads as the run goes: plan, take turns, work, judge, tell, clear away. It is safe to kill at any moment: the guard (a process of
its own) clears away what it can't.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from dockyard.engines.protocol import Engine, Site, SiteOptions
from dockyard.environments import answers, host_command, turns
from dockyard.environments.judge import Blame, Ending, Fault, Judgement, judge
from dockyard.environments.keep import keep_standing
from dockyard.environments.leaving import Leaving
from dockyard.environments.planning import LIMITS, plan_for
from dockyard.environments.request import Clock, Interrupt, Request
from dockyard.environments.restoring import Restoring
from dockyard.environments.results import cause_with_lines, service_results
from dockyard.environments.seeding import Seeding
from dockyard.environments.work import Work
from dockyard.model.errors import DockyardError, Fatal, Retry, UserError
from dockyard.model.facts import Leftover
from dockyard.model.placement import BUILDS, Placement, marker_name
from dockyard.model.plan import Act, Plan
from dockyard.model.snapshot import Data
from dockyard.model.verdict import Phases, Verdict, Word
from dockyard.record.recorder import Recorder

MADE_WITHIN = 10.0
"""Seconds that calls under way may take to end before clearing away begins."""
REPORTS_WITHIN = 60.0
"""Seconds for the reports of services that aren't tests; those of tests have the run's own time."""
EVIDENCE_WITHIN = 3.0
"""Seconds that an aborted run gives to its evidence; a second signal ends it."""


class Guard(Protocol):
    """The process that outlives this one and clears away after it."""

    def watch(self, placement: Placement) -> None: ...

    def keep(self, placement: Placement, until: int) -> None: ...

    def gone(self, placement: Placement) -> None: ...

    def command(self, placement: Placement, group: int) -> None:
        """The process group of a run's host command; 0: it has ended."""
        ...


Inside = Callable[[Work], Awaitable[None]]
"""The tests of somebody who is no container: called when all is ready. It tells the results as `NAME`, and returns when it has done with it."""


async def run(
    request: Request,
    engine: Engine,
    recorder: Recorder,
    guard: Guard,
    interrupt: Interrupt,
    clock: Clock,
    inside: Inside | None = None,
) -> Verdict:
    """Carry out `request`. UserError (nothing was started) for what can't be run at all; else always a verdict."""
    inside = inside or (functools.partial(host_command.run, guard=guard) if request.command else None)
    begun = request.begun or clock()
    limits = [kind for kind in LIMITS if getattr(request, f"limits_{kind}")]
    plan = plan_for(
        request.application,
        request.choice,
        engine,
        gate=request.gate,
        publish=request.publish,
        limits=limits,
        build=request.build == "always",
        mates=request.claimed is not None,
        completes=request.completes,
    )
    _tell_plan(request, plan, recorder)
    planned = clock()
    guard.watch(request.placement)
    service_env: dict[str, dict[str, str]] = {}
    site: Site | None = None
    work: Work | None = None
    faults: list[Fault] = []
    try:
        turn = turns.Turn(engine, request.placement, recorder, interrupt, clock, begun + request.timeout)
        async with turn.held(plan.exclusive):
            try:
                data = dict(request.data)
                options = options_of(request, plan, service_env, data)
                site = await engine.site(request.placement, request.application, options)
                if any(step.act is Act.BUILD for step in plan.steps):
                    await engine.mark(marker_name(request.placement.id, BUILDS), request.placement.labels())
                restoring = Restoring(engine, request, request.placement, options, data)
                work = Work(request, plan, engine, site, recorder, clock, service_env, restoring)
                work.times |= {"begun": begun, "planned": planned}
                faults = await _work(work, inside, interrupt, begun + request.timeout - clock())
                if not interrupt.times and not request.up:
                    await _other_reports(work, interrupt)
            except DockyardError as error:
                faults = [_fault_of(error, clock(), started=site is not None)]
            except Exception as error:  # whatever it is, it is told and cleared away
                recorder.event("internal", why=repr(error))
                faults = [Fault(blame=Blame.INTERNAL, what=repr(error), at=clock())]
                recorder.internal(error)
            judgement = _judge(inside, plan, work, faults)
            if work is not None:
                await _last_words(work, interrupt, judgement)
            verdict = await _tell(request, engine, recorder, work, judgement, clock)
            kept = (request.up and judgement.word is Word.PASSED) or request.keep.holds(well=judgement.word is Word.PASSED)
            if work is not None and work.junit:
                await asyncio.to_thread(work.evidence.merge_junit, work.junit)
            leaving = Leaving(request, plan, engine, work, options_of(request, plan, service_env), judgement.word, clock)
            seeding = Seeding(request, engine, work, judgement.word, clock)
            await leaving.hold(guard)
            await seeding.hold(guard)
            if kept and work is not None and judgement.word not in (Word.ABORTED, Word.INTERNAL):
                turn.stay()
                verdict = await keep_standing(request, engine, work, guard, recorder, verdict)
                await work.site.close()
            else:
                verdict = await _clear_away(request, engine, site, work, guard, recorder, verdict, clock)
            verdict = await seeding.make(guard, interrupt, recorder, verdict)
            return await leaving.fill(guard, interrupt, recorder, verdict)
    except DockyardError as error:
        # the turn could not be had: nothing was made
        fault = error.fault if isinstance(error, turns.NoTurn) else _fault_of(error, clock(), started=False)
        verdict = await _tell(request, engine, recorder, None, judge(Ending(faults=(fault,))), clock)
        guard.gone(request.placement)
        return verdict


def _tell_plan(request: Request, plan: Plan, recorder: Recorder) -> None:
    placement = request.placement
    recorder.event(
        "run.begun",
        run=request.run,
        placement=placement.id,
        project=placement.project,
        report=str(recorder.folder),
        deadline=placement.deadline,
    )
    steps = [{"id": s.id, "act": str(s.act), "subject": s.subject, "why": s.why} for s in plan.steps]
    recorder.event("plan.made", steps=steps, warnings=list(plan.warnings), tests=list(plan.tests))
    for warning in plan.warnings:
        recorder.event("note", why=warning)


def options_of(
    request: Request, plan: Plan, service_env: dict[str, dict[str, str]], data: Mapping[str, Data] | None = None
) -> SiteOptions:
    """How the request wants its application put on the engine. `data`: as it is decided while the run goes on."""
    limits = request.application.dockyard.limits
    return SiteOptions(
        publish=request.publish,
        limits_cpus=request.limits_cpus or limits.cpus or 0,
        limits_memory=request.limits_memory or limits.memory or 0,
        limits_pids=request.limits_pids or limits.pids or 0,
        limits_said=request.limits_said,
        grace=request.grace,
        hold_for=request.timeout + request.tests_within + 600,
        services=request.choice.services,
        tests=request.choice.tests,
        env=service_env,
        instances=plan.instances,
        secret=request.standby.secret if request.standby is not None else b"",
        claimed=request.claimed,
        data=data if data is not None else {},
    )


async def _work(work: Work, inside: Inside | None, interrupt: Interrupt, timeout: float) -> list[Fault]:
    """Until the tests have ended, or there is no use in going on; the faults that stand outside the steps' own."""
    working = asyncio.create_task(_all(work, inside), name="work")
    stops = {
        asyncio.create_task(work.failed.wait(), name="failed"),
        asyncio.create_task(interrupt.wait(), name="interrupt"),
    }
    try:
        testing = {asyncio.create_task(work.book.until(work.testing), name="testing")} if work.request.tests_within else set()
        await asyncio.wait({working, *stops, *testing}, timeout=max(0.0, timeout), return_when=asyncio.FIRST_COMPLETED)
        if testing and work.testing():
            await asyncio.wait({working, *stops}, timeout=work.request.tests_within, return_when=asyncio.FIRST_COMPLETED)
        stops |= testing
        found: list[Fault] = []
        if interrupt.times:
            found.append(Fault(blame=Blame.ABORT, what=f"aborted by {interrupt.name}", at=work.clock()))
        elif not working.done() and not work.failed.is_set():
            found.append(_timed_out(work))
    finally:
        for task in (working, *stops):
            task.cancel()
        ended = await asyncio.gather(working, *stops, return_exceptions=True)
    if isinstance(ended[0], Exception):
        raise ended[0]
    return [*work.faults, *found]


async def _all(work: Work, inside: Inside | None) -> None:
    async with work.watched():
        await work.steps.run()
        if not work.failed.is_set() and not work.faults:
            work.reach("ready")
        if inside is not None and not work.failed.is_set():
            await inside(work)


def _timed_out(work: Work) -> Fault:
    waiting = [s.id for s in work.steps.pending()] or ["the tests"]
    seconds = (work.request.tests_within if work.testing() else 0) or work.request.timeout
    what = f"the run's timeout of {seconds:g} s ended while waiting for: {', '.join(waiting)}"
    return Fault(blame=Blame.TIME, what=what, at=work.clock(), hint="a longer one: --timeout, or x-dockyard.timeout")


def _fault_of(error: DockyardError, at: float, *, started: bool) -> Fault:
    if isinstance(error, UserError):
        what, _, more = str(error).partition("\n")
        hint = "\n".join(line.strip() for line in more.splitlines())
        return Fault(blame=Blame.ENVIRONMENT if started else Blame.USAGE, what=what, at=at, hint=hint)
    hint = error.hint if isinstance(error, Fatal) else ""
    what = str(error).split("\n", 1)[0] if hint else str(error)
    return Fault(
        blame=Blame.INFRASTRUCTURE, what=what, at=at, hint=hint or ("try again later" if isinstance(error, Retry) else "")
    )


def _judge(inside: Inside | None, plan: Plan, work: Work | None, faults: Sequence[Fault]) -> Judgement:
    expected = (host_command.NAME,) if inside is not None else plan.tests
    if work is None:
        return judge(Ending(faults=tuple(faults), expected=expected))
    seen = {id(f) for f in faults}
    late = [f for f in work.faults if id(f) not in seen]
    ended_at = work.times.get("tests_ended", 0)
    counted = [f for f in (*faults, *late) if not (ended_at and f.blame is Blame.ENVIRONMENT and f.at > ended_at)]
    return judge(Ending(faults=tuple(counted), tests=tuple(work.tests), expected=expected, ready=work.ready))


async def _other_reports(work: Work, interrupt: Interrupt) -> None:
    """A second look at the time: an environment that hangs must not hold its verdict up."""
    copying, interrupted = asyncio.create_task(answers.of_others(work)), asyncio.create_task(interrupt.wait())
    await asyncio.wait({copying, interrupted}, timeout=REPORTS_WITHIN, return_when=asyncio.FIRST_COMPLETED)
    if not copying.done():
        work.warn(f"not all reports were copied within {REPORTS_WITHIN:g} s")
    for task in (copying, interrupted):
        task.cancel()
    ended = await asyncio.gather(copying, interrupted, return_exceptions=True)
    if isinstance(ended[0], Exception):
        raise ended[0]


async def _last_words(work: Work, interrupt: Interrupt, judgement: Judgement) -> None:
    """What the cause shows must be on disk before it is told."""
    keys = [c.service for c in judgement.causes if c.service in work.book.pages and work.book[c.service].over]
    if judgement.word is Word.PASSED or interrupt.times > 1:
        return
    collect = asyncio.gather(*(work.evidence.ended(k, 1.0) for k in keys), work.evidence.quiet(0.5))
    again = asyncio.ensure_future(interrupt.wait_again())
    await asyncio.wait({collect, again}, timeout=EVIDENCE_WITHIN, return_when=asyncio.FIRST_COMPLETED)
    for future in (collect, again):
        future.cancel()
    await asyncio.gather(collect, again, return_exceptions=True)


async def _tell(
    request: Request, engine: Engine, recorder: Recorder, work: Work | None, judgement: Judgement, clock: Clock
) -> Verdict:
    causes = tuple(cause_with_lines(c, recorder) for c in judgement.causes)
    phases = msgspec.structs.replace(work.phases(), told=clock()) if work else Phases(told=clock())
    verdict = Verdict(
        run=request.run,
        placement=request.placement.id,
        project=request.placement.project,
        verdict=judgement.word,
        code=judgement.code,
        causes=causes,
        phases=phases,
        tests=tuple(t for _, t in work.tests) if work else (),
        services=service_results(work) if work else (),
        warnings=tuple(map(recorder.mask.text, work.warnings)) if work else (),
        retries=tuple(map(recorder.mask.text, work.steps.retries)) if work else (),
        engine=f"{engine.facts.kind} {engine.facts.version} (API {engine.facts.api})",
        report=str(recorder.folder),
    )
    recorder.verdict(verdict)
    recorder.event("run.verdict", why=causes[0].what if causes else "", verdict=str(verdict.verdict), code=verdict.code)
    return verdict


async def _clear_away(
    request: Request,
    engine: Engine,
    site: Site | None,
    work: Work | None,
    guard: Guard,
    recorder: Recorder,
    verdict: Verdict,
    clock: Clock,
) -> Verdict:
    began = clock()
    if work is not None:
        await work.steps.made(MADE_WITHIN)
        over = [key for key, page in work.book.pages.items() if page.over]
        await asyncio.gather(work.evidence.quiet(0.3), *(work.evidence.ended(key, 0.5) for key in over))
        work.evidence.leave()
    leftovers = await _delete(site)
    if work is not None:
        await work.evidence.close()
    if not leftovers:
        guard.gone(request.placement)
    gone = clock()
    names = tuple(f"{one.kind} {one.name}: {one.why}" for one in leftovers)
    verdict = msgspec.structs.replace(verdict, leftovers=names, phases=msgspec.structs.replace(verdict.phases, gone=gone))
    if work is not None:
        verdict = msgspec.structs.replace(verdict, services=service_results(work))
    recorder.verdict(verdict)
    recorder.event("run.gone", leftovers=list(names), seconds=round(gone - began, 4))
    return verdict


async def _delete(site: Site | None) -> Sequence[Leftover]:
    if site is None:
        return ()
    from dockyard.model.facts import FoundKind

    try:
        return await site.delete()
    except DockyardError as error:
        return (Leftover(FoundKind.CONTAINER, f"everything of {site.placement.id}", str(error)),)
