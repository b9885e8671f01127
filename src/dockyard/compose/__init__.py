"""Compose files -> `model.application.Application`, as `docker compose` reads them.

`load` is the way in; `select` narrows an application to some services; `show` prints one as `docker compose config`
does. Promises: nothing but the given files and variables is read; every problem of a file is told at once, with file,
line, column and path. Leaves to others: what an engine can honour.
"""

from dockyard.compose.document import Limits
from dockyard.compose.files import Disk, Files, Uploaded
from dockyard.compose.load import load
from dockyard.compose.select import select

__all__ = ["Disk", "Files", "Limits", "Uploaded", "load", "select"]
