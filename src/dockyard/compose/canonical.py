"""Short forms made long, and the values that Compose fills in where a file is silent.

`lengthen` runs after each file is merged (so that the next one meets long forms), `fill` once at the end. Both change
the tree in place and report what can't be read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dockyard.compose.ports import ParseError, parse_port
from dockyard.compose.scalars import go_text
from dockyard.compose.tree import RULE, Map, Mark, Path, Report, Rules, Seq, location, make, path_text, rules, step, step_item
from dockyard.compose.volumes import parse_volume
from dockyard.model.errors import Problem, UserError

Transform = Callable[[Any, "Mark | None"], Any]


def lengthen(tree: Map, report: Report, *, tolerant: bool = False) -> None:
    """Every short form in its long form; `tolerant` leaves those that can't be read (they still hold variables)."""
    _walk(tree, (), _LONG, Report() if tolerant else report)


def fill(tree: Map, report: Report) -> None:
    """Defaults: the build's context, a port's protocol and mode, a secret's target, how many GPUs."""
    _walk(tree, (), _DEFAULTS, report)


def _walk(node: Any, path: Path, below: Rules | None, report: Report) -> None:
    """Rules act on the way down: a long form's own parts are then visited."""
    if below is None:
        return
    if isinstance(node, Map):
        for key in list(node):
            if (under := step(below, key)) is not None:
                node[key] = _apply(node[key], node.at.get(key) or node.mark, (*path, key), under, report)
    elif isinstance(node, Seq):
        if (under := step_item(below)) is not None:
            for index in range(len(node)):
                node[index] = _apply(node[index], node.at[index], (*path, index), under, report)


def _apply(value: Any, mark: Mark | None, path: Path, under: Rules, report: Report) -> Any:
    if (transform := under.get(RULE)) is not None:
        try:
            value = transform(value, mark)
            if transform is _ports:
                report.ports += len(value) if isinstance(value, Seq) else 0
                if report.ports > 2 * _PORTS:
                    raise UserError(Problem(f"more than {2 * _PORTS} ports", location(mark), path_text(path)))
        except ParseError as error:
            if not error.items:
                report.add(str(error), mark, path)
            for index, what, at in error.items:
                report.add(what, at, (*path, index))
            return value
    _walk(value, path, under, report)
    return value


def _build(value: Any, mark: Mark | None) -> Any:
    return make(mark, context=value) if isinstance(value, str) else value


def _list(value: Any, mark: Mark | None) -> Any:
    if not isinstance(value, str):
        return value
    listed = Seq(mark)
    listed.add(value, mark)
    return listed


def _dns(value: Any, mark: Mark | None) -> Any:
    listed = _list(value, mark)
    if not isinstance(listed, Seq):
        return listed
    kept = Seq(listed.mark)
    for item, at in listed.pairs():
        if item not in (None, ""):
            kept.add(item, at)
    return kept


def _text(value: Any, _mark: Mark | None) -> Any:
    return value if isinstance(value, str) else go_text(value)


def _pairs(value: Any, mark: Mark | None) -> Any:
    if not isinstance(value, Seq):
        return value
    made = Map(mark)
    for item, at in value.pairs():
        name, equals, rest = str(item).partition("=")
        if not equals:
            raise ParseError(f"invalid value {item!r}: expected NAME=VALUE")
        made.put(name, rest, at)
    return made


def _depends_on(value: Any, mark: Mark | None) -> Any:
    if isinstance(value, Seq):
        made = Map(mark)
        for name, at in value.pairs():
            made.put(str(name), make(at, condition="service_started", required=True), at)
        return made
    if isinstance(value, Map):
        for name, condition in value.items():
            if isinstance(condition, Map):
                condition.setdefault("condition", "service_started")
                condition.setdefault("required", True)
            elif condition is None:
                raise ParseError(f"{name} says nothing: give it a condition, or write depends_on as a list")
    return value


def _env_files(value: Any, mark: Mark | None) -> Any:
    listed = _list(value, mark)
    if not isinstance(listed, Seq):
        return listed
    for index, (item, at) in enumerate(list(listed.pairs())):
        if isinstance(item, str):
            listed[index] = make(at, path=item, required=True)
        elif isinstance(item, Map):
            item.setdefault("required", True)
    return listed


def _extends(value: Any, mark: Mark | None) -> Any:
    return make(mark, service=value) if isinstance(value, str) else value


def _gpus(value: Any, mark: Mark | None) -> Any:
    if not isinstance(value, str):
        return value
    listed = Seq(mark)
    listed.add(make(mark, count="all"), mark)
    return listed


