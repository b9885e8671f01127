"""Which services an environment that stands by has booted (`x-dockyard: {standby: ready}`), and why others stay at their gates. Pure.

A service that has been booted must be what a cold one is when its run begins. So it is booted only where all that it waits for is booted too, or has
completed; and where nothing but what is the environment's own could have heard of it. Those that wait for each other have spoken to each
other while they booted: a *party*, made anew all together or not at all. So may have those that share a network: a worker that tries until its
database answers says so nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from dockyard.model.application import Application
from dockyard.model.plan import Instance, Role
from dockyard.model.service import Service, engine_own


class Bootable(msgspec.Struct, frozen=True):
    """`parties`: by service that is booted, all those that boot with it, itself included, sorted. `stays`: by service that was to be
    booted, why it isn't."""

    parties: Mapping[str, tuple[str, ...]]
    stays: Mapping[str, str]


def bootable(application: Application, instances: Sequence[Instance]) -> Bootable:
    """Of the services that the instances are of."""
    by_service: dict[str, Instance] = {}
    for instance in instances:
        by_service.setdefault(instance.service, instance)
    asked = [name for name in by_service if application.extension(name).booted]
    stays = {name: why for name in asked if (why := _own_reason(application, by_service[name]))}
    booted = [name for name in asked if name not in stays]
    while True:
        held = {name: why for name in booted if (why := _held_back(application.services[name], by_service, booted))}
        if not held:
            break
        stays |= held
        booted = [name for name in booted if name not in held]
    return Bootable(_parties(application, booted), {name: stays[name] for name in asked if name in stays})


def waited_for(service: Service) -> tuple[str, ...]:
    """The services that must have come up before this one does."""
    return tuple(dict.fromkeys((*service.depends_on, *(link.split(":", 1)[0] for link in service.links))))


def _own_reason(application: Application, instance: Instance) -> str:
    """What in the service itself forbids it; "" where nothing does."""
    service = application.services[instance.service]
    if instance.role is Role.TEST:
        return "it is a test"
    if not instance.gated:
        return f"it can't wait at a gate ({instance.ungated_because})"
    outside = [field for field in ("network_mode", "pid", "ipc") if getattr(service, field) == "host"]
    if outside:
        return f"{outside[0]}: host is the machine's own"
    if service.use_api_socket:
        return "it has the engine's socket"
    for mount in service.volumes:
        if mount.type == "bind" and engine_own(mount.source):
            return f"{mount.source} is the machine's own"
        if mount.type == "volume" and mount.source in application.volumes and application.volumes[mount.source].external:
            return f"the volume {mount.source} is external"
    for name in service.networks:
        if name in application.networks and application.networks[name].external:
            return f"the network {name} is external"
    return ""


def _held_back(service: Service, by_service: Mapping[str, Instance], booted: Sequence[str]) -> str:
    waiting = [name for name in waited_for(service) if name in by_service and name not in booted]
    return f"it waits for {waiting[0]}, which isn't booted" if waiting else ""


def _parties(application: Application, booted: Sequence[str]) -> dict[str, tuple[str, ...]]:
    parties = {name: {name} for name in booted}
    for name in booted:
        for other in (*waited_for(application.services[name]), *_within_reach(application, name, booted)):
            if other in parties and parties[other] is not parties[name]:
                joined = parties[name] | parties[other]
                parties |= dict.fromkeys(joined, joined)
    return {name: tuple(sorted(party)) for name, party in parties.items()}


def _within_reach(application: Application, name: str, booted: Sequence[str]) -> list[str]:
    """Others that are booted, and on a network that this one is on."""
    mine = _networks(application, name)
    return [other for other in booted if other != name and mine & _networks(application, other)]


def _networks(application: Application, name: str) -> set[str]:
    service = application.services[name]
    kind, _, other = service.network_mode.partition(":")
    if kind == "service" and other in application.services and other != name:
        return _networks(application, other)
    return set(service.networks)
