"""`dockyard config`: what the Compose files say, once they are read, merged and normalised.

The output has the shape of `docker compose config`, so that the two can be compared file by file; `--hash` is our own.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from dockyard.compose import select
from dockyard.compose.load import Loading, Request
from dockyard.model.application import Application
from dockyard.model.errors import UserError

Format = Literal["yaml", "json"]


def command(given: argparse.Namespace) -> int:
    """The command line's words as the function's."""
    return config(
        *given.services,
        file=tuple(given.file),
        profile=tuple(given.profile),
        env_file=tuple(given.env_file),
        project_name=given.project_name,
        project_directory=given.project_directory,
        format="json" if given.json else given.format,
        list_services=given.list_services,
        list_images=given.list_images,
        list_volumes=given.list_volumes,
        list_networks=given.list_networks,
        list_profiles=given.list_profiles,
        list_models=given.list_models,
        hash=given.hash,
        variables=given.variables,
        environment=given.environment,
        no_interpolate=given.no_interpolate,
        all_resources=given.all_resources,
        quiet=given.quiet,
        output=given.output,
    )


def config(
    *services: str,
    file: tuple[str, ...] = (),
    profile: tuple[str, ...] = (),
    env_file: tuple[str, ...] = (),
    project_name: str | None = None,
    project_directory: str | None = None,
    format: Format = "yaml",
    list_services: bool = False,
    list_images: bool = False,
    list_volumes: bool = False,
    list_networks: bool = False,
    list_profiles: bool = False,
    list_models: bool = False,
    hash: str | None = None,
    variables: bool = False,
    environment: bool = False,
    no_interpolate: bool = False,
    all_resources: bool = False,
    quiet: bool = False,
    output: str | None = None,
    json: bool = False,
) -> int:
    """Print the normalised model of the Compose files.

    Parameters
    ----------
    services
        Only these services, and what they need.
    file
        A Compose file; may be given again, `-` is standard input.
    profile
        A profile to switch on; may be given again.
    env_file
        A file of variables in place of .env; may be given again.
    project_name
        The project's name.
    project_directory
        The folder that relative paths start from (else: the first file's).
    format
        yaml or json.
    list_services
        Only the services' names.
    list_images
        Only the images' names.
    list_volumes
        Only the volumes' names.
    list_networks
        Only the networks' names.
    list_profiles
        Only the profiles' names.
    list_models
        Only the models' names.
    hash
        Only a hash of each service's configuration: SERVICE,… or '*'. Equal hashes mean an equal configuration.
    variables
        Only the variables that the files ask for, with their defaults.
    environment
        Only the variables that are used to fill in the files.
    no_interpolate
        Leave variables as they are written.
    all_resources
        Also networks, volumes and others that no service uses.
    quiet
        Print nothing; only check.
    output
        Write to a file in place of standard output.
    json
        The same as --format json.
    """
    form: Format = "json" if json else format
    request = Request(
        cwd=os.getcwd(),
        files=file,
        project_directory=project_directory,
        name=project_name,
        profiles=profile,
        env_files=env_file,
        services=services,
    )
    text = render(
        request,
        dict(os.environ),
        form,
        what=_asked(
            services=list_services,
            images=list_images,
            volumes=list_volumes,
            networks=list_networks,
            profiles=list_profiles,
            models=list_models,
            hash=hash is not None,
            variables=variables,
            environment=environment,
        ),
        hashed=hash or "*",
        no_interpolate=no_interpolate,
        all_resources=all_resources,
    )
    if quiet:
        return 0
    if output is not None:
        with open(output, "w", encoding="utf-8") as out:
            out.write(text)
    else:
        sys.stdout.write(text)
    return 0


def _asked(**flags: bool) -> str:
    given = [name for name, flag in flags.items() if flag]
    if len(given) > 1:
        raise UserError(f"--{given[0]} and --{given[1]} exclude each other")
    return given[0] if given else ""


def render(
    request: Request,
    env: Mapping[str, str],
    form: Format,
    *,
    what: str = "",
    hashed: str = "*",
    no_interpolate: bool = False,
    all_resources: bool = False,
) -> str:
    """The text that `dockyard config` prints. `what` is one of its list flags, or empty for the whole model."""
    from dockyard.compose import show, template
    from dockyard.compose.files import Disk

    loading = Loading(request, env, Disk(), lambda: sys.stdin.buffer.read())
    if what == "variables" or no_interpolate:
        tree = loading.written()
        if what == "variables":
            return _variables(list(template.variables(tree).values()), form)
        return show.raw(tree, form)
    app = loading.application()
    _warn(app)
    narrowed = select(app, request.services, all_resources=all_resources)
    if what == "environment":
        return _lines(f"{name}={value}" for name, value in sorted(app.environment.items()))
    if what == "profiles":
        every = {**narrowed.services, **narrowed.disabled}
        return _lines(sorted({profile for service in every.values() for profile in service.profiles}))
    if what == "images":
        return _lines(service.image or f"{app.name}-{name}" for name, service in narrowed.services.items())
    if what == "hash":
        return _lines(show.hashes(narrowed, [] if hashed == "*" else hashed.split(",")))
    if what:
        return _lines(getattr(narrowed, what))
    return show.to_json(narrowed) if form == "json" else show.to_yaml(narrowed)


def _lines(items: Any) -> str:
    return "".join(f"{item}\n" for item in items)


def _warn(app: Application) -> None:
    for warning in app.warnings:
        print(f"warning: {warning}", file=sys.stderr)


def _variables(found: Sequence[Any], form: Format) -> str:
    import msgspec

    if form == "json":
        shown = {
            v.name: {"Name": v.name, "DefaultValue": v.default, "PresenceValue": v.alternative, "Required": v.required}
            for v in sorted(found, key=lambda v: v.name)
        }
        return msgspec.json.format(msgspec.json.encode(shown), indent=2).decode() + "\n"
    rows = [("NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE")]
    rows += [(v.name, str(v.required).lower(), v.default, v.alternative) for v in sorted(found, key=lambda v: v.name)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return _lines("   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
