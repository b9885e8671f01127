"""When a service is ready, and when it has failed to become so. Pure: readings go in, a word comes out.

A check is run by us, fast; the user's own timings still decide when it has *failed*: at the moments at which the engine would have
looked (Dockerfile reference, HEALTHCHECK: the first look one interval after the start, the next one interval after the last one's end,
failures within start_period don't count, `retries` in a row are the end; start_interval within start_period, Engine 25). A success
before the first such moment is an *early* one: databases' images run a temporary server while they initialise, which answers their own
check on its socket and then goes away. So an early success counts at once only for a service that declares no TCP port; for one that
does, once such a port listens on an address other than loopback, or when the check succeeds at one of the schedule's own moments.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from dockyard.engines.protocol import Reading
from dockyard.model.duration import seconds
from dockyard.model.facts import HealthFacts
from dockyard.model.service import Healthcheck


class Timings(msgspec.Struct, frozen=True, kw_only=True):
    """All in seconds but `retries`. The defaults are the engine's."""

    interval: float = 30.0
    timeout: float = 30.0
    retries: int = 3
    start_period: float = 0.0
    start_interval: float = 5.0


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The check of one service: `command` as argv, or one text for the image's shell."""

    command: tuple[str, ...]
    shell: bool = False
    timings: Timings = Timings()


def health_of(written: Healthcheck | None, image: HealthFacts | None) -> Health | None:
    """The file's check over the image's own, field by field, as the engine merges them; None where there is none."""
    if written is not None and written.off:
        return None
    test = written.test if written is not None and written.test else image.test if image is not None else ()
    if not test or test[0] == "NONE" or len(test) < 2:
        return None
    base = _image_timings(image)
    timings = base if written is None else _written_over(written, base)
    if test[0] == "CMD-SHELL":
        return Health(command=(test[1],), shell=True, timings=timings)
    return Health(command=tuple(test[1:]), timings=timings)


def _image_timings(image: HealthFacts | None) -> Timings:
    plain = Timings()
    if image is None:
        return plain
    return Timings(
        interval=image.interval or plain.interval,
        timeout=image.timeout or plain.timeout,
        retries=image.retries or plain.retries,
        start_period=image.start_period,
        start_interval=image.start_interval or plain.start_interval,
    )


def _written_over(written: Healthcheck, base: Timings) -> Timings:
    return Timings(
        interval=seconds(written.interval) or base.interval,
        timeout=seconds(written.timeout) or base.timeout,
        retries=written.retries or base.retries,
        start_period=seconds(written.start_period) or base.start_period,
        start_interval=seconds(written.start_interval) or base.start_interval,
    )


class Word(StrEnum):
    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far the waiting for one instance is. `look` is the schedule's next moment, Unix seconds."""

    released: float
    look: float
    failures: int = 0
    word: Word = Word.WAITING
    why: str = ""


def begin(released: float, timings: Timings) -> Progress:
    """The state at the release of the process."""
    return Progress(released=released, look=_next_look(released, released, timings))


def read(progress: Progress, reading: Reading, timings: Timings, *, has_port: bool) -> Progress:
    """The state after one more reading."""
    if progress.word is not Word.WAITING:
        return progress
    due = reading.ended >= progress.look
    if reading.ok and (due or not has_port or reading.listening):
        return msgspec.structs.replace(progress, word=Word.READY, why=_how(reading, due, has_port))
    if reading.ok or not due:
        return progress
    in_start_period = reading.began < progress.released + timings.start_period
    failures = progress.failures if in_start_period else progress.failures + 1
    look = _next_look(max(reading.ended, progress.look), progress.released, timings)
    word = Word.FAILED if failures >= timings.retries else Word.WAITING
    why = _failure(failures, reading, timings) if word is Word.FAILED else ""
    return msgspec.structs.replace(progress, look=look, failures=failures, word=word, why=why)


def _next_look(after: float, released: float, timings: Timings) -> float:
    starting = after < released + timings.start_period
    return after + (min(timings.start_interval, timings.interval) if starting else timings.interval)


def _how(reading: Reading, due: bool, has_port: bool) -> str:
    if due and not reading.listening and has_port:
        return "its check succeeded at its own next time"
    return "its check succeeded and its port listens" if has_port else "its check succeeded"


def _failure(failures: int, reading: Reading, timings: Timings) -> str:
    times = "once" if failures == 1 else f"{failures} times in a row"
    how = f"ran longer than {timings.timeout:g} s" if reading.exit_code == -1 else f"exited with {reading.exit_code}"
    said = reading.output.decode("utf-8", "replace").strip().splitlines()
    return f"its check failed {times} on its own schedule ({how}{': ' + said[-1][:200] if said else ''})"
