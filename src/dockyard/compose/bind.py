"""The normalised tree as the model's structs.

A table per struct says how each field's value becomes what the model holds; a field without a row is text. What can't
become it is reported with its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from dockyard.compose import shell
from dockyard.compose.interpolate import to_bool, to_float, to_int
from dockyard.compose.scalars import float32, go_text
from dockyard.compose.sizes import parse_bytes
from dockyard.compose.tree import Path, Report, child_mark, is_list, is_map, path_text
from dockyard.model import application, duration, service

T = TypeVar("T", bound=msgspec.Struct)
Convert = Callable[[Any], Any]


class Binder:
    """Makes structs out of trees; keeps going after a problem (the field then has its default)."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def struct(self, kind: type[T], value: Any, path: Path) -> T:
        rows = _TABLES.get(kind, {})
        fields: dict[str, Any] = {}
        extensions: dict[str, Any] = {}
        for key, child in value.items() if is_map(value) else ():
            if key not in kind.__struct_fields__ and key[:2] != "x-" and key not in _ELSEWHERE:
                self.report.warn(f"{path_text((*path, key))} is ignored, as Compose ignores it")
                continue
            if key.startswith("x-"):
                extensions[key] = plain(child)
                continue
            if key in _ELSEWHERE or (child is None and key not in _NONE_COUNTS):
                continue
            convert = rows.get(key, text)
            try:
                fields[key] = self.convert(convert, child, (*path, key))
            except ValueError as error:
                if not self.report.touches(path_text((*path, key))):
                    self.report.add(str(error), child_mark(value, key), (*path, key))
            except (TypeError, AttributeError):
                # Only what is reported already has a shape that no converter knows.
                if not self.report.touches(path_text(path)):
                    self.report.add("cannot be read", child_mark(value, key), (*path, key))
        if extensions and "extensions" in kind.__struct_fields__:
            fields["extensions"] = extensions
        return kind(**fields)

    def convert(self, convert: Any, value: Any, path: Path) -> Any:
        if isinstance(convert, _Many):
            items = value if is_list(value) else [value]
            return tuple(self.convert(convert.item, item, (*path, index)) for index, item in enumerate(items))
        if isinstance(convert, _Named):
            pairs = value.items() if is_map(value) else ()
            return {
                key: None if item is None and convert.optional else self.convert(convert.item, item, (*path, key))
                for key, item in pairs
            }
        if isinstance(convert, type) and issubclass(convert, msgspec.Struct):
            return self.struct(convert, value, path)
        return convert(value)


class _Many:
    def __init__(self, item: Any) -> None:
        self.item = item


class _Named:
    def __init__(self, item: Any, *, optional: bool = False) -> None:
        self.item = item
        self.optional = optional


def plain(value: Any) -> Any:
    """An extension's value without marks."""
    if is_map(value):
        return {key: plain(child) for key, child in value.items()}
    if is_list(value):
        return [plain(child) for child in value]
    return value if isinstance(value, str | int | float | None) else go_text(value)


def text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ValueError(f"must be text, not {go_text(value)}")


def _bool(value: Any) -> bool:
    return to_bool(value) if isinstance(value, str) else bool(value)


def _int(value: Any) -> int:
    number = to_int(value) if isinstance(value, str) else int(value)
    if not -(2**63) <= number < 2**64:
        raise ValueError(f"{go_text(value)} is too big")
    return number


def _unsigned(value: Any) -> int:
    """What Compose holds as an unsigned number (its types' uint32 and uint64)."""
    if (number := _int(value)) < 0:
        raise ValueError(f"must be 0 or more, not {go_text(value)}")
    return number


def _float(value: Any) -> float:
    number = to_float(value) if isinstance(value, str) else float(value)
    return int(number) if number.is_integer() else number


def _float32(value: Any) -> float:
    number = float32(_float(value))
    return int(number) if float(number).is_integer() else number


def _bytes(value: Any) -> int:
    if isinstance(value, float):
        raise ValueError(f"{go_text(value)} is no whole number of bytes")  # Compose would take it for none at all
    return parse_bytes(value) if isinstance(value, str) else int(value)


def _duration(value: Any) -> str:
    try:
        return duration.text(duration.parse(go_text(value)))
    except ValueError:
        raise ValueError(f"{go_text(value)!r} is no duration (as 10s, 1m30s, 500ms)") from None


def _mode(value: Any) -> int:
    if isinstance(value, str):
        try:
            return int(value, 8)
        except ValueError:
            raise ValueError(f"{value!r} is no file mode (octal digits)") from None
    return int(value)


def _command(value: Any) -> tuple[str, ...] | None:
    if isinstance(value, str):
        return tuple(shell.split(value))
    return None if value is None else tuple(text(item) for item in value)


