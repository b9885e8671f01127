"""An application as `docker compose config` prints it (2.40), as JSON or YAML.

The model's ints become Compose's texts again; what Compose leaves out of JSON (extensions of services) stays out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any, cast

import msgspec

from dockyard.compose import scalars
from dockyard.compose.tree import is_list, is_map
from dockyard.model.application import Application, FileObject, Ipam, Network
from dockyard.model.errors import UserError
from dockyard.model.service import (
    Build,
    Dependency,
    Deploy,
    DeviceRate,
    DeviceWeight,
    EnvFile,
    FileReference,
    GenericResource,
    Hook,
    Placing,
    Resource,
    Service,
    Tmpfs,
    Ulimit,
    Watch,
)

_BYTES: dict[type, tuple[str, ...]] = {
    Service: ("mem_limit", "mem_reservation", "memswap_limit", "mem_swappiness", "shm_size"),
    Build: ("shm_size",),
    Resource: ("memory",),
    Tmpfs: ("size",),
    DeviceRate: ("rate",),
}
_HIDDEN: dict[type, tuple[str, ...]] = {Service: ("env_file", "label_file")}
_KEPT: dict[type, tuple[str, ...]] = {
    Service: ("command", "entrypoint"),
    Hook: ("command",),
    Network: ("ipam",),
    Deploy: ("resources", "placement"),
    Dependency: ("condition", "required"),
    Watch: ("path", "action", "exec"),
    DeviceWeight: ("path", "weight"),
    DeviceRate: ("path", "rate"),
    GenericResource: ("kind", "value"),
}
_QUIET_IN_YAML: dict[type, tuple[str, ...]] = {
    Service: ("command", "entrypoint"),
    Hook: ("command",),
    Network: ("ipam",),
    Deploy: ("resources", "placement"),
    Watch: ("exec",),
}


def tree(app: Application, *, yaml: bool = False) -> dict[str, Any]:
    """The application as plain values in Compose's shape: YAML's (with extensions) or JSON's."""
    shown: dict[str, Any] = {"name": app.name, "services": _mapping(app.services, yaml)}
    for kind in ("networks", "volumes", "secrets", "configs", "models"):
        if items := getattr(app, kind):
            if kind != "models" or yaml:
                shown[kind] = _mapping(items, yaml)
    shown.update(_mapping(app.extensions, yaml))
    return shown


def to_json(app: Application) -> str:
    """Indented JSON, keys in Compose's order, `$` doubled as Compose does (so that it reads back the same)."""
    top = tree(app)
    ordered = {key: top[key] for key in sorted(top)}
    text = msgspec.json.format(msgspec.json.encode(ordered), indent=2).decode()
    return text.replace("$", "$$") + "\n"


def to_yaml(app: Application) -> str:
    """YAML, `$` doubled."""
    return dump_yaml(tree(app, yaml=True)).replace("$", "$$")


def raw(value: Any, form: str) -> str:
    """A tree that was not interpolated, as it is."""
    from dockyard.compose.bind import plain

    values = {key: item for key, item in sorted(plain(value).items()) if not key.startswith("#")}
    return msgspec.json.format(msgspec.json.encode(values), indent=2).decode() + "\n" if form == "json" else dump_yaml(values)


def hashes(app: Application, names: Sequence[str]) -> list[str]:
    """`name sha256` of each service's configuration (none named: all). Equal hashes mean an equal configuration.

    The hash is ours, not Compose's; it leaves out how many there are, what they wait for and where the build is.
    """
    wanted = names or list(app.services)
    if unknown := [name for name in wanted if name not in app.services]:
        raise UserError(*(f"no such service: {name}" for name in unknown))
    lines: list[str] = []
    for name in sorted(wanted):
        shown = tree(app, yaml=True)["services"][name]
        kept = {key: item for key, item in shown.items() if key not in ("build", "scale", "depends_on", "profiles")}
        lines.append(f"{name} {hashlib.sha256(msgspec.json.encode(kept, order='sorted')).hexdigest()}")
    return lines


