"""What can be asked of the plugin: ini options, the flags that stand over them, and the marker. The reference page is made of this."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

Kind = Literal["paths", "args", "string", "bool"]


class Option(NamedTuple):
    """`name` is the ini option without `dockyard_`, and the flag without `--dockyard-`. `bare`: what the flag alone means."""

    name: str
    kind: Kind
    meaning: str
    default: str = ""
    choices: tuple[str, ...] = ()
    bare: str = ""
    flag: str = ""

    @property
    def ini(self) -> str:
        return f"dockyard_{self.name}"

    @property
    def flags(self) -> str:
        return f"--dockyard-{(self.flag or self.name).replace('_', '-')}"

    @property
    def metavar(self) -> str:
        return {"keep": "WHEN", "file": "FILE"}.get(self.name, self.name.upper())


OPTIONS = (
    Option("file", "paths", "Compose files; none: as `dockyard test` finds them"),
    Option("services", "args", "only these services and what they need", flag="service"),
    Option("profiles", "args", "Compose profiles that are switched on", flag="profile"),
    Option(
        "scope",
        "string",
        "how long `dockyard_environment` stands",
        default="session",
        choices=("session", "package", "module", "class", "function"),
    ),
    Option(
        "xdist",
        "string",
        "workers of pytest-xdist take an environment each, or share one (those of the scope session)",
        default="each",
        choices=("each", "shared"),
    ),
    Option("standby", "bool", "claim what stands by, and leave the next environment standing"),
    Option("cold", "bool", "use nothing that stands by"),
    Option(
        "keep",
        "string",
        "leave environments standing: never, failure (of a test that used it) or always; the flag alone: always",
        choices=("never", "failure", "always"),
        bare="always",
    ),
    Option("keep_for", "string", "for how long a kept environment stands, for example 30m"),
    Option("timeout", "string", "until when all must be ready, for example 5m"),
    Option("report", "string", "the folder that reports go to"),
    Option("log_lines", "string", "lines of each service in a failure's report, at most; 0: none", default="30"),
    Option("attach", "string", "use the environment of this id (`dockyard env ls`), which stands already, and let it stand"),
)

MARKER = "dockyard(*services, file=…, profile=…): the services, Compose files and profiles of this test's environment"


@dataclass(frozen=True)
class Description:
    """Which environment a test needs. Equal ones are one environment."""

    files: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ",".join((*self.services, *(Path(file).name for file in self.files), *self.profiles)) or "environment"


@dataclass(frozen=True)
class Chosen:
    """All options in force. "" and None: as settings and files say."""

    description: Description
    scope: str
    xdist: str
    standby: bool
    cold: bool
    keep: str
    keep_for: str
    timeout: str
    report: str
    log_lines: int
    attach: str


def chosen(flag: Callable[[str], Any], ini: Callable[[str], Any], invoked: Path) -> Chosen:
    """`flag`: a flag's value, None where it isn't given; `ini`: an ini option's. ValueError for a value that is none."""
    found: dict[str, Any] = {}
    for option in OPTIONS:
        value = flag(option.ini)
        if value in (None, False, []):
            value = ini(option.ini) or {"paths": [], "args": [], "bool": False}.get(option.kind, "")
        elif option.kind == "paths":
            value = [os.path.join(invoked, one) for one in value]
        if option.choices and value and value not in option.choices:
            raise ValueError(f"{option.ini}: {value!r} is none of {', '.join(option.choices)}")
        found[option.name] = value
    if not found["log_lines"].isdecimal():
        raise ValueError(f"dockyard_log_lines: {found['log_lines']!r} is no number of lines")
    description = Description(
        tuple(os.fspath(file) for file in found.pop("file")), tuple(found.pop("services")), tuple(found.pop("profiles"))
    )
    return Chosen(description, **{**found, "log_lines": int(found["log_lines"])})


def marked(base: Description, args: tuple[Any, ...], kwargs: Mapping[str, Any], folder: Path) -> Description:
    """What a marker makes of the options' description. Its files are found from the `folder` of the test. ValueError for other words."""
    unknown = sorted(set(kwargs) - {"file", "profile"})
    if unknown or not all(isinstance(one, str) for one in args):
        wrong = f"{unknown[0]}=" if unknown else next(repr(one) for one in args if not isinstance(one, str))
        raise ValueError(f"the marker dockyard takes names of services, file= and profile=, not {wrong}")
    files = tuple(os.path.join(folder, one) for one in _several(kwargs.get("file", ())))
    return Description(files or base.files, tuple(args) or base.services, _several(kwargs.get("profile", ())) or base.profiles)


def _several(said: Any) -> tuple[str, ...]:
    return (os.fspath(said),) if isinstance(said, (str, os.PathLike)) else tuple(os.fspath(one) for one in said)
