"""Which files, which folder, which variables, which name: what Compose settles before it reads a file.

In this order: variables of the environment; `.env` beside the file (or `--env-file`, `COMPOSE_ENV_FILES`), which they
win over; the files (`-f`, `COMPOSE_FILE`, a search upwards); `.env` of the folder that the files are in.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence

import msgspec

from dockyard.compose import dotenv
from dockyard.compose.asked import Asked
from dockyard.compose.document import Limits
from dockyard.compose.files import Files
from dockyard.compose.paths import join
from dockyard.compose.tree import Report
from dockyard.model.errors import Location, Problem, UserError

TEST_FILE = "docker-compose.test.yml"
NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)


class Found(msgspec.Struct, frozen=True):
    """What was settled. Paths are absolute (`-` is standard input); `env` has the variables of the env files too, and
    knows what these took from outside."""

    files: tuple[str, ...]
    directory: str
    env: Asked
    env_files: tuple[str, ...]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for: the flags, and the working directory (absolute)."""

    files: Sequence[str]
    cwd: str
    project_directory: str | None
    env_files: Sequence[str]
    for_test: bool


def discover(wanted: Wanted, env: Mapping[str, str], files: Files, limits: Limits, report: Report) -> Found:
    """UserError where no file is found or an env file can't be read."""
    known = Asked(env)
    known.setdefault("PWD", wanted.cwd)
    named = [path if path == "-" else join(wanted.cwd, path) if path[:1] != "/" else path for path in wanted.files]
    first = _directory(wanted, named)
    env_files = _env_files(wanted, env, first, files)
    _merge(known, read_env_files(env_files, known, files, limits))
    if not named and "COMPOSE_FILE" in known:
        separator = known.get("COMPOSE_PATH_SEPARATOR") or ":"
        parts = known["COMPOSE_FILE"].split(separator)
        named = [part if part in ("-", "") or part[0] == "/" else join(wanted.cwd, part) for part in parts]
    if not named:
        named = _search(first, wanted.for_test, files, report)
    if not named:
        what = "no Compose file here or in the folders above"
        raise UserError(Problem(what, hint=f"looked for {', '.join(NAMES)} from {first} upwards; -f names another"))
    directory = _directory(wanted, named)
    again = _env_files(wanted, env, directory, files)
    if again != env_files:
        _merge(known, read_env_files(again, known, files, limits))
    return Found(tuple(named), directory, known, again)


def _directory(wanted: Wanted, named: Sequence[str]) -> str:
    if wanted.project_directory:
        return (
            join(wanted.cwd, wanted.project_directory)
            if wanted.project_directory[0] != "/"
            else posixpath.normpath(wanted.project_directory)
        )
    for path in named:
        if path != "-":
            return posixpath.dirname(posixpath.normpath(path))
    return wanted.cwd


def _env_files(wanted: Wanted, env: Mapping[str, str], directory: str, files: Files) -> tuple[str, ...]:
    """`env`: the process's own variables; which files there are isn't said in one of them."""
    given = list(wanted.env_files) or [part for part in env.get("COMPOSE_ENV_FILES", "").split(",") if part]
    if given:
        return tuple(path if path[0] == "/" else join(wanted.cwd, path) for path in given)
    if env.get("COMPOSE_DISABLE_ENV_FILE", "") in ("1", "t", "T", "true", "TRUE", "True"):
        return ()
    default = join(directory, ".env")
    return (default,) if files.is_file(default) else ()


def _merge(known: dict[str, str], more: Mapping[str, str]) -> None:
    for name, value in more.items():
        known.setdefault(name, value)


def read_env_files(paths: Sequence[str], env: Mapping[str, str], files: Files, limits: Limits) -> dict[str, str]:
    """The variables of `.env` files; a later file wins. UserError where one can't be read."""
    found: dict[str, str] = {}

    def lookup(name: str) -> str | None:
        return env.get(name, found.get(name))

    for path in paths:
        dotenv.parse(path, read_text(path, files, limits, "env file"), lookup, found)
    return found


def read_text(path: str, files: Files, limits: Limits, kind: str) -> str:
    """A file as text. UserError where it can't be read or is too big."""
    try:
        data = files.read(path, limits.file_bytes)
    except OSError as error:
        raise UserError(Problem(f"cannot read the {kind}: {error.strerror or error}", Location(path))) from error
    if len(data) > limits.file_bytes:
        raise UserError(Problem(f"the {kind} is bigger than {limits.file_bytes} bytes", Location(path)))
    return data.decode("utf-8", "replace")


def _search(directory: str, for_test: bool, files: Files, report: Report) -> list[str]:
    while True:
        if for_test and files.is_file(join(directory, TEST_FILE)):
            return [join(directory, TEST_FILE)]
        found = [path for name in NAMES if files.exists(path := join(directory, name))]
        if found:
            overrides = [path for name in OVERRIDES if files.exists(path := join(directory, name))]
            for kind, candidates in (("config", found), ("override", overrides)):
                if len(candidates) > 1:
                    report.warn(f"Found multiple {kind} files with supported names: {', '.join(candidates)}")
                    report.warn(f"Using {candidates[0]}")
            return found[:1] + overrides[:1]
        parent = posixpath.dirname(directory)
        if parent == directory:
            return []
        directory = parent


def normal_name(text: str) -> str:
    """A project's name as Compose makes it from any text: lower case letters, digits, `-` and `_`."""
    return "".join(re.findall(r"[a-z0-9_-]", text.lower())).lstrip("_-")
