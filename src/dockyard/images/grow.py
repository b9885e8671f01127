"""From declared builds and the texts of their Dockerfiles to the graph. Pure.

Every image × platform that a build makes is a node, every image that it takes from is one too. What can't be read becomes a
problem with its place; all others are in the graph all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from dockyard.images import platforms
from dockyard.images.builds import Build
from dockyard.images.dockerfile import needs, stages
from dockyard.images.dockerfile.needs import Need, Needs
from dockyard.images.dockerfile.stages import Dockerfile, Take
from dockyard.images.platforms import Platform
from dockyard.model.errors import Location, Problem, UserError
from dockyard.model.lineage import VERSION, Edge, EdgeKind, Graph, How, Learned, Node, Recipe, Unused, key, reference

_INNER = "dockyard.invalid"
"""The registry of images that another build of the same scan makes: their names need not be references."""


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What is the same for all builds: platforms where a build names none, where builds run, and further build args."""

    platforms: tuple[Platform, ...]
    build_platform: Platform
    args: Mapping[str, str] = {}


class Grown(msgspec.Struct, frozen=True):
    graph: Graph
    problems: tuple[Problem, ...]


def grow(builds: Sequence[Build], texts: Mapping[str, str], world: World) -> Grown:
    """`texts`: the Dockerfiles by their paths, as `Build.path` has them. Their places are told by these paths."""
    grower = _Grower(builds, texts, world)
    for build in builds:
        grower.take(build)
    return Grown(grower.graph(), tuple(grower.problems))


