"""Environments that stand by: made beforehand, every process of theirs still at its gate, so that the next run only releases them.

Nothing of it is kept anywhere but on the engine: labels say what each container was made of, markers say that it was made to its end
(`filled`) and whose it is (`claim`, created atomically). What is never claimed goes with its deadline, as everything does.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from dockyard import __version__
from dockyard.engines.protocol import Engine
from dockyard.environments import space
from dockyard.model.application import Application
from dockyard.model.facts import ImageFacts, StandingBy
from dockyard.model.placement import (
    CLAIM,
    DEADLINE,
    FILLING,
    OWNER,
    PLACEMENT,
    PROJECT,
    STANDBY,
    Placement,
    marker_name,
    run_tag,
)

HOLD_BEYOND = 7200.0
"""Seconds for which a gate holds beyond the deadline: a claimed environment's may be released late."""
LAST_CLAIM = 60.0
"""Seconds before its deadline from which on nothing is claimed: a sweep may come."""
LEAST_MEMORY = 0.1
"""Share of the machine's memory below which nothing is left standing."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a run may claim, and leave. `number` environments stand by in the pool, each for `seconds`; `most` on the whole engine."""

    pool: str
    frame: str
    secret: bytes
    number: int = 1
    seconds: float = 8 * 3600.0
    most: int = 8
    disk: int = 0
    """Bytes that all that stands by on the engine may take; 0: no bound."""
    next: Placement | None = None
    """The one to be left; None: none is."""


def pool_of(project: str, directory: str, trust: str) -> str:
    """Whose environments these are: a checkout's, within one trust scope (a fork's pull request never feeds the main branch)."""
    return hashlib.sha256("\0".join((project, directory, trust)).encode()).hexdigest()[:16]


def frame_of(application: Application, services: Sequence[str], secret: bytes) -> str:
    """What all containers stand in: the networks and volumes as they are described, and the version that made them."""
    networks = {name for service in services for name in application.services[service].networks}
    volumes = {mount.source for service in services for mount in application.services[service].volumes if mount.type == "volume"}
    parts = {
        "networks": {name: application.networks.get(name) for name in sorted(networks)},
        "volumes": {name: application.volumes.get(name) for name in sorted(volumes)},
        "version": __version__,
    }
    return hmac.new(secret, msgspec.json.encode(parts, order="sorted"), hashlib.sha256).hexdigest()[:16]


def choose(waiting: Sequence[StandingBy], terms: Terms, now: float) -> tuple[StandingBy | None, str]:
    """The newest that fits (they come so), or None and why."""
    why = "none stands by"
    for one in waiting:
        if one.claimed or not one.whole:
            why = "what stands by is another run's, or isn't whole"
        elif one.frame != terms.frame:
            why = "its networks or volumes are described otherwise now"
        elif one.deadline < now + LAST_CLAIM:
            why = "what stands by is too old"
        else:
            return one, ""
    return None, why


async def claim(engine: Engine, terms: Terms, *, owner: str, deadline: int, now: float) -> tuple[StandingBy | None, str]:
    """The newest that fits, ours from now on; or None and why. `deadline`, `now`: Unix seconds by the engine's clock."""
    waiting = list(await engine.standing_by(terms.pool))
    while True:
        one, why = choose(waiting, terms, now)
        if one is None or await _mine(engine, one, owner, deadline):
            return one, why
        waiting[waiting.index(one)] = msgspec.structs.replace(one, claimed=True)


async def _mine(engine: Engine, one: StandingBy, owner: str, deadline: int) -> bool:
    labels = {PLACEMENT: one.placement, OWNER: owner, DEADLINE: str(deadline), PROJECT: one.project, STANDBY: one.pool}
    return await engine.mark(marker_name(one.placement, CLAIM), labels)


async def drop(engine: Engine, one: StandingBy, owner: str, deadline: int) -> bool:
    """Remove one that nobody has claimed; False where somebody was quicker."""
    if not await _mine(engine, one, owner, deadline):
        return False
    await engine.remove([found for found in await engine.inventory() if found.placement == one.placement])
    return True


async def begin(engine: Engine, placement: Placement, pool: str, owner: str, deadline: int) -> None:
    """Before anything is made for `placement`: who makes it answers for it until it is whole. Done twice is as good as once."""
    labels = {**placement.labels(), OWNER: owner, DEADLINE: str(deadline), STANDBY: pool}
    await engine.mark(marker_name(placement.id, FILLING), labels)


async def hold_images(engine: Engine, application: Application, images: Mapping[str, ImageFacts], placement: Placement) -> None:
    """What was built for a run stays for the next environment when the run's own tags go."""
    built = {name: image for name, image in images.items() if application.services[name].build is not None}
    await asyncio.gather(*(engine.hold_image(image, run_tag(name, placement)) for name, image in built.items()))


async def room(engine: Engine, terms: Terms, *, owner: str, deadline: int, now: float, since: float = 0) -> str:
    """Make room for one more: what is out of date and what is too much goes, the oldest first. Why none is to be made, or "".

    `since`: what was made before is out of date (Unix seconds by the engine's clock).
    """
    waiting = [one for one in await engine.standing_by() if not one.claimed and one.whole]
    if short := short_of_memory(engine):
        for one in waiting:
            await drop(engine, one, owner, deadline)
        return short
    waiting, full = await space.make(engine, waiting, lambda one: drop(engine, one, owner, deadline))
    if full:
        return full
    mine = [one for one in waiting if one.pool == terms.pool]
    fresh = [one for one in mine if one.frame == terms.frame and one.deadline > now + LAST_CLAIM and one.made_at >= since]
    for one in mine:
        if one not in fresh[: terms.number]:
            await drop(engine, one, owner, deadline)
    if len(fresh) >= terms.number:
        return f"{len(fresh)} stand by already"
    others = [one for one in waiting if one not in mine]
    for one in others[max(0, terms.most - len(fresh) - 1) :]:
        await drop(engine, one, owner, deadline)
    return ""


async def trim(engine: Engine, terms: Terms, *, owner: str, deadline: int) -> str:
    """Once one more stands by: what takes too much disk goes, the oldest first. Why even the new one does, or ""."""
    if not terms.disk or terms.next is None:
        return ""
    waiting = [one for one in await engine.standing_by() if not one.claimed and one.whole]
    beyond = space.beyond(waiting, await engine.sizes(), terms.disk)
    for one in beyond:
        await drop(engine, one, owner, deadline)
    too_large = any(one.placement == terms.next.id for one in beyond)
    return f"it takes more than {terms.disk} bytes of disk (standby_disk)" if too_large else ""


def short_of_memory(engine: Engine, table: str = "/proc/meminfo") -> str:
    """Only where the engine's machine is this one."""
    if not engine.facts.local_files:
        return ""
    try:
        lines = dict(line.split(":", 1) for line in Path(table).read_text().splitlines() if ":" in line)
        total, free = (int(lines[name].split()[0]) for name in ("MemTotal", "MemAvailable"))
    except (OSError, ValueError, KeyError, IndexError):
        return ""
    return "this machine is short of memory" if free < total * LEAST_MEMORY else ""
