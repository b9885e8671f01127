"""A run's limits on CPU, memory and pids, shared out to its containers. Pure.

What a service declares is its own; what the run still has is divided evenly among the containers that declare nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dockyard.engines.docker.scene import Share
from dockyard.engines.protocol import SiteOptions
from dockyard.model.application import Application
from dockyard.model.errors import Origin, Problem, UserError
from dockyard.model.plural import count
from dockyard.model.service import Service

_SMALLEST_MEMORY = 6 * 1024 * 1024
"""The engine refuses less (moby, `linuxMinMemory`)."""


def declared(service: Service) -> Share:
    """What the file itself limits a container of this service to."""
    limits = service.deploy.resources.limits if service.deploy is not None else None
    quota = service.cpu_quota / service.cpu_period if service.cpu_quota > 0 and service.cpu_period > 0 else 0
    return Share(
        cpus=(limits.cpus if limits is not None else 0) or service.cpus or quota,
        memory=(limits.memory if limits is not None else 0) or service.mem_limit,
        pids=(limits.pids if limits is not None else 0) or max(service.pids_limit, 0),
    )


def share_out(application: Application, services: Iterable[str], options: SiteOptions) -> Mapping[str, Share]:
    """Each service's share (per container). UserError where the declared sum is above the run's limit or nothing is left to share."""
    chosen = {name: application.services[name] for name in services}
    if not (options.limits_cpus or options.limits_memory or options.limits_pids):
        return {}
    own = {name: declared(service) for name, service in chosen.items()}
    problems: list[Problem] = []
    left: dict[str, float] = {}
    for kind, limit in (("cpus", options.limits_cpus), ("memory", options.limits_memory), ("pids", options.limits_pids)):
        if not limit:
            continue
        total = sum(getattr(own[name], kind) * service.replicas for name, service in chosen.items())
        without = sum(service.replicas for name, service in chosen.items() if not getattr(own[name], kind))
        each = (limit - total) / without if without else 0
        what = ""
        if total > limit:
            what = f"the services declare {_shown(kind, total)} in all, the run's limit is {_shown(kind, limit)}"
        elif without and each < (_SMALLEST_MEMORY if kind == "memory" else 1 if kind == "pids" else 0.01):
            shares = f"{_shown(kind, max(each, 0))} for each of {count(without, 'container')}"
            what = f"the run's limit of {_shown(kind, limit)} leaves {shares}"
        if what:
            who = _who(application, kind, options)
            hint = "raise the limit of the run, or lower what the services declare"
            problems.append(Problem(what, who.at, who.path, hint))
        left[kind] = each
    if problems:
        raise UserError(*problems)
    return {
        name: Share(
            cpus=0 if share.cpus else left.get("cpus", 0),
            memory=0 if share.memory else int(left.get("memory", 0)),
            pids=0 if share.pids else int(left.get("pids", 0)),
        )
        for name, share in own.items()
    }


def _who(application: Application, kind: str, options: SiteOptions) -> Origin:
    """Who set the limit: a flag or a setting, else the file."""
    path = f"x-dockyard.limits.{kind}"
    return options.limits_said.get(kind) or Origin(path, application.locate(path))


def _shown(kind: str, value: float) -> str:
    if kind == "memory":
        return f"{value / 1024 / 1024:.0f} MiB of memory" if value >= 1024 * 1024 else f"{value:.0f} bytes of memory"
    return f"{value:g} {kind}"
