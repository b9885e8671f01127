"""Events and verdicts in words. Pure: text in, text out; colours by a painter that may do nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dockyard.cli.display import tables
from dockyard.model.event import Event
from dockyard.model.plural import count
from dockyard.model.verdict import Cause, Verdict, Word
from dockyard.record.printable import printable

Paint = Callable[[str, str], str]
_CODES = {"red": "31", "green": "32", "yellow": "33", "dim": "2", "bold": "1"}
_SHOWN_STEPS = ("pull", "build")


def painter(colour: bool) -> Paint:
    """Text in a colour, by the terminal's own sixteen."""

    def paint(text: str, how: str) -> str:
        return f"\x1b[{_CODES[how]}m{text}\x1b[0m" if colour and text else text

    return paint


def elapsed(seconds: float) -> str:
    return f"{_past(seconds):7.2f}s"


def counting(seconds: float) -> str:
    """The same in whole seconds, for a clock that goes on."""
    return f"{_past(seconds):.0f} s"


def _past(seconds: float) -> float:
    """Never less than none: an event may carry a time later than the one at which it is shown."""
    return max(0.0, seconds)


def shown(event: Event, tests: frozenset[str]) -> frozenset[str]:
    """Whose output is shown as it comes: the instances of tests, as soon as the plan says which these are."""
    return frozenset(event.data["tests"]) if event.kind == "plan.made" and event.data.get("tests") else tests


def under_way(event: Event, steps: dict[str, str]) -> None:
    """Keep `steps` as what is being waited for: step id to how it is called."""
    if event.kind == "step.begun":
        steps[event.subject] = event.subject
    elif event.kind in ("step.done", "step.failed"):
        steps.pop(event.subject, None)


def line(event: Event, paint: Paint) -> str:
    """One line for an event that a person wants to know of; "" for the others."""
    kind, subject, data = event.kind, event.subject, event.data
    if kind == "run.begun":
        return f"environment {paint(str(data['placement']), 'bold')}"
    if kind == "plan.made":
        return _plan(event)
    if kind == "step.done" and subject.split(" ", 1)[0] in _SHOWN_STEPS and data.get("seconds", 0) >= 0.5:
        return f"{subject}: {data['seconds']:.1f} s"
    if kind == "step.told" and not str(data.get("line", "")).startswith("  "):
        return f"{paint(subject, 'dim')}: {printable(str(data.get('line', '')))}"
    if kind == "step.retried":
        return paint(f"{subject}: {_one_line(event.why)}; again in {data['after']:g} s (try {data['attempt']} of 3)", "yellow")
    if kind == "service.ready":
        how = paint(f"({data['seconds']:.2f} s: {_one_line(event.why)})", "dim")
        return f"{paint(subject, 'bold')} is ready {how}"
    if kind.startswith("snapshot."):
        return _snapshot(event, paint)
    if kind == "standby.used":
        return _standby(event, paint)
    if kind == "standby.none":
        return paint(f"cold: {event.why}", "dim")
    if kind == "standby.left":
        left = f"the next environment stands by: {subject}" if subject else f"no environment is left standing by: {event.why}"
        return paint(f"{left} ({data['seconds']:.2f} s)", "dim")
    if kind == "service.published":
        return paint(f"{subject}: {', '.join(f'port {port} is at {where}' for port, where in data['ports'].items())}", "dim")
    if kind == "service.completed":
        took = paint(f"({data['seconds']:.2f} s)", "dim")
        return f"{paint(subject, 'bold')} has completed {took}"
    if kind == "container.exited" and data.get("restarts"):
        return paint(f"{subject} {event.why}; its restart policy starts it again", "yellow")
    if kind == "test.begun":
        return f"{paint(subject, 'bold')} begins"
    if kind == "test.ended":
        how = paint("passed", "green") if data["passed"] else paint(f"failed (exit code {data['exit_code']})", "red")
        return f"{paint(subject, 'bold')} {how} after {data['seconds']:.2f} s"
    if kind == "fault":
        return paint(_one_line(event.why), "red")
    if kind in ("note", "swept"):
        return paint(f"{subject + ': ' if kind == 'note' and subject else ''}{printable(event.why)}", "yellow")
    return ""


def _snapshot(event: Event, paint: Paint) -> str:
    what, data = event.kind.removeprefix("snapshot."), event.data
    if what == "used":
        holds = f"; {', '.join(data['holds'])} is in it" if data["holds"] else ""
        return paint(
            f"{event.subject}: from snapshot {data['key'][:12]}, which took {data['seconds']:.2f} s to fill{holds}", "dim"
        )
    if what == "none":
        return paint(f"{event.subject}: seeded afresh: {_one_line(event.why)}", "dim")
    if what == "making":
        return paint(f"{event.subject}: made once more, to keep the data for the next runs", "dim")
    if what == "there":
        return paint(f"{event.subject}: kept already, as snapshot {data['key'][:12]}", "dim")
    if what == "made":
        return paint(f"{event.subject}: kept as snapshot {data['key'][:12]}, {tables.size(data['size'])}", "dim")
    if what == "failed":
        return paint(f"{event.subject}: not kept: {_one_line(event.why)}", "yellow")
    return paint(f"{event.subject}: snapshot {data['key'][:12]} is removed: {event.why}", "dim")


