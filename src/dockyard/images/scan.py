"""Scan folders for what says how images are built, and make the graph of it. Reads files, and asks buildx about bake files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import msgspec

from dockyard.compose import discover, load
from dockyard.images import bake, builds, find, grow
from dockyard.images.builds import Build
from dockyard.images.grow import Grown, World
from dockyard.model.errors import Location, Problem, UserError
from dockyard.model.lineage import How

_MOST = 4 << 20
"""Bytes of a Dockerfile that are read: a longer one is none."""


class Scanned(msgspec.Struct, frozen=True):
    """The graph, everything that is wrong, and how many files of each kind were read."""

    grown: Grown
    dockerfiles: int
    composes: int
    bakes: int


def scan(
    paths: Sequence[str], cwd: str, environment: Mapping[str, str], world: World, names: Mapping[str, str] | None = None
) -> Scanned:
    """`names`: of Dockerfiles that no build names, by their paths from `cwd`. UserError for a path that isn't there only."""
    scanner = _Scanner(cwd, environment)
    found = find.find(paths, cwd)
    declared = scanner.composes(found.composes) + scanner.bakes(found.bakes)
    used = {build.path for build in declared}
    alone = [scanner.shown(path) for path in found.dockerfiles if scanner.shown(path) not in used]
    given = names or {}
    declared += [Build(key=path, how=How.DOCKERFILE, path=path, names=(given[path],) if path in given else ()) for path in alone]
    grown = grow.grow(declared, scanner.texts(declared), world)
    problems = (*scanner.problems, *grown.problems)
    ordered = sorted(set(problems), key=lambda p: (p.at.file, p.at.line, p.at.column, p.what) if p.at else ("", 0, 0, p.what))
    counted = len({build.path or build.key for build in declared})
    return Scanned(Grown(grown.graph, tuple(ordered)), counted, len(found.composes), len(found.bakes))


class _Scanner:
    def __init__(self, cwd: str, environment: Mapping[str, str]) -> None:
        self._cwd, self._environment = cwd, environment
        # Which files, profiles and project are this command's own words; a variable that says them is meant for one project.
        self._plain = {name: value for name, value in environment.items() if not name.startswith("COMPOSE_")}
        self.problems: list[Problem] = []

    def shown(self, path: str) -> str:
        """As it is told: from the current folder, where it is below it."""
        below = os.path.relpath(path, self._cwd) if path.startswith("/") else path
        return path if below.startswith("..") else below

    def composes(self, files: Sequence[str]) -> list[Build]:
        found: list[Build] = []
        for group in _grouped(files):
            try:
                application = load(group, self._plain, cwd=self._cwd, profiles=["*"])
            except UserError as error:
                self.problems += error.problems
                continue
            found += [self._local(build) for build in builds.of_application(application)]
        return [build for build in found if self._readable(build)]

    def bakes(self, groups: Sequence[Sequence[str]]) -> list[Build]:
        found: list[Build] = []
        for files in groups:
            shown = {file: self.shown(file) for file in files}
            try:
                document = bake.read(files, self._environment, shown)
            except UserError as error:
                self.problems += error.problems
                continue
            found += builds.of_bake(document, shown[files[0]], os.path.dirname(files[0]))
        return [build for build in map(self._local, found) if self._readable(build)]

    def texts(self, declared: Sequence[Build]) -> dict[str, str]:
        found: dict[str, str] = {}
        for build in declared:
            if build.inline or build.path in found:
                continue
            at = build.declared or Location(build.path)
            path = os.path.join(self._cwd, build.path)
            if os.path.exists(path) and not os.path.isfile(path):
                self.problems.append(Problem(f"the Dockerfile {build.path} is no file", at))
                continue
            try:
                with open(path, "rb") as file:
                    data = file.read(_MOST + 1)
            except OSError as error:
                self.problems.append(Problem(f"the Dockerfile {build.path} can't be read: {error.strerror}", at))
                continue
            if len(data) > _MOST:
                self.problems.append(Problem("is longer than any Dockerfile", Location(build.path)))
                continue
            found[build.path] = data.decode("utf-8", errors="replace")
        return found

    def _local(self, build: Build) -> Build:
        return msgspec.structs.replace(
            build,
            path=self.shown(build.path) if build.path else "",
            context=build.context if builds.remote(build.context) else self.shown(build.context),
        )

    def _readable(self, build: Build) -> bool:
        if build.path or build.inline:
            return True
        hint = "name a folder, or scan where that repository is checked out"
        self.problems.append(
            Problem(f"the context {build.context} is elsewhere: its Dockerfile is not read", build.declared, hint=hint)
        )
        return False


def _grouped(files: Sequence[str]) -> list[list[str]]:
    """Compose files that are read together: a folder's default one with its override; every other alone."""
    folders: dict[str, set[str]] = {}
    for file in files:
        folders.setdefault(os.path.dirname(file), set()).add(os.path.basename(file))
    groups: list[list[str]] = []
    for folder, names in sorted(folders.items()):
        main = next((name for name in discover.NAMES if name in names), "")
        if main:
            overrides = [name for name in discover.OVERRIDES if os.path.isfile(os.path.join(folder, name))]
            groups.append([os.path.join(folder, name) for name in (main, *overrides[:1])])
        groups += [[os.path.join(folder, name)] for name in sorted(names - set(discover.NAMES) - set(discover.OVERRIDES))]
    return groups