class _Grower:
    def __init__(self, builds: Sequence[Build], texts: Mapping[str, str], world: World) -> None:
        self._texts, self._world = texts, world
        self.problems: list[Problem] = []
        self._files: dict[str, Dockerfile | None] = {}
        self._nodes: dict[str, Node] = {}
        self._edges: dict[tuple[str, str, EdgeKind], Edge] = {}
        self._unused: dict[tuple[str, str, Location], Unused] = {}
        self._primary: dict[str, str] = {}
        self._triggers: dict[str, tuple[Take, ...]] = {}
        self._numbers = {build.key: number for number, build in enumerate(builds)}
        self._names = [_names(build) for build in builds]
        self._wanted = self._demanded(builds)
        for build, names in zip(builds, self._names, strict=True):
            for alias in names:
                self._primary.setdefault(alias, names[0])
            self._learn_triggers(build, names)

    def take(self, build: Build) -> None:
        file = self._file(build)
        if file is None:
            return
        told: set[Problem] = set()
        for platform in self._wanted[build.key]:
            try:
                found = needs.needs(file, self._asked(build, platform))
            except UserError as error:
                # The same file for another platform says the same again.
                told |= {_moved_problem(problem, build) for problem in error.problems}
            else:
                self._add(build, file, platform, found)
        self.problems += sorted(told, key=str)

    def graph(self) -> Graph:
        return Graph(
            version=VERSION,
            nodes=tuple(sorted(self._nodes.values(), key=lambda node: node.key)),
            edges=tuple(sorted(self._edges.values(), key=lambda edge: (edge.child, edge.parent, edge.kind))),
            unused=tuple(sorted(self._unused.values(), key=lambda one: (one.child, str(one.at), one.name))),
        )

    def _file(self, build: Build) -> Dockerfile | None:
        """The Dockerfile, read once however many builds use it; None where it can't be."""
        if build.inline:
            return self._read(build.inline, _inline_file(build), build)
        if build.path not in self._files:
            text = self._texts.get(build.path)
            self._files[build.path] = self._read(text, build.path, build) if text is not None else None
        return self._files[build.path]

    def _read(self, text: str, name: str, build: Build) -> Dockerfile | None:
        try:
            return stages.read(text, name)
        except UserError as error:
            self.problems += [_moved_problem(problem, build) for problem in error.problems]
            return None

    def _learn_triggers(self, build: Build, names: tuple[str, ...]) -> None:
        file = None
        if build.inline or "ONBUILD" in self._texts.get(build.path, "").upper():
            before = list(self.problems)
            file = self._file(build)
            if build.inline:
                self.problems = before
        if file is None:
            return
        stage = next((one for one in reversed(file.stages) if not build.target or one.name == build.target.lower()), None)
        if stage is not None and stage.triggers:
            self._triggers[f"{_INNER}/build:{self._numbers[build.key]}"] = stage.triggers
            for name in names:
                try:
                    self._triggers[str(reference(name))] = stage.triggers
                except ValueError:
                    continue

    def _demanded(self, builds: Sequence[Build]) -> dict[str, tuple[Platform, ...]]:
        """Each build's platforms: its own, and those of the builds that take from it by name, as bake and Compose make them."""
        found = {build.key: dict.fromkeys(self._platforms(build)) for build in builds}
        ahead = list(builds)
        while ahead:
            build = ahead.pop()
            for value in build.contexts.values():
                source = value.removeprefix("build:")
                if value.startswith("build:") and source in found and not found[build.key].keys() <= found[source].keys():
                    found[source] |= found[build.key]
                    ahead += [one for one in builds if one.key == source]
        return {name: tuple(wanted) for name, wanted in found.items()}

    def _platforms(self, build: Build) -> tuple[Platform, ...]:
        if not build.platforms:
            return self._world.platforms
        found: list[Platform] = []
        for text in build.platforms:
            try:
                found.append(platforms.parse(text, self._world.build_platform))
            except ValueError as error:
                self.problems.append(Problem(str(error), build.declared))
        return tuple(found)

    def _asked(self, build: Build, platform: Platform) -> needs.Asked:
        return needs.Asked(
            platform=platform,
            build_platform=self._world.build_platform,
            target=build.target,
            args={**build.args, **self._world.args},
            contexts={name: self._context(value) for name, value in build.contexts.items()},
            triggers=self._triggers,
        )

    def _context(self, value: str) -> str:
        """A context that is another build, as an image that stands for it."""
        number = self._numbers.get(value.removeprefix("build:")) if value.startswith("build:") else None
        return value if number is None else f"docker-image://{_INNER}/build:{number}"

    def _add(self, build: Build, file: Dockerfile, platform: Platform, found: Needs) -> None:
        names = self._names[self._numbers[build.key]]
        child = key(names[0], str(platform))
        place = _moved(Location(file.file, 1), build) if build.inline else Location(file.file)
        recipe = Recipe(
            dockerfile=place,
            target=build.target,
            context=build.context,
            declared=build.declared,
            frontend=file.frontend,
        )
        self._nodes[child] = Node(name=names[0], platform=str(platform), recipe=recipe, aliases=names[1:])
        for need in found.needs:
            self._edge(build, child, need)
        for spare in found.spare:
            at = _moved(spare.at, build)
            self._unused[(child, spare.name, at)] = Unused(child=child, name=spare.name, stage=spare.stage, at=at)

    def _edge(self, build: Build, child: str, need: Need) -> None:
        parent = self._parent(need)
        parent_key = key(parent, str(need.platform))
        self._nodes.setdefault(parent_key, Node(name=parent, platform=str(need.platform)))
        learned = [Learned(how=How.DOCKERFILE, at=_moved(need.at, build), stage=need.stage)]
        if need.context:
            learned.append(Learned(how=build.how, at=build.contexts_at or build.declared, stage=need.context))
        edge = Edge(
            child=child,
            parent=parent_key,
            kind=need.kind,
            learned=tuple(learned),
            final=need.final,
            pinned=need.image.digest,
        )
        before = self._edges.get((child, parent_key, need.kind))
        if before is not None:
            again = tuple(one for one in edge.learned if one not in before.learned)
            # A name that is written with a digest in one place and without in another follows its tag.
            pinned = edge.pinned if edge.pinned == before.pinned else ""
            edge = msgspec.structs.replace(edge, learned=before.learned + again, final=before.final or edge.final, pinned=pinned)
        self._edges[(child, parent_key, need.kind)] = edge

    def _parent(self, need: Need) -> str:
        if need.image.host == _INNER:
            return self._names[int(need.image.tag)][0]
        return self._primary.get(need.image.name, need.image.name)


def _names(build: Build) -> tuple[str, ...]:
    """The image's names as references are told; its Dockerfile's path, with the target, where nobody names it."""
    found: list[str] = []
    for name in build.names:
        try:
            found.append(reference(name).name)
        except ValueError:
            found.append(name)
    path = f"{build.path}#{build.target}" if build.target else build.path
    return tuple(dict.fromkeys(found)) or (path or build.key,)


def _inline_file(build: Build) -> str:
    return build.inline_at.file if build.inline_at else build.key


def _moved(at: Location, build: Build) -> Location:
    """A place in an inline Dockerfile as one in the file that it is written in: a block begins on the line below its key."""
    if not build.inline or build.inline_at is None or not build.inline_at.line:
        return at
    return Location(at.file, build.inline_at.line + at.line if "\n" in build.inline else build.inline_at.line)


def _moved_problem(problem: Problem, build: Build) -> Problem:
    return msgspec.structs.replace(problem, at=_moved(problem.at, build)) if problem.at else problem
