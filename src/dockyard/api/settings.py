"""Settings, from weakest to strongest: built-in, `$XDG_CONFIG_HOME/dockyard/config.toml`, `dockyard.toml` beside the Compose file,
`DOCKYARD_*` variables, flags (which the commands lay over these)."""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from dockyard.model import duration
from dockyard.model.errors import Location, Origin, Problem, UserError

FILE = "dockyard.toml"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting, with its default. Times are text as in Compose (`90s`, `30m`). `said`: by whom, of those that somebody said."""

    timeout: str = ""
    keep: str = "never"
    keep_for: str = "1h"
    up_for: str = "8h"
    report: str = ""
    reports_kept: int = 20
    reports_kept_for: str = "14d"
    grace: bool = False
    pull: str = ""
    host: str = ""
    context: str = ""
    subnets: str = ""
    cpus: float = 0
    memory: str = ""
    pids: int = 0
    standby: int = 0
    standby_for: str = "8h"
    standby_most: int = 8
    standby_disk: str = ""
    trust: str = ""
    snapshots_max_size: str = "10g"
    snapshots_max_age: str = "30d"
    said: dict[str, Origin] = {}


MEANINGS = {
    "timeout": "of the whole run; empty: x-dockyard.timeout, else 30m",
    "keep": "leave environments standing: never, failure or always",
    "keep_for": "for how long a kept environment stands",
    "up_for": "for how long `dockyard up` leaves an environment standing",
    "report": "where reports go; empty: dockyard-report in the project's folder",
    "reports_kept": "so many reports are kept",
    "reports_kept_for": "reports older than this are removed",
    "grace": "stop with stop_grace_period at the end instead of a kill",
    "pull": "in place of the services' pull_policy: always, missing or never",
    "host": "the engine's address, as in DOCKER_HOST",
    "context": "a Docker context",
    "subnets": "the range that networks take their addresses from, for example 10.213.0.0/16",
    "cpus": "cores that a whole run may use; 0: no limit",
    "memory": "memory that a whole run may use, for example 4g",
    "pids": "processes that a whole run may have; 0: no limit",
    "standby": "so many environments stand by for the next runs of a project; 0: none, unless x-dockyard or a flag asks",
    "standby_for": "for how long an environment stands by unclaimed",
    "standby_most": "so many environments may stand by on an engine, of all projects",
    "standby_disk": "disk that all that stands by on an engine may take, for example 10g; empty: while the engine's disk isn't nearly full",
    "snapshots_max_size": "data that are kept on an engine take no more than this; the longest unused go",
    "snapshots_max_age": "data that were not begun with for so long are removed",
    "trust": "the scope within which what stands by, and what data are kept, is shared; empty: the CI system's repository or pull request, else the user",
}
"""What each setting means; the reference page is made of this."""

_KINDS = {field.name: field.type for field in msgspec.structs.fields(Settings) if field.name in MEANINGS}
_WORDS = {
    str: "is no text: put it in quotes",
    int: "is no whole number",
    float: "is no number",
    bool: "is neither true nor false",
}

_CHOICES = {"keep": ("never", "failure", "always"), "pull": ("", "always", "missing", "never")}
_TIMES = ("timeout", "keep_for", "up_for", "reports_kept_for", "standby_for", "snapshots_max_age")


def load(environment: Mapping[str, str], project_directory: str) -> Settings:
    """The settings in force but for the flags. UserError for an unknown key or a value that is none."""
    values: dict[str, Any] = {}
    said: dict[str, Origin] = {}
    problems: list[Problem] = []
    base = environment.get("XDG_CONFIG_HOME") or str(Path(environment.get("HOME", "~")).expanduser() / ".config")
    for path in (Path(base) / "dockyard" / "config.toml", Path(project_directory) / FILE):
        values |= _from_file(path, said, problems)
    values |= _from_variables(environment, said, problems)
    if problems:
        raise UserError(*problems)
    return Settings(**values, said=said)


def _from_file(path: Path, said: dict[str, Origin], problems: list[Problem]) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(f"can't be read: {error}", Location(str(path))))
        return {}
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problems.append(Problem(f"is no TOML: {error}", Location(str(path))))
        return {}
    lines = text.splitlines()
    good: dict[str, Any] = {}
    found.pop("images", None)  # a table of its own: dockyard.images.policies reads it
    for key, value in found.items():
        line = next((n for n, text in enumerate(lines, 1) if text.split("=")[0].strip().strip("\"'") == key), 0)
        problem = _wrong(key, value)
        if problem:
            problems.append(Problem(problem[0], Location(str(path), line), key, problem[1]))
        else:
            good[key], said[key] = value, Origin(key, Location(str(path), line))
    return good


def _from_variables(environment: Mapping[str, str], said: dict[str, Origin], problems: list[Problem]) -> dict[str, Any]:
    good: dict[str, Any] = {}
    for key in _KINDS:
        name = f"DOCKYARD_{key.upper()}"
        text = environment.get(name)
        if text is None:
            continue
        value = _typed(key, text)
        problem = _wrong(key, value)
        if problem:
            problems.append(Problem(problem[0], None, name, problem[1]))
        else:
            good[key], said[key] = value, Origin(name)
    return good


def _typed(key: str, text: str) -> Any:
    kind = _KINDS[key]
    if kind is bool:
        return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}.get(text.lower(), text)
    try:
        return kind(text)
    except ValueError:
        return text


def _wrong(key: str, value: Any) -> tuple[str, str] | None:
    """What is wrong with a setting, and what would be right."""
    if key not in _KINDS:
        near = difflib.get_close_matches(key, _KINDS, 1)
        return "there is no such setting", f"did you mean {near[0]}?" if near else f"settings are: {', '.join(MEANINGS)}"
    kind = _KINDS[key]
    if type(value) is not kind and not (kind is float and type(value) is int):
        return f"{value!r} {_WORDS[kind]}", MEANINGS[key]
    if kind in (int, float) and (value < 0 or not math.isfinite(value)):
        return f"{value} is not 0 or more", MEANINGS[key]
    if key in _CHOICES and value not in _CHOICES[key]:
        return f"{value!r} is none of {', '.join(c for c in _CHOICES[key] if c)}", MEANINGS[key]
    read = seconds if key in _TIMES and value else size if key == "memory" else None
    try:
        if read is not None:
            read(str(value), key)
    except UserError as error:
        return error.problems[0].what, error.problems[0].hint
    return None


def seconds(text: str, what: str) -> float:
    """A time from a flag or a setting."""
    try:
        value = duration.seconds(text)
    except ValueError as error:
        raise UserError(Problem(str(error), path=what, hint="times are written as in Compose: 90s, 30m, 1h30m")) from error
    if value <= 0:
        raise UserError(Problem(f"{text} is no time to wait", path=what, hint="more than 0"))
    return value


def size(text: str, what: str) -> int:
    """Bytes of a size from a flag or a setting: 512m, 4g, 1.5GiB; "" is 0."""
    if not text:
        return 0
    from dockyard.compose.sizes import parse_bytes

    try:
        return parse_bytes(text)
    except ValueError as error:
        raise UserError(Problem(str(error), path=what, hint="sizes are written as in Compose: 512m, 4g")) from error
