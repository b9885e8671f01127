"""What an application needs of this machine, files and variables: what isn't there is told before anything is started, all at once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from dockyard.engines.build import invocation
from dockyard.model.application import Application, FileObject
from dockyard.model.errors import Problem
from dockyard.model.service import Build, engine_own

_RELATIVE = "paths are relative to the Compose file"


def missing(application: Application, services: Iterable[str], *, build: bool, binds: bool) -> list[Problem]:
    """What these services need and isn't there. `build`: images will be built; `binds`: the engine sees this machine's files."""
    found: dict[str, Problem] = {}
    for name in services:
        service = application.services[name]
        spec = service.build if build else None
        for kind, references, objects in (
            ("configs", service.configs, application.configs),
            ("secrets", (*service.secrets, *(spec.secrets if spec is not None else ())), application.secrets),
        ):
            for reference in references:
                declared = objects.get(reference.source)
                if declared is not None and not declared.external:
                    _note(found, application, _file_object(kind, reference.source, declared))
        if spec is not None:
            _note(found, application, _build(f"services.{name}.build", spec))
        for number, mount in enumerate(service.volumes if binds else ()):
            made = mount.bind is not None and mount.bind.create_host_path
            if mount.type == "bind" and not made and not engine_own(mount.source) and not os.path.lexists(mount.source):
                what = f"{mount.source}, which is to be mounted at {mount.target}, is not there"
                _note(found, application, [(f"services.{name}.volumes[{number}].source", what, _RELATIVE)])
    return list(found.values())


def awaited(application: Application, services: Iterable[str], *, binds: bool) -> dict[str, str]:
    """By service, why its container must not be started before its turn: what it depends on may yet make what it mounts, and an engine makes a
    folder of a path that isn't there, and refuses a part of a volume that isn't."""
    found: dict[str, str] = {}
    for name in services:
        service = application.services[name]
        for mount in service.volumes if service.depends_on else ():
            if mount.type == "bind" and binds and not engine_own(mount.source) and not os.path.lexists(mount.source):
                found.setdefault(name, f"{mount.source} isn't there yet: what it depends on may make it")
            if mount.type == "volume" and mount.volume is not None and mount.volume.subpath:
                found.setdefault(name, f"what it depends on may make {mount.volume.subpath} in {mount.source}")
    return found


_Told = Iterable[tuple[str, str, str]]
"""Path in the file, what is wrong, what to do."""


def _note(found: dict[str, Problem], application: Application, told: _Told) -> None:
    for path, what, hint in told:
        found.setdefault(path, Problem(what, application.locate(path), path, hint))


def _file_object(kind: str, name: str, declared: FileObject) -> Iterator[tuple[str, str, str]]:
    path = f"{kind}.{name}"
    if declared.file and not os.path.exists(declared.file):
        yield f"{path}.file", f"the file of {kind[:-1]} {name!r} is not there: {declared.file}", _RELATIVE
    elif declared.environment and declared.content is None:
        variable = declared.environment
        yield (
            f"{path}.environment",
            f"{kind[:-1]} {name!r} comes from the variable {variable}, which is not set",
            f"set {variable}",
        )


def _build(path: str, spec: Build) -> Iterator[tuple[str, str, str]]:
    if invocation.remote(spec.context):
        return
    if not os.path.isdir(spec.context):
        yield f"{path}.context", f"build context {spec.context!r} is no folder", _RELATIVE
    elif not spec.dockerfile_inline and not os.path.isfile(file := invocation.dockerfile_path(spec)):
        yield (
            f"{path}.dockerfile",
            f"there is no Dockerfile at {file}",
            "build.dockerfile names another one, relative to the context",
        )
