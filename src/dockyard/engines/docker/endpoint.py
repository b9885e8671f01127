"""Which engine is meant, found as Docker's own command finds it, and the socket where nothing is said.

Order (docker/cli, "Daemon socket option" and "Docker contexts"): flag `--host`, flag `--context`, DOCKER_HOST, DOCKER_CONTEXT, the configuration's
`currentContext`, then the usual sockets. Pure over an environment, a reader of files and a test for sockets; nothing is connected to.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from dockyard.model.errors import Problem, UserError

Read = Callable[[str], bytes | None]
"""A file's content, None where it isn't there or can't be read."""

Exists = Callable[[str], bool]
"""Whether a socket is there and may be used."""

PORTS = {False: 2375, True: 2376}


class Tls(msgspec.Struct, frozen=True, kw_only=True):
    """Paths of PEM files; "" is not given. `verify` False: any certificate of the engine's is taken, as with `--tls` alone."""

    ca: str = ""
    cert: str = ""
    key: str = ""
    verify: bool = True
    server_name: str = ""


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where an engine is. `scheme`: unix (then `path`), tcp (`host`, `port`, perhaps `tls`) or ssh (`host`, `port`, `user`, perhaps
    `path` of the socket over there). `source` says who chose it. `api`: a version asked for, "" the newest that both know."""

    scheme: str
    path: str = ""
    host: str = ""
    port: int = 0
    user: str = ""
    tls: Tls | None = None
    source: str = ""
    api: str = ""

    @property
    def local(self) -> bool:
        """A socket on this machine: the engine may see our files (Docker Desktop sees those it shares)."""
        return self.scheme == "unix"

    def __str__(self) -> str:
        """As in DOCKER_HOST."""
        if self.scheme == "unix":
            return f"unix://{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        user = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port else ""
        return f"{self.scheme}://{user}{host}{port}{self.path}"


def resolve(
    environment: Mapping[str, str],
    *,
    host: str = "",
    context: str = "",
    read: Read | None = None,
    exists: Exists | None = None,
) -> Endpoint:
    """The engine to use. `host` and `context` are flags. UserError where what was asked for can't be understood or isn't there."""
    read, exists = read or _read, exists or _usable
    found = _resolve(environment, host, context, read, exists)
    api = environment.get("DOCKER_API_VERSION", "").lstrip("v")
    return msgspec.structs.replace(found, api=api) if api else found


def _resolve(environment: Mapping[str, str], host: str, context: str, read: Read, exists: Exists) -> Endpoint:
    if host and context:
        raise UserError(Problem("--host and --context name two engines", hint="give one of them"))
    if host:
        return parse(host, source="--host", tls=_tls_of(environment))
    if context and context != "default":
        return _of_context(environment, context, "--context", read)
    if not context and environment.get("DOCKER_HOST"):
        return parse(environment["DOCKER_HOST"], source="DOCKER_HOST", tls=_tls_of(environment))
    if not context:
        name, source = environment.get("DOCKER_CONTEXT", ""), "DOCKER_CONTEXT"
        if not name:
            name, source = _current(environment, read)
        if name and name != "default":
            return _of_context(environment, name, source, read)
    for path in sockets(environment):
        if exists(path):
            return Endpoint(scheme="unix", path=path, source="default socket")
    return Endpoint(scheme="unix", path=sockets(environment)[0], source="default socket")


def sockets(environment: Mapping[str, str]) -> list[str]:
    """Where an engine listens by itself: Docker's, a rootless Docker's, Docker Desktop's and its kin, Podman's."""
    home = environment.get("HOME", "")
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    found = ["/var/run/docker.sock"]
    if runtime:
        found.append(f"{runtime}/docker.sock")
    if home:
        found += [f"{home}/.docker/run/docker.sock", f"{home}/.docker/desktop/docker.sock"]
        found += [f"{home}/.colima/default/docker.sock", f"{home}/.orbstack/run/docker.sock", f"{home}/.rd/docker.sock"]
    if runtime:
        found.append(f"{runtime}/podman/podman.sock")
    return [*found, "/run/podman/podman.sock"]


def folder(environment: Mapping[str, str]) -> str:
    """Where Docker's configuration is."""
    return environment.get("DOCKER_CONFIG") or os.path.join(environment.get("HOME", ""), ".docker")