def dump_yaml(value: Any) -> str:
    """Block style, keys in their order, lists indented; text is quoted where go-yaml would read it as something else."""
    import yaml

    class Dumper(yaml.SafeDumper):
        yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012  # every plain scalar is text to PyYAML: we decide

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
            super().increase_indent(flow, False)

        def ignore_aliases(self, data: Any) -> bool:
            return True

    def scalar(dumper: Any, item: Any) -> Any:
        style = None
        if isinstance(item, str):
            style = "|" if "\n" in item else None if _plain_text(item) else '"'
        shown = item if isinstance(item, str) else "null" if item is None else scalars.go_text(item)
        return dumper.represent_scalar("tag:yaml.org,2002:str", shown, style=style)

    for kind in (str, bool, int, float, type(None)):
        Dumper.add_representer(kind, scalar)
    return yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=10**6)


_OLD_WORDS = frozenset("y Y yes Yes YES on On ON n N no No NO off Off OFF".split())
_SIXTIES = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z")


def _plain_text(text: str) -> bool:
    """Whether it stays text without quotes, here and for readers of YAML 1.1."""
    return scalars.plain(text) == text and text != "<<" and text not in _OLD_WORDS and not _SIXTIES.match(text)


def _mapping(items: dict[str, Any], yaml: bool) -> dict[str, Any]:
    return {key: _value(item, yaml) for key, item in sorted(items.items())}


def _value(value: Any, yaml: bool) -> Any:
    if isinstance(value, msgspec.Struct):
        return _struct(value, yaml)
    if isinstance(value, tuple):
        value = list(cast("tuple[Any, ...]", value))
    if is_list(value):
        return [_value(item, yaml) for item in value]
    if is_map(value):
        return _mapping(value, yaml)
    return value


def _struct(value: msgspec.Struct, yaml: bool) -> Any:
    kind = type(value)
    if isinstance(value, Ulimit) and (value.single or yaml):
        return value.single or {"soft": value.soft, "hard": value.hard}
    if isinstance(value, EnvFile) and value.required:
        return value.path
    shown: dict[str, Any] = {}
    kept = _KEPT.get(kind, ())
    quiet = _QUIET_IN_YAML.get(kind, ()) if yaml else ()
    for field in msgspec.structs.fields(kind):
        name = field.name
        item = getattr(value, name)
        if name == "extensions" or name in _HIDDEN.get(kind, ()):
            continue
        if _empty(item, field) and (name not in kept or name in quiet):
            continue
        shown[name] = _scalar(kind, name, item, yaml)
    if isinstance(value, FileObject) and value.environment:
        shown.pop("content", None)
    if kind in (DeviceWeight, DeviceRate):
        shown = {name.capitalize(): item for name, item in shown.items()} if not yaml else shown
    if isinstance(value, GenericResource):
        return {"discrete_resource_spec": shown}
    if yaml:
        shown.update(_mapping(getattr(value, "extensions", {}), yaml))
    return shown


def _empty(item: Any, field: Any) -> bool:
    """Whether Go would leave it out: nothing, or the zero value where absence isn't told apart."""
    if item is None or item in ((), {}, ""):
        return item is None or not (item == () and field.name in ("command", "entrypoint"))
    if isinstance(item, msgspec.Struct):
        return (item == field.default and isinstance(item, Ipam | Hook)) or _is_default(item)
    if field.default is None:
        return False
    return item in (False, 0, "0s")


def _is_default(item: msgspec.Struct) -> bool:
    return type(item).__name__ in ("Resources", "Placing") and item == type(item)()


def _scalar(kind: type, name: str, item: Any, yaml: bool) -> Any:
    if name in _BYTES.get(kind, ()):
        return str(item)
    if kind is FileReference and name == "mode":
        return f"0{item:o}"
    if kind is Placing and name == "preferences":
        return [{"spread": one} if one else {} for one in item]
    if kind is Build and name == "ssh":
        return [key if path is None else f"{key}={path}" for key, path in item.items()]
    return _value(item, yaml)
