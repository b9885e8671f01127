"""The three kinds of error that every part turns what it meets into.

`UserError`: somebody has to change something (a file, a flag, an image's name). It says where, what, and what to do.
`Retry`: the same call may go through later; `after` is how long to wait, in seconds.
`Fatal`: this will not go through by waiting (no subnet left, disk full, engine gone for good).
Anything else that escapes is Dockyard's own fault (exit code 70).
"""

from __future__ import annotations

import msgspec


class Location(msgspec.Struct, frozen=True):
    """A place in a file. `line` and `column` count from 1; 0 is unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        text = self.file
        if self.line:
            text += f":{self.line}"
            if self.column:
                text += f":{self.column}"
        return text


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong: where (`at`, `path` as in `services.web.depends_on.db`), what, and what to do (`hint`)."""

    what: str
    at: Location | None = None
    path: str = ""
    hint: str = ""

    def __str__(self) -> str:
        where = ": ".join(str(part) for part in (self.at, self.path) if part)
        text = f"{where}: {self.what}" if where else self.what
        return f"{text}\n    {self.hint}" if self.hint else text


class Origin(msgspec.Struct, frozen=True):
    """Who said something: `path` as the user knows it (`--memory`, `DOCKYARD_MEMORY`, `x-dockyard.limits.memory`), `at` in which file."""

    path: str
    at: Location | None = None


class DockyardError(Exception):
    """The root of the three kinds."""


class UserError(DockyardError):
    """Somebody has to change something. Holds all problems that were found at once, in file order."""

    def __init__(self, *problems: Problem | str) -> None:
        self.problems = tuple(p if isinstance(p, Problem) else Problem(p) for p in problems)
        super().__init__("\n".join(str(p) for p in self.problems))


class Retry(DockyardError):
    """May go through later. `after` in seconds, as the other side asked for it (Retry-After), or None: ours to choose."""

    def __init__(self, what: str, after: float | None = None) -> None:
        self.after = after
        super().__init__(what)


class Fatal(DockyardError):
    """Will not go through by waiting. `hint` says what a person can do about it."""

    def __init__(self, what: str, hint: str = "") -> None:
        self.hint = hint
        super().__init__(f"{what}\n    {hint}" if hint else what)