def parse(text: str, *, source: str, tls: Tls | None = None) -> Endpoint:
    """An address as in DOCKER_HOST. `tls` is used for tcp and https alone."""

    def wrong(what: str) -> UserError:
        return UserError(
            Problem(
                f"{source}: {what}: {text!r}", hint="unix:///path, tcp://host:port, ssh://user@host, or a path beginning with /"
            )
        )

    text = text.strip()
    if text.startswith("/"):
        return Endpoint(scheme="unix", path=text, source=source)
    scheme, separator, rest = text.partition("://")
    if not separator:
        # Docker's own reading: an address without a scheme is TCP.
        scheme, rest = "tcp", text
    if scheme == "unix":
        if not rest.startswith("/"):
            raise wrong("the path of a unix socket begins with /")
        return Endpoint(scheme="unix", path=rest, source=source)
    if scheme in ("npipe", "fd"):
        raise wrong(f"an address of the kind {scheme} can't be used from here")
    if scheme not in ("tcp", "http", "https", "ssh"):
        raise wrong(f"an address of the kind {scheme!r} is not known")
    try:
        url = urlsplit(f"{scheme}://{rest}")
        port = url.port or 0
    except ValueError as error:
        raise wrong(f"no address ({error})") from error
    if scheme == "ssh":
        if not url.hostname or url.password or url.hostname.startswith("-") or (url.username or "").startswith("-"):
            raise wrong("an ssh address is ssh://user@host, its key comes from ssh itself")
        path = url.path.rstrip("/")
        return Endpoint(scheme="ssh", host=url.hostname, port=port, user=unquote(url.username or ""), path=path, source=source)
    if scheme == "https" and tls is None:
        tls = Tls()
    if scheme == "http":
        tls = None
    return Endpoint(
        scheme="tcp",
        host=url.hostname or "127.0.0.1",
        port=port or PORTS[tls is not None],
        path=url.path.rstrip("/"),
        tls=tls,
        source=source,
    )


def _tls_of(environment: Mapping[str, str]) -> Tls | None:
    """DOCKER_TLS_VERIFY (any text that is not empty) and DOCKER_TLS, with the files in DOCKER_CERT_PATH or the configuration's folder."""
    verify = bool(environment.get("DOCKER_TLS_VERIFY"))
    if not verify and not environment.get("DOCKER_TLS"):
        return None
    certificates = environment.get("DOCKER_CERT_PATH") or folder(environment)
    ca, cert, key = (os.path.join(certificates, name) for name in ("ca.pem", "cert.pem", "key.pem"))
    return Tls(ca=ca, cert=cert, key=key, verify=verify)


def _current(environment: Mapping[str, str], read: Read) -> tuple[str, str]:
    path = os.path.join(folder(environment), "config.json")
    content = read(path)
    if not content:
        return "", path
    name = _json(content, path).get("currentContext")
    return (name if isinstance(name, str) else ""), f"currentContext in {path}"


def _of_context(environment: Mapping[str, str], name: str, source: str, read: Read) -> Endpoint:
    """A context of Docker's: `contexts/meta/<sha256 of the name>/meta.json`, its TLS files under `contexts/tls`."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    base = os.path.join(folder(environment), "contexts")
    path = os.path.join(base, "meta", digest, "meta.json")
    content = read(path)
    if content is None:
        raise UserError(
            Problem(
                f"there is no Docker context {name!r} ({source} asks for it)",
                hint="`docker context ls` lists those that are there",
            )
        )
    endpoints = _json(content, path).get("Endpoints")
    docker = endpoints.get("docker") if isinstance(endpoints, dict) else None
    host = docker.get("Host") if isinstance(docker, dict) else None
    if not isinstance(host, str) or not host or not isinstance(docker, dict):
        raise UserError(Problem(f"Docker context {name!r} names no engine", hint=f"look at {path}"))
    secrets = os.path.join(base, "tls", digest, "docker")
    files = {field: os.path.join(secrets, f"{field}.pem") for field in ("ca", "cert", "key")}
    present = {field: file for field, file in files.items() if read(file) is not None}
    skip = docker.get("SkipTLSVerify") is True
    tls = Tls(**present, verify=not skip) if present or skip else None
    return parse(host, source=f"context {name}", tls=tls)


def _json(content: bytes, path: str) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError as error:
        raise UserError(Problem(f"{path}: not JSON: {error}")) from error
    if not isinstance(found, dict):
        raise UserError(Problem(f"{path}: no JSON object"))
    return found


def _usable(path: str) -> bool:
    return os.access(path, os.W_OK)


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None
