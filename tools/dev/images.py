"""The images that tests use, made from Debian's packages under their real names, where no image registry answers."""

from __future__ import annotations


def load(host: str, names: list[str]) -> None:
    """Put the images (all, or those named) into the engine at `host`, where they are missing."""
