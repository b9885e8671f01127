"""Variables and labels that files bring: `env_file` and `label_file`, under what the service itself says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from dockyard.compose import dotenv
from dockyard.compose.discover import read_text
from dockyard.compose.document import Limits
from dockyard.compose.files import Files
from dockyard.compose.tree import Report
from dockyard.model.application import Application
from dockyard.model.errors import Problem, UserError
from dockyard.model.service import EnvFile, Service

_FORMATS: dict[str, Callable[..., None]] = {"": dotenv.parse, "raw": dotenv.parse_raw}


def resolve(app: Application, files: Files, limits: Limits, report: Report) -> Application:
    """The application with each active service's environment and labels complete."""
    services: dict[str, Service] = {}
    for name, service in app.services.items():
        try:
            if service.env_file:
                service = _environment(app, name, service, files, limits)
            if service.label_file:
                service = _labels(app, name, service, files, limits)
        except UserError as error:
            report.take(*error.problems)
        services[name] = service
    return msgspec.structs.replace(app, services=services)


def _environment(app: Application, name: str, service: Service, files: Files, limits: Limits) -> Service:
    own = service.environment
    found = {key: value for key, value in own.items() if value is not None}

    def outside(variable: str) -> str | None:
        value = app.environment.get(variable)
        return own.get(variable) if value is None else value

    for index, env_file in enumerate(service.env_file):
        where = f"services.{name}.env_file[{index}]"
        if not files.exists(env_file.path):
            if env_file.required:
                hint = "write it as {path: …, required: false} where it may be missing"
                raise UserError(Problem(f"env file {env_file.path} not found", app.locate(where), where, hint))
            continue
        _read(app, where, env_file, files, limits, outside, found)
    merged: dict[str, Any] = {**found, **own}
    return msgspec.structs.replace(service, environment=dict(sorted(merged.items())))


def _read(
    app: Application, where: str, env_file: EnvFile, files: Files, limits: Limits, outside: Any, into: dict[str, str]
) -> None:
    parse = _FORMATS.get(env_file.format)
    if parse is None:
        what = f"unsupported env_file format '{env_file.format}'"
        raise UserError(Problem(what, app.locate(where), where, "raw, or none"))
    parse(env_file.path, read_text(env_file.path, files, limits, "env file"), outside, into)


def _labels(app: Application, name: str, service: Service, files: Files, limits: Limits) -> Service:
    labels: dict[str, str] = {}
    for index, path in enumerate(service.label_file):
        where = f"services.{name}.label_file[{index}]"
        if not files.exists(path):
            raise UserError(Problem(f"label file {path} not found", app.locate(where), where))
        found: dict[str, str] = {}
        dotenv.parse(path, read_text(path, files, limits, "label file"), labels.get, found)
        if own := next((key for key in found if key.startswith("dockyard.")), None):
            raise UserError(Problem(f"the label '{own}' is Dockyard's own", app.locate(where), where))
        labels.update(found)
    return msgspec.structs.replace(service, labels=dict(sorted({**labels, **service.labels}.items())))
