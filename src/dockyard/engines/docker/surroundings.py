"""What of this machine a container is made with: local paths, seccomp profiles, Docker's own proxy settings. Reads files, decides nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from dockyard.model.application import Application
from dockyard.model.errors import Problem, UserError

_PROXIES = ("httpProxy", "httpsProxy", "ftpProxy", "noProxy", "allProxy")


def local_paths(application: Application) -> dict[str, str]:
    """The sources of binds that are here: `dir` or `file`. What isn't here is the engine's own path."""
    found: dict[str, str] = {}
    for service in application.services.values():
        for mount in service.volumes:
            if mount.type == "bind":
                if os.path.isdir(mount.source):
                    found[mount.source] = "dir"
                elif os.path.isfile(mount.source):
                    found[mount.source] = "file"
    return found


def profiles(application: Application) -> dict[str, str]:
    """The text of each seccomp profile that a service names. UserError where it can't be read."""
    found: dict[str, str] = {}
    for name, service in application.services.items():
        for option in service.security_opt:
            kind, _, value = option.replace(":", "=", 1).partition("=")
            if kind != "seccomp" or value in ("unconfined", "builtin") or value.lstrip().startswith("{"):
                continue
            path = f"services.{name}.security_opt"
            try:
                with open(os.path.join(application.project_directory, value)) as file:
                    found[value] = json.dumps(json.load(file))
            except (OSError, ValueError) as error:
                raise UserError(
                    Problem(f"seccomp profile {value!r} can't be read: {error}", application.locate(path), path)
                ) from error
    return found


def proxies(environment: Mapping[str, str], engine: str) -> dict[str, str]:
    """The variables that Docker's configuration gives to every container on this engine (docker/cli, `ParseProxyConfig`)."""
    folder = environment.get("DOCKER_CONFIG") or os.path.join(environment.get("HOME", ""), ".docker")
    try:
        with open(os.path.join(folder, "config.json")) as file:
            settings = (json.load(file) or {}).get("proxies") or {}
    except (OSError, ValueError, AttributeError):
        return {}
    chosen = settings.get(engine) or settings.get("default") or {}
    found: dict[str, str] = {}
    for key in _PROXIES:
        if chosen.get(key):
            name = f"{key[: -len('Proxy')]}_proxy"
            found[name.upper()] = found[name] = str(chosen[key])
    return found
