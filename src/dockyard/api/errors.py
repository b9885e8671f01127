"""What can go wrong with an environment that a program has opened."""

from __future__ import annotations

from dockyard.environments.host_command import NAME
from dockyard.model.verdict import Verdict


class EnvironmentFailed(Exception):
    """It did not become ready, or something in it broke while it was used. `verdict` has all causes, `report` is the folder with the logs."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self.report = verdict.report
        super().__init__(told(verdict))

    def __reduce__(self) -> tuple[type[EnvironmentFailed], tuple[Verdict]]:
        return type(self), (self.verdict,)


class CommandFailed(Exception):
    """A command in a container ended with another exit code than 0."""

    def __init__(self, service: str, command: tuple[str, ...], exit_code: int, output: str) -> None:
        self.service, self.command, self.exit_code, self.output = service, command, exit_code, output
        last = "\n".join(f"  {line}" for line in output.strip().splitlines()[-20:])
        super().__init__(f"{' '.join(command)} in {service} exited with {exit_code}" + (f":\n{last}" if last else ""))

    def __reduce__(self) -> tuple[type[CommandFailed], tuple[str, tuple[str, ...], int, str]]:
        return type(self), (self.service, self.command, self.exit_code, self.output)


class TookTooLong(TimeoutError):
    """What was waited for did not come about in time."""


def told(verdict: Verdict) -> str:
    """A verdict that isn't passed, as a person reads it."""
    lines: list[str] = []
    for cause in verdict.causes:
        if cause.service == NAME and len(verdict.causes) > 1:
            continue  # the caller knows how its own tests ended
        lines.append(cause.what)
        lines += [f"    {line}" for line in cause.hint.splitlines()]
        lines += [f"    | {line}" for line in cause.lines]
    lines.append(f"report: {verdict.report}")
    return f"{verdict.verdict}: " + "\n".join(lines)
