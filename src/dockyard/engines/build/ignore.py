"""`.dockerignore`: which files of a folder are no part of a build context. Pure but for the walk.

The rules are moby's patternmatcher's: Go's filepath.Match with `**`, `!` for exceptions, the last pattern that matches decides, a
pattern that matches a folder covers what is in it.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from functools import cache


class Ignore:
    """The patterns of one ignore file."""

    def __init__(self, text: str) -> None:
        self._patterns = list(_parse(text))

    def leaves_out(self, path: str) -> bool:
        """Whether a path, relative with slashes, is left out."""
        out = False
        parents = [path[:at] for at, char in enumerate(path) if char == "/"]
        for pattern, exception in self._patterns:
            if exception == out and any(pattern.fullmatch(one) for one in (path, *parents)):
                out = not exception
        return out

    @property
    def has_exceptions(self) -> bool:
        return any(exception for _, exception in self._patterns)

    def walk(self, root: str) -> Iterator[str]:
        """What is left of the folder: relative paths of files, folders and links, sorted."""
        yield from self._walk(root, "")

    def _walk(self, root: str, below: str) -> Iterator[str]:
        with os.scandir(os.path.join(root, below)) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            path = f"{below}/{entry.name}" if below else entry.name
            out = self.leaves_out(path)
            folder = entry.is_dir(follow_symlinks=False)
            if not out:
                yield path
            # A folder that is out may hold exceptions.
            if folder and (not out or self.has_exceptions):
                yield from self._walk(root, path)


def _parse(text: str) -> Iterator[tuple[re.Pattern[str], bool]]:
    for line in text.removeprefix("\ufeff").splitlines():
        if line.startswith("#"):
            continue
        pattern = line.strip()
        exception = pattern.startswith("!")
        if exception:
            pattern = pattern[1:].strip()
        if not pattern:
            continue
        pattern = posixpath.normpath(pattern.replace("\\", "\\")).lstrip("/")
        yield _compiled(pattern), exception


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    made, at = "", 0
    while at < len(pattern):
        char = pattern[at]
        if pattern.startswith("**", at):
            at += 2
            if pattern.startswith("/", at):
                at += 1
                made += "(?:.*/)?"
            else:
                made += ".*"
            continue
        at += 1
        if char == "*":
            made += "[^/]*"
        elif char == "?":
            made += "[^/]"
        elif char == "[":
            end = pattern.find("]", at)
            if end < 0:
                made += re.escape(char)
            else:
                made += f"[{pattern[at:end]}]"
                at = end + 1
        elif char == "\\" and at < len(pattern):
            made += re.escape(pattern[at])
            at += 1
        else:
            made += re.escape(char)
    return re.compile(made, re.S)
