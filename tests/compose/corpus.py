"""The corpus of Compose files: what a case is, how Dockyard reads it, how the real Compose does.

A case is one text file `<group>/<name>.case` of sections, each opened by a line `-- name --`: files by their path, and
optionally `arguments` (flags for `config`, `-f` and others), `environment` (NAME=value lines), `problems` (lines that
Dockyard's error must contain, in this order), `folder` (where the command runs, below the case's folder), `differs`
(why Dockyard's answer is meant to be another than Compose's: then `<name>.json` isn't compared).
Beside it `<name>.json` is what the real Compose said: {"config": …} or {"refused": message}. It is written by
`python tests/compose/corpus.py` (see `regenerate`), never by hand and never from Dockyard's own output.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dockyard.compose import load, select
from dockyard.model.application import Application
from dockyard.model.errors import UserError

ROOT = Path(__file__).resolve().parent.parent / "cases" / "compose"
_SECTION = re.compile(r"^-- (\S.*?) --$")
_PARTS = ("arguments", "environment", "problems", "folder", "differs")


@dataclass(frozen=True)
class Case:
    name: str
    path: Path
    files: dict[str, str]
    parts: dict[str, str] = field(default_factory=dict)

    @property
    def arguments(self) -> list[str]:
        return shlex.split(self.parts.get("arguments", ""))

    @property
    def environment(self) -> dict[str, str]:
        lines = self.parts.get("environment", "").splitlines()
        return {name: value for name, _, value in (line.partition("=") for line in lines if line)}

    @property
    def expected(self) -> dict[str, Any]:
        return json.loads(self.path.with_suffix(".json").read_text(encoding="utf-8"))

    def lay_out(self, folder: Path) -> Path:
        """Writes the files; gives the folder that the command runs in."""
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        work = folder / self.parts.get("folder", "").strip()
        work.mkdir(parents=True, exist_ok=True)
        return work

    def variables(self, folder: Path) -> dict[str, str]:
        return {"HOME": str(folder / "home"), "PATH": os.environ["PATH"], **self.environment}


def read(path: Path) -> Case:
    sections: dict[str, str] = {}
    name = ""
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if opened := _SECTION.match(line.rstrip("\n")):
            name = opened[1]
            sections[name] = ""
        elif name:
            sections[name] += line
    files = {key: text for key, text in sections.items() if key not in _PARTS}
    parts = {key: text for key, text in sections.items() if key in _PARTS}
    return Case(str(path.relative_to(ROOT).with_suffix("")), path, files, parts)


def cases() -> list[Case]:
    return [read(path) for path in sorted(ROOT.rglob("*.case"))]


def ask_compose(case: Case, binary: Path) -> dict[str, Any]:
    """What the real Compose says. The case's folder is called /above/case in it."""
    with tempfile.TemporaryDirectory(prefix="case-") as made:
        folder = Path(os.path.realpath(made)) / "above" / "case"
        folder.parent.mkdir()
        folder.mkdir()
        work = case.lay_out(folder)
        command = [str(binary), *case.arguments, "config", "--format", "json"]
        done = subprocess.run(command, cwd=work, env=case.variables(folder), capture_output=True, text=True, timeout=60)
        if done.returncode:
            lines = [line for line in done.stderr.strip().splitlines() if "level=warning" not in line]
            return {"refused": anywhere("\n".join(lines), folder)}
        return {"config": json.loads(anywhere(done.stdout, folder))}


def anywhere(text: str, folder: Path) -> str:
    """The text with the case's folder called /above/case."""
    return text.replace(str(folder.parent.parent), "")


def differences(expected: Any, got: Any, at: str = "") -> list[str]:
    """Where two configurations differ, one line each; lists that Compose builds from a map compare by content."""
    if isinstance(expected, dict) and isinstance(got, dict):
        lines: list[str] = []
        for key in sorted({*expected, *got}):
            below = f"{at}.{key}" if at else key
            if key not in got:
                lines.append(f"{below}: missing, expected {json.dumps(expected[key])}")
            elif key not in expected:
                lines.append(f"{below}: unexpected {json.dumps(got[key])}")
            else:
                lines += differences(expected[key], got[key], below)
        return lines
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        return [line for i, pair in enumerate(zip(expected, got, strict=True)) for line in differences(*pair, f"{at}[{i}]")]
    return [] if expected == got else [f"{at}: expected {json.dumps(expected)}, got {json.dumps(got)}"]


def regenerate(binary: Path, only: str = "") -> None:
    """Writes what Compose says of each case beside it."""
    for case in cases():
        if only and only not in case.name:
            continue
        said = ask_compose(case, binary)
        path = case.path.with_suffix(".json")
        if "refused" in said and path.exists() and "refused" in case.expected:
            continue  # which of several errors Compose tells first is chance
        path.write_text(json.dumps(said, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def resolve(arguments: Sequence[str], env: Mapping[str, str], *, cwd: str) -> Application:
    """The application that Compose's own global flags ask for, narrowed as `config` narrows it."""
    flags: dict[str, list[str]] = {}
    names = {"-f": "file", "--file": "file", "-p": "name", "--project-name": "name", "--env-file": "env"}
    names |= {"--profile": "profile", "--project-directory": "directory"}
    rest = iter(arguments)
    for argument in rest:
        if argument == "--all-resources":
            flags["all"] = [""]
        elif argument in names:
            flags.setdefault(names[argument], []).append(next(rest))
        else:
            raise UserError(f"unknown argument {argument}")
    app = load(
        flags.get("file"),
        env,
        cwd=cwd,
        project_name=flags.get("name", [None])[-1],
        project_directory=flags.get("directory", [None])[-1],
        profiles=flags.get("profile", ()),
        env_files=flags.get("env", ()),
    )
    return select(app, all_resources="all" in flags)


if __name__ == "__main__":
    regenerate(Path(sys.argv[1]), *sys.argv[2:3])
