"""Which containers of an application belong together: they share a volume or a namespace, or boot together, so they are made anew all at
once. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from dockyard.model.application import Application
from dockyard.model.bootable import bootable
from dockyard.model.plan import Instance


def together(application: Application, instances: Sequence[Instance]) -> dict[str, frozenset[str]]:
    """By instance key: the group that it is in, itself included."""
    groups = {instance.key: {instance.key} for instance in instances}
    holders: dict[str, str] = {}
    parties = bootable(application, instances).parties
    for instance in instances:
        party = [f"party of {name}" for name in parties.get(instance.service, ())[:1]]
        for shared in (*_shared(application, instance), *party):
            first = holders.setdefault(shared, instance.key)
            if groups[first] is not groups[instance.key]:
                joined = groups[first] | groups[instance.key]
                groups |= dict.fromkeys(joined, joined)
    return {key: frozenset(group) for key, group in groups.items()}


def volumes(application: Application, service: str) -> list[str]:
    """The named volumes of a service that are the placement's own."""
    names = [mount.source for mount in application.services[service].volumes if mount.type == "volume" and mount.source]
    return [name for name in names if not (name in application.volumes and application.volumes[name].external)]


def _shared(application: Application, instance: Instance) -> list[str]:
    service = application.services[instance.service]
    others = [text.partition(":")[2] for text in (service.network_mode, service.ipc, service.pid) if text.startswith("service:")]
    others += [text.partition(":")[0] for text in service.volumes_from if not text.startswith("container:")]
    found = [f"volume {name}" for name in volumes(application, instance.service)]
    return [*found, *(f"service {name}" for name in (instance.service, *others))]
