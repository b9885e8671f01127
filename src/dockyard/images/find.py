"""Which files of a folder say how images are built: Dockerfiles, Compose files, bake files. Looks at names only."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

import msgspec

from dockyard.model.errors import Problem, UserError

COMPOSE = re.compile(r"(docker-)?compose(\.test)?\.ya?ml\Z")
_BAKE = ("docker-bake.hcl", "docker-bake.json", "docker-bake.override.hcl", "docker-bake.override.json")
_DOCKERFILE = re.compile(r"((Dockerfile|Containerfile)([._-].+)?|.+\.(dockerfile|Dockerfile|containerfile|Containerfile))\Z")
_NO_DOCKERFILE = (
    ".dockerignore",
    ".md",
    ".rst",
    ".txt",
    ".html",
    ".orig",
    ".rej",
    ".bak",
    ".j2",
    ".jinja",
    ".jinja2",
    ".tmpl",
    ".tpl",
    ".template",
    ".erb",
    ".in",
    "~",
    ".swp",
    ".py",
    ".go",
    ".sh",
)
_LEFT_OUT = frozenset((".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", "dockyard-report"))


class Files(msgspec.Struct, frozen=True):
    """What was found, as absolute paths, sorted. `bakes`: a folder's bake files together, as `docker buildx bake` reads them."""

    dockerfiles: tuple[str, ...]
    composes: tuple[str, ...]
    bakes: tuple[tuple[str, ...], ...]


def find(paths: Sequence[str], cwd: str) -> Files:
    """Below the folders, and the files that are named themselves whatever they are called. UserError for a path that isn't there."""
    found: list[str] = []
    named: dict[str, list[str]] = {"dockerfile": [], "compose": [], "bake": []}
    missing: list[Problem] = []
    for path in paths or (".",):
        whole = os.path.normpath(os.path.join(cwd, path))
        if os.path.isdir(whole):
            found += _walk(whole)
        elif os.path.exists(whole) and not os.path.isfile(whole):
            missing.append(Problem(f"{path} is neither a file nor a folder"))
        elif os.path.exists(whole):
            named[kind(whole) or "dockerfile"].append(whole)
        else:
            missing.append(Problem(f"there is no {path}", hint="name folders, Dockerfiles, Compose files or bake files"))
    if missing:
        raise UserError(*missing)
    for path in found:
        sort = kind(path)
        if sort:
            named[sort].append(path)
    bakes: dict[str, list[str]] = {}
    for path in sorted(set(named["bake"])):
        bakes.setdefault(os.path.dirname(path), []).append(path)
    dockerfiles, composes = sorted(set(named["dockerfile"])), sorted(set(named["compose"]))
    return Files(tuple(dockerfiles), tuple(composes), tuple(tuple(one) for one in bakes.values()))


def kind(path: str) -> str:
    """`dockerfile`, `compose` or `bake` by a file's name; "" for any other."""
    name = os.path.basename(path)
    if name in _BAKE or (name.endswith(".hcl") and "bake" in name):
        return "bake"
    if name.endswith((".yml", ".yaml")):
        return "compose" if "compose" in name else ""
    return "dockerfile" if _DOCKERFILE.match(name) and not name.endswith(_NO_DOCKERFILE) else ""


def _walk(folder: str) -> list[str]:
    found: list[str] = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT)
        called = [os.path.join(place, name) for name in files if _DOCKERFILE.match(name) or name in _BAKE or COMPOSE.match(name)]
        found += [path for path in called if os.path.isfile(path)]  # a pipe of that name would be waited for
    return found
