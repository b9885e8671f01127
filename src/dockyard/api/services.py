"""Services described in code: typed objects that render to the same Compose document that a file would hold.

Nothing is decided here: the document goes the way of every other one (`compose.load`), so what a key means, what is refused and how that
is said are the same. A `$` is a `$`: values from code are taken as they are, nothing in them is a variable.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, fields
from typing import Any, Literal

import msgspec

from dockyard.model.extension import Ready

Scalar = str | int | float | bool | None
Condition = Literal["started", "healthy", "completed_successfully"]
"""As in Compose, without `service_`."""


@dataclass(frozen=True)
class Healthcheck:
    """As in Compose. Times in seconds. `test`: a list is a program and its arguments, a text is for the image's shell."""

    test: str | Sequence[str]
    _: KW_ONLY
    interval: float | None = None
    timeout: float | None = None
    start_period: float | None = None
    retries: int | None = None


@dataclass(frozen=True)
class Service:
    """One service. Keys are those of the Compose Specification; `extra` takes any that has no field here, as it is written there.

    `image` or `build` (a folder, or Compose's `build` as a mapping); `ports` for the tests' side need not be given: every TCP port that
    image or `expose` declare is reached by `address`. `files`: text by path in the container. `ready`: all of it must hold.
    """

    image: str = ""
    _: KW_ONLY
    build: str | Mapping[str, Any] | None = None
    command: str | Sequence[str] | None = None
    entrypoint: str | Sequence[str] | None = None
    environment: Mapping[str, Scalar] = field(default_factory=dict[str, Scalar])
    env_file: Sequence[str] = ()
    ports: Sequence[int | str] = ()
    expose: Sequence[int | str] = ()
    volumes: Sequence[str] = ()
    tmpfs: Sequence[str] = ()
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    depends_on: Sequence[str] | Mapping[str, Condition] = ()
    healthcheck: Healthcheck | None = None
    ready: Ready | Sequence[Ready] = ()
    networks: Sequence[str] = ()
    restart: str = ""
    user: str = ""
    working_dir: str = ""
    hostname: str = ""
    init: bool | None = None
    mem_limit: int | str = ""
    cpus: float = 0
    shm_size: int | str = ""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])


def document(services: Mapping[str, Service]) -> bytes:
    """The Compose document of these services, as JSON (which is YAML)."""
    found: dict[str, Any] = {"services": {}}
    for name, service in services.items():
        written = _written(service)
        if service.files:
            written["configs"] = [*written.get("configs", ()), *_configs(name, service.files, found)]
        found["services"][name] = written
    for top, names in ("networks", _networks(services)), ("volumes", _volumes(services)):
        if names:
            found[top] = {name: {} for name in names}
    return json.dumps(_literal(found), ensure_ascii=False).encode()


_OTHERWISE = frozenset({"files", "depends_on", "healthcheck", "ready", "extra"})


def _written(service: Service) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in fields(service):
        value = getattr(service, one.name)
        if one.name not in _OTHERWISE and value not in (None, "", 0, (), [], {}):
            found[one.name] = _plain(value)
    if service.init is False:
        found["init"] = False
    if service.depends_on:
        found["depends_on"] = _depends_on(service.depends_on)
    if service.healthcheck is not None:
        found["healthcheck"] = _healthcheck(service.healthcheck)
    ready = (service.ready,) if isinstance(service.ready, Ready) else tuple(service.ready)
    if ready:
        found["x-dockyard"] = {"ready": [_given(one) for one in ready]}
    for key, value in service.extra.items():
        both = isinstance(value, Mapping) and isinstance(found.get(key), dict)
        found[key] = {**found[key], **_plain(value)} if both else _plain(value)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value


def _depends_on(said: Sequence[str] | Mapping[str, Condition]) -> Any:
    if isinstance(said, Mapping):
        return {name: {"condition": f"service_{condition}"} for name, condition in said.items()}
    return list(said)


def _healthcheck(check: Healthcheck) -> dict[str, Any]:
    test = check.test if isinstance(check.test, str) else ["CMD", *check.test]
    times = {name: getattr(check, name) for name in ("interval", "timeout", "start_period")}
    found = {"test": test, **{name: f"{seconds:g}s" for name, seconds in times.items() if seconds is not None}}
    return found if check.retries is None else {**found, "retries": check.retries}


def _given(ready: Ready) -> dict[str, Any]:
    """A condition with what is said of it, and no more."""
    told = msgspec.to_builtins(ready)[ready.kind]
    return {ready.kind: {k: v for k, v in told.items() if v not in (None, "")} if isinstance(told, dict) else told}


def _configs(service: str, files: Mapping[str, str], found: dict[str, Any]) -> list[dict[str, str]]:
    made: list[dict[str, str]] = []
    for number, (path, text) in enumerate(files.items()):
        name = f"{service}-file-{number}"
        found.setdefault("configs", {})[name] = {"content": text}
        made.append({"source": name, "target": path})
    return made


def _networks(services: Mapping[str, Service]) -> list[str]:
    return sorted({name for service in services.values() for name in service.networks} - {"default"})


def _volumes(services: Mapping[str, Service]) -> list[str]:
    """Named volumes: what stands before the first `:` and is no path."""
    named = {entry.split(":", 1)[0] for service in services.values() for entry in service.volumes if ":" in entry}
    return sorted(name for name in named if name and name[0] not in "./~")


def _literal(value: Any) -> Any:
    """Nothing in it is a variable."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, dict):
        return {name: _literal(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_literal(one) for one in value]
    return value
