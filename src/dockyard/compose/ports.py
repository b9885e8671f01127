"""The short form of a port: `[[IP:]HOST:]CONTAINER[/PROTOCOL]`, ranges included."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

from dockyard.compose.tree import Map, Mark


class ParseError(ValueError):
    """A short form that can't be read; the text says why. `items` has the list items at fault: index, why, where."""

    def __init__(self, what: str = "", items: Sequence[tuple[int, str, Mark | None]] = ()) -> None:
        self.items = tuple(items)
        super().__init__(what)


def parse_port(text: str, mark: Mark | None) -> list[Map]:
    """One mapping per container port. A range of host ports for one container port stays a range: any of them."""
    host_ip, host, container = _parts(text)
    container, _, protocol = container.partition("/")
    if not container:
        raise ParseError(f"no port specified: {text}")
    protocol = (protocol or "tcp").lower()
    if protocol not in ("tcp", "udp", "sctp"):
        raise ParseError(f"invalid protocol {protocol!r} in port {text!r}: tcp, udp or sctp")
    if host_ip[:1] == "[" and host_ip[-1:] == "]":
        host_ip = host_ip[1:-1]
    elif ":" in host_ip:
        raise ParseError(f"invalid IP address {host_ip!r} in port {text!r}: an IPv6 address stands in brackets, [{host_ip}]")
    if host_ip and not valid_address(host_ip):
        raise ParseError(f"invalid IP address {host_ip!r} in port {text!r}")
    first, last = _range(container, f"invalid container port {container!r} in {text!r}")
    if first == 0:
        raise ParseError(f"invalid container port 0 in {text!r}")
    low, high = _range(host, f"invalid host port {host!r} in {text!r}") if host else (-1, -1)
    if host and last - first != high - low and first != last:
        raise ParseError(f"invalid ranges in port {text!r}: {container} and {host} are not of one length")
    made: list[tuple[str, Map]] = []
    for target in range(first, last + 1):
        published = ""
        if host:
            published = f"{low}-{high}" if first == last and low != high else str(low + target - first)
        port = Map(mark)
        port.put("mode", "ingress", mark)
        if host_ip:
            port.put("host_ip", host_ip, mark)
        port.put("target", target, mark)
        if published:
            port.put("published", published, mark)
        port.put("protocol", protocol, mark)
        made.append((f"{target}/{protocol}", port))
    return [port for _, port in sorted(made, key=lambda pair: pair[0])]


def _parts(text: str) -> tuple[str, str, str]:
    parts = text.split(":")
    if len(parts) == 1:
        return "", "", parts[0]
    return ":".join(parts[:-2]), parts[-2], parts[-1]


def _range(text: str, problem: str) -> tuple[int, int]:
    ends = text.split("-") if "-" in text else [text, text]
    if any(not (end.isascii() and end.isdigit()) or int(end) > 65535 for end in ends[:2]):
        raise ParseError(problem)
    low, high = int(ends[0]), int(ends[1])
    if high < low:
        raise ParseError(problem)
    return low, high


def valid_address(text: Any) -> bool:
    """Whether it is an IPv4 or IPv6 address (without a zone)."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text
