"""Who we are to a registry: Docker's own configuration and its credential helpers, made into X-Registry-Auth.

Reads as Docker's command does (docker/cli, `config/credentials`): `credHelpers` for the registry, else `credsStore`, else `auths`. A
helper that has nothing means "nobody in particular"; one that fails is a `UserError` that names it. Secrets never get into messages.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from dockyard.engines.docker.endpoint import Read, folder
from dockyard.model.errors import Problem, UserError

HUB = "https://index.docker.io/v1/"
"""Docker Hub's key in the configuration; its name in references is docker.io."""

HELPER_SECONDS = 30.0
_HUB_NAMES = ("docker.io", "index.docker.io", "registry-1.docker.io")
_TOKEN_USER = "<token>"
_NOTHING = ("credentials not found in native keychain", "no credentials server url", "no credentials username")

Helper = Callable[[str, str], str]
"""`(helper's name, registry)` to what `docker-credential-<name> get` writes; raises `HelperFailed`."""


class HelperFailed(Exception):
    """What it said; never its input."""


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What a registry wants to know. `token` is an identity token, which takes the password's place."""

    registry: str
    username: str = ""
    password: str = ""
    token: str = ""

    def __repr__(self) -> str:
        return f"Credentials(registry={self.registry!r}, username={self.username!r})"

    def header(self) -> str:
        """X-Registry-Auth: URL-safe base64 of JSON (Engine API, "Authentication")."""
        body: dict[str, str] = {"serveraddress": self.registry}
        if self.token:
            body["identitytoken"] = self.token
        else:
            body |= {"username": self.username, "password": self.password}
        return base64.urlsafe_b64encode(json.dumps(body).encode()).decode()


def registry_of(reference: str) -> str:
    """The registry of an image's name: the first part when it looks like a host (distribution/reference), else `docker.io`."""
    first, slash, _ = reference.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        return "docker.io" if first in _HUB_NAMES else first
    return "docker.io"


def header_for(reference: str, environment: Mapping[str, str], *, read: Read | None = None, helper: Helper | None = None) -> str:
    """X-Registry-Auth for a pull of `reference`; "" where the configuration knows nobody for its registry. May run a helper: blocks."""
    found = find(registry_of(reference), environment, read=read, helper=helper)
    return found.header() if found is not None else ""


def find(
    registry: str, environment: Mapping[str, str], *, read: Read | None = None, helper: Helper | None = None
) -> Credentials | None:
    """Credentials for a registry's host, as `registry_of` names it. UserError: an unreadable configuration, a helper that fails."""
    config, path = _config(environment, read or _read)
    key = HUB if registry in _HUB_NAMES else registry
    name = _mapping(config, "credHelpers").get(key) or _mapping(config, "credHelpers").get(registry) or config.get("credsStore")
    if name:
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9._-]+", name):
            raise UserError(Problem(f"{path}: {name!r} is no credential helper's name"))
        found = _asked(name, key, helper or run_helper)
        if found is not None:
            return found
    return _written(_mapping(config, "auths"), key, path)


def every(environment: Mapping[str, str], *, read: Read | None = None, helper: Helper | None = None) -> dict[str, Credentials]:
    """All that is known, by registry: for a build, whose Dockerfile may name any. Helpers that fail are left out."""
    config, _ = _config(environment, read or _read)
    made: dict[str, Credentials] = {}
    for key in {*_mapping(config, "auths"), *_mapping(config, "credHelpers")}:
        try:
            found = find("docker.io" if key == HUB else _host(key), environment, read=read, helper=helper)
        except UserError:
            continue
        if found is not None:
            made[found.registry] = found
    return made


def run_helper(name: str, registry: str) -> str:
    """`docker-credential-<name> get` (docker-credential-helpers' protocol: the registry on stdin, JSON on stdout)."""
    try:
        done = subprocess.run(
            [f"docker-credential-{name}", "get"],
            input=registry,
            capture_output=True,
            text=True,
            timeout=HELPER_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise HelperFailed("there is no such program") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise HelperFailed(type(error).__name__) from error
    if done.returncode:
        # Only when it failed: what it writes when it goes well is a secret.
        raise HelperFailed((done.stdout or done.stderr).strip()[:500] or f"exit code {done.returncode}")
    return done.stdout


def _asked(name: str, key: str, helper: Helper) -> Credentials | None:
    program = f"docker-credential-{name}"
    try:
        text = helper(name, key)
    except HelperFailed as error:
        if any(words in str(error).lower() for words in _NOTHING):
            return None
        raise UserError(
            Problem(
                f"{program} gives no credentials for {key}: {error}",
                hint="log in again (docker login), or take it out of Docker's config.json",
            )
        ) from error
    try:
        found = json.loads(text)
        username, secret = str(found.get("Username") or ""), str(found.get("Secret") or "")
    except (ValueError, AttributeError):
        raise UserError(Problem(f"{program} answered something that is no JSON object")) from None
    if not username and not secret:
        return None
    if username == _TOKEN_USER:
        return Credentials(registry=key, token=secret)
    return Credentials(registry=key, username=username, password=secret)


def _written(auths: Mapping[str, Any], key: str, path: str) -> Credentials | None:
    entry = auths.get(key)
    if not isinstance(entry, dict):
        # Written by others with a scheme or a path: `https://registry.example/v2/`.
        host = _host(key)
        entry = next((auths[name] for name in sorted(auths) if _host(name) == host and isinstance(auths[name], dict)), None)
    if not isinstance(entry, dict):
        return None
    token = str(entry.get("identitytoken") or entry.get("registrytoken") or "")
    username, password = str(entry.get("username") or ""), str(entry.get("password") or "")
    if entry.get("auth"):
        try:
            pair = base64.b64decode(str(entry["auth"]).strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise UserError(
                Problem(f"{path}: `auth` of {key} is not base64 of name:password", hint="log in again: docker login")
            ) from None
        username, _, password = pair.partition(":")
        password = password.rstrip("\0")
    if not token and not username:
        return None
    return Credentials(registry=key, username=username, password=password, token=token)


def _host(key: str) -> str:
    return key.partition("://")[2].partition("/")[0] if "://" in key else key.partition("/")[0]


def _config(environment: Mapping[str, str], read: Read) -> tuple[dict[str, Any], str]:
    path = os.path.join(folder(environment), "config.json")
    content = read(path)
    if not content or not content.strip():
        return {}, path
    try:
        found = json.loads(content)
    except ValueError as error:
        raise UserError(Problem(f"{path}: not JSON: {error}")) from error
    return (found if isinstance(found, dict) else {}), path


def _mapping(config: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    found = config.get(field)
    return found if isinstance(found, dict) else {}


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None
