"""What a target of a Dockerfile depends on: images, for which platform, learned where; and what its other stages would take. Pure.

The rules of BuildKit's `dockerfile2llb`: global ARGs and build args fill in FROM, a base that is the name of an earlier stage is that
stage, a named context stands over both, only what the target reaches is built.
"""

from __future__ import annotations

import graphlib
import re
from collections.abc import Mapping, Sequence

import msgspec

from dockyard.images import platforms
from dockyard.images.dockerfile import words
from dockyard.images.dockerfile.stages import Dockerfile, Stage, Take
from dockyard.images.platforms import Platform
from dockyard.model.errors import Location, Problem, UserError
from dockyard.model.lineage import EdgeKind, Reference, reference

_NUMBER = re.compile(r"[+-]?[0-9]+")
_SCRATCH = "scratch"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One build: as `docker buildx build --target --build-arg --platform --build-context` would be told.

    `triggers`: what images that are used as a base take by their own ONBUILD, by complete reference.
    """

    platform: Platform
    build_platform: Platform
    target: str = ""
    args: Mapping[str, str] = {}
    contexts: Mapping[str, str] = {}
    triggers: Mapping[str, Sequence[Take]] = {}


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """An image that a build takes. `final`: the target's own layers stand on it, not only those of a stage that it copies from."""

    image: Reference
    platform: Platform
    kind: EdgeKind
    at: Location
    stage: str
    final: bool = False
    context: str = ""
    """The named context that says so, where the file itself says another name."""


class Spare(msgspec.Struct, frozen=True, kw_only=True):
    """What a stage that the target doesn't need would take."""

    name: str
    stage: str
    at: Location


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    needs: tuple[Need, ...]
    spare: tuple[Spare, ...]
    triggers: tuple[Take, ...]
    """What the ONBUILD instructions of the target take in images that are built on it."""


def needs(file: Dockerfile, asked: Asked) -> Needs:
    """UserError with everything that keeps this target from being built."""
    found = _Resolver(file, asked)
    result = found.resolve()
    if found.problems:
        raise UserError(*sorted(found.problems, key=lambda p: (p.at.line, p.at.column) if p.at else (0, 0)))
    return result


class _Source(msgspec.Struct, frozen=True):
    """What a name stands for: an earlier stage, an image, or nothing of an image's (scratch, a folder, a repository)."""

    stage: Stage | None = None
    image: Reference | None = None
    context: str = ""
    wrong: str = ""


