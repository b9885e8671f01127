"""A key of this user's on this machine, for hashes that nobody else can make: what is secret doesn't show in them."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from dockyard.model.errors import Fatal
from dockyard.store.sqlite import state_file

SIZE = 32


def own_key(environment: Mapping[str, str]) -> bytes:
    """Made where it isn't there, readable by its owner alone. Fatal where it can't be kept."""
    path = Path(state_file(environment)).with_name("key")
    for _ in range(2):
        try:
            found = path.read_bytes()
            if len(found) == SIZE:
                return found
            path.unlink()
        except FileNotFoundError:
            pass
        except OSError as error:
            raise Fatal(f"{path} can't be read: {error.strerror}") from error
        try:
            _make(path)
        except OSError as error:
            raise Fatal(f"{path} can't be written: {error.strerror}") from error
    return path.read_bytes()


def _make(path: Path) -> None:
    """Whole or not at all, and the first of many at once counts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f".key-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(SIZE))
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
    finally:
        made.unlink(missing_ok=True)
