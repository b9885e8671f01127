"""Image references taken apart as Docker does (distribution reference grammar). Pure."""

from __future__ import annotations

import re

import msgspec

HUB = "docker.io"

_NAME = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+|/)[a-z0-9]+)*")
_TAG = re.compile(r"[\w][\w.-]{0,127}")
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")


class Reference(msgspec.Struct, frozen=True):
    """`name` as the engine takes it (without tag or digest); `registry` is the host that has it."""

    registry: str
    name: str
    tag: str
    digest: str

    @property
    def version(self) -> str:
        """What `POST /images/create` calls `tag`: a digest where there is one. Never empty: that would pull every tag."""
        return self.digest or self.tag or "latest"


def parse(text: str) -> Reference:
    """ValueError when it is no image reference."""
    rest, _, digest = text.partition("@")
    head, slash, tail = rest.rpartition("/")
    tail, _, tag = tail.partition(":")
    name = head + slash + tail
    first, slash, path = name.partition("/")
    hosted = bool(slash) and ("." in first or ":" in first or first == "localhost")
    if (
        not _NAME.fullmatch(path if hosted else name)
        or (tag and not _TAG.fullmatch(tag))
        or (digest and not _DIGEST.fullmatch(digest))
    ):
        raise ValueError(f"{text!r} is no image reference")
    return Reference(first if hosted else HUB, name, tag, digest)
