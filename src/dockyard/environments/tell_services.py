"""What a test is told of the services: `DOCKYARD_SERVICE_<NAME>_HOST`, `_PORT`, `_PORT_<n>`, `_URL` (contract: For tests and scripts). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from dockyard.model.application import Application
from dockyard.model.facts import ImageFacts
from dockyard.model.plan import Instance, Role
from dockyard.model.service import Service

_SCHEMES = {
    80: "http",
    8080: "http",
    8000: "http",
    443: "https",
    8443: "https",
    5432: "postgres",
    3306: "mysql",
    6379: "redis",
    27017: "mongodb",
    5672: "amqp",
    4222: "nats",
    9200: "http",
    11211: "memcached",
    4444: "http",
}


def told(
    application: Application, instances: Iterable[Instance], images: Mapping[str, ImageFacts]
) -> tuple[dict[str, str], list[str]]:
    """What a test that runs in a container is told: services by their own names, on their own ports."""
    found: dict[str, tuple[str, dict[int, tuple[str, int]]]] = {}
    for instance in instances:
        if instance.role is not Role.TEST and instance.index == 1:
            name = instance.service
            found[name] = (name, {port: (name, port) for port in tcp_ports(application.services[name], images.get(name))})
    return variables(found)


def variables(services: Mapping[str, tuple[str, Mapping[int, tuple[str, int]]]]) -> tuple[dict[str, str], list[str]]:
    """`services`: name to (host, {declared port: (host, port) where it is reached}). The variables, and warnings for names that collide."""
    by_name: dict[str, list[str]] = {}
    for service in services:
        by_name.setdefault(variable_name(service), []).append(service)
    found: dict[str, str] = {}
    warnings: list[str] = []
    for name, of in by_name.items():
        if len(of) > 1:
            warnings.append(f"{' and '.join(of)} would both be DOCKYARD_SERVICE_{name}_…: neither is set")
            continue
        host, ports = services[of[0]]
        found |= _of_service(f"DOCKYARD_SERVICE_{name}", host, ports)
    return found, warnings


def variable_name(service: str) -> str:
    """Upper case; every other character than A-Z, 0-9 becomes `_`."""
    return re.sub(r"[^A-Z0-9]", "_", service.upper())


def _of_service(prefix: str, host: str, ports: Mapping[int, tuple[str, int]]) -> dict[str, str]:
    found = {f"{prefix}_HOST": next(iter(ports.values()))[0] if ports else host}
    for declared, (_, port) in ports.items():
        found.setdefault(f"{prefix}_PORT", str(port))
        found[f"{prefix}_PORT_{declared}"] = str(port)
    for declared, (reached, port) in ports.items():
        if declared in _SCHEMES:
            found[f"{prefix}_URL"] = f"{_SCHEMES[declared]}://{reached}:{port}"
            break
    return found


def tcp_ports(service: Service, image: ImageFacts | None) -> tuple[int, ...]:
    """The TCP ports that a service declares, in its image or in the file (`ports`, `expose`), in that order."""
    found: dict[int, None] = {}
    for entry in (*(image.ports if image is not None else ()), *service.expose):
        number, _, protocol = str(entry).partition("/")
        if protocol in ("", "tcp"):
            first, _, last = number.partition("-")
            if first.isdigit():
                found.update(dict.fromkeys(range(int(first), int(last or first) + 1)))
    for port in service.ports:
        if port.target and port.protocol in ("", "tcp"):
            found[port.target] = None
    return tuple(found)