def _test(value: Any) -> tuple[str, ...]:
    return ("CMD-SHELL", value) if isinstance(value, str) else tuple(text(item) for item in value)


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(go_text(item) for item in value)


def _words(value: Any) -> dict[str, str]:
    """A mapping, or a list of NAME=VALUE; a missing value is empty."""
    if is_map(value):
        return {key: go_text(item) for key, item in sorted(value.items())}
    pairs = (go_text(item).partition("=") for item in value)
    return dict(sorted({name: rest for name, _, rest in pairs}.items()))


def _variables(value: Any) -> dict[str, str | None]:
    """A mapping, or a list of NAME[=VALUE]; a missing value is None."""
    if is_map(value):
        return {key: None if item is None else go_text(item) for key, item in sorted(value.items())}
    found: dict[str, str | None] = {}
    for item in value:
        name, equals, rest = go_text(item).partition("=")
        found[name] = rest if equals else None
    return dict(sorted(found.items()))


def check_variables(names: Any) -> None:
    """ValueError for a name that ends in a space (`A = b` in a list)."""
    for name in names:
        if name and name[-1].isspace():
            raise ValueError(f"environment variable {name} is declared with a trailing space")


def _environment(value: Any) -> dict[str, str | None]:
    found = _variables(value)
    check_variables(found)
    return found


def _options(value: Any) -> dict[str, tuple[str, ...]]:
    return {
        key: tuple(go_text(one) for one in item) if is_list(item) else (go_text(item),) for key, item in sorted(value.items())
    }


def _hosts(value: Any) -> tuple[str, ...]:
    """`host=address`, sorted; brackets around an IPv6 address go."""
    found: list[tuple[str, str]] = []
    if is_map(value):
        for host, given in value.items():
            found.extend((host, go_text(item)) for item in (given if is_list(given) else [given]))
    else:
        for item in map(go_text, value):
            host, separator, rest = item.partition("=")
            if not separator:
                host, separator, rest = item.partition(":")
            if not separator:
                raise ValueError(f"invalid additional host, missing IP: {item}")
            found.extend((host, address) for address in rest.split(","))
    for host, _ in found:
        if not host or any(char in host for char in ":="):
            raise ValueError(f"bad host name {host!r}")
    return tuple(sorted(f"{host}={_unbracketed(address)}" for host, address in found))


def _unbracketed(address: str) -> str:
    return address[1:-1] if len(address) > 2 and address[0] == "[" and address[-1] == "]" else address


def _count(value: Any) -> int:
    if isinstance(value, str) and value.lower() == "all":
        return -1
    try:
        return _int(value)
    except ValueError:
        raise ValueError(f"{value!r} is no device count: 'all' or a number") from None


def _ulimit(value: Any) -> service.Ulimit:
    if is_map(value):
        extensions = {key: plain(item) for key, item in value.items() if key.startswith("x-")}
        return service.Ulimit(soft=_int(value.get("soft", 0)), hard=_int(value.get("hard", 0)), extensions=extensions)
    return service.Ulimit(single=_int(value))


def _preferences(value: Any) -> tuple[str, ...]:
    return tuple(text(item.get("spread", "")) for item in value)


def _generic(value: Any) -> service.GenericResource:
    spec: dict[str, Any] = value.get("discrete_resource_spec") or {}
    return service.GenericResource(kind=text(spec.get("kind", "")), value=_int(spec.get("value", 0)))


def _optional_words(value: Any) -> dict[str, str | None]:
    return {key: None if item is None else go_text(item) for key, item in sorted(value.items())}


_NONE_COUNTS = frozenset(("command", "entrypoint"))
_ELSEWHERE = frozenset(("#content", "extends"))


def _rows(**kinds: tuple[Any, str]) -> dict[str, Any]:
    """`_rows(a=(convert, "field field"))`: one converter for several fields."""
    return {field: convert for convert, fields in kinds.values() for field in fields.split()}


