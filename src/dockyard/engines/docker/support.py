"""What happens to each field of the Compose Specification on a Docker engine: one table that decides, refuses and documents.

A field that the engine at hand can't honour is an error that names both, or a warning where leaving it out is harmless and Compose leaves
it out too; never silence. docs/reference/compose-fields.md is made from the same rows, and a test fails when the schema has a field
that no row speaks of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from typing import Any

import msgspec

from dockyard.engines.docker import values
from dockyard.engines.docker.fields import find
from dockyard.engines.docker.scene import version
from dockyard.model.application import Application
from dockyard.model.errors import Problem
from dockyard.model.facts import EngineFacts
from dockyard.model.service import Service


class Fate(StrEnum):
    """What becomes of a field."""

    HONOURED = "honoured"
    READ = "read"
    """Has its effect when the files are read."""
    HARMLESS = "no effect"
    """Means nothing in a throwaway environment; nothing is lost, nothing is said."""
    IGNORED = "ignored, with a warning"
    REFUSED = "refused"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One field, by its path in the schema (`*` any name, `[]` any item).

    `deep`: the row speaks for everything below too. `api`: honoured from that version of the Engine API on, `below` it the other fate.
    `when`: the fate holds only for such values; others are honoured. `values`: such a value needs that version of the API.
    """

    path: str
    fate: Fate
    note: str = ""
    deep: bool = False
    api: str = ""
    below: Fate = Fate.REFUSED
    when: Callable[[Any], bool] | None = None
    values: Mapping[str, str] = {}


ENGINES = {
    "1.42": "23.0",
    "1.43": "24.0",
    "1.44": "25.0",
    "1.45": "26.0",
    "1.46": "27.0",
    "1.47": "27.2",
    "1.48": "28.0",
    "1.49": "28.1",
}
"""The Docker Engine that brought each API version (docs.docker.com, API version matrix)."""


def refusals(application: Application, services: Iterable[str], facts: EngineFacts) -> tuple[list[Problem], list[Problem]]:
    """What this engine can't honour of these services and what they use: (errors, warnings), in the table's order."""
    errors: list[Problem] = []
    warnings: list[Problem] = []
    chosen = tuple(services)
    view = _view(application, chosen)
    for row in rows():
        fate = fate_on(row, facts)
        if fate not in (Fate.IGNORED, Fate.REFUSED) and not row.values:
            continue
        for path, value in find(view, row.path):
            needed = row.values.get(value, "") if isinstance(value, str) else ""
            if needed and version(facts.api) < version(needed):
                errors.append(_too_old(application, path, f"{path.rpartition('.')[2]}: {value}", needed, facts))
            elif fate in (Fate.IGNORED, Fate.REFUSED) and (row.when is None or row.when(value)):
                (errors if fate is Fate.REFUSED else warnings).append(_problem(application, row, path, fate, facts))
    errors += _labels(application, chosen)
    errors += values.wrong(application, chosen)
    warnings += _devices(application, view, facts)
    return errors, warnings


def _devices(application: Application, view: dict[str, Any], facts: EngineFacts) -> Iterator[Problem]:
    """An engine tells of its runtimes, not of its device drivers: that it has none is likely then, and sure only at the start."""
    if facts.devices:
        return
    for field in ("services.*.gpus", "services.*.deploy.resources.reservations.devices[]"):
        for path, _ in find(view, field):
            what = f"{facts.title} shows nothing that hands in devices (a vendor's runtime, CDI)"
            hint = "if it has no driver for them, the service can't be started"
            yield Problem(
                f"{what}, which `{field.rpartition('.')[2].removesuffix('[]')}` needs", application.locate(path), path, hint
            )


def fate_on(row: Row, facts: EngineFacts) -> Fate:
    if row.api:
        return row.below if version(facts.api) < version(row.api) else row.fate
    return Fate.IGNORED if _lacking(row, facts) else row.fate


def _lacking(row: Row, facts: EngineFacts) -> str:
    """Why this machine doesn't let the engine honour a field that both know; "" where it does."""
    if row.path in _CGROUP_1 and facts.cgroup == 2:
        return "cgroup v2 has no such control"
    kind = _LIMITS.get(row.path, "")
    return f"it can't limit {kind} here" if kind in facts.lacks else ""


