"""Whose data are kept, together with whose, and why they can't be. Pure: decisions over the description alone.

A snapshot holds what is in the volumes of a service when it and all that it names as its `inputs` have done their work in an environment of their own.
So whatever has a part in the data must be named: it is in the key, and what isn't in the key must not be able to touch them. Where that
can't be seen from the description, the data are made afresh, and the reason is told. Services that have an input in common are
kept and cloned together or not at all: a migration that fills two databases has either run for both or for neither.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from dockyard.environments.choose import Choice, dependencies, namespaces, volumes_from
from dockyard.model.application import Application
from dockyard.model.placement import Placement
from dockyard.model.service import Service
from dockyard.model.sharing import volumes
from dockyard.model.snapshot import Group, Key, Snapshot

DAY = 86400.0


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """`secret`: what keys are hashed with; `scope`: within which they are shared. `most`: bytes, `unused`: seconds, that are kept on an engine (0: no bound)."""

    secret: bytes
    scope: str
    why: str = ""
    """Why nothing can be kept: there is no key."""
    most: int = 0
    unused: float = 0


def groups(application: Application, choice: Choice) -> tuple[Group, ...]:
    """What of these services is to be kept, in the file's order; each service is in one group at most."""
    asked = {name: told for name in choice.services if (told := application.extension(name).snapshot) is not None}
    parts: list[set[str]] = []
    for name, named in asked.items():
        mine = {name, *(one for one in named if one in application.services)}
        for other in [part for part in parts if part & mine]:
            parts.remove(other)
            mine |= other
        parts.append(mine)
    return tuple(_group(application, asked, part) for part in parts)


def _group(application: Application, asked: dict[str, tuple[str, ...]], part: set[str]) -> Group:
    kept = tuple(name for name in application.services if name in part and name in asked)
    inputs = tuple(name for name in application.services if name in part and name not in asked)
    files = [name for service in kept for name in asked[service] if name not in application.services]
    return Group(
        services=kept,
        inputs=inputs,
        one_shots=tuple(name for name in inputs if name in _awaited(application)),
        files=tuple(sorted({os.path.join(application.project_directory, name) for name in files})),
    )


def _awaited(application: Application) -> set[str]:
    """Services whose successful end is somebody's condition."""
    return {
        name
        for service in application.services.values()
        for name, dependency in service.depends_on.items()
        if dependency.condition == "service_completed_successfully"
    }


def images_needed(application: Application, choice: Choice) -> dict[str, tuple[str, ...]]:
    """By service: whose images must be known before it is known what its data are made of."""
    return {name: group.everybody for group in groups(application, choice) for name in group.everybody if name in choice.services}


def refusal(application: Application, choice: Choice, group: Group) -> str:
    """Why the group's data are not kept, nor begun with; "" where they may be."""
    checks: tuple[Callable[[Application, Choice, Group], Iterable[str]], ...] = (
        _unnamed,
        _not_here,
        _unfinished,
        _shared,
        _not_ours,
        _hooks,
        _leaned_on,
    )
    return next((why for check in checks for why in check(application, choice, group)), "")


def _unnamed(application: Application, choice: Choice, group: Group) -> Iterable[str]:
    """Whatever one of them can't be there without has a part in what it does. What the data themselves are made from must also be what
    they were made from: a replica's primary is kept with it, or it is another one in each run."""
    for name in group.everybody:
        for other in dependencies(application.services[name]):
            if other in application.services and other not in group.everybody:
                owner = name if name in group.services else f"{name}, an input,"
                yield f"{owner} needs {other}, which is not named in inputs"
            elif name in group.services and other in group.inputs and other not in group.one_shots:
                yield f"{name} needs {other}, whose data are not kept with its own"


def _not_here(application: Application, choice: Choice, group: Group) -> Iterable[str]:
    for path in group.files:
        if not os.path.exists(path):
            yield f"the input {path} is neither a service nor a file that is there"
    for name in group.inputs:
        if name not in choice.services:
            yield f"its input {name} has no part in this run"
    for name in group.inputs:
        if name in choice.tests:
            yield f"its input {name} is a test"
    for name in group.everybody:
        if application.services[name].replicas != 1:
            yield f"{name} has {application.services[name].replicas} replicas"


