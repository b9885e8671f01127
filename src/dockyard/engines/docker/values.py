"""Values that Compose reads as they are and that every engine refuses, late and one at a time: told beforehand, all at once. Pure.

What is checked is what can be known from the files alone. Whatever else an engine says no to is read off its words (`refusing`).
"""

from __future__ import annotations

import ipaddress
import posixpath
from collections.abc import Iterable, Iterator

from dockyard.model import restart
from dockyard.model.application import Application, Network
from dockyard.model.errors import Problem
from dockyard.model.service import Service

_OURS = ("", "default")
_ABSOLUTE = "a path in a container begins with /"

Wrong = tuple[str, str, str]
"""The field's path, what is wrong with it, and what would be right."""


def wrong(application: Application, services: Iterable[str]) -> list[Problem]:
    """Every such value of these services and of the networks that they are on."""
    found: list[Wrong] = []
    used: dict[str, None] = {}
    for name in services:
        service, path = application.services[name], f"services.{name}"
        used |= dict.fromkeys(service.networks)
        found += _restart(service, path)
        found += _paths(service, path)
        found += _ports(service, path)
        found += _addresses(application, service, path)
    for name in used:
        if name in application.networks:
            found += _pools(application.networks[name], f"networks.{name}.ipam.config")
    return [Problem(what, application.locate(path), path, hint) for path, what, hint in found]


def _restart(service: Service, path: str) -> Iterator[Wrong]:
    known = f"one of {', '.join(restart.NAMES)}; on-failure:3 tries three times"
    name, _, count = service.restart.partition(":")
    if restart.named(name) not in restart.NAMES:
        yield f"{path}.restart", f"{service.restart!r} is no restart policy", known
    elif name == "on-failure" and count and not (count.isascii() and count.isdigit()):
        yield f"{path}.restart", f"{count!r} is no number of restarts", known
    policy = service.deploy.restart_policy if service.deploy is not None else None
    if policy is not None and restart.named(policy.condition) not in restart.NAMES:
        what = f"{policy.condition!r} is no condition for a restart"
        yield f"{path}.deploy.restart_policy.condition", what, "one of none, on-failure, any"


def _paths(service: Service, path: str) -> Iterator[Wrong]:
    """Containers of Windows are refused elsewhere: what isn't a path of Linux is none."""
    if service.working_dir and not posixpath.isabs(service.working_dir):
        yield f"{path}.working_dir", f"{service.working_dir!r} is not absolute", _ABSOLUTE
    targets = [(f"volumes[{index}]", mount.target) for index, mount in enumerate(service.volumes) if mount.type != "npipe"]
    targets += [(f"tmpfs[{index}]", text.partition(":")[0]) for index, text in enumerate(service.tmpfs)]
    for field, target in targets:
        if not posixpath.isabs(target):
            hint = f"{_ABSOLUTE}: SOURCE:/TARGET, or SOURCE:/TARGET:ro" if ":" in target else _ABSOLUTE
            if target[1:3] == ":/":
                hint = "one letter before a colon is read as a drive, as Compose reads it: a volume's name needs two or more"
            yield f"{path}.{field}", f"the target {target!r} is not absolute", hint
        elif posixpath.normpath(target) in ("/", "//"):
            yield f"{path}.{field}", "the target can't be the whole file system, /", "a folder below it"


def _ports(service: Service, path: str) -> Iterator[Wrong]:
    for index, port in enumerate(service.ports):
        if not 0 < port.target < 65536:
            yield f"{path}.ports[{index}].target", f"{port.target} is no port", "1 to 65535"


def _addresses(application: Application, service: Service, path: str) -> Iterator[Wrong]:
    """An address must be of a subnet that the file writes: any other one is chosen anew for each run."""
    for key, joined in service.networks.items():
        network = application.networks.get(key)
        if joined is None or network is None or network.external or network.ipam.driver not in _OURS:
            continue
        for field, text, version in (("ipv4_address", joined.ipv4_address, 4), ("ipv6_address", joined.ipv6_address, 6)):
            if text and (what := _misplaced(text, version, network, key)):
                yield f"{path}.networks.{key}.{field}", *what


def _misplaced(text: str, version: int, network: Network, key: str) -> tuple[str, str] | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        address = None
    if address is None or address.version != version:
        return f"{text!r} is no IPv{version} address", "as 172.28.0.10" if version == 4 else "as fd00:28::10"
    pools = [pool.subnet for pool in network.ipam.config if (found := _network(pool.subnet)) and found.version == version]
    if not pools:
        return f"network '{key}' has no IPv{version} subnet in the file, so no address in it can be written", (
            f"write one under networks.{key}.ipam.config, or leave the address out"
        )
    if any(address in ipaddress.ip_network(pool, strict=False) for pool in pools):
        return None
    return f"{text} is not in network '{key}'", f"its subnet is {' and '.join(pools)}"


def _pools(network: Network, path: str) -> Iterator[Wrong]:
    if network.external or network.ipam.driver not in _OURS:
        return
    for index, pool in enumerate(network.ipam.config):
        at = f"{path}[{index}]"
        subnet = _network(pool.subnet)
        if pool.subnet and subnet is None:
            yield f"{at}.subnet", f"{pool.subnet!r} is no subnet", "as 172.28.0.0/24"
        if subnet is None:
            continue
        for field, text in (("gateway", pool.gateway), ("ip_range", pool.ip_range)):
            inner = _network(text, bare=True)
            if text and (inner is None or inner.version != subnet.version or not _within(inner, subnet)):
                yield f"{at}.{field}", f"{text} is not in the subnet {pool.subnet}", f"something of {pool.subnet}"


def _within(inner: ipaddress.IPv4Network | ipaddress.IPv6Network, outer: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    return inner.network_address in outer and inner.broadcast_address in outer


def _network(text: str, *, bare: bool = False) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """What `172.28.0.0/24` means; an address without a length only where `bare`."""
    if not bare and "/" not in text:
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
