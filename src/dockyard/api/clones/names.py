"""What clones, and what they are copied from, are called in a server. Pure."""

from __future__ import annotations

import hashlib

LONGEST = 36
"""Characters of a database's own name that are taken: with all that is added, PostgreSQL's 63 bytes and MySQL's 64 characters hold it."""


def template(database: str, token: str = "") -> str:
    """What `database` is copied to first, so that it may change and be used while clones are made. `token`: not the shared one."""
    own = database
    if len(database.encode()) > LONGEST:
        digest = hashlib.sha256(database.encode()).hexdigest()[:8]
        own = database.encode()[: LONGEST - 9].decode("utf-8", "ignore") + "_" + digest
    return f"dockyard_{own}" + (f"_{token}" if token else "")


def clone(template: str, token: str) -> str:
    """What the names of clones begin with. `token`: of the process that makes them, so that several don't meet."""
    return template if template.endswith(f"_{token}") else f"{template}_{token}"
