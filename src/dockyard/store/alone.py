"""Only one process of this user on this machine does a thing at a time: a lock that ends with whoever holds it, however that ends."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from dockyard.store.sqlite import state_file


@contextlib.contextmanager
def alone(environment: Mapping[str, str], what: str) -> Iterator[bool]:
    """Whether nobody else is at `what` now; nobody else will be during the block. Where no state can be kept, nothing is known of others."""
    name = f"{hashlib.sha256(what.encode()).hexdigest()[:16]}.lock"
    try:
        folder = Path(state_file(environment)).parent / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        file = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        yield True
        return
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(file)
