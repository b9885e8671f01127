"""What is wrong with an engine, and what to do about it. Pure: facts in, findings out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from dockyard.model.facts import EngineFacts, Found
from dockyard.model.plural import count

OLDEST = (1, 41)
DEFAULT_POOLS = 30
"""Networks that the engine's default address pools hold (moby, ipamutils: 172.17-31/16 and sixteen of 192.168/20)."""
SKEW = 2.0
"""Seconds between the engine's clock and ours that nobody need mind: deadlines are by the engine's."""
LEAST_DISK = 2 << 30
LEAST_MEMORY = 1 << 30
LEAST_DESCRIPTORS = 1024


class Grade(StrEnum):
    OK = "ok"
    NOTE = "note"
    BAD = "bad"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at. `do`: what to do about it."""

    what: str
    grade: Grade
    found: str
    do: str = ""


class Looked(Protocol):
    """What an engine lets be seen beyond its facts."""

    @property
    def root(self) -> str: ...
    @property
    def disk_free(self) -> int: ...
    @property
    def bridges(self) -> int: ...
    @property
    def buildx(self) -> str: ...
    @property
    def descriptors(self) -> int: ...
    @property
    def proxies(self) -> tuple[str, ...]: ...
    @property
    def warnings(self) -> tuple[str, ...]: ...


def examine(facts: EngineFacts, looked: Looked, inventory: Sequence[Found], dead: int) -> list[Finding]:
    """Everything that was looked at, in the order in which it matters."""
    return [
        _version(facts),
        _gate(facts),
        _files(facts),
        _clock(facts),
        _disk(looked),
        _memory(facts),
        _pools(looked),
        _descriptors(looked),
        _buildx(looked),
        _leftovers(inventory, dead),
        *_others(facts, looked),
    ]


def _version(facts: EngineFacts) -> Finding:
    found = f"{facts.kind} {facts.version}, API {facts.api}, {facts.os}/{facts.arch}, {count(facts.cpus, 'CPU')}"
    spoken = tuple(int(part) for part in facts.api.split(".") if part.isdigit())
    if spoken < OLDEST:
        return Finding(what="engine", grade=Grade.BAD, found=found, do="API 1.41 (Docker 20.10) is the oldest that is spoken")
    return Finding(what="engine", grade=Grade.OK, found=found)


def _gate(facts: EngineFacts) -> Finding:
    if facts.os == "linux" and facts.arch in ("amd64", "x86_64", "arm64", "aarch64"):
        return Finding(what="gate", grade=Grade.OK, found=f"there is one for {facts.arch}")
    found = f"there is none for {facts.os}/{facts.arch}"
    return Finding(
        what="gate", grade=Grade.NOTE, found=found, do="containers are started when their turn comes: right, but slower"
    )


def _files(facts: EngineFacts) -> Finding:
    if facts.local_files:
        return Finding(what="files", grade=Grade.OK, found="bind mounts show this machine's files")
    return Finding(
        what="files",
        grade=Grade.NOTE,
        found="the engine is elsewhere",
        do="files go in by upload: what a service writes there stays there",
    )


def _clock(facts: EngineFacts) -> Finding:
    found = f"{facts.clock_offset:+.1f} s from ours"
    if abs(facts.clock_offset) <= SKEW:
        return Finding(what="clock", grade=Grade.OK, found=found)
    return Finding(
        what="clock", grade=Grade.NOTE, found=found, do="deadlines are by the engine's clock; logs of both differ by that much"
    )


def _disk(looked: Looked) -> Finding:
    if looked.disk_free < 0:
        return Finding(what="disk", grade=Grade.NOTE, found="can't be seen from here")
    found = f"{looked.disk_free / 2**30:.1f} GiB free at {looked.root}"
    if looked.disk_free >= LEAST_DISK:
        return Finding(what="disk", grade=Grade.OK, found=found)
    return Finding(
        what="disk",
        grade=Grade.BAD,
        found=found,
        do="docker system df shows what fills it; docker builder prune frees the build cache",
    )


def _memory(facts: EngineFacts) -> Finding:
    found = f"{facts.memory / 2**30:.1f} GiB"
    if facts.memory >= LEAST_MEMORY:
        return Finding(what="memory", grade=Grade.OK, found=found)
    return Finding(
        what="memory", grade=Grade.NOTE, found=found, do="databases and browsers will be killed for memory; give the engine more"
    )


def _pools(looked: Looked) -> Finding:
    use = "uses" if looked.bridges == 1 else "use"
    found = f"{count(looked.bridges, 'network')} of others {use} the engine's default pools, which hold about {DEFAULT_POOLS}"
    if looked.bridges < DEFAULT_POOLS - 4:
        return Finding(what="address pools", grade=Grade.OK, found=found)
    return Finding(
        what="address pools",
        grade=Grade.NOTE,
        found=found,
        do="Dockyard's networks have ranges of their own; for others: docker network prune, or default-address-pools in daemon.json",
    )


def _descriptors(looked: Looked) -> Finding:
    found = f"{count(looked.descriptors, 'file descriptor')} for one process here"
    if looked.descriptors >= LEAST_DESCRIPTORS:
        return Finding(what="limits", grade=Grade.OK, found=found)
    return Finding(what="limits", grade=Grade.NOTE, found=found, do="200 services need about 500: ulimit -n 4096")


def _buildx(looked: Looked) -> Finding:
    if looked.buildx:
        return Finding(what="buildx", grade=Grade.OK, found=looked.buildx)
    return Finding(
        what="buildx",
        grade=Grade.NOTE,
        found="is not here",
        do="images are built by the engine itself; newer Dockerfiles need docker-buildx",
    )


def _leftovers(inventory: Sequence[Found], dead: int) -> Finding:
    placements = {f.placement for f in inventory if f.placement}
    stand, are = "stands" if len(placements) == 1 else "stand", "is" if dead == 1 else "are"
    found = f"{count(len(placements), 'environment')} {stand}, {dead} of them {are} nobody's"
    if not dead:
        return Finding(what="leftovers", grade=Grade.OK, found=found)
    return Finding(what="leftovers", grade=Grade.BAD, found=found, do="dockyard sweep")


def _others(facts: EngineFacts, looked: Looked) -> Iterator[Finding]:
    if facts.rootless:
        yield Finding(
            what="rootless", grade=Grade.NOTE, found="the engine runs without root", do="limits need cgroup v2 with delegation"
        )
    if looked.proxies:
        yield Finding(what="proxy", grade=Grade.NOTE, found=f"the engine pulls through a proxy ({', '.join(looked.proxies)})")
    for warning in looked.warnings:
        yield Finding(what="engine says", grade=Grade.NOTE, found=warning)
