"""What a Compose file may say to Dockyard: `x-dockyard` at the top and on a service, as typed structs.

The published JSON Schema of the same is compose/x-dockyard.schema.json. Keys whose feature isn't built yet never get
here: reading refuses them by name.
"""

from __future__ import annotations

import msgspec

from dockyard.model.service import Strings


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """Leave the environment standing: `when` is failure or always; `seconds` is for how long."""

    when: str = "failure"
    seconds: float = 3600.0


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a whole run may use. `cpus` in cores, `memory` in bytes; None: no limit."""

    cpus: float | None = None
    memory: int | None = None
    pids: int | None = None


class HttpReady(msgspec.Struct, frozen=True, kw_only=True):
    """Ready when GET answers `status` (None: any 2xx or 3xx) and the answer's text matches the regex `body`."""

    port: int
    path: str = "/"
    status: int | None = None
    body: str = ""


class QueryReady(msgspec.Struct, frozen=True, kw_only=True):
    """Ready when the database answers a query. Empty: as the image's own variables say, else the image's default."""

    port: int | None = None
    user: str = ""
    password: str = ""
    database: str = ""


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """One condition; exactly one field is given. `log` is a regex on a line, `file` a path in the container."""

    tcp: int | None = None
    http: HttpReady | None = None
    log: str | None = None
    file: str | None = None
    command: Strings | None = None
    postgres: QueryReady | None = None
    mysql: QueryReady | None = None
    redis: QueryReady | None = None

    @property
    def kind(self) -> str:
        """The name of the field that is given."""
        return next(name for name in self.__struct_fields__ if getattr(self, name) is not None)


class TopExtension(msgspec.Struct, frozen=True, kw_only=True):
    """`x-dockyard` at the top. `test` None: not said (then `sut`, then the profile `test`); `timeout` in seconds."""

    test: Strings | None = None
    timeout: float = 1800.0
    keep: Keep | None = None
    limits: Limits = Limits()
    standby: int | None = None
    """So many environments stand by; None: not said."""


class ServiceExtension(msgspec.Struct, frozen=True, kw_only=True):
    """`x-dockyard` on a service: all of `ready` must hold; `reports` are paths in the container; `gate` False: never."""

    ready: tuple[Ready, ...] = ()
    reports: Strings = ()
    gate: bool = True
    standby: bool = True
    """Whether its container is left standing by."""
    booted: bool = False
    """It stands by booted and ready, and nobody has spoken to it; else at its gate."""
    snapshot: Strings | None = None
    """What has a part in its data beside itself, by the names of services or the paths of files; None: its data are not kept."""
