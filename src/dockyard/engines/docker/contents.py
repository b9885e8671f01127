"""What is in the files and folders of this machine that a service mounts, as one text to compare.

Only a process that has been booted has read them. What is small is read; of what is large (a source tree with its dependencies) each file
counts by its size and its times, which every write changes: more is made anew than need be then, and nothing too little.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator

READ_AT_MOST = 8 << 20
"""Bytes that are read of one mount."""
LOOK_AT_MOST = 5_000
"""Files and folders that are looked at in one mount; a larger one can't be compared."""


def of(path: str) -> str | None:
    """The same text, the same content; "" where nothing is there. None where it can't be compared: too many files, or one that may not be read."""
    try:
        entries = list(_entries(path))
    except FileNotFoundError:
        return ""
    except (OSError, OverflowError):
        return None
    read = sum(found.st_size for _, found in entries if stat.S_ISREG(found.st_mode)) <= READ_AT_MOST
    told = hashlib.sha256()
    for name, found in entries:
        try:
            told.update(repr((os.path.relpath(name, path), found.st_mode, found.st_uid, found.st_gid)).encode())
            told.update(_content(name, found) if read or not stat.S_ISREG(found.st_mode) else _marks(found))
        except OSError:
            return None
    return told.hexdigest()


def _entries(path: str) -> Iterator[tuple[str, os.stat_result]]:
    """The path itself and all below it, in an order that is the same each time. OSError where it isn't there."""
    found = os.stat(path)
    yield path, found
    if not stat.S_ISDIR(found.st_mode):
        return
    left = LOOK_AT_MOST
    for folder, folders, files in os.walk(os.path.realpath(path), onerror=_raise):
        folders.sort()
        for name in sorted((*folders, *files)):
            left -= 1
            if left < 0:
                raise OverflowError(path)
            whole = os.path.join(folder, name)
            yield whole, os.lstat(whole)


def _raise(error: OSError) -> None:
    raise error


def _content(name: str, found: os.stat_result) -> bytes:
    if stat.S_ISLNK(found.st_mode):
        return hashlib.sha256(os.fsencode(os.readlink(name))).digest()
    if not stat.S_ISREG(found.st_mode):
        return b""
    with open(name, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _marks(found: os.stat_result) -> bytes:
    """Of a regular file. A folder's own times say nothing that its files don't."""
    return repr((found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)).encode()