def _unfinished(application: Application, choice: Choice, group: Group) -> Iterable[str]:
    """Of a service that works on the data without an end nobody knows when its part is done."""
    for name in group.inputs:
        below = set(dependencies(application.services[name])) & set(group.services)
        if name not in group.one_shots and below:
            yield f"its input {name} works on {min(below)} and nobody waits for its end, so its part is never done"


def _shared(application: Application, choice: Choice, group: Group) -> Iterable[str]:
    """Who has the same volume may write to it."""
    for name in group.everybody:
        mine = set(volumes(application, name))
        for other, service in application.services.items():
            if other != name and (both := mine & set(volumes(application, other))):
                if other in group.everybody and not {name, other} & {*group.services, *group.one_shots}:
                    continue
                yield f"{name} shares the volume {min(both)} with {other}"
            if other != name and name in volumes_from(service):
                yield f"{other} mounts the volumes of {name} (volumes_from)"
        if application.services[name].volumes_from:
            yield f"{name} mounts volumes of another container (volumes_from)"


def _not_ours(application: Application, choice: Choice, group: Group) -> Iterable[str]:
    """Data that others may have changed meanwhile, or that an engine keeps in its own way."""
    for name in group.everybody:
        for mount in application.services[name].volumes:
            declared = application.volumes.get(mount.source) if mount.type == "volume" else None
            if declared is not None and declared.external:
                yield f"{name} mounts the external volume {mount.source}, whose content is not known"
            elif (
                name in group.services and declared is not None and (declared.driver not in ("", "local") or declared.driver_opts)
            ):
                yield f"the volume {mount.source} has a driver or options of its own"
            elif name in group.services and mount.volume is not None and mount.volume.subpath:
                yield f"{name} mounts a subpath of the volume {mount.source}"
        if application.services[name].provider is not None:
            yield f"{name} is made by a provider"


def _hooks(application: Application, choice: Choice, group: Group) -> Iterable[str]:
    for name in group.everybody:
        if application.services[name].post_start:
            yield f"{name} has post_start commands, which would run a second time on data that have them already"


def _leaned_on(application: Application, choice: Choice, group: Group) -> Iterable[str]:
    """A one-shot that doesn't run again isn't there for those who want more of it than its end."""
    for name, service in application.services.items():
        wanted = _wanted_of(service)
        for one in group.one_shots:
            if one in wanted and name not in group.one_shots:
                yield f"{name} needs more of the input {one} than its end ({wanted[one]})"


def _wanted_of(service: Service) -> dict[str, str]:
    found = {name: "service_healthy" for name, one in service.depends_on.items() if one.condition == "service_healthy"}
    found |= {link.split(":", 1)[0]: "a link" for link in service.links}
    return found | {name: field for field, name in namespaces(service).items()}


def unlike(key: Key, project: str, group: Group, there: Sequence[Snapshot]) -> str:
    """Why none of `there` (the newest first) serves: what differs from the one that is nearest."""
    mine = [one for one in there if one.project == project and set(one.services) == set(group.services)]
    if not mine:
        return "no snapshot is there"
    names = min((differing(one.inputs, key.inputs) for one in mine), key=len)
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"changed: {', '.join(names[:3])}{more}"


def differing(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The inputs that are not the same."""
    return sorted(name for name in {*before, *now} if before.get(name) != now.get(name))


def surplus(there: Iterable[Snapshot], terms: Terms, now: float) -> list[tuple[Snapshot, str]]:
    """What is to go, and why: unused for too long, then the oldest, until the rest is small enough. Never what is in use."""
    newest = sorted(there, key=lambda one: (one.used_at, one.made_at), reverse=True)
    gone: list[tuple[Snapshot, str]] = []
    size = 0
    for one in newest:
        size += one.size
        if one.used_by:
            continue
        if terms.unused and now - one.used_at > terms.unused + DAY:
            gone.append((one, f"unused for {(now - one.used_at) / DAY:.0f} days"))
        elif terms.most and size > terms.most:
            gone.append((one, f"snapshots may take {terms.most / 1e6:.0f} MB"))
            size -= one.size
    return gone


def filling(key: Key, project: str, run: Placement) -> Placement:
    """The placement in which the data of `key` are made for `run`: named after both, so that it needs no chance."""
    import hashlib

    from dockyard.model.placement import placement_id

    token = hashlib.sha256(f"{run.id}/{key.hash}".encode()).hexdigest()[:8]
    return msgspec.structs.replace(run, id=placement_id(project, token))
