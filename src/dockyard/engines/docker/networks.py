"""Networks: what is asked of the engine for each, and how a container is on them. Pure.

Own networks get explicit subnets out of a range of ours, sized to their services: the engine's default pools end after 30 networks.
A subnet that turns out to be taken is tried again further on (`candidates` never repeats). What the file fixes is kept as written.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable, Iterator

from dockyard.engines.docker import names
from dockyard.engines.docker.scene import Json, Scene
from dockyard.model.application import Network, Service
from dockyard.model.errors import Problem, UserError
from dockyard.model.plan import Instance
from dockyard.model.service import ServiceNetwork

RANGE = "10.213.0.0/16"
"""Where own subnets come from unless the configuration says otherwise: 4096 networks of 13 containers."""

_SPARE = 5
"""Addresses that are no service's: network, gateway, broadcast, and two for a container that is being replaced."""

_NONE = ServiceNetwork()


def plain(network: Network) -> bool:
    """Whether the engine would choose this network's subnet: then we do."""
    return (
        network.driver in ("", "bridge", "default")
        and not any(pool.subnet for pool in network.ipam.config)
        and network.enable_ipv4 is not False
    )


def size(scene: Scene, key: str) -> int:
    """The prefix length that holds every container that the application may have on the network, at most /28."""
    hosts = sum(service.replicas for service in scene.application.services.values() if key in service.networks)
    return min(28, 32 - (hosts + _SPARE - 1).bit_length())


def candidates(within: str, prefix: int, seed: str, taken: Iterable[str] = ()) -> Iterator[str]:
    """Subnets of `prefix` in the range, each once, in an order that `seed` decides; those that overlap `taken` are left out."""
    whole = ipaddress.ip_network(within)
    used = [ipaddress.ip_network(text) for text in taken if "/" in text]
    count = 1 << max(prefix - whole.prefixlen, 0)
    digest = hashlib.sha256(seed.encode()).digest()
    at, stride = int.from_bytes(digest[:8], "big") % count, int.from_bytes(digest[8:16], "big") | 1
    base, step = int(whole.network_address), 1 << (whole.max_prefixlen - prefix)
    # An odd stride is coprime to a power of two: every place is met once.
    for _ in range(count):
        subnet = ipaddress.ip_network((base + at * step, prefix))
        if not any(subnet.version == other.version and subnet.overlaps(other) for other in used):
            yield str(subnet)
        at = (at + stride) % count


def payload(scene: Scene, key: str, subnet: str = "") -> Json:
    """The body of `POST /networks/create`. `subnet`: ours, where the file leaves it open."""
    network = scene.application.networks.get(key) or Network()
    ipam: Json = {}
    if network.ipam.driver and network.ipam.driver != "default":
        ipam["Driver"] = network.ipam.driver
    pools = [
        {
            name: value
            for name, value in (
                ("Subnet", pool.subnet),
                ("Gateway", pool.gateway),
                ("IPRange", pool.ip_range),
                ("AuxiliaryAddresses", pool.aux_addresses),
            )
            if value
        }
        for pool in network.ipam.config
    ]
    if subnet:
        pools = [{"Subnet": subnet}, *(pool for pool in pools if pool)]
    if network.enable_ipv6 and not any(":" in pool.get("Subnet", "") for pool in pools) and scene.api < (1, 47):
        # Before Engine 27 the engine has no IPv6 pool of its own.
        pools.append({"Subnet": unique_local(scene.placement.id, key)})
    if pools:
        ipam["Config"] = pools
    body: Json = {
        "Name": names.network(scene.placement, scene.application, key),
        "CheckDuplicate": True,
        "Driver": network.driver if network.driver not in ("", "default") else "bridge",
        "Internal": network.internal,
        "Attachable": network.attachable,
        "Options": dict(network.driver_opts),
        "Labels": names.labels(scene.placement, own=network.labels),
    }
    if ipam:
        body["IPAM"] = ipam
    if network.enable_ipv6 is not None:
        body["EnableIPv6"] = network.enable_ipv6
    if network.enable_ipv4 is not None and scene.api >= (1, 48):
        body["EnableIPv4"] = network.enable_ipv4
    return body


