"""What images are made of: images × platforms, and the edges between them with where each was learned.

A graph is a document (`dockyard schema images`) that `dockyard images scan` writes and every other word about images reads. It
holds facts only; what follows from them (stale, to be rebuilt, in which order) is `images/`'s business.
"""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

from dockyard.model.errors import Location

VERSION = 1
"""Of the graph document. A reader refuses a newer one."""

HUB = "docker.io"

# The grammar of github.com/distribution/reference, which BuildKit and the engine use.
_PATH = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
_HOST = re.compile(
    r"(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
)
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")
_HEX = re.compile(r"[a-f0-9]{64}")


class Reference(msgspec.Struct, frozen=True):
    """An image reference taken apart. `host` and `path` are complete (`docker.io`, `library/alpine`); `tag` and `digest` may be empty."""

    host: str
    path: str
    tag: str = ""
    digest: str = ""

    @property
    def name(self) -> str:
        """As people write it: without the Hub's host and `library/`; with the tag, or the digest where there is no tag."""
        return f"{self.repository}:{self.tag}" if self.tag else f"{self.repository}@{self.digest}"

    @property
    def repository(self) -> str:
        if self.host != HUB:
            return f"{self.host}/{self.path}"
        return self.path.removeprefix("library/") if self.path.count("/") == 1 else self.path

    def __str__(self) -> str:
        """Complete, as BuildKit resolves it."""
        return f"{self.host}/{self.path}" + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


def reference(text: str) -> Reference:
    """ValueError when it is no image reference. Without tag and digest the tag is `latest`, as everywhere."""
    rest, at, digest = text.partition("@")
    head, slash, tail = rest.rpartition("/")
    tail, colon, tag = tail.partition(":")
    first, deeper, path = (head + slash + tail).partition("/")
    hosted = bool(deeper) and ("." in first or ":" in first or first == "localhost" or first.lower() != first)
    host, path = (first, path) if hosted else (HUB, first + deeper + path)
    if host == "index.docker.io":
        host = HUB
    if host == HUB and "/" not in path:
        path = f"library/{path}"
    good = _PATH.fullmatch(path) and _HOST.fullmatch(host) and not _HEX.fullmatch(text)
    if not good or (colon and not _TAG.fullmatch(tag)) or (at and not _DIGEST.fullmatch(digest)):
        raise ValueError(f"{text!r} is no image reference")
    return Reference(host, path, tag or ("" if digest else "latest"), digest)


class EdgeKind(StrEnum):
    """How a child depends on a parent."""

    FROM = "from"
    """It, or a stage that it takes files from, stands on it (`Edge.final` tells which)."""
    COPY = "copy"
    """Files of it are copied in."""
    MOUNT = "mount"
    """It is mounted while a step of the build runs."""
    CONTENT = "content"
    """It is mounted when the image is used: a new one of it rebuilds nothing."""


class How(StrEnum):
    """From what an edge was learned."""

    DOCKERFILE = "dockerfile"
    COMPOSE = "compose"
    BAKE = "bake"
    LABEL = "label"
    LAYERS = "layers"


class Learned(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where an edge was learned: a place in a file, or the digest that says it. `stage` is the stage of the Dockerfile that takes it."""

    how: How
    at: Location | None = None
    digest: str = ""
    stage: str = ""

    def __str__(self) -> str:
        return str(self.at) if self.at else f"{self.how} {self.digest}".rstrip()


class Recipe(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How an image is built, where that is known. `dockerfile` is the file, or the place of an inline one; paths are relative to the scan."""

    dockerfile: Location
    target: str = ""
    context: str = ""
    declared: Location | None = None
    """The service of a Compose file or the target of a bake file that says so."""
    frontend: str = ""
    """The image of the `# syntax` line, which reads the file and is no part of the image."""


class Node(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An image for one platform. Facts that nobody knows are empty; 0 of `seconds` and `size` is unknown too.

    `digests`: what registries call it, an index's or its own; `id`: the engine's, of this platform's configuration.
    """

    name: str
    platform: str
    recipe: Recipe | None = None
    id: str = ""
    digests: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    created: str = ""
    size: int = 0
    """Bytes."""
    seconds: float = 0
    """Of its last build."""
    base_name: str = ""
    base_digest: str = ""
    """What the image's own labels or annotations say it stands on."""
    aliases: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return key(self.name, self.platform)


class Edge(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`child` depends on `parent`; both are keys of nodes (`alpine:3.20 linux/amd64`).

    `final`: the child's own layers stand on the parent's, so that the base can be swapped; `pinned`: the digest that the file names.
    """

    child: str
    parent: str
    kind: EdgeKind
    learned: tuple[Learned, ...]
    final: bool = False
    pinned: str = ""


class Unused(msgspec.Struct, frozen=True, kw_only=True):
    """What a stage would take that the target doesn't need: listed, and no dependency."""

    child: str
    name: str
    stage: str
    at: Location


class Flaw(msgspec.Struct, frozen=True, kw_only=True):
    """What could not be read, so that what is missing is known to be missing."""

    what: str
    at: Location | None = None
    hint: str = ""


class Graph(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All of it. Sorted, so that two scans of the same files are the same bytes."""

    version: int
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    unused: tuple[Unused, ...] = ()
    flaws: tuple[Flaw, ...] = ()


def key(name: str, platform: str) -> str:
    return f"{name} {platform}"
