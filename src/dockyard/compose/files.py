"""Where reading gets its bytes from: the disk, or what somebody uploaded.

Everything that reads goes through `Files`, so that a server can hand over a set of uploaded files and nothing of its
own can be reached. Paths are absolute and clean.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping
from typing import Protocol


class Files(Protocol):
    def read(self, path: str, limit: int) -> bytes:
        """The file's bytes, at most `limit` + 1 of them. OSError as the system raises it."""
        ...

    def exists(self, path: str) -> bool:
        """Whether something is there."""
        ...

    def is_file(self, path: str) -> bool:
        """Whether it can be read as a file."""
        ...

    def is_directory(self, path: str) -> bool:
        """Whether it is a folder."""
        ...


class Disk:
    """This machine's files."""

    def read(self, path: str, limit: int) -> bytes:
        with open(path, "rb") as file:
            return file.read(limit + 1)

    def exists(self, path: str) -> bool:
        return os.path.lexists(path)

    def is_file(self, path: str) -> bool:
        return os.path.exists(path) and not os.path.isdir(path)

    def is_directory(self, path: str) -> bool:
        return os.path.isdir(path)


class Uploaded:
    """A set of files by absolute path; nothing else exists."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = {posixpath.normpath(path): data for path, data in files.items()}

    def read(self, path: str, limit: int) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(2, "no such file was uploaded", path)
        return self.files[path][: limit + 1]

    def exists(self, path: str) -> bool:
        return path in self.files or any(name.startswith(f"{path}/") for name in self.files)

    def is_file(self, path: str) -> bool:
        return path in self.files

    def is_directory(self, path: str) -> bool:
        return path not in self.files and self.exists(path)
