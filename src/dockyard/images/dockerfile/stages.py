"""The stages of a Dockerfile, and what each takes from elsewhere: its base, `COPY --from`, `RUN --mount=from=`, also behind ONBUILD.

The rules of BuildKit's `instructions` package, as far as they decide what an image is built from or whether the file can be built at
all. Every problem of a file comes at once, in its order.
"""

from __future__ import annotations

import csv
import re

import msgspec

from dockyard.images.dockerfile import lines, syntax
from dockyard.images.dockerfile.lines import Instruction
from dockyard.model.errors import Location, Problem, UserError
from dockyard.model.lineage import EdgeKind

_STAGE_NAME = re.compile(r"[a-z][a-z0-9-_.]*\Z")


class Arg(msgspec.Struct, frozen=True):
    """`ARG name[=value]` in front of the first FROM; `value` as it is written."""

    name: str
    value: str | None
    at: Location


class Take(msgspec.Struct, frozen=True):
    """What an instruction takes from: a stage's name or number, or an image."""

    kind: EdgeKind
    source: str
    at: Location
    fetched: bool = True
    """A `tmpfs` or `ssh` mount that names a source gets nothing of it."""
    wrong: str = ""
    """Why a build that reaches it fails."""


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One FROM and what follows it. `base` and `platform` as they are written; `name` in lower case, "" for none."""

    index: int
    name: str
    base: str
    base_at: Location
    platform: str
    platform_at: Location
    takes: tuple[Take, ...] = ()
    triggers: tuple[Take, ...] = ()
    """What its ONBUILD instructions take, in the images and stages that are built on it."""

    @property
    def label(self) -> str:
        return self.name or f"stage {self.index}"


class Dockerfile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was read. `frontend`: the image of its `# syntax` line."""

    file: str
    args: tuple[Arg, ...]
    stages: tuple[Stage, ...]
    escape: str
    frontend: str


def read(text: str, file: str) -> Dockerfile:
    """UserError with all that is wrong in it. `file` is how its places are named."""
    found = lines.read(text, file)
    made = _Maker(file, found.escape, list(found.problems))
    for instruction in found.instructions:
        made.take(instruction)
    if found.instructions and not made.stages and not made.problems:
        made.problems.append(Problem("there is no FROM", Location(file, 1, 1), hint="a stage begins with FROM IMAGE"))
    if made.problems:
        raise UserError(*sorted(made.problems, key=_place))
    frontend = found.directives.get("syntax", "").split(" ")[0]
    stages = tuple(made.stages)
    return Dockerfile(file=file, args=tuple(made.args), stages=stages, escape=found.escape, frontend=frontend)


def _place(problem: Problem) -> tuple[int, int]:
    return (problem.at.line, problem.at.column) if problem.at else (0, 0)


class _Maker:
    def __init__(self, file: str, escape: str, problems: list[Problem]) -> None:
        self._file, self._escape, self.problems = file, escape, problems
        self.args: list[Arg] = []
        self.stages: list[Stage] = []
        self._homeless = False

    def take(self, one: Instruction) -> None:
        wrong = syntax.wrong(one)
        if wrong is not None:
            what, offset, hint = wrong
            self._wrong(what, one.at(self._file, offset), hint)
            if one.name != "FROM":
                return
        if one.name == "FROM":
            self._from(one)
        elif one.name == "ARG" and not self.stages:
            for word, offset in syntax.parse_words(one.rest, one.offset, self._escape):
                name, given, value = word.partition("=")
                self.args.append(Arg(name, value if given else None, one.at(self._file, offset)))
        elif not self.stages:
            if not self._homeless:
                self._wrong(f"{one.name} stands in front of the first FROM", one.at(self._file), "only ARG may")
            self._homeless = True
        elif one.name == "ONBUILD":
            self._add(triggers=self._takes(syntax.trigger(one, self._escape)))
        else:
            self._add(takes=self._takes(one))

    def _add(self, takes: tuple[Take, ...] = (), triggers: tuple[Take, ...] = ()) -> None:
        last = self.stages[-1]
        if takes or triggers:
            self.stages[-1] = msgspec.structs.replace(last, takes=last.takes + takes, triggers=last.triggers + triggers)

    def _from(self, one: Instruction) -> None:
        words = one.arguments()
        base, offset = words[0] if words else ("scratch", 0)
        name = words[2][0].lower() if len(words) == 3 and words[1][0].lower() == "as" else ""
        if name and not _STAGE_NAME.match(name):
            hint = "it begins with a letter and goes on with letters, digits and -_."
            self._wrong(f"{words[2][0]!r} is no name for a stage", one.at(self._file, words[2][1]), hint)
        platform = next((flag for flag in one.flags if flag.name == "platform"), None)
        self.stages.append(
            Stage(
                index=len(self.stages),
                name=name,
                base=base,
                base_at=one.at(self._file, offset),
                platform=(platform.value or "") if platform else "",
                platform_at=one.at(self._file, platform.offset if platform else 0),
            )
        )

    def _takes(self, one: Instruction) -> tuple[Take, ...]:
        found: list[Take] = []
        for flag in one.flags:
            place = one.at(self._file, flag.offset)
            if one.name == "COPY" and flag.name == "from" and flag.value:
                if syntax.has_variable(flag.value, self._escape):
                    hint = "give a stage that name: FROM ${IMAGE} AS name, with a global ARG"
                    self._wrong(f"--from={flag.value} takes no variables", place, hint)
                    continue
                found.append(Take(EdgeKind.COPY, flag.value, place))
            elif one.name == "RUN" and flag.name == "mount" and flag.value:
                mounted = self._mount(flag.value, place)
                found += [mounted] if mounted else []
        return tuple(found)

    def _mount(self, value: str, place: Location) -> Take | None:
        try:
            fields = next(csv.reader([value], strict=True))
        except (csv.Error, StopIteration):
            self._wrong(f"--mount={value} is no list of KEY=VALUE", place, "--mount=type=bind,from=STAGE,target=/PATH")
            return None
        keys = {key.lower(): given for key, _, given in (field.partition("=") for field in fields)}
        source = keys.get("from", "")
        if "$" in source[:-1]:
            self._wrong(f"from={source} takes no variables", place, "give a stage that name: FROM ${IMAGE} AS name")
            return None
        kind = keys.get("type", "bind").lower()
        if not source:
            return None
        wrong = "a secret is no part of an image: leave `from` out" if kind == "secret" else ""
        return Take(EdgeKind.MOUNT, source, place, kind not in ("tmpfs", "ssh"), wrong)

    def _wrong(self, what: str, at: Location, hint: str = "") -> None:
        self.problems.append(Problem(what, at, hint=hint))