class _Resolver:
    def __init__(self, file: Dockerfile, asked: Asked) -> None:
        self._file, self._asked = file, asked
        self.problems: list[Problem] = []
        self._by_name: dict[str, Stage] = {}
        self._variables = self._globals()
        self._contexts = {_context_name(name): value for name, value in asked.contexts.items()}
        self._bases: dict[int, _Source] = {}
        self._platforms: dict[int, Platform] = {}
        self._replaced: dict[int, _Source] = {}
        self._needs: dict[tuple[str, str, EdgeKind, Location], Need] = {}

    def resolve(self) -> Needs:
        for stage in self._file.stages:
            self._place(stage)
        self._known_sources()
        self._no_circles()
        target = self._target()
        if target is None or self.problems:
            return Needs(needs=(), spare=(), triggers=())
        reached = self._reach(target)
        spare = [one for stage in self._file.stages if stage.index not in reached for one in self._spare(stage)]
        chain = {stage.index for stage in self._chain(target)}
        for stage in self._file.stages:
            if stage.index in reached:
                self._take(stage, final=stage.index in chain)
        found = sorted(self._needs.values(), key=lambda n: (n.at.line, n.at.column, str(n.image), str(n.platform)))
        return Needs(needs=tuple(found), spare=tuple(spare), triggers=target.triggers)

    def _globals(self) -> dict[str, str]:
        target, build, given = self._asked.platform, self._asked.build_platform, self._asked.args
        last = self._file.stages[-1].name if self._file.stages else ""
        known = {
            "BUILDPLATFORM": str(build),
            "BUILDOS": build.os,
            "BUILDOSVERSION": "",
            "BUILDARCH": build.arch,
            "BUILDVARIANT": build.variant,
            "TARGETPLATFORM": str(target),
            "TARGETOS": target.os,
            "TARGETOSVERSION": "",
            "TARGETARCH": target.arch,
            "TARGETVARIANT": target.variant,
            "TARGETSTAGE": self._asked.target or last or "default",
        }
        known = {name: given.get(name, value) for name, value in known.items()}
        for arg in self._file.args:
            try:
                value = given.get(arg.name)
                if value is None and arg.value is not None:
                    value = words.expand(arg.value, known, self._file.escape)
                if value is not None:
                    known[arg.name] = value
            except ValueError as error:
                self._wrong(f"ARG {arg.name} can't be expanded: {error}", arg.at)
        return known

    def _place(self, stage: Stage) -> None:
        """What the stage stands on, and for which platform."""
        unset: set[str] = set()
        base = self._expanded(stage.base, stage.base_at, unset)
        self._platforms[stage.index] = self._platform(stage)
        named = self._context(stage.name) if stage.name else None
        if named is not None:
            self._replaced[stage.index] = named
        elif base is not None:
            earlier = self._by_name.get(base)
            self._bases[stage.index] = _Source(stage=earlier) if earlier is not None else self._image(base)
            if self._bases[stage.index].wrong or not base:
                self._no_base(stage, base, unset)
        if stage.name:
            self._by_name[stage.name] = stage

    def _no_base(self, stage: Stage, base: str, unset: set[str]) -> None:
        if unset:
            names = " and ".join(sorted(unset))
            hint = f"a global ARG with a default, a build arg of a Compose or bake file, or --build-arg {sorted(unset)[0]}=…"
            self._wrong(f"the base {stage.base} needs a value of {names}", stage.base_at, hint)
        else:
            self._wrong(
                f"the base {base!r} is no image reference", stage.base_at, "[registry/]name[:tag][@digest], in lower case"
            )

    def _expanded(self, text: str, at: Location, unset: set[str]) -> str | None:
        try:
            return words.expand(text, self._variables, self._file.escape, unset)
        except ValueError as error:
            self._wrong(f"{text} can't be expanded: {error}", at)
            return None

    def _platform(self, stage: Stage) -> Platform:
        if not stage.platform:
            return self._asked.platform
        unset: set[str] = set()
        text = self._expanded(stage.platform, stage.platform_at, unset)
        try:
            return platforms.parse(text, self._asked.platform) if text else self._no_platform(stage, unset)
        except ValueError as error:
            self._wrong(str(error), stage.platform_at)
            return self._asked.platform

    def _no_platform(self, stage: Stage, unset: set[str]) -> Platform:
        if unset:
            self._wrong(f"the platform {stage.platform} needs a value of {' and '.join(sorted(unset))}", stage.platform_at)
        return self._asked.platform

    def _image(self, name: str) -> _Source:
        """An image by a name that is no stage's, or the named context that stands over it."""
        if name == _SCRATCH:
            return _Source()
        try:
            found = reference(name)
        except ValueError as error:
            return _Source(wrong=str(error))
        return self._context(found.name.removesuffix(":latest") if not found.digest else _with_digest(found)) or _Source(
            image=found
        )

    def _context(self, name: str) -> _Source | None:
        if name in (_SCRATCH, "context"):
            return None
        value = self._contexts.get(f"{name}::{self._asked.platform}", self._contexts.get(name))
        if value is None:
            return None
        scheme, _, rest = value.partition(":")
        if scheme != "docker-image":
            return _Source(context=name)
        rest = rest.removeprefix("//")
        if rest == _SCRATCH:
            return _Source(context=name)
        try:
            return _Source(image=reference(rest), context=name)
        except ValueError as error:
            return _Source(wrong=str(error), context=name)

    def _target(self) -> Stage | None:
        if not self._asked.target:
            return self._file.stages[-1]
        found = self._by_name.get(self._asked.target.lower())
        if found is None:
            names = ", ".join(stage.name for stage in self._file.stages if stage.name) or "none has a name"
            self._wrong(f"there is no stage {self._asked.target!r}", Location(self._file.file), f"stages are: {names}")
        return found

    def _source(self, take: Take) -> _Source:
        if take.kind is EdgeKind.COPY and _NUMBER.fullmatch(take.source):
            number = int(take.source)
            if not 0 <= number < len(self._file.stages):
                return _Source(wrong=f"there is no stage {number}")
            return _Source(stage=self._file.stages[number])
        stage = self._by_name.get(take.source.lower())
        return _Source(stage=stage) if stage is not None else self._image(take.source)

    def _takes(self, stage: Stage) -> tuple[Take, ...]:
        """What the stage's instructions take; those that its base's ONBUILD adds are in front."""
        base = self._bases.get(stage.index, _Source())
        triggers: Sequence[Take] = ()
        if base.stage is not None:
            triggers = base.stage.triggers
        elif base.image is not None:
            triggers = self._asked.triggers.get(str(base.image), ())
        return (*(msgspec.structs.replace(one, at=stage.base_at) for one in triggers), *stage.takes)

    def _reach(self, target: Stage) -> set[int]:
        found: set[int] = set()
        ahead = [target]
        while ahead:
            stage = ahead.pop()
            if stage.index in found:
                continue
            found.add(stage.index)
            if stage.index in self._replaced:
                continue
            base = self._bases[stage.index].stage
            ahead += [base] if base is not None else []
            for take in self._takes(stage):
                source = self._source(take)
                if take.wrong:
                    self._wrong(f"a secret mount can't be from {take.source!r}", take.at, take.wrong)
                elif source.stage is not None and source.stage.index >= stage.index:
                    hint = "a stage can take only from those above it"
                    self._wrong(f"{source.stage.label} does not stand above {stage.label}", take.at, hint)
                elif source.stage is not None and take.fetched:
                    ahead.append(source.stage)
        return found

    def _known_sources(self) -> None:
        """What a name in `from` can't stand for is wrong in every stage, reached or not."""
        for stage in self._file.stages:
            for take in () if stage.index not in self._bases else self._takes(stage):
                source = self._source(take)
                if source.wrong:
                    self._wrong(f"{take.source!r} is neither a stage nor an image", take.at, source.wrong)

    def _no_circles(self) -> None:
        """Stages that take from each other can't be built, also where the target doesn't need them."""
        sources = {
            stage.index: {found.index: take for take in stage.takes if (found := self._source(take).stage) is not None}
            for stage in self._file.stages
        }
        order = graphlib.TopologicalSorter({index: list(found) for index, found in sources.items()})
        try:
            order.prepare()
        except graphlib.CycleError as error:
            circle: list[int] = error.args[1]
            # graphlib names what is taken from first.
            pairs = zip(circle[1:], circle, strict=False)
            take = min((sources[child][parent] for child, parent in pairs), key=lambda one: one.at.line)
            names = " takes from ".join(self._file.stages[index].label for index in reversed(circle))
            self._wrong(f"{names}: a circle", take.at, "a stage can take only from those above it")

    def _chain(self, target: Stage) -> list[Stage]:
        """The target, its base where that is a stage, and so on."""
        found = [target]
        while target.index not in self._replaced and (base := self._bases[target.index].stage) is not None:
            target = base
            found.append(target)
        return found

    def _take(self, stage: Stage, *, final: bool) -> None:
        replaced = self._replaced.get(stage.index)
        base = replaced or self._bases[stage.index]
        platform = self._platforms[stage.index]
        if base.image is not None:
            self._need(base, platform, EdgeKind.FROM, stage.base_at, stage, final)
        if replaced is not None:
            return
        for take in self._takes(stage):
            source = self._source(take)
            if source.image is not None and take.fetched:
                self._need(source, self._asked.platform, take.kind, take.at, stage, False)

    def _need(self, source: _Source, platform: Platform, kind: EdgeKind, at: Location, stage: Stage, final: bool) -> None:
        assert source.image is not None
        need = Need(
            image=source.image, platform=platform, kind=kind, at=at, stage=stage.label, final=final, context=source.context
        )
        self._needs.setdefault((str(source.image), str(platform), kind, at), need)

    def _spare(self, stage: Stage) -> list[Spare]:
        found: list[Spare] = []
        base = self._bases.get(stage.index, _Source())
        if base.image is not None and stage.index not in self._replaced:
            found.append(Spare(name=base.image.name, stage=stage.label, at=stage.base_at))
        for take in stage.takes:
            source = self._source(take)
            if source.image is not None:
                found.append(Spare(name=source.image.name, stage=stage.label, at=take.at))
        return found

    def _wrong(self, what: str, at: Location, hint: str = "") -> None:
        self.problems.append(Problem(what, at, hint=hint))


def _with_digest(image: Reference) -> str:
    return f"{image.name}@{image.digest}" if image.tag else image.name


def _context_name(name: str) -> str:
    """As BuildKit looks for it: familiar, without `:latest`. A platform behind `::` stays."""
    head, double, platform = name.partition("::")
    return head.removesuffix(":latest") + double + platform
