"""Where the tooling keeps what it makes: nothing of it is in the checkout.

`cache()` may be deleted at any time (environments, archives, built programs). `state()` belongs to engines that run.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def cache(*parts: str) -> Path:
    return _folder("DOCKYARD_DEV_CACHE", "XDG_CACHE_HOME", ".cache", *parts)


def state(*parts: str) -> Path:
    return _folder("DOCKYARD_DEV_STATE", "XDG_STATE_HOME", ".local/state", *parts)


def _folder(own: str, xdg: str, fallback: str, *parts: str) -> Path:
    base = os.environ.get(own)
    root = Path(base) if base else Path(os.environ.get(xdg) or Path.home() / fallback) / "dockyard-dev"
    folder = root.joinpath(*parts)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def lock(name: str) -> Iterator[None]:
    """Only one process of this machine at a time makes `name`; the others wait, then find it made."""
    with (cache("locks") / name).open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
