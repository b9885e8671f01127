"""Rules of Compose that the schema doesn't hold: fields that exclude each other, addresses, reserved labels."""

from __future__ import annotations

from typing import Any

from dockyard.compose.ports import valid_address
from dockyard.compose.tree import Map, Path, Report, Seq, child_mark


def check(tree: Map, report: Report) -> None:
    """On the merged tree in its long forms."""
    for kind, sources in (("configs", ("file", "environment", "content")), ("secrets", ("file", "environment"))):
        for name, item in _items(tree.get(kind)):
            _file_object(item, sources, (kind, name), child_mark(tree[kind], name), report)
    for name, item in _items(tree.get("volumes")):
        _external(item, ("volumes", name), report)
    for name, service in _items(tree.get("services")):
        _service(service, ("services", name), report)
    for kind in ("networks", "volumes", "configs", "secrets"):
        for name, item in _items(tree.get(kind)):
            _labels(item, (kind, name), report)


def _items(value: Any) -> list[tuple[Any, Map]]:
    pairs = value.items() if isinstance(value, Map) else enumerate(value) if isinstance(value, Seq) else ()
    return [(key, child) for key, child in pairs if isinstance(child, Map)]


def _file_object(item: Map, sources: tuple[str, ...], path: Path, mark: Any, report: Report) -> None:
    given = [source for source in sources if source in item]
    if len(given) > 1:
        report.add(f"{' and '.join(given)} exclude each other", mark, path)
    if not given and "driver" not in item and "external" not in item:
        report.add(f"one of {', '.join(sources)} must be set", mark, path)


def _external(item: Map, path: Path, report: Report) -> None:
    if item.get("external") is not True:
        return
    for key in item:
        if key not in ("name", "external") and not key.startswith("x-"):
            report.add(f"an external one can't have '{key}'", item.at.get(key), (*path, key))


def _service(service: Map, path: Path, report: Report) -> None:
    for index, port in _items(service.get("ports")):
        if "host_ip" in port and not valid_address(port["host_ip"]):
            where = child_mark(port, "host_ip")
            report.add(f"invalid IP address: {port['host_ip']}", where, (*path, "ports", index, "host_ip"))
    devices = service
    for key in ("deploy", "resources", "reservations"):
        devices = devices.get(key) if isinstance(devices, Map) else None
    requests = [(("deploy", "resources", "reservations", "devices"), devices.get("devices"))] if devices else []
    for below, listed in [*requests, (("gpus",), service.get("gpus"))]:
        for index, request in _items(listed):
            if "count" in request and "device_ids" in request:
                at = child_mark(listed, index)
                report.add("count and device_ids exclude each other", at, (*path, *below, index))
    for index, mount in _items(service.get("volumes")):
        if mount.get("type") == "bind" and "source" not in mount:
            report.add("a bind needs a source", child_mark(service["volumes"], index), (*path, "volumes", index))
    _labels(service, path, report)
    for below in ("deploy", "build"):
        if isinstance(inner := service.get(below), Map):
            _labels(inner, (*path, below), report)


def _labels(item: Map, path: Path, report: Report) -> None:
    """`dockyard.*` is how Dockyard knows its own objects; a file can't set it."""
    labels = item.get("labels")
    pairs = labels.items() if isinstance(labels, Map) else enumerate(labels) if isinstance(labels, Seq) else ()
    for key, value in list(pairs):
        name = str(value).partition("=")[0] if isinstance(key, int) else key
        if name.startswith("dockyard."):
            what = f"the label '{name}' is Dockyard's own"
            report.add(what, child_mark(labels, key), (*path, "labels", key), "use another prefix than dockyard.")
