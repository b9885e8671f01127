"""How a later file changes an earlier one: Compose's merge rules, field by field.

Mappings merge, scalars are replaced, lists are appended; the tables below are the exceptions. After a merge, lists
whose items have an identity (a mount's target, a variable's name) keep the last one of each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dockyard.compose.ports import ParseError
from dockyard.compose.scalars import go_text
from dockyard.compose.tree import RULE, Map, Mark, Path, Report, Rules, Seq, child_mark, is_list, path_text, rules, step
from dockyard.compose.volumes import parse_volume


class _Clash(Exception):
    """A mapping meets a list, or either meets a scalar."""


def merge(base: Map, other: Map, report: Report) -> Map:
    """The base, changed in place by the other."""
    return _mapping(base, other, (), _SPECIAL, report)


def extend(base: Map, other: Map, name: str, report: Report) -> Map:
    """A service that `extends` another: the base, changed in place by what the service itself says."""
    merged = _value(base, other, other.mark, ("services", name), _SERVICE, report)
    return merged if isinstance(merged, Map) else base


def _value(e: Any, o: Any, mark: Mark | None, path: Path, below: Rules | None, report: Report) -> Any:
    special = below.get(RULE) if below else None
    try:
        if special is not None:
            return special(e, o, path, below, report)
        if o is None:
            return e
        if isinstance(e, Map):
            if not isinstance(o, Map):
                raise _Clash
            return _mapping(e, o, path, below, report)
        if isinstance(e, Seq):
            if not isinstance(o, Seq):
                raise _Clash
            return _appended(e, o)
        return o
    except _Clash:
        kinds: dict[Any, str] = {Map: "a mapping", Seq: "a list"}
        report.add(
            f"cannot override {path_text(path)}: {kinds.get(type(e), 'a value')} in one file, "
            f"{kinds.get(type(o), 'a value')} in this one",
            mark,
            path,
        )
        return e


def _mapping(e: Map, o: Map, path: Path, below: Rules | None, report: Report) -> Map:
    for key, value in o.items():
        mark = o.at.get(key)
        if key not in e:
            e.put(key, value, mark)
        else:
            merged = _value(e[key], value, mark, (*path, key), step(below, key), report)
            e.put(key, merged, mark if merged is value or not isinstance(merged, dict | list) else e.at.get(key))
    return e


def _appended(e: Seq, o: Seq) -> Seq:
    for value, mark in o.pairs():
        e.add(value, mark)
    return e


def _replace(_e: Any, o: Any, *_: Any) -> Any:
    return o


def as_sequence(value: Any) -> Seq:
    """`{A: 1, B: null}` as `[A=1, B]`, sorted; a text as a list of one."""
    if isinstance(value, Seq):
        return value
    listed = Seq(getattr(value, "mark", None))
    if isinstance(value, Map):
        texts: list[tuple[str, Mark | None]] = []
        for key, child in value.items():
            mark = value.at.get(key)
            if child is None:
                texts.append((key, mark))
            elif is_list(child):
                texts.extend((f"{key}={go_text(one)}", mark) for one in child)
            else:
                texts.append((f"{key}={go_text(child)}", mark))
        for text, mark in sorted(texts, key=lambda pair: pair[0]):
            listed.add(text, mark)
    elif isinstance(value, str):
        listed.add(value, None)
    return listed


def _sequences(e: Any, o: Any, path: Path, below: Any, report: Report) -> Seq:
    return _appended(as_sequence(e), as_sequence(o))


def _extra_hosts(e: Any, o: Any, *_: Any) -> Seq:
    first, second = as_sequence(e), as_sequence(o)
    known = set(first)
    for value, mark in second.pairs():
        if value not in known:
            first.add(value, mark)
    return first


def as_mapping(value: Any, default: Rules | None) -> Map:
    """`[a, b]` as `{a: default, b: default}`."""
    if isinstance(value, Map):
        return value
    made = Map(getattr(value, "mark", None))
    if isinstance(value, Seq):
        for name, mark in value.pairs():
            if not isinstance(name, str):
                raise _Clash
            child = None
            if default is not None:
                child = Map(mark)
                for key, given in default.items():
                    child.put(key, given, mark)
            made.put(name, child, mark)
    return made


def _build(e: Any, o: Any, path: Path, below: Any, report: Report) -> Any:
    return _mapping(_context(e), _context(o), path, below, report)


def _context(value: Any) -> Map:
    if isinstance(value, str):
        made = Map()
        made.put("context", value, None)
        return made
    return value if isinstance(value, Map) else Map()


def _names(default: Rules | None) -> Callable[..., Any]:
    def merged(e: Any, o: Any, path: Path, below: Any, report: Report) -> Any:
        return _mapping(as_mapping(e, default), as_mapping(o, default), path, below, report)

    return merged


def _logging(e: Any, o: Any, path: Path, below: Any, report: Report) -> Any:
    if not isinstance(e, Map) or not isinstance(o, Map):
        return e if o is None else o
    if "driver" in e and "driver" in o and e["driver"] != o["driver"]:
        return o
    return _mapping(e, o, path, below, report)


def _ipam(e: Any, o: Any, path: Path, below: Any, report: Report) -> Any:
    """Pools are one by their subnet: written again, they merge; else they are added."""
    if not isinstance(e, Seq) or not isinstance(o, Seq):
        raise _Clash
    if len(e) * len(o) > 10_000:
        report.add("too many address pools to merge", o.mark, path)
        return e
    pools = Seq(e.mark)

    def index(pool: Map) -> int:
        return next((i for i, known in enumerate(pools) if known.get("subnet") == pool.get("subnet")), -1)

    for original, mark in e.pairs():
        first = as_mapping(original, None)
        for change, change_mark in o.pairs():
            second = as_mapping(change, None)
            if second.get("subnet") != first.get("subnet") and index(second) < 0:
                pools.add(second, change_mark)
                continue
            merged = _mapping(first, second, path, None, report)
            if (found := index(merged)) >= 0:
                pools[found] = merged
            else:
                pools.add(merged, mark)
    return pools


_STARTED = {"condition": "service_started", "required": True}
_SPECIAL = rules(
    {
        "networks.*.ipam.config": _ipam,
        "networks.*.labels": _sequences,
        "volumes.*.labels": _sequences,
        "services.*.build": _build,
        "services.*.build.extra_hosts": _extra_hosts,
        "services.*.depends_on": _names(_STARTED),
        "services.*.extra_hosts": _extra_hosts,
        "services.*.logging": _logging,
        "services.*.models": _names(None),
        "services.*.networks": _names(None),
        "services.*.ulimits.*": _replace,
        "services.*.volumes.*.volume.labels": _sequences,
    }
    | {f"services.*.{field}": _replace for field in ("command", "entrypoint", "healthcheck.test")}
    | {
        f"services.*.{field}": _sequences
        for field in (
            "annotations build.args build.additional_contexts build.labels deploy.labels dns dns_opt dns_search "
            "env_file label_file environment labels sysctls tmpfs"
        ).split()
    }
)
_SERVICE = _SPECIAL["services"]["*"]


def enforce_unicity(tree: Map, report: Report | None = None) -> None:
    """Keeps the last of each item with the same identity, in the first one's place.

    One without an identity is reported and falls away, unless something about it is reported already. Without a `report` it stays: the
    tree's shape is still to be checked, which can say what was meant.
    """
    _unique(tree, (), _UNIQUE, report)


def _unique(node: Any, path: Path, below: Rules | None, report: Report | None) -> None:
    if below is None or not isinstance(node, Map):
        return
    for key, value in node.items():
        under = step(below, key)
        if under is None:
            continue
        if isinstance(value, Seq):
            if identity := under.get(RULE):
                node[key] = _deduplicated(value, identity, (*path, key), report)
        else:
            _unique(value, (*path, key), under, report)


def _deduplicated(items: Seq, identity: Callable[[Any], Any], path: Path, report: Report | None) -> Seq:
    kept, known = Seq(items.mark), dict[Any, int]()
    for index, (item, mark) in enumerate(items.pairs()):
        try:
            key = identity(item)
        except ParseError as error:
            if report is None:
                kept.add(item, mark)
            elif not report.touches(path_text((*path, index))):
                report.add(str(error), child_mark(items, index), (*path, index))
            continue
        if isinstance(key, dict | list):
            key = None  # a wrong shape, which the schema will name
        if key is not None and key in known:
            kept[known[key]], kept.at[known[key]] = item, mark
        else:
            kept.add(item, mark)
            if key is not None:
                known[key] = len(kept) - 1
    return kept


def _by_name(item: Any) -> Any:
    return item.partition("=")[0] if isinstance(item, str) else None


def _by_target(item: Any) -> Any:
    if isinstance(item, str):
        return parse_volume(item, None).get("target", "")
    return _target(item, "service volume is missing a mount target")


def _by_device(item: Any) -> Any:
    if isinstance(item, str):
        parts = item.split(":")
        return parts[0] if len(parts) == 1 else parts[1]
    return _target(item, "service device is missing a mount target")


def _target(item: Any, missing: str) -> Any:
    if not isinstance(item, Map):
        return None
    if not isinstance(item.get("target"), str):
        raise ParseError(missing)
    return item["target"]


def _by_text(item: Any) -> Any:
    return go_text(item) if isinstance(item, str | int) and not isinstance(item, bool) else None


def _by_mount(default: str) -> Callable[[Any], Any]:
    def identity(item: Any) -> Any:
        if isinstance(item, str):
            return f"{default}/{item}"
        if isinstance(item, Map):
            return item["target"] if "target" in item else f"{default}/{item.get('source')}"
        return None

    return identity


def _by_port(item: Any) -> Any:
    if not isinstance(item, Map):
        return _by_text(item)
    if "target" not in item:
        raise ParseError("a port is missing its target")
    parts = (item.get("host_ip", "0.0.0.0"), item.get("published"), item["target"], item.get("protocol", "tcp"))
    return None if any(isinstance(part, dict | list) for part in parts) else parts


def _by_path(item: Any) -> Any:
    return item.get("path") if isinstance(item, Map) else _by_text(item)


_UNIQUE = rules(
    {"networks.*.labels": _by_name, "networks.*.ipam.options": _by_name}
    | {
        f"services.*.{field}": _by_name
        for field in (
            "annotations build.args build.additional_contexts build.platform build.tags build.labels cap_add cap_drop "
            "deploy.labels dns dns_opt dns_search environment labels links networks.*.aliases "
            "networks.*.link_local_ips profiles sysctls tmpfs"
        ).split()
    }
    | {
        "services.*.devices": _by_device,
        "services.*.configs": _by_mount(""),
        "services.*.env_file": _by_path,
        "services.*.expose": _by_text,
        "services.*.ports": _by_port,
        "services.*.secrets": _by_mount("/run/secrets"),
        "services.*.volumes": _by_target,
    }
)
