"""Unpacks what a container gave us: a tar archive that may be hostile.

Only plain files and folders come out, below the target and nowhere else, with plain modes, within bounds. Links, devices, pipes, absolute
names and `..` are refused by name (CVE-2007-4559 and its kin); a refusal is a warning, the rest is unpacked.
"""

from __future__ import annotations

import asyncio
import errno
import shutil
import tarfile
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path, PurePosixPath

MOST_BYTES = 1 << 30
MOST_FILES = 20_000
DEEPEST = 40
TOLD = 10
"""Refusals told by name; the rest is counted."""


async def extract(archive: AsyncIterator[bytes], folder: Path) -> list[str]:
    """Unpack into `folder` (made here). Warnings for what was refused."""
    with tempfile.TemporaryFile(prefix="dockyard-archive-") as spool:
        size = 0
        async for block in archive:
            size += len(block)
            if size > MOST_BYTES:
                return [f"more than {MOST_BYTES >> 20} MiB: not copied"]
            spool.write(block)
        spool.seek(0)
        return await asyncio.to_thread(unpack, spool, folder)


def unpack(archive: object, folder: Path) -> list[str]:
    """The same from a file object."""
    refused: list[str] = []
    taken = files = 0
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(fileobj=archive, mode="r|") as tar:  # pyright: ignore[reportArgumentType, reportCallIssue]
            for member in tar:
                files += 1
                if files > MOST_FILES:
                    refused.append(f"more than {MOST_FILES} entries: the rest is left out")
                    break
                why = _why_not(member)
                if not why and member.isfile():
                    taken += member.size
                    why = f"more than {MOST_BYTES >> 20} MiB in all" if taken > MOST_BYTES else _copy(_write, tar, member, folder)
                elif not why:
                    why = _copy(_make, tar, member, folder)
                if why:
                    refused.append(f"{member.name[:200]!r} was not copied: {why}")
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        refused.append(f"the archive is broken: {error}")
    return refused if len(refused) <= TOLD else [*refused[:TOLD], f"and {len(refused) - TOLD} more were not copied"]


def _why_not(member: tarfile.TarInfo) -> str:
    parts = PurePosixPath(member.name).parts
    if member.name.startswith("/") or ".." in parts or "\0" in member.name:
        return "its name leads out of the folder"
    if len(parts) > DEEPEST or any(len(part.encode("utf-8", "surrogateescape")) > 255 for part in parts):
        return "its name is too deep or too long"
    if member.issym() or member.islnk():
        return "it is a link"
    if member.issparse():
        return "it is a sparse file"
    return "" if member.isfile() or member.isdir() else "it is no plain file"


def _inside(folder: Path, name: str) -> Path | None:
    """The place of `name`; None where something that is no folder is in the way."""
    place = folder
    for part in PurePosixPath(name).parts[:-1]:
        place = place / part
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            return None
    return folder / name


def _copy(
    act: Callable[[tarfile.TarFile, tarfile.TarInfo, Path], str], tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path
) -> str:
    """One entry that this machine can't have (a name that is too long for it) keeps nothing else from being copied."""
    try:
        return act(tar, member, folder)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        return error.strerror or str(error)


def _make(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> str:
    place = _inside(folder, member.name)
    if place is None or place.is_symlink() or place.is_file():
        return "a file of that name is in the way"
    place.mkdir(parents=True, exist_ok=True)
    return ""


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> str:
    place = _inside(folder, member.name)
    source = tar.extractfile(member)
    if place is None or source is None or place.is_dir() or place.is_symlink():
        return "something else of that name is in the way"
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
    return ""
