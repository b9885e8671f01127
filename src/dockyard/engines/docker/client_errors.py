"""What can go wrong between us and an engine, as types that the engine layer decides on.

`Unreachable` and `TooMany` are `Retry` already: nothing but time helps. Every other answer of 400 and more is an `EngineError` with its
HTTP status, because only the caller knows whether "no such image" is a fault of the file or a pull to be done. `translate` is the
reading that fits where the caller knows nothing more.
"""

from __future__ import annotations

from dockyard.model.errors import DockyardError, Fatal, Problem, Retry, UserError


class EngineError(DockyardError):
    """The engine answered a call with an error. `status` is HTTP's, `message` the engine's own, `call` as in `POST /containers/create`."""

    def __init__(self, status: int, message: str, call: str = "") -> None:
        self.status = status
        self.message = message
        self.call = call
        super().__init__(message)


class NotFound(EngineError):
    """404. Also what 20.10 says when no address pool is left, see `translate`."""


class Conflict(EngineError):
    """409: the name is taken, or the object is in use or in the wrong state."""


class TooMany(Retry):
    """429, from the engine or, through it, from a registry."""

    status = 429


class Unreachable(Retry):
    """No connection, or one that broke before the answer was whole. `begun`: the engine may have carried out the call."""

    def __init__(self, what: str, *, begun: bool = False, after: float | None = None) -> None:
        self.begun = begun
        super().__init__(what, after)


class Slow(Unreachable):
    """No answer within the call's time."""


_KINDS = {404: NotFound, 409: Conflict}

_FATAL = (
    ("non-overlapping ipv4 address pool", "remove unused networks (docker network prune), or widen default-address-pools"),
    ("no space left on device", "the engine's disk is full: free some space (docker system df shows what takes it)"),
    (
        "unable to create session key",
        "each container takes one of the keys that the kernel gives a user: raise kernel.keys.maxkeys for a rootless engine",
    ),
    ("disk quota exceeded", "the engine's disk quota is used up"),
)
_TAKEN = ("that name is already in use", "network already exists", "volume already exists")
"""What Podman says with 500 where Docker answers 409."""
_TIRED = ("toomanyrequests", "too many requests", "rate limit")


def of_status(status: int, message: str, call: str, retry_after: str = "", now: float = 0) -> DockyardError:
    """The error for an answer of `status`. `now`: Unix time, for a Retry-After that is a date."""
    tired = any(word in message.lower() for word in _TIRED)
    if status == 429 or (status >= 500 and tired):
        return TooMany(message, seconds_of(retry_after, now))
    if status >= 500 and any(words in message for words in _TAKEN):
        status = 409
    return _KINDS.get(status, EngineError)(status, message, call)


def seconds_of(retry_after: str, now: float) -> float | None:
    """Retry-After (RFC 9110, 10.2.3) in seconds from `now`; None where it says nothing."""
    text = retry_after.strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text)
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError):
        return None


def translate(error: EngineError) -> UserError | Retry | Fatal:
    """One of the three kinds, for whoever doesn't know better: what is known not to pass is fatal, 5xx may pass, the rest is asked wrongly."""
    lower = error.message.lower()
    made: UserError | Retry | Fatal
    for words, hint in _FATAL:
        if words in lower:
            made = Fatal(error.message, hint)
            break
    else:
        made = Retry(error.message) if error.status >= 500 else UserError(Problem(error.message))
    made.__cause__ = error
    return made