_TABLES: dict[type, dict[str, Any]] = {
    application.IpamPool: {"aux_addresses": _words},
    application.Ipam: {"config": _Many(application.IpamPool)},
    application.Network: _rows(
        words=(_words, "driver_opts labels"),
        flag=(_bool, "external internal attachable enable_ipv4 enable_ipv6"),
        ipam=(application.Ipam, "ipam"),
    ),
    application.Volume: _rows(words=(_words, "driver_opts labels"), flag=(_bool, "external")),
    application.FileObject: _rows(words=(_words, "driver_opts labels"), flag=(_bool, "external")),
    application.Model: _rows(number=(_int, "context_size"), texts=(_texts, "runtime_flags")),
    service.Build: _rows(
        variables=(_variables, "args"),
        words=(_words, "labels additional_contexts"),
        optional=(_optional_words, "ssh"),
        texts=(_texts, "entitlements cache_from cache_to tags platforms"),
        flag=(_bool, "no_cache pull privileged"),
        hosts=(_hosts, "extra_hosts"),
        secrets=(_Many(service.FileReference), "secrets"),
        size=(_bytes, "shm_size"),
        ulimits=(_Named(_ulimit), "ulimits"),
    ),
    service.FileReference: {"mode": _mode},
    service.Dependency: {"restart": _bool, "required": _bool},
    service.Healthcheck: _rows(
        test=(_test, "test"),
        duration=(_duration, "timeout interval start_period start_interval"),
        number=(_unsigned, "retries"),
        flag=(_bool, "disable"),
    ),
    service.EnvFile: {"required": _bool},
    service.Hook: {"command": _command, "privileged": _bool, "environment": _environment},
    service.Watch: {"exec": service.Hook, "include": _texts, "ignore": _texts, "initial_sync": _bool},
    service.Develop: {"watch": _Many(service.Watch)},
    service.DeviceWeight: {"weight": _int},
    service.DeviceRate: {"rate": _bytes},
    service.Blkio: _rows(
        number=(_int, "weight"),
        weights=(_Many(service.DeviceWeight), "weight_device"),
        rates=(_Many(service.DeviceRate), "device_read_bps device_read_iops device_write_bps device_write_iops"),
    ),
    service.DeviceRequest: {"capabilities": _texts, "count": _count, "device_ids": _texts, "options": _words},
    service.Resource: {
        "cpus": _float32,
        "memory": _bytes,
        "pids": _int,
        "devices": _Many(service.DeviceRequest),
        "generic_resources": _Many(_generic),
    },
    service.Resources: {"limits": service.Resource, "reservations": service.Resource},
    service.UpdateConfig: _rows(
        number=(_unsigned, "parallelism"), duration=(_duration, "delay monitor"), ratio=(_float32, "max_failure_ratio")
    ),
    service.RestartPolicy: _rows(duration=(_duration, "delay window"), number=(_unsigned, "max_attempts")),
    service.Placing: {"constraints": _texts, "preferences": _preferences, "max_replicas_per_node": _unsigned},
    service.Deploy: {
        "replicas": _int,
        "labels": _words,
        "update_config": service.UpdateConfig,
        "rollback_config": service.UpdateConfig,
        "resources": service.Resources,
        "restart_policy": service.RestartPolicy,
        "placement": service.Placing,
    },
    service.Logging: {"options": _words},
    service.ServiceNetwork: _rows(
        texts=(_texts, "aliases link_local_ips"), words=(_words, "driver_opts"), number=(_int, "gw_priority priority")
    ),
    service.Port: {"target": _unsigned},
    service.Provider: {"options": _options},
    service.Bind: {"create_host_path": _bool},
    service.VolumeOptions: {"labels": _words, "nocopy": _bool},
    service.Tmpfs: {"size": _bytes, "mode": _mode},
    service.Mount: {
        "read_only": _bool,
        "bind": service.Bind,
        "volume": service.VolumeOptions,
        "tmpfs": service.Tmpfs,
        "image": service.ImageOptions,
    },
    service.Service: _rows(
        texts=(
            _texts,
            "profiles cap_add cap_drop device_cgroup_rules dns dns_opt dns_search expose external_links group_add "
            "label_file links security_opt tmpfs volumes_from",
        ),
        words=(_words, "annotations labels storage_opt sysctls"),
        flag=(
            _bool,
            "attach init oom_kill_disable privileged read_only stdin_open tty use_api_socket",
        ),
        number=(
            _int,
            "cpu_count cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares oom_score_adj pids_limit scale",
        ),
        fraction=(_float32, "cpu_percent cpus"),
        size=(_bytes, "mem_limit mem_reservation memswap_limit mem_swappiness shm_size"),
        duration=(_duration, "stop_grace_period"),
        command=(_command, "command entrypoint"),
        environment=(_environment, "environment"),
        hosts=(_hosts, "extra_hosts"),
    )
    | {
        "build": service.Build,
        "develop": service.Develop,
        "blkio_config": service.Blkio,
        "configs": _Many(service.FileReference),
        "credential_spec": service.CredentialSpec,
        "depends_on": _Named(service.Dependency),
        "deploy": service.Deploy,
        "devices": _Many(service.Device),
        "provider": service.Provider,
        "env_file": _Many(service.EnvFile),
        "gpus": _Many(service.DeviceRequest),
        "healthcheck": service.Healthcheck,
        "logging": service.Logging,
        "models": _Named(service.ServiceModel, optional=True),
        "networks": _Named(service.ServiceNetwork, optional=True),
        "ports": _Many(service.Port),
        "secrets": _Many(service.FileReference),
        "ulimits": _Named(_ulimit),
        "volumes": _Many(service.Mount),
        "post_start": _Many(service.Hook),
        "pre_stop": _Many(service.Hook),
    },
}
