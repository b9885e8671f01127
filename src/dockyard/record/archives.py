"""Unpacks what a container gave us: a tar archive that may be hostile.

Only plain files and folders come out, below the target and nowhere else, with plain modes, within bounds. Links, devices, pipes, absolute
names and `..` are refused by name (CVE-2007-4559 and its kin); a refusal is a warning, the rest is unpacked. Secrets are masked in names
and in text files on their way to disk; a file with a NUL in its beginning is no text and stays as it is.
"""

from __future__ import annotations

import asyncio
import errno
import itertools
import tarfile
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

import msgspec

from dockyard.record.mask import Mask

MOST_BYTES = 1 << 30
MOST_FILES = 20_000
DEEPEST = 40
TOLD = 10
"""Refusals told by name; the rest is counted."""
BLOCK = 1 << 18
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
SNIFFED = 8192
"""Bytes that say whether a file is text."""


class Look(Protocol):
    """Somebody who sees everything as it came, before it is masked."""

    def file(self, name: str, source: IO[bytes]) -> None:
        """A plain file: its name in the archive, its bytes from the beginning."""
        ...

    def refused(self, name: str, why: str, leads_to: str = "") -> None:
        """An entry that doesn't come out; without a name, all that would come now. `leads_to` is a link's target."""
        ...


class _Into(msgspec.Struct, frozen=True):
    """Where it goes, and on which terms."""

    folder: Path
    mask: Mask
    look: Look | None
    masked: Counter[str]
    """How often a masked name was taken."""

    def place(self, member: tarfile.TarInfo) -> str:
        """The name that an entry has on disk: without secrets, and where that makes two names one, with a number."""
        name = self.mask.text(member.name)
        if name == member.name or not member.isfile():
            return name
        self.masked[name] += 1
        path = PurePosixPath(name)
        return name if self.masked[name] == 1 else str(path.with_name(f"{path.stem}~{self.masked[name]}{path.suffix}"))


async def extract(
    archive: AsyncIterator[bytes], folder: Path, *, mask: Mask | None = None, look: Look | None = None
) -> list[str]:
    """Unpack into `folder` (made here), without the secrets that `mask` knows. Warnings for what was refused."""
    with tempfile.TemporaryFile(prefix="dockyard-archive-") as spool:
        size = 0
        async for block in archive:
            size += len(block)
            if size > MOST_BYTES:
                why = f"more than {MOST_BYTES >> 20} MiB: not copied"
                if look is not None:
                    look.refused("", why)
                return [why]
            spool.write(block)
        spool.seek(0)
        return await asyncio.to_thread(unpack, spool, folder, mask=mask, look=look)


def unpack(archive: IO[bytes], folder: Path, *, mask: Mask | None = None, look: Look | None = None) -> list[str]:
    """The same from a file object. OSError where this machine has no room left."""
    refused: list[str] = []

    def refuse(name: str, why: str, leads_to: str = "") -> None:
        refused.append(f"{into.mask.text(name)[:200]!r} was not copied: {why}" if name else why)
        if look is not None:
            look.refused(name, why, leads_to)

    taken = files = 0
    into = _Into(folder, mask or Mask(), look, Counter())
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(fileobj=archive, mode="r:") as tar:
            for member in tar:
                files += 1
                if files > MOST_FILES:
                    refuse("", f"more than {MOST_FILES} entries: the rest is left out")
                    break
                why = _why_not(member)
                if not why and member.isfile():
                    taken += member.size
                    why = f"more than {MOST_BYTES >> 20} MiB in all" if taken > MOST_BYTES else _copy(_write, tar, member, into)
                elif not why:
                    why = _copy(_make, tar, member, into)
                if why:
                    refuse(member.name, why, member.linkname)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            raise
        refuse("", f"the archive is broken: {error}")
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
    act: Callable[[tarfile.TarFile, tarfile.TarInfo, _Into], str], tar: tarfile.TarFile, member: tarfile.TarInfo, into: _Into
) -> str:
    """One entry that this machine can't have (a name that is too long for it) keeps nothing else from being copied."""
    try:
        return act(tar, member, into)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise
        return error.strerror or str(error)


def _make(tar: tarfile.TarFile, member: tarfile.TarInfo, into: _Into) -> str:
    place = _inside(into.folder, into.place(member))
    if place is None or place.is_symlink() or place.is_file():
        return "a file of that name is in the way"
    place.mkdir(parents=True, exist_ok=True)
    return ""


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, into: _Into) -> str:
    source = tar.extractfile(member)
    if source is None:
        return "it is no plain file"
    if into.look is not None:
        into.look.file(member.name, source)
        source.seek(0)
    place = _inside(into.folder, into.place(member))
    if place is None or place.is_dir() or place.is_symlink():
        return "something else of that name is in the way"
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("wb") as target:
        for block in _without_secrets(source, into.mask):
            target.write(block)
    return ""


def _without_secrets(source: IO[bytes], mask: Mask) -> Iterator[bytes]:
    """A text's blocks, masked; what is no text as it is: other bytes in it would leave nothing that can be opened."""
    blocks = iter(lambda: source.read(BLOCK), b"")
    first = next(blocks, b"")
    rest = itertools.chain([first], blocks)
    return rest if b"\0" in first[:SNIFFED] else mask.through(rest)
