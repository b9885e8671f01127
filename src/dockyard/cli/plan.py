"""`dockyard plan`, and `dockyard test --dry-run`: what would be done, in an order that can be read, and why."""

from __future__ import annotations

import argparse

from dockyard.cli import loading
from dockyard.environments.choose import choose
from dockyard.environments.decide import decide
from dockyard.model.plan import Act, Plan, Step


def run(given: argparse.Namespace) -> int:
    """Needs no engine: what an engine can't honour is said by `dockyard test`, and here as far as it is known without one."""
    application = loading.application(given, for_test=True, services=given.services)
    choice = choose(application, given.services, host_command=bool(getattr(given, "host_command", ())))
    ungated = {name: "--no-gate" for name in choice.services} if given.no_gate else {}
    plan = decide(application, choice, ungated)
    if given.json:
        import msgspec

        print(msgspec.json.encode({"project": application.name, "tests_from": choice.why, "plan": plan}).decode())
        return 0
    print(f"{application.name}: {len(plan.instances)} containers; tests: {', '.join(plan.tests) or 'none'} ({choice.why})")
    for line in lines(plan):
        print(line)
    for warning in application.warnings:
        print(f"note: {warning}")
    return 0


def lines(plan: Plan) -> list[str]:
    """A line a step, grouped: first what is made at once, then what waits."""
    made = [s for s in plan.steps if s.act in (Act.PULL, Act.BUILD, Act.NETWORK, Act.VOLUME)]
    held = [s for s in plan.steps if s.act is Act.CREATE]
    gated = {i.key for i in plan.instances if i.gated}
    found = ["at once:"]
    found += [_line(s) for s in made]
    found += [f"  {'create, start':<14} {s.subject:<24} {s.why}; held at its gate" for s in held if s.subject in gated]
    found += [_line(s) for s in held if s.subject not in gated]
    found.append("then, each as soon as it may:")
    found += [_line(s) for s in plan.steps if _waits(s, gated)]
    return found


def _waits(step: Step, gated: set[str]) -> bool:
    if step.act in (Act.RELEASE, Act.HOOK, Act.COMPLETE):
        return True
    return step.act is Act.START and step.subject not in gated


def _line(step: Step) -> str:
    return f"  {step.act:<14} {step.subject:<24} {step.why}".rstrip()
