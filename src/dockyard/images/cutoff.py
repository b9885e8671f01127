"""The no-op cut-off: whether an image that was built again is the one that was there, so that its old digest stays and nothing below it moves.

The same are two images whose layers hold the same entries, times apart, and whose configurations differ only in when, from which
revision and by whom they were made. Pure, but that a layer is read as it comes.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Mapping, Sequence
from typing import IO, Any

import msgspec

from dockyard.images.loose import table, texts

UNTOLD = (
    "org.opencontainers.image.created",
    "org.opencontainers.image.revision",
    "org.opencontainers.image.version",
    "org.opencontainers.image.ref.name",
    "org.opencontainers.image.base.digest",
    "org.opencontainers.image.base.name",
)
"""Labels that tell of a build and not of what is in the image."""

_TIMES = ("created", "history", "rootfs", "moby.buildkit.buildinfo.v1", "container", "container_config", "docker_version")
_BLOCK = 1 << 20
_PAX = "SCHILY.xattr."


class Content(msgspec.Struct, frozen=True):
    """What an image is: its configuration's key, and each layer's."""

    config: str
    layers: tuple[str, ...]


def same(before: Content, after: Content) -> bool:
    return before == after


def changed(before: Content, after: Content) -> str:
    """What differs, for people; "" where nothing does."""
    if before.config != after.config:
        return "its configuration"
    for number, (old, new) in enumerate(zip(before.layers, after.layers, strict=False), 1):
        if old != new:
            return f"layer {number} of {len(after.layers)}"
    return "" if len(before.layers) == len(after.layers) else f"{len(after.layers)} layers, not {len(before.layers)}"


def content(config: Mapping[str, Any], layers: Sequence[str]) -> Content:
    """`config`: the image's configuration (OCI image spec v1.1); `layers`: their keys, as `layer` gives them."""
    return Content(config_key(config), tuple(layers))


def config_key(config: Mapping[str, Any]) -> str:
    kept = {name: value for name, value in config.items() if name not in _TIMES}
    inner = dict(table(kept.get("config")))
    labels = {name: value for name, value in texts(inner.pop("Labels", None)).items() if name not in UNTOLD}
    # What an engine writes for "nothing" differs by version: null, an empty list and no key at all are the same.
    kept["config"] = {name: value for name, value in inner.items() if value not in (None, "", [], {}, False)} | {"Labels": labels}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def layer(file: IO[bytes]) -> str:
    """The key of an uncompressed layer: its entries by path, without times and without their order. tarfile.TarError where it is none."""
    entries: dict[str, bytes] = {}
    with tarfile.open(fileobj=file, mode="r|") as archive:
        for entry in archive:
            # A path that is there twice is what its last entry says.
            entries[entry.name.rstrip("/")] = _entry(archive, entry)
    whole = hashlib.sha256()
    for path, told in sorted(entries.items()):
        whole.update(len(path.encode(errors="surrogateescape")).to_bytes(8, "big") + path.encode(errors="surrogateescape") + told)
    return whole.hexdigest()


def _entry(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    told = hashlib.sha256()
    attributes = sorted((name, value) for name, value in entry.pax_headers.items() if name.startswith(_PAX))
    device = (entry.devmajor, entry.devminor) if entry.ischr() or entry.isblk() else (0, 0)
    told.update(
        repr((entry.type, entry.mode, entry.uid, entry.gid, entry.linkname, device, attributes)).encode(errors="surrogateescape")
    )
    opened = archive.extractfile(entry) if entry.isreg() else None
    while opened is not None and (block := opened.read(_BLOCK)):
        told.update(block)
    return told.digest()