def _standby(event: Event, paint: Paint) -> str:
    waited, anew = event.data["waited"], event.data["anew"]
    there = f"{len(waited)} of {count(len(waited) + len(anew), 'container')} stood by"
    if ready := event.data.get("ready"):
        there += f", ready: {', '.join(ready)}"
    why = "; ".join(f"{key} is made anew: {why}" for key, why in anew.items())
    took = f"all of it had taken {event.data['seconds']:.2f} s to make"
    return paint(f"{there} ({took})" + (f"; {why}" if why else ""), "dim")


def _plan(event: Event) -> str:
    steps = event.data["steps"]
    services = sum(s["act"] == "create" for s in steps)
    tests = event.data.get("tests") or []
    what = f"tests: {', '.join(tests)}" if tests else "no test services"
    return f"plan: {count(len(steps), 'step')}, {count(services, 'container')}; {what}"


def closing(verdict: Verdict, paint: Paint, *, quiet: bool) -> Iterator[str]:
    """Everything that is said at the end, the cause first."""
    well = verdict.verdict is Word.PASSED
    yield ""
    yield paint(f"{'PASSED' if well else str(verdict.verdict).upper()}", "green" if well else "red") + _heading(verdict)
    for cause in verdict.causes[:1]:
        yield from _cause(cause, paint)
    if quiet:
        return
    others = verdict.causes[1:]
    if others:
        yield "also:"
        yield from (
            f"  {c.service + ': ' if c.service and c.service not in c.what else ''}{printable(c.what)}" for c in others[:8]
        )
        if len(others) > 8:
            yield f"  and {len(others) - 8} more (verdict.json)"
    if verdict.tests:
        yield from ("  " + row for row in tables.tests(verdict))
    if began := _began(verdict):
        yield paint(f"  {began}", "dim")
    if phases := tables.phases(verdict):
        yield paint(f"  {phases}", "dim")
    yield paint(f"  report: {verdict.report}  exit code: {verdict.code}", "dim")


def _began(verdict: Verdict) -> str:
    """Which services were there beforehand, or began with kept data, and what that saved; "" where all was cold and is nothing else."""
    told: list[str] = []
    for how, what in (("standby", "stood by"), ("snapshot", "from a snapshot"), ("cold", "cold")):
        those = [service for service in verdict.services if service.made == how]
        kept = [service.key for service in those if service.snapshot] if how == "standby" else []
        saved = sum(service.saved for service in those)
        more = [f"{', '.join(kept)} with kept data"] if kept else []
        more += [f"{saved:.2f} s less to fill"] if saved else []
        if those:
            names = ", ".join(service.key for service in those)
            told.append(f"{what}: {names}" + (f" ({'; '.join(more)})" if more else ""))
    warm = any(service.made != "cold" or service.snapshot_why for service in verdict.services)
    return " · ".join(told) if warm else ""


def _heading(verdict: Verdict) -> str:
    first = verdict.causes[0] if verdict.causes else None
    if first is None:
        return f" {_count(verdict)}"
    return (
        f": {printable(first.what)}"
        if not first.service or first.service in first.what
        else f": {first.service}: {printable(first.what)}"
    )


def _count(verdict: Verdict) -> str:
    tests = len(verdict.tests)
    total = sum(t.counts.total for t in verdict.tests if t.counts)
    cases = f", {count(total, 'case')}" if total else ""
    return f"{count(tests, 'test')}{cases}" if tests else "the environment was ready"


def _cause(cause: Cause, paint: Paint) -> Iterator[str]:
    if cause.hint:
        yield from (f"    | {printable(text)}" for text in cause.hint.splitlines())
    if cause.lines:
        yield paint(f"  the last lines of {cause.service}:", "dim")
        # Never the first on its line: a CI system may take what a service said for a command to itself.
        yield from (f"    | {text}" for text in cause.lines)


def last(verdict: Verdict, paint: Paint, *, quiet: bool) -> Iterator[str]:
    """What is left, when everything else is over. Leftovers are told even to those who want to hear little."""
    if verdict.leftovers:
        yield paint("  could not be removed:", "red")
        yield from (f"    {printable(name)}" for name in verdict.leftovers)
    elif quiet:
        return
    elif verdict.kept_until:
        yield f"  the environment stands until {tables.clock(verdict.kept_until)}: dockyard env show {verdict.placement}"
    else:
        took = f" ({verdict.phases.gone - verdict.phases.told:.2f} s)" if verdict.phases.gone else ""
        left = "nothing of it is left" if verdict.standby else "nothing is left"
        yield paint(f"  {left} on the engine{took}", "dim")


def _one_line(text: str) -> str:
    return printable(text.strip().split("\n", 1)[0])
