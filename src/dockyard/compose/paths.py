"""Relative paths made absolute, where Compose makes them so."""

from __future__ import annotations

import os.path
import posixpath
import re
from typing import Any

from dockyard.compose.tree import RULE, Map, Report, Rules, Seq, rules, step, step_item

_REMOTE = ("https://", "http://", "git://", "ssh://", "github.com/", "git@")
_WINDOWS = re.compile(r"[a-zA-Z]:[\\/]|\\\\")


class Base:
    """The folder that relative paths start from, and the home that `~` stands for (None: `~` stays)."""

    def __init__(self, directory: str, home: str | None) -> None:
        self.directory = directory
        self.home = home

    def absolute(self, path: str) -> str:
        """A path of the file system; empty stays empty."""
        path = self.expand(path)
        if not path or path.startswith("/"):
            return path
        return join(self.directory, path)

    def mount(self, path: str) -> str:
        """A path that may be Windows's (a Windows client of a Unix engine, or the reverse)."""
        path = self.expand(path)
        if path.startswith("/") or _WINDOWS.match(path):
            return path
        return join(self.directory, path)

    def expand(self, path: str) -> str:
        if path.startswith("~") and self.home is not None:
            return join(self.home, path[1:])
        return path


def join(directory: str, path: str) -> str:
    """Both as one clean path."""
    joined = posixpath.normpath(f"{directory}/{path}")
    return joined[1:] if joined.startswith("//") else joined


def is_remote(context: str) -> bool:
    """Whether a build context is a URL, a Git reference or another service's image."""
    return "://" in context or context.startswith(("service:", *_REMOTE))


def resolve(tree: Map, base: Base, report: Report) -> None:
    """Changes the tree in place."""
    del report
    _walk(tree, _RULES, base)


def _walk(node: Any, below: Rules | None, base: Base) -> None:
    if below is None:
        return
    if isinstance(node, Map):
        for key, value in node.items():
            if (under := step(below, key)) is not None:
                node[key] = _apply(value, under, base)
    elif isinstance(node, Seq):
        if (under := step_item(below)) is not None:
            for index, value in enumerate(node):
                node[index] = _apply(value, under, base)


def _apply(value: Any, under: Rules, base: Base) -> Any:
    if (resolver := under.get(RULE)) is not None:
        return resolver(value, base)
    _walk(value, under, base)
    return value


def _absolute(value: Any, base: Base) -> Any:
    if isinstance(value, Seq):
        for index, item in enumerate(value):
            value[index] = _absolute(item, base)
        return value
    return base.absolute(value) if isinstance(value, str) else value


def _context(value: Any, base: Base) -> Any:
    return base.absolute(value) if isinstance(value, str) and not is_remote(value) else value


def _mount_path(value: Any, base: Base) -> Any:
    return base.mount(value) if isinstance(value, str) else value


def _watched(value: Any, base: Base) -> Any:
    return os.path.realpath(base.absolute(value)) if isinstance(value, str) and value else value


def _volume(value: Any, base: Base) -> Any:
    if isinstance(value, Map) and value.get("type") == "bind" and isinstance(value.get("source"), str):
        value["source"] = base.mount(value["source"])
    return value


def _driver_options(value: Any, base: Base) -> Any:
    """A local volume with `o: bind` is a bind mount under another name."""
    if isinstance(value, Map) and value.get("driver") == "local" and isinstance(opts := value.get("driver_opts"), Map):
        if opts.get("o") == "bind" and isinstance(opts.get("device"), str):
            opts["device"] = base.mount(opts["device"])
    return value


_RULES = rules(
    {
        "services.*.build.context": _context,
        "services.*.build.additional_contexts.*": _context,
        "services.*.build.ssh.*": _mount_path,
        "services.*.env_file.*.path": _absolute,
        "services.*.label_file.*": _absolute,
        "services.*.extends.file": _absolute,
        "services.*.develop.watch.*.path": _watched,
        "services.*.volumes.*": _volume,
        "configs.*.file": _mount_path,
        "secrets.*.file": _mount_path,
        "volumes.*": _driver_options,
    }
)
