"""`env.clones("db")`: clones of a service's database, one for each test, as context managers."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import quote

from dockyard.api.clones import names
from dockyard.api.clones.credentials import Access, Account, Kind
from dockyard.api.clones.pool import Pool, Server
from dockyard.model.errors import DockyardError, Problem, UserError

Reach = Callable[[], tuple[str, int]]


@dataclass(frozen=True)
class Clone:
    """A database that nobody has used, with the data of the one that it is a clone of; as this machine reaches it."""

    kind: Kind
    host: str
    port: int
    name: str
    user: str
    password: str

    @property
    def url(self) -> str:
        """`postgresql://user:password@host:port/name`, or `mysql://…`."""
        scheme = "postgresql" if self.kind == "postgres" else "mysql"
        secret = f":{quote(self.password, safe='')}" if self.password else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{quote(self.user, safe='')}{secret}@{host}:{self.port}/{quote(self.name, safe='')}"

    @property
    def dsn(self) -> str:
        """libpq's `host=… port=… dbname=… user=… password=…`."""
        values = {"host": self.host, "port": self.port, "dbname": self.name, "user": self.user, "password": self.password}
        return " ".join(f"{key}={_for_libpq(str(value))}" for key, value in values.items() if value != "")


class Clones:
    """Clones of one database, a few always ready, made in a thread. Use it as a context manager, or `close` it."""

    def __init__(
        self, service: str, reach: Reach, access: Access, database: str, ready: int, disconnect: bool, fresh: bool
    ) -> None:
        """Made by `Environment.clones`."""
        self.service, self.database = service, database or access.database
        if not self.database:
            raise UserError(Problem(f"which database of {service} is to be cloned?", hint="its variables name none: database=…"))
        self._reach, self._access = reach, access
        token = secrets.token_hex(3)
        template = names.template(self.database, token if fresh else "")
        self._pool = Pool(_server(access, reach, self.database, template, disconnect), names.clone(template, token), ready)

    def take(self) -> Clone:
        """A clone; at once where one is ready. UserError where it can't be cloned."""
        try:
            name = self._pool.take()
        except (DockyardError, RuntimeError):
            raise
        except Exception as error:
            raise UserError(Problem(f"{self.database} of {self.service} can't be cloned: {error}")) from error
        host, port = self._reach()
        account: Account = self._access.account
        return Clone(self._access.kind, host, port, name, account.user, account.password)

    def give_back(self, clone: Clone) -> None:
        """It has been used: it is dropped, whoever is still connected, when there is time and enough have come together."""
        self._pool.give_back(clone.name)

    @contextlib.contextmanager
    def clone(self) -> Iterator[Clone]:
        """A clone for the time of a block."""
        clone = self.take()
        try:
            yield clone
        finally:
            self.give_back(clone)

    def close(self, *, drop: bool = True) -> None:
        """Drop all that were made; with `drop` False they go with the environment, which is quicker. What they were copied from stays,
        for whoever clones the same database."""
        self._pool.close(drop=drop)

    def __enter__(self) -> Clones:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _server(access: Access, reach: Reach, database: str, template: str, disconnect: bool) -> Server:
    if access.kind == "postgres":
        from dockyard.api.clones.postgres import Postgres

        return Postgres(reach, access.admin, database, template, disconnect=disconnect)
    from dockyard.api.clones.mysql import MySql

    return MySql(reach, access.admin, database, template)


def _for_libpq(value: str) -> str:
    if value and not set(value) & set(" '\\"):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
