"""`reproduce.sh`: the same command again, from the same folder, with the variables that counted.

It lies in a folder that CI keeps for everybody, so it has no more than the run rested on: what the files asked for, and what leads to
engine and settings. What is secret, or may well be, is asked for instead of written down: a question too many costs a moment.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from dockyard.record.mask import may_be_secret, says_secret

_OURS = "DOCKYARD_"
_OF_ANOTHER_RUN = "DOCKYARD_SERVICE_"
_ENGINE = (
    "DOCKER_API_VERSION",
    "DOCKER_CERT_PATH",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "DOCKER_HOST",
    "DOCKER_TLS",
    "DOCKER_TLS_VERIFY",
    "XDG_CONFIG_HOME",
)
_SHELL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_OPTION = re.compile(r"(-{0,2}[A-Za-z][A-Za-z0-9_.-]*)(?:=.*)?", re.ASCII | re.DOTALL)
_SECRET = "is a secret and was not written down"


def counting(process: Mapping[str, str], application: Mapping[str, str], asked: Collection[str]) -> dict[str, str]:
    """The variables that a run rested on: those of the `application` (the `process`'s and the env files') that its files `asked` for, and
    those of the process that say which engine and which settings."""
    found = {name: value for name, value in application.items() if name in asked}
    for name, value in process.items():
        if name in _ENGINE or (name.startswith(_OURS) and not name.startswith(_OF_ANOTHER_RUN)):
            found[name] = value
    return found


def script(
    argv: Sequence[str],
    directory: str,
    variables: Mapping[str, str],
    files: Mapping[str, str],
    *,
    mask: Callable[[str], str],
    secret: Collection[str] = (),
    in_files: Collection[str] = (),
) -> str:
    """The script's text.

    `files`: the Compose files that were read, with their SHA-256, so that one sees whether they are still the same. `mask` hides secrets'
    values; `secret` are names of variables that hold some, whatever they are called; `in_files` those that an env file gives by itself."""
    lines = ["#!/bin/sh", "# Runs the same test again.", "set -eu", f"cd {shlex.quote(directory)}"]
    lines += [_comment(f"{digest}  {path}") for path, digest in files.items()]
    written: list[str] = []
    for name, value in sorted(variables.items()):
        if not _is_secret(name, value, secret, mask):
            written.append(f"{name}={value}")
        elif name in in_files:
            lines.append(_comment(f"{name} {_SECRET}: it comes from an env file"))
        elif _SHELL_NAME.fullmatch(name):
            lines.append(f': "${{{name}:?{_SECRET}}}"')
        else:
            lines.append(_comment(f"{name} {_SECRET}, and no shell can ask for it"))
    words: list[str] = []
    for number, argument in enumerate(argv):
        if _hidden(argument, argv[number - 1] if number else "", mask):
            lines.append(f': "${{ARGUMENT_{number}:?{_shown(argument)}{_SECRET}}}"')
            words.append(f'"$ARGUMENT_{number}"')
        else:
            words.append(shlex.quote(argument))
    # by env, not by export: some of a shell's own (UID) can't be exported, and a name may be none that a shell knows
    command = " \\\n  ".join(["exec env", *map(shlex.quote, written), " ".join(words)])
    return "\n".join([*lines, command]) + "\n"


def write(folder: Path, text: str) -> None:
    """Put it into a report. OSError where it can't be written."""
    path = folder / "reproduce.sh"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    path.chmod(0o755)


def _comment(text: str) -> str:
    return "# " + " ".join(text.split("\n"))


def _is_secret(name: str, value: str, secret: Collection[str], mask: Callable[[str], str]) -> bool:
    return bool(value) and (name in secret or may_be_secret(name) or says_secret(value) or mask(value) != value)


def _hidden(argument: str, before: str, mask: Callable[[str], str]) -> bool:
    """Whether a word of the command is secret: by its value, or as the value of an option (`--password=…`, `--password …`, `PASSWORD=…`)."""
    if mask(argument) != argument or says_secret(argument):
        return True
    option, equals, value = argument.partition("=")
    if equals:
        return bool(value) and may_be_secret(_variable(option))
    return before.startswith("-") and "=" not in before and not argument.startswith("-") and may_be_secret(_variable(before))


def _variable(option: str) -> str:
    return option.lstrip("-").replace("-", "_") if _OPTION.fullmatch(option) else ""


def _shown(argument: str) -> str:
    """What of a hidden word may be said: the option that it is."""
    found = _OPTION.fullmatch(argument)
    return f"{found[1]}= " if found and "=" in argument else ""
