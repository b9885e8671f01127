"""Builds as somebody declares them (a service, a bake target, a Dockerfile that stands alone), in one shape. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from dockyard.images.loose import rows, table, texts
from dockyard.model.application import Application
from dockyard.model.errors import Location
from dockyard.model.lineage import How
from dockyard.model.service import Build as Declared


class Build(msgspec.Struct, frozen=True, kw_only=True):
    """One image that is built from one Dockerfile. Paths are absolute.

    `names`: what the image is called, the first first; empty for one that nobody named. `path`: the Dockerfile's; "" with `inline`.
    `contexts`: named contexts, where `build:KEY` is what the build of that key makes. `key` tells builds apart.
    """

    key: str
    how: How
    names: tuple[str, ...] = ()
    path: str = ""
    inline: str = ""
    inline_at: Location | None = None
    context: str = ""
    target: str = ""
    args: Mapping[str, str] = {}
    contexts: Mapping[str, str] = {}
    platforms: tuple[str, ...] = ()
    declared: Location | None = None
    contexts_at: Location | None = None


REMOTE = ("http://", "https://", "git://", "ssh://", "github.com/", "git@")


def remote(context: str) -> bool:
    """Whether a context is fetched from elsewhere: its Dockerfile can't be read here."""
    return context.startswith(REMOTE)


def of_application(application: Application) -> list[Build]:
    """The builds of a Compose file's services, those of profiles too."""
    file = application.sources.files[0] if application.sources.files else application.name
    return [
        _of_service(application, file, name)
        for name, service in sorted({**application.disabled, **application.services}.items())
        if service.build is not None
    ]


def _of_service(application: Application, file: str, name: str) -> Build:
    service = application.services.get(name) or application.disabled[name]
    declared = service.build
    assert declared is not None
    where = f"services.{name}.build"
    path = _join(declared.context, declared.dockerfile or "Dockerfile")
    return Build(
        key=f"{file} {name}",
        how=How.COMPOSE,
        names=(service.image or f"{application.name}-{name}", *declared.tags),
        path="" if declared.dockerfile_inline or remote(declared.context) else path,
        inline=declared.dockerfile_inline,
        inline_at=application.locate(f"{where}.dockerfile_inline"),
        context=declared.context,
        target=declared.target,
        args={key: value for key, value in declared.args.items() if value is not None},
        contexts={key: _context(value, file) for key, value in declared.additional_contexts.items()},
        platforms=_platforms(declared, service.platform),
        declared=application.locate(where),
        contexts_at=application.locate(f"{where}.additional_contexts"),
    )


def _platforms(declared: Declared, platform: str) -> tuple[str, ...]:
    return declared.platforms or ((platform,) if platform else ())


def _context(value: str, file: str) -> str:
    return f"build:{file} {value.removeprefix('service:')}" if value.startswith("service:") else value


def of_bake(document: Mapping[str, Any], file: str, folder: str) -> list[Build]:
    """The targets of what `docker buildx bake --print` prints. `folder`: where its relative paths start."""
    targets = table(document.get("target"))
    return [_of_target(name, table(target), file, folder) for name, target in sorted(targets.items())]


def _of_target(name: str, target: Mapping[str, Any], file: str, folder: str) -> Build:
    context = str(target.get("context") or ".")
    context = context if remote(context) else _join(folder, context)
    inline = str(target.get("dockerfile-inline") or "")
    contexts = texts(target.get("contexts"))
    path = _join(context, str(target.get("dockerfile") or "Dockerfile"))
    return Build(
        key=f"{file} {name}",
        how=How.BAKE,
        names=tuple(str(tag) for tag in rows(target.get("tags"))) or (f"{file}#{name}",),
        path="" if inline or remote(context) else path,
        inline=inline,
        inline_at=Location(file) if inline else None,
        context=context,
        target=str(target.get("target") or ""),
        args=texts(target.get("args")),
        contexts={k: f"build:{file} {v.removeprefix('target:')}" if v.startswith("target:") else v for k, v in contexts.items()},
        platforms=tuple(str(one) for one in rows(target.get("platforms"))),
        declared=Location(file),
        contexts_at=Location(file),
    )


def _join(folder: str, path: str) -> str:
    from posixpath import join, normpath

    return normpath(join(folder, path))
