"""Which ports of a container are published, and where. Pure.

`mapped` puts what the file publishes on free ports of the loopback address, so that runs never clash; `fixed` does as written; `all`
publishes every TCP port that image or file exposes.
"""

from __future__ import annotations

from dockyard.engines.docker.scene import Json, Scene
from dockyard.model.facts import ImageFacts
from dockyard.model.service import Service

JOINED = ("host", "none", "container:", "service:")


def exposed(service: Service, image: ImageFacts) -> tuple[str, ...]:
    """Every port that image or file exposes, as `5432/tcp`, sorted by number."""
    found = {_with_protocol(port) for port in image.ports}
    for text in service.expose:
        found.update(_expand(text))
    found.update(f"{port.target}/{port.protocol or 'tcp'}" for port in service.ports)
    return tuple(sorted(found, key=lambda port: (int(port.partition("/")[0]), port)))


def render(scene: Scene, service: Service, image: ImageFacts) -> tuple[Json, Json]:
    """`ExposedPorts` of the configuration and `PortBindings` of the host configuration."""
    shown = exposed(service, image)
    if service.network_mode.startswith(JOINED):
        return {}, {}
    bindings: dict[str, list[Json]] = {}
    for port in service.ports:
        name = f"{port.target}/{port.protocol or 'tcp'}"
        if scene.options.publish == "fixed":
            bindings.setdefault(name, []).append({"HostIp": port.host_ip, "HostPort": port.published})
        else:
            bindings[name] = [{"HostIp": scene.reach, "HostPort": ""}]
    if scene.options.publish == "all":
        for name in shown:
            if name.endswith("/tcp"):
                bindings.setdefault(name, [{"HostIp": scene.reach, "HostPort": ""}])
    return {name: {} for name in shown}, bindings


def _expand(text: str) -> list[str]:
    numbers, _, protocol = text.partition("/")
    first, _, last = numbers.partition("-")
    return [f"{number}/{protocol or 'tcp'}" for number in range(int(first), int(last or first) + 1)]


def _with_protocol(port: str) -> str:
    return port if "/" in port else f"{port}/tcp"
