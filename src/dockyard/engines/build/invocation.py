"""What `docker-buildx build` is called with for a service's `build`. Pure: no file is read or written here.

Names of the options are buildx's (0.10 and newer); what each field means is the Compose Build Specification's. The image gets the run's
tag and no other: a user's tag is never moved.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import msgspec

from dockyard.model.application import Application
from dockyard.model.errors import Problem, UserError
from dockyard.model.placement import Placement, run_tag
from dockyard.model.service import Build, Service

NEVER_IN = "dockyard-report"
"""The folder of evidence never enters a context."""


class Invocation(msgspec.Struct, frozen=True, kw_only=True):
    """`arguments` after `docker-buildx`; `{folder}` in them stands for a private folder, which gets `files` (name to content).

    `environment` is added to the process's: values of secrets are there, not among the arguments.
    """

    arguments: tuple[str, ...]
    files: Mapping[str, bytes] = {}
    environment: Mapping[str, str] = {}


def remote(context: str) -> bool:
    """Whether a context is fetched by the builder itself: git, http, or another scheme."""
    return context.startswith(
        ("http://", "https://", "git://", "git@", "ssh://", "github.com/", "docker-image://", "oci-layout://")
    ) or context.endswith(".git")


def dockerfile_path(build: Build) -> str:
    """The Dockerfile of a local context; absolute."""
    return os.path.join(build.context, build.dockerfile or "Dockerfile")


def ignore_candidates(build: Build) -> tuple[str, ...]:
    """Where a context's ignore file may be, the first that is there counts (BuildKit: the Dockerfile's own, then the context's)."""
    own = () if build.dockerfile_inline else (f"{dockerfile_path(build)}.dockerignore",)
    return (*own, os.path.join(build.context, ".dockerignore"))


def buildx(
    application: Application,
    service: Service,
    tag: str,
    *,
    dockerfile: bytes | None,
    ignore: bytes,
    builder: str = "",
    no_cache: bool = False,
    pull: bool = False,
) -> Invocation:
    """`dockerfile`: its text, None for a remote context that has its own; `ignore`: the text of the context's ignore file."""
    build = service.build
    assert build is not None
    files: dict[str, bytes] = {}
    environment: dict[str, str] = {}
    words = ["build", "--progress=plain", "--load", "--tag", tag]
    if builder:
        words += ["--builder", builder]
    if dockerfile is not None:
        # Beside the Dockerfile stands its own ignore file, and that one rules: so the user's files stay as they are.
        files["Dockerfile"] = dockerfile
        files["Dockerfile.dockerignore"] = ignore.rstrip(b"\n") + f"\n**/{NEVER_IN}\n".encode()
        words += ["--file", "{folder}/Dockerfile"]
    elif build.dockerfile:
        words += ["--file", build.dockerfile]
    words += _options(build, service, no_cache=no_cache or build.no_cache, pull=pull or build.pull)
    for name, value in build.args.items():
        words += ["--build-arg", name if value is None else f"{name}={value}"]
    for name, path in build.additional_contexts.items():
        words += ["--build-context", f"{name}={_context(path, tag)}"]
    for reference in build.secrets:
        words += ["--secret", _secret(application, reference.source, reference.target or reference.source, files, environment)]
    for identity, path in build.ssh.items():
        words += ["--ssh", f"{identity}={path}" if path else identity]
    return Invocation(arguments=(*words, build.context), files=files, environment=environment)


def _options(build: Build, service: Service, *, no_cache: bool, pull: bool) -> list[str]:
    words: list[str] = []
    platform = service.platform
    for option, value in (("--target", build.target), ("--network", build.network), ("--platform", platform)):
        if value:
            words += [option, value]
    words += ["--no-cache"] if no_cache else []
    words += ["--pull"] if pull else []
    words += ["--shm-size", str(build.shm_size)] if build.shm_size else []
    for option, values in (
        ("--label", [f"{name}={value}" for name, value in build.labels.items()]),
        ("--cache-from", build.cache_from),
        ("--cache-to", build.cache_to),
        ("--add-host", build.extra_hosts),
        ("--allow", (*build.entitlements, *(("security.insecure",) if build.privileged else ()))),
        (
            "--ulimit",
            [f"{name}={limit.single or limit.soft}:{limit.single or limit.hard}" for name, limit in build.ulimits.items()],
        ),
    ):
        for value in values:
            words += [option, value]
    return words


def _context(path: str, tag: str) -> str:
    """`service:NAME` is what that service's build of this run has made."""
    if not path.startswith("service:"):
        return path
    identity, _, deadline = tag.rpartition(":")[2].rpartition("-")
    placement = Placement(identity, "", "", int(deadline), "")
    return f"docker-image://{run_tag(path.partition(':')[2], placement)}"


def _secret(application: Application, source: str, target: str, files: dict[str, bytes], environment: dict[str, str]) -> str:
    declared = application.secrets.get(source)
    if declared is None or declared.external or (not declared.file and declared.content is None):
        raise UserError(
            Problem(
                f"build secret {source!r} has no value",
                application.locate(f"secrets.{source}"),
                f"secrets.{source}",
                "give it a `file` or set its variable",
            )
        )
    if declared.file:
        return f"id={target},src={declared.file}"
    name = f"DOCKYARD_BUILD_SECRET_{len(environment)}"
    environment[name] = declared.content or ""
    return f"id={target},env={name}"
