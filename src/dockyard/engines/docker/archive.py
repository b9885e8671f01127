"""Tar archives as the engine takes them in: from bytes in memory, from folders on disk.

Promises archives that depend on names, contents, modes and (where asked for) owners; leaves out sockets and devices.
"""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterable, Sequence

import msgspec


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One regular file: `path` relative to where the archive is unpacked. `mode` as in stat."""

    path: str
    content: bytes
    mode: int = 0o644
    uid: int = 0
    gid: int = 0


def of_entries(entries: Iterable[Entry]) -> bytes:
    """An archive of these files. The folders above them are left to the engine, which makes the missing ones and leaves the others alone."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for entry in entries:
            info = tarfile.TarInfo(entry.path.lstrip("/"))
            info.size, info.mode, info.uid, info.gid = len(entry.content), entry.mode, entry.uid, entry.gid
            tar.addfile(info, io.BytesIO(entry.content))
    return buffer.getvalue()


def of_folders(folders: Iterable[Entry]) -> bytes:
    """An archive of empty folders, each with its mode and owner; the ones above them are named too."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for entry in folders:
            info = tarfile.TarInfo(entry.path)
            info.type, info.mode, info.uid, info.gid = tarfile.DIRTYPE, entry.mode, entry.uid, entry.gid
            tar.addfile(info)
    return buffer.getvalue()


def of_path(source: str, name: str = "") -> bytes:
    """An archive of a local file or folder with its modes and owners. A folder's content is at the archive's root unless `name` is given."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        if os.path.isdir(source) and not name:
            for child in sorted(os.listdir(source)):
                tar.add(os.path.join(source, child), arcname=child, filter=_portable)
        else:
            tar.add(source, arcname=name or os.path.basename(source), filter=_portable)
    return buffer.getvalue()


def of_files(root: str, paths: Sequence[str], extra: Iterable[Entry] = ()) -> bytes:
    """An archive of the named paths below `root` (not recursive), owners dropped, then of `extra`.

    In GNU's format: old BuildKits take an archive that begins with a PAX header for a Dockerfile.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for path in paths:
            tar.add(os.path.join(root, path), arcname=path, recursive=False, filter=_ownerless)
        for entry in extra:
            info = tarfile.TarInfo(entry.path)
            info.size, info.mode = len(entry.content), entry.mode
            tar.addfile(info, io.BytesIO(entry.content))
    return buffer.getvalue()


def _portable(info: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return info if info.isreg() or info.isdir() or info.issym() or info.islnk() else None


def _ownerless(info: tarfile.TarInfo) -> tarfile.TarInfo | None:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mtime = int(info.mtime)
    return _portable(info)
