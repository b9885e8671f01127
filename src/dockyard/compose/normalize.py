"""What Compose adds once all files are one: networks, dependencies that other fields imply, names, variables' values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dockyard.compose.scalars import go_text
from dockyard.compose.tree import Map, Mark, Seq, make
from dockyard.compose.volumes import clean


def resolve_lists(tree: Map, env: Mapping[str, str]) -> None:
    """Variables named without a value take the surrounding one's, and configs and secrets theirs.

    Runs per included file, with that file's variables; `normalize` later resolves the rest with the project's.
    """
    for service in _maps(tree.get("services")):
        if isinstance(listed := service.get("environment"), Seq):
            for index, item in enumerate(listed):
                if isinstance(item, str) and "=" not in item and item in env:
                    listed[index] = f"{item}={env[item]}"
    for kind in ("secrets", "configs"):
        for item in _maps(tree.get(kind)):
            name = item.get("environment")
            if isinstance(name, str) and name in env:
                item.put("#content", env[name], item.at.get("environment"))


def normalize(tree: Map, env: Mapping[str, str] | None) -> None:
    """Changes the merged tree in place. Without `env` variables that are only named stay so."""
    _networks(tree)
    for service in _maps(tree.get("services")):
        if service.get("pull_policy") == "if_not_present":
            service["pull_policy"] = "missing"
        if isinstance(build := service.get("build"), Map):
            _build(build, env)
        if "environment" in service and env is not None:
            service["environment"] = _resolved(service["environment"], env, keep_empty=True)
        for mount in _maps(service.get("volumes")):
            if isinstance(target := mount.get("target"), str):
                mount["target"] = clean(target) or "."
        _implied_dependencies(service)
    _names(tree)


def _maps(value: Any) -> list[Map]:
    children = value.values() if isinstance(value, Map) else value if isinstance(value, Seq) else ()
    return [child for child in children if isinstance(child, Map)]


def _networks(tree: Map) -> None:
    used = False
    for service in _maps(tree.get("services")):
        if "provider" in service or "network_mode" in service:
            continue
        networks = service.get("networks")
        if not networks:
            service.put("networks", make(service.mark, default=None), service.mark)
            used = True
        elif isinstance(networks, Map) and "default" in networks:
            used = True
    if used:
        if not isinstance(tree.get("networks"), Map):
            tree.put("networks", Map(), None)
        if "default" not in tree["networks"]:
            tree["networks"].put("default", None, None)


def _build(build: Map, env: Mapping[str, str] | None) -> None:
    if build.get("context") is None:
        build.put("context", ".", build.mark)
    if build.get("dockerfile") is None and build.get("dockerfile_inline") is None:
        build.put("dockerfile", "Dockerfile", build.mark)
    if "args" in build and env is not None:
        build["args"] = _resolved(build["args"], env, keep_empty=False)


def _resolved(value: Any, env: Mapping[str, str], *, keep_empty: bool) -> Any:
    """A mapping of variables, each with its value; one without any is None, or left out."""
    if isinstance(value, Seq):
        pairs = [
            (str(name), rest if equals else None, mark)
            for item, mark in value.pairs()
            for name, equals, rest in (go_text(item).partition("="),)
        ]
    elif isinstance(value, Map):
        pairs = [(key, child, value.at.get(key)) for key, child in value.items()]
    else:
        return value
    made = Map(value.mark)
    for name, given, mark in pairs:
        found = env.get(name) if given is None else given
        if found is not None or keep_empty:
            made.put(name, found, mark)
    return made


def _implied_dependencies(service: Map) -> None:
    """`links`, `network_mode: service:x` and their kin, and `volumes_from` need the other service."""
    wanted: list[tuple[str, bool, Mark | None]] = []
    links = service.get("links")
    for link in links if isinstance(links, Seq) else ():
        parts = str(link).split(":")
        wanted.append((parts[0] if len(parts) == 2 else str(link), True, service.at.get("links")))
    for field in ("network_mode", "ipc", "pid", "uts", "cgroup"):
        value = service.get(field)
        if isinstance(value, str) and value.startswith("service:"):
            wanted.append((value.removeprefix("service:"), True, service.at.get(field)))
    sources = service.get("volumes_from")
    for source in sources if isinstance(sources, Seq) else ():
        if not str(source).startswith("container:"):
            wanted.append((str(source).split(":")[0], False, service.at.get("volumes_from")))
    for name, restart, mark in wanted:
        depends_on = service.get("depends_on")
        if not isinstance(depends_on, Map):
            depends_on = Map(mark)
            service.put("depends_on", depends_on, mark)
        if name not in depends_on:
            depends_on.put(name, make(mark, condition="service_started", restart=restart, required=True), mark)


def _names(tree: Map) -> None:
    for kind in ("networks", "volumes", "configs", "secrets"):
        items = tree.get(kind)
        if not isinstance(items, Map):
            continue
        for key, item in items.items():
            if item is None:
                items[key] = item = Map(items.at.get(key))
            if isinstance(item, Map) and item.get("name") is None:
                external = go_text(item.get("external")) in ("true", "True", "TRUE", "t", "T", "1")
                item.put("name", key if external else f"{tree['name']}_{key}", items.at.get(key))