def _problem(application: Application, row: Row, path: str, fate: Fate, facts: EngineFacts) -> Problem:
    if row.api:
        problem = _too_old(application, path, path.rpartition(".")[2], row.api, facts)
    else:
        why = _lacking(row, facts) or row.note
        what = f"`{path.rpartition('.')[2]}` is not honoured on {facts.title}" + (f": {why}" if why else "")
        problem = Problem(what, application.locate(path), path)
    return msgspec.structs.replace(problem, what=f"{problem.what}; it is left out") if fate is Fate.IGNORED else problem


def _too_old(application: Application, path: str, said: str, needed: str, facts: EngineFacts) -> Problem:
    hint = f"it needs Docker Engine {ENGINES.get(needed, '?')} (API {needed})"
    return Problem(f"{facts.title} does not know `{said}`", application.locate(path), path, hint)


def _labels(application: Application, services: Iterable[str]) -> list[Problem]:
    """The file may not set our own labels."""
    found = [(f"services.{name}.labels", application.services[name].labels) for name in services]
    found += [(f"networks.{name}.labels", network.labels) for name, network in application.networks.items()]
    found += [(f"volumes.{name}.labels", volume.labels) for name, volume in application.volumes.items()]
    return [
        Problem(
            f"label {label!r}: labels that begin with `dockyard.` are Dockyard's own", application.locate(path), f"{path}.{label}"
        )
        for path, labels in found
        for label in labels
        if label.startswith("dockyard.")
    ]


def _view(application: Application, services: tuple[str, ...]) -> dict[str, Any]:
    """The application with those parts alone that the services use."""
    chosen = {name: application.services[name] for name in services}
    used = {
        "networks": {name for service in chosen.values() for name in service.networks},
        "volumes": {mount.source for service in chosen.values() for mount in service.volumes},
        "configs": {file.source for service in chosen.values() for file in service.configs},
        "secrets": {
            file.source
            for service in chosen.values()
            for file in (*service.secrets, *(service.build.secrets if service.build is not None else ()))
        },
        "models": {name for service in chosen.values() for name in service.models},
    }
    parts = {
        kind: {name: value for name, value in getattr(application, kind).items() if name in names} for kind, names in used.items()
    }
    return {"services": chosen, **parts}


def row_of(path: str) -> Row | None:
    """The row that speaks for a field of the schema: its own, else the nearest deep one above."""
    by_path = _by_path()
    if path in by_path:
        return by_path[path]
    above = path
    while "." in above or above.endswith("[]"):
        above = above.removesuffix("[]") if above.endswith("[]") else above.rpartition(".")[0]
        found = by_path.get(above)
        if found is not None:
            return found if found.deep else None
    return None


@cache
def _by_path() -> dict[str, Row]:
    return {row.path: row for row in rows()}


def ungated(service: Service, facts: EngineFacts, gates: Iterable[str]) -> str:
    """Why a service can't wait behind a gate on this engine; "" when it can. `gates`: architectures that there is a gate for."""
    if facts.os != "linux":
        return f"containers of {facts.os} have no gate"
    if facts.arch not in tuple(gates):
        return f"there is no gate for {facts.arch}"
    if service.provider is not None:
        return "it is no container"
    driver = service.logging.driver if service.logging is not None else ""
    if driver in _LOGS_BY_NETWORK and service.depends_on:
        return f"its log driver {driver} wants its server as it starts, which may be what it depends on"
    return ""


_LOGS_BY_NETWORK = ("fluentd", "gelf", "logentries", "splunk", "syslog")
"""Log drivers that connect to a server while a container starts, and fail where none answers."""


@cache
def rows() -> tuple[Row, ...]:
    """The table, in the schema's order of sections."""
    from dockyard.engines.docker.support_rows import ROWS

    return ROWS


_CGROUP_1 = ("services.*.mem_swappiness", "services.*.oom_kill_disable")
_LIMITS = {
    **dict.fromkeys(("services.*.mem_limit", "services.*.mem_reservation"), "memory"),
    **dict.fromkeys(("services.*.deploy.resources.limits.memory", "services.*.deploy.resources.reservations.memory"), "memory"),
    **dict.fromkeys(("services.*.cpus", "services.*.cpu_period", "services.*.cpu_quota"), "cpus"),
    "services.*.deploy.resources.limits.cpus": "cpus",
    **dict.fromkeys(("services.*.pids_limit", "services.*.deploy.resources.limits.pids"), "pids"),
    "services.*.memswap_limit": "swap",
    "services.*.cpu_shares": "cpu shares",
    "services.*.cpuset": "cpuset",
}
"""Fields that need what an engine may lack (`EngineFacts.lacks`): a rootless one without a cgroup of its own, an old kernel."""
