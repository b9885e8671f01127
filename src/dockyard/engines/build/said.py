"""What a build says: BuildKit's plain progress folded into lines for a person, and what its failure means. Pure."""

from __future__ import annotations

import re

from dockyard.model.errors import DockyardError, Fatal, Problem, Retry, UserError

_STEP = re.compile(r"#\d+ (\[.*\] .*|\[.+\])$")
_END = re.compile(r"#\d+ (DONE|CACHED|ERROR|CANCELED)(.*)")
_OUTPUT = re.compile(r"#\d+ \d+\.\d+ (.*)")
_TOO_OLD = re.compile(
    r"not supported by the current BuildKit|requires? BuildKit|unknown flag: (mount|link|chmod|chown|parents|exclude|start-period|start-interval)|"
    r"--(link|chmod|parents|exclude) (option|flag)|docker/dockerfile:\S+: (not found|failed)",
    re.I,
)
_BUSY = re.compile(r"toomanyrequests|too many requests|\b429\b", re.I)
_LATER = re.compile(
    r"unexpected status.*\b5\d\d\b|i/o timeout|TLS handshake timeout|connection reset by peer|temporary failure in name resolution|server misbehaving|"
    r"error reading from server: EOF|Cannot connect to the Docker daemon",
    re.I,
)
_AWAY = re.compile(
    r"dial (tcp|udp)\b.*(connection refused|no route to host|network is unreachable|timeout|no such host|deadline exceeded)|"
    r"lookup \S+.*(no such host|connection refused|deadline exceeded)|request canceled while waiting for connection",
    re.I,
)
"""A registry that can't be reached, in the words of whoever pulls; only in the error itself, for a program of the build may print the same."""
_FULL = re.compile(r"no space left on device", re.I)
_AFTER = re.compile(r"retry[- ]after:?\s*(\d+)", re.I)

KEPT = 40
"""Lines of output that are kept for an error."""


class Progress:
    """Lines of `--progress=plain` in, lines worth telling out. `tail`: the last ones as they came, for an error."""

    def __init__(self) -> None:
        self.tail: list[str] = []

    def take(self, line: str) -> str:
        """A line to tell; "" for none. Every step is told once, when it begins; what it prints is told; sizes and hashes aren't."""
        line = line.rstrip()
        if not line:
            return ""
        self.tail.append(line)
        del self.tail[:-KEPT]
        step = _STEP.fullmatch(line)
        if step:
            return step[1]
        printed = _OUTPUT.fullmatch(line)
        if printed:
            return f"  {printed[1]}"
        ended = _END.fullmatch(line)
        if ended and ended[1] == "ERROR":
            return f"ERROR{ended[2]}"
        return ""


def failed(service: str, tail: list[str], *, standing: str = "", dockerfile: bytes | None = None) -> DockyardError:
    """The error that a failed build is. `standing`: where the service is told of (`services.web.build`)."""
    text = "\n".join(tail)
    last = next((line for line in reversed(tail) if line.startswith(("ERROR:", "error:"))), tail[-1] if tail else "no output")
    what = last.removeprefix("ERROR: ").removeprefix("error: ")
    if _FULL.search(text):
        return Fatal(f"building {service}: the builder's disk is full: {what}", "docker builder prune, docker system prune")
    if _BUSY.search(text):
        after = _AFTER.search(text)
        return Retry(f"building {service}: the registry asks to wait: {what}", float(after[1]) if after else None)
    # A parser that knows no heredoc takes its first line for an instruction.
    heredoc = "unknown instruction:" in text and b"<<" in (dockerfile or b"")
    if heredoc or _TOO_OLD.search(text):
        return UserError(
            Problem(
                f"building {service}: the engine's BuildKit is too old for this Dockerfile: {what}",
                path=standing,
                hint="upgrade the engine, or name a newer BuildKit daemon in DOCKYARD_BUILDKIT (unix:///path or tcp://host:port)",
            )
        )
    if _LATER.search(text) or _AWAY.search(what):
        return Retry(f"building {service}: {what}")
    printed = [match[1] for line in tail if (match := _OUTPUT.fullmatch(line))]
    shown = (printed or [line for line in tail if line != last])[-12:]
    return UserError(Problem(f"building {service} failed: {what}", path=standing, hint="\n    ".join(shown)))