def _names(value: Any, mark: Mark | None) -> Any:
    if not isinstance(value, Seq):
        return value
    made = Map(mark)
    for name, at in value.pairs():
        made.put(str(name), None, at)
    return made


def _file_mount(value: Any, mark: Mark | None) -> Any:
    return make(mark, source=value) if isinstance(value, str) else value


def _device(value: Any, mark: Mark | None) -> Any:
    if not isinstance(value, str):
        return value
    parts = value.split(":")
    if len(parts) > 3:
        raise ParseError(f"confusing device mapping, please use long syntax: {value}")
    source = parts[0]
    target = parts[1] if len(parts) > 1 and parts[1] else source
    return make(mark, source=source, target=target, permissions=parts[2] if len(parts) == 3 else "rwm")


def _volume(value: Any, mark: Mark | None) -> Any:
    return parse_volume(value, mark) if isinstance(value, str) else value


_PORTS = 70_000
"""In one list: a service can't have more, and a few ranges could stand for millions."""


def _ports(value: Any, mark: Mark | None) -> Any:
    if not isinstance(value, Seq):
        return value
    made, wrong = Seq(mark), list[tuple[int, str, "Mark | None"]]()
    for index, (item, at) in enumerate(value.pairs()):
        try:
            for port in [item] if isinstance(item, Map) else parse_port(go_text(item), at):
                made.add(port, at)
        except ParseError as error:
            wrong.append((index, str(error), at))
        if len(made) > _PORTS:
            raise ParseError(f"more than {_PORTS} ports")
    if wrong:
        raise ParseError(items=wrong)
    return made


def _ssh(value: Any, mark: Mark | None) -> Any:
    if not isinstance(value, Seq):
        return value
    made = Map(mark)
    for item, at in value.pairs():
        name, equals, path = str(item).partition("=")
        if not equals and name != "default":
            raise ParseError(f"invalid ssh key {item!r}: write NAME=PATH, or default for the agent")
        made.put(name, path if equals else None, at)
    return made


def _external(value: Any, _mark: Mark | None) -> Any:
    if isinstance(value, Map) and isinstance(inner := value.get("external"), Map):
        at = value.at.get("external")
        value.put("external", True, at)
        if "name" in inner:
            if "name" in value and value["name"] != inner["name"]:
                raise ParseError("name and external.name conflict; only use name")
            value.put("name", inner["name"], at)
    return value


def _include(value: Any, mark: Mark | None) -> Any:
    return make(mark, path=value) if isinstance(value, str) else value


_LONG = rules(
    {
        f"services.*.{field}": transform
        for field, transform in {
            "build": _build,
            "build.secrets.*": _file_mount,
            "build.provenance": _text,
            "build.sbom": _text,
            "build.additional_contexts": _pairs,
            "build.ssh": _ssh,
            "depends_on": _depends_on,
            "env_file": _env_files,
            "label_file": _list,
            "extends": _extends,
            "gpus": _gpus,
            "networks": _names,
            "models": _names,
            "volumes.*": _volume,
            "dns": _dns,
            "devices.*": _device,
            "secrets.*": _file_mount,
            "configs.*": _file_mount,
            "ports": _ports,
            "develop.watch.*.ignore": _list,
            "develop.watch.*.include": _list,
        }.items()
    }
    | {f"{kind}.*": _external for kind in ("volumes", "networks", "secrets", "configs")}
    | {"include.*": _include}
)


def _default_context(value: Any, mark: Mark | None) -> Any:
    if isinstance(value, Map) and "context" not in value:
        value.put("context", ".", mark)
    return value


def _default_target(value: Any, mark: Mark | None) -> Any:
    if isinstance(value, Map) and "target" not in value:
        value.put("target", f"/run/secrets/{value.get('source')}", mark)
    return value


def _default_port(value: Any, mark: Mark | None) -> Any:
    if isinstance(value, Map):
        for key, default in (("protocol", "tcp"), ("mode", "ingress")):
            if key not in value:
                value.put(key, default, mark)
    return value


def _default_count(value: Any, mark: Mark | None) -> Any:
    if isinstance(value, Map) and "count" not in value and "device_ids" not in value:
        value.put("count", "all", mark)
    return value


_DEFAULTS = rules(
    {
        "services.*.build": _default_context,
        "services.*.secrets.*": _default_target,
        "services.*.ports.*": _default_port,
        "services.*.deploy.resources.reservations.devices.*": _default_count,
        "services.*.gpus.*": _default_count,
    }
)
