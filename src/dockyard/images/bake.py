"""Bake files, evaluated by the one program that does it fully: buildx's own `bake --print`, which needs no engine.

A JSON file without expressions is read here, so that it needs no buildx; an HCL file without buildx is refused by name, for its
variables, functions and matrices decide what is built.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from dockyard.engines.build.builder import find_buildx
from dockyard.images.loose import rows, table
from dockyard.model.errors import Location, Problem, UserError

_SECONDS = 60
_ERROR = re.compile(r"(?:ERROR: )?(\S+?):(\d+),(\d+)-\d+(?:,\d+)?: (.+)")


def read(files: Sequence[str], environment: Mapping[str, str], shown: Mapping[str, str]) -> dict[str, Any]:
    """All targets of a folder's bake files, as `bake --print` prints them. UserError where they can't be read.

    `shown`: how a file's path is told.
    """
    program = find_buildx(environment)
    if program is None:
        return _plain(files, shown)
    folder = os.path.dirname(files[0])
    named = [word for file in files for word in ("--file", os.path.basename(file))]
    listed = json.loads(_run([program, "bake", *named, "--list", "type=targets,format=json"], folder, environment, files, shown))
    targets = [str(one["name"]) for one in map(table, rows(listed)) if not one.get("group")]
    if not targets:
        return {}
    return json.loads(_run([program, "bake", *named, "--print", *targets], folder, environment, files, shown))


def _run(argv: Sequence[str], folder: str, environment: Mapping[str, str], files: Sequence[str], shown: Mapping[str, str]) -> str:
    try:
        done = subprocess.run(
            list(argv),
            cwd=folder,
            env={**environment, "BUILDKIT_PROGRESS": "plain"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(Problem(f"buildx can't evaluate it: {error}", Location(shown[files[0]]))) from error
    if done.returncode:
        raise UserError(_problem(done.stderr, files, shown))
    return done.stdout


def _problem(said: str, files: Sequence[str], shown: Mapping[str, str]) -> Problem:
    """buildx's error with its place: `docker-bake.hcl:3,34-4,1: Invalid …`."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    for line in reversed(lines):
        found = _ERROR.match(line)
        if found:
            file = next((path for path in files if os.path.basename(path) == os.path.basename(found[1])), files[0])
            return Problem(found[4], Location(shown[file], int(found[2]), int(found[3])))
    return Problem((lines or ["buildx said nothing"])[-1].removeprefix("ERROR: "), Location(shown[files[0]]))


def _plain(files: Sequence[str], shown: Mapping[str, str]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for file in files:
        hint = "install Docker's buildx plugin, or write `docker buildx bake --print` of it to docker-bake.json"
        with open(file, encoding="utf-8") as opened:
            text = opened.read()
        if not file.endswith(".json") or "${" in text or '"matrix"' in text:
            raise UserError(
                Problem("this bake file needs buildx to evaluate it, which is not installed", Location(shown[file]), hint=hint)
            )
        try:
            found = table(table(json.loads(text)).get("target"))
        except ValueError as error:
            raise UserError(Problem(f"is no JSON: {error}", Location(shown[file]))) from error
        for name, target in found.items():
            merged[name] = table(merged.get(name)) | table(target)
    return {"target": {name: _inherited(name, merged, ()) for name in merged}}


def _inherited(name: str, targets: Mapping[str, Any], above: tuple[str, ...]) -> dict[str, Any]:
    """A target with what it inherits: later ones stand over earlier, maps are merged."""
    made: dict[str, Any] = {}
    own = table(targets.get(name))
    parents = [str(one) for one in rows(own.get("inherits")) if one not in above]
    for values in (*(_inherited(one, targets, (*above, name)) for one in parents), own):
        for key, value in values.items():
            made[key] = table(made.get(key)) | table(value) if isinstance(value, dict) else value
    return made