def unique_local(placement: str, key: str) -> str:
    """A /64 of fd00::/8 (RFC 4193) that belongs to this network alone."""
    digest = hashlib.sha256(f"{placement}/{key}".encode()).digest()
    return str(ipaddress.ip_network((b"\xfd" + digest[:7] + bytes(8), 64)))


def endpoints(scene: Scene, instance: Instance, service: Service) -> list[tuple[str, Json]]:
    """The networks that the container joins, the one that gives its default route first (priority, then name, as Compose sorts)."""
    order = sorted(service.networks, key=lambda key: (-(service.networks[key] or _NONE).priority, key))
    return [
        (
            names.network(scene.placement, scene.application, key),
            _endpoint(scene, instance, service, key),
        )
        for key in order
    ]


def _endpoint(scene: Scene, instance: Instance, service: Service, key: str) -> Json:
    wanted = service.networks[key] or _NONE
    aliases = _names(instance.service, service, key)
    if instance.key != instance.service:
        aliases.append(instance.key)
    links = [_link(scene, text) for text in service.links] + list(service.external_links)
    if _shared(scene, key):
        # Other runs' services of the same names are on it too: ours have names that nobody else has, and find each other by these.
        links += [f"{_only_here(scene, name)}:{name}" for name in _named_on(scene, key)]
        aliases += [_only_here(scene, name) for name in aliases]
    made: Json = {"Aliases": list(dict.fromkeys(aliases))}
    if links:
        made["Links"] = links
    address: Json = {}
    if wanted.ipv4_address:
        address["IPv4Address"] = wanted.ipv4_address
    if wanted.ipv6_address:
        address["IPv6Address"] = wanted.ipv6_address
    if wanted.link_local_ips:
        address["LinkLocalIPs"] = list(wanted.link_local_ips)
    if address:
        made["IPAMConfig"] = address
    options = dict(wanted.driver_opts)
    if wanted.interface_name:
        options["com.docker.network.endpoint.ifname"] = wanted.interface_name
    if options:
        made["DriverOpts"] = options
    if wanted.gw_priority:
        made["GwPriority"] = wanted.gw_priority
    mac = wanted.mac_address or service.mac_address
    if mac and scene.api >= (1, 44):
        made["MacAddress"] = mac
    return made


def _names(name: str, service: Service, key: str) -> list[str]:
    """What a service is called on a network."""
    on = service.networks.get(key) or _NONE
    return [called for called in (name, service.container_name, service.hostname, *on.aliases) if called]


def _named_on(scene: Scene, key: str) -> list[str]:
    """Every name that the run's services have on a network."""
    services = scene.options.services or tuple(scene.application.services)
    found = {called for name in services for called in _names_there(scene, name, key)}
    return sorted(found | {i.key for i in scene.options.instances if key in scene.application.services[i.service].networks})


def _names_there(scene: Scene, name: str, key: str) -> list[str]:
    service = scene.application.services[name]
    return _names(name, service, key) if key in service.networks else []


def _shared(scene: Scene, key: str) -> bool:
    declared = scene.application.networks.get(key)
    return declared is not None and declared.external


def _only_here(scene: Scene, name: str) -> str:
    return f"{name}.{scene.placement.id}"


def _link(scene: Scene, text: str) -> str:
    target, _, alias = text.partition(":")
    return f"{names.container(scene.placement, target)}:{alias or target}"


def mode(scene: Scene, service: Service, joined: list[tuple[str, Json]]) -> str:
    """`HostConfig.NetworkMode`: the first network's name, or what the file says instead of networks."""
    if service.network_mode.startswith("service:"):
        return f"container:{names.container(scene.placement, service.network_mode.partition(':')[2])}"
    if service.network_mode:
        return service.network_mode
    return joined[0][0] if joined else "none"


def fixed_addresses(scene: Scene, instance: Instance, service: Service) -> None:
    """Two containers can't have one address: replicas with a written address are refused before the engine does."""
    if service.replicas > 1 and any(on is not None and (on.ipv4_address or on.ipv6_address) for on in service.networks.values()):
        path = f"services.{instance.service}.networks"
        raise UserError(Problem("a service with a written address can't have replicas", scene.application.locate(path), path))
