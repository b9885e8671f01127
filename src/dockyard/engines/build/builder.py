"""Builds a service's image onto an engine: through buildx where it is installed, else by the engine's own builder.

Promises: the image is under the run's tag when `build` returns; `dockyard-report/` never enters a context; the builder's process ends with
ours, however ours ends. A newer BuildKit daemon than the engine's own is used where DOCKYARD_BUILDKIT names one.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Mapping

import msgspec

from dockyard.engines.build import invocation, process, said
from dockyard.engines.docker.client import Client
from dockyard.engines.docker.endpoint import Endpoint, folder
from dockyard.engines.protocol import Tell
from dockyard.model.application import Application
from dockyard.model.errors import Problem, UserError
from dockyard.model.service import Build, Service

BUILDKIT = "DOCKYARD_BUILDKIT"
"""The variable that names a BuildKit daemon to use in place of the engine's own."""

_PLUGINS = (
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
    "/opt/homebrew/lib/docker/cli-plugins",
    "/Applications/Docker.app/Contents/Resources/cli-plugins",
)


class Target(msgspec.Struct, frozen=True):
    """The engine that gets the image, and the variables that we were started with."""

    endpoint: Endpoint
    environment: Mapping[str, str]


async def build(
    target: Target,
    client: Client,
    application: Application,
    service: Service,
    tag: str,
    tell: Tell,
    *,
    no_cache: bool = False,
    pull: bool = False,
    itself: bool = False,
) -> None:
    """Build it. UserError: the Dockerfile, the context or the builder's age; Retry: a registry; Fatal: the disk.

    `itself`: the engine builds what it can without buildx, which would bring a BuildKit of its own to it (Podman).
    """
    spec = service.build
    assert spec is not None
    name = next((name for name, one in application.services.items() if one is service), tag)
    dockerfile, ignore = await asyncio.to_thread(_read, application, name, spec)
    from dockyard.engines.build import by_engine

    program = None if itself and not by_engine.beyond(spec) else find_buildx(target.environment)
    if program is None:
        await by_engine.build(
            client, application, service, name, tag, tell, dockerfile=dockerfile, ignore=ignore, no_cache=no_cache, pull=pull
        )
        return
    with tempfile.TemporaryDirectory(prefix="dockyard-build-") as private:
        builder = await _own_builder(program, target, private)
        called = invocation.buildx(
            application, service, tag, dockerfile=dockerfile, ignore=ignore, builder=builder, no_cache=no_cache, pull=pull
        )
        for path, content in called.files.items():
            with open(os.path.join(private, path), "wb") as file:
                file.write(content)
        words = [word.replace("{folder}", private) for word in called.arguments]
        environment = {**_environment(target, private if builder else ""), **called.environment}
        progress = said.Progress()

        def take(line: str) -> None:
            told = progress.take(line)
            if told:
                tell(told)

        code = await process.run([program, *words], environment, take)
    if code:
        raise said.failed(name, progress.tail, standing=f"services.{name}.build", dockerfile=dockerfile)


def find_buildx(environment: Mapping[str, str]) -> str | None:
    """The program itself, not `docker buildx`: then it is our child, and ends when we do."""
    own = os.path.join(folder(environment), "cli-plugins")
    for place in (own, *_PLUGINS):
        path = os.path.join(place, "docker-buildx")
        if os.access(path, os.X_OK):
            return path
    return shutil.which("docker-buildx", path=environment.get("PATH"))


async def _own_builder(program: str, target: Target, private: str) -> str:
    """A builder for the daemon that DOCKYARD_BUILDKIT names, in a configuration of its own; "" where none is named."""
    address = target.environment.get(BUILDKIT, "")
    if not address:
        return ""
    lines: list[str] = []
    words = [program, "create", "--name", "dockyard", "--driver", "remote", address]
    if await process.run(words, _environment(target, private), lines.append):
        raise UserError(
            Problem(
                f"{BUILDKIT}={address} can't be used: {lines[-1] if lines else 'no answer'}",
                hint="unix:///path or tcp://host:port",
            )
        )
    return "dockyard"


def _environment(target: Target, configuration: str) -> dict[str, str]:
    """The process's variables: the engine that we talk to is the one that gets the image."""
    made = dict(target.environment)
    if target.endpoint.source.startswith("context "):
        made.pop("DOCKER_HOST", None)
        made["DOCKER_CONTEXT"] = target.endpoint.source.removeprefix("context ")
    elif target.endpoint.source != "DOCKER_HOST":
        made.pop("DOCKER_CONTEXT", None)
        made["DOCKER_HOST"] = str(target.endpoint)
    made["BUILDKIT_PROGRESS"] = "plain"
    made.setdefault("BUILDX_NO_DEFAULT_ATTESTATIONS", "1")
    if configuration:
        made["BUILDX_CONFIG"] = configuration
        made["BUILDX_BUILDER"] = ""
    return made


def _read(application: Application, name: str, spec: Build) -> tuple[bytes | None, bytes]:
    """The Dockerfile's text and the context's ignore file. UserError where the context or the Dockerfile isn't there."""
    if invocation.remote(spec.context):
        return (spec.dockerfile_inline.encode() if spec.dockerfile_inline else None), b""
    path = f"services.{name}.build"
    if not os.path.isdir(spec.context):
        raise UserError(
            Problem(
                f"build context {spec.context!r} is no folder",
                application.locate(f"{path}.context"),
                f"{path}.context",
                "paths are relative to the Compose file",
            )
        )
    if spec.dockerfile_inline:
        dockerfile = spec.dockerfile_inline.encode()
    else:
        file = invocation.dockerfile_path(spec)
        try:
            with open(file, "rb") as opened:
                dockerfile = opened.read()
        except OSError as error:
            raise UserError(
                Problem(f"{file} can't be read: {error.strerror}", application.locate(f"{path}.dockerfile"), f"{path}.dockerfile")
            ) from error
    for candidate in invocation.ignore_candidates(spec):
        try:
            with open(candidate, "rb") as opened:
                return dockerfile, opened.read()
        except OSError:
            continue
    return dockerfile, b""
