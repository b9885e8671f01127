"""Whether we are in a container of the engine that we speak to: a CI job with the engine's socket in it.

The engine's loopback is not ours then. What is reached from here is the engine's own address on the network that we are on, our gateway:
ports are published there, and told so.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

LOOPBACK = "127.0.0.1"
_SIGNS = (".dockerenv", "run/.containerenv")
"""What Docker and Podman leave in the root of every container."""


def in_container(root: str = "/") -> bool:
    return any(os.path.exists(os.path.join(root, sign)) for sign in _SIGNS)


def reach(networks: Iterable[Mapping[str, Any]], table: str = "/proc/net/route") -> str:
    """Our default gateway, where it is on a bridge of the engine's; else loopback (the host's network is ours too).

    By the subnet: Docker 20.10 says no gateway of its first bridge until it has been started again.
    """
    gateway = _gateway(table)
    bridges = (network for network in networks if network.get("Driver") == "bridge")
    subnets = [
        pool["Subnet"] for network in bridges for pool in (network.get("IPAM") or {}).get("Config") or () if pool.get("Subnet")
    ]
    on_one = gateway and any(ipaddress.ip_address(gateway) in ipaddress.ip_network(subnet, strict=False) for subnet in subnets)
    return gateway if on_one else LOOPBACK


def _gateway(table: str) -> str:
    """proc(5), net/route: addresses in hexadecimal, in the machine's own order of bytes."""
    try:
        rows = [line.split() for line in Path(table).read_text().splitlines()[1:]]
    except OSError:
        return ""
    for row in rows:
        if len(row) > 2 and row[1] == "00000000" and row[2] != "00000000":
            return str(ipaddress.IPv4Address(int(row[2], 16).to_bytes(4, "little")))
    return ""
