"""Clones in PostgreSQL: `CREATE DATABASE … TEMPLATE …`, which copies files. What stands outside a database and belongs to it (its owner,
its permissions, its settings, its limit of connections) PostgreSQL does not copy with it; that is done here, or refused with a reason.

The database is copied to a template of ours once, which lets nobody in: a template must have no connections, and applications have some.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pg8000.native

from dockyard.api.clones.credentials import Account
from dockyard.model.errors import Problem, UserError

LARGE = 32 << 20
"""Bytes from which copying files beats writing them to the log, though it asks for two checkpoints (measured: 10 MB 46 and 110 ms,
84 MB 690 and 310 ms)."""
LOCK = 0x646F636B
"""The first half of the advisory locks that are ours."""
PATIENCE = 600.0
"""Seconds after which a server that says nothing is given up."""
IN_USE = "55006"

OUTSIDE = (
    "SELECT d.datacl IS NOT NULL OR d.datconnlimit <> -1 OR EXISTS (SELECT FROM pg_db_role_setting s WHERE s.setdatabase = d.oid) "
    "FROM pg_database d WHERE d.datname = :name"
)
COPY_OUTSIDE = (
    "INSERT INTO pg_db_role_setting (setdatabase, setrole, setconfig) SELECT t.oid, s.setrole, s.setconfig FROM pg_database d "
    "JOIN pg_db_role_setting s ON s.setdatabase = d.oid, pg_database t WHERE d.datname = :source AND t.datname = :target",
    "UPDATE pg_database t SET datacl = d.datacl, datconnlimit = d.datconnlimit FROM pg_database d "
    "WHERE d.datname = :source AND t.datname = :target",
)


class Postgres:
    """A server as `Pool` wants it. `reach`: where it is now. `template`: the name of what is copied, made where it isn't there."""

    def __init__(
        self, reach: Callable[[], tuple[str, int]], admin: Account, database: str, template: str, *, disconnect: bool
    ) -> None:
        self._reach, self._admin = reach, admin
        self._database, self._template, self._disconnect = database, template, disconnect
        self._connection: pg8000.native.Connection | None = None
        self._version = 0
        self._strategy = ""
        self._outside = False
        self._owner = ""
        self.size = 0

    def prepare(self) -> None:
        self._version = int(self._run("SELECT current_setting('server_version_num')")[0][0])
        self._check()
        self._run("SELECT pg_advisory_lock(:lock, hashtext(:name))", lock=LOCK, name=self._template)
        try:
            self._prepare_template()
        finally:
            self._run("SELECT pg_advisory_unlock(:lock, hashtext(:name))", lock=LOCK, name=self._template)
        self._look_at(self._template)

    def make(self, name: str) -> None:
        self._copy(self._template, name)

    def drop(self, name: str) -> None:
        if self._version >= 130000:
            self._run(f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")
            return
        self._run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name", name=name)
        self._run(f"DROP DATABASE IF EXISTS {_quoted(name)}")

    def reset(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.close()

    def _check(self) -> None:
        """UserError for a database that isn't there, or has what no clone can have."""
        found = self._run("SELECT oid FROM pg_database WHERE datname = :name", name=self._database)
        if not found:
            names = self._run("SELECT datname FROM pg_database WHERE NOT datistemplate AND datname NOT LIKE 'dockyard\\_%'")
            raise UserError(
                Problem(f"there is no database {self._database}", hint=f"there are: {', '.join(sorted(n for (n,) in names))}")
            )
        oid = found[0][0]
        if self._version >= 100000 and self._run("SELECT subname FROM pg_subscription WHERE subdbid = :oid", oid=oid):
            raise UserError(Problem(f"{self._database} subscribes to another database, which no clone of it would"))
        if self._run("SELECT provider FROM pg_shseclabel WHERE objoid = :oid", oid=oid):
            raise UserError(Problem(f"{self._database} has a security label, which clones would lack"))

    def _prepare_template(self) -> None:
        found = self._run("SELECT datistemplate FROM pg_database WHERE datname = :name", name=self._template)
        if found and found[0][0]:
            return
        if found:  # somebody died over it
            self.drop(self._template)
        self._look_at(self._database)
        with self._alone():
            try:
                self._copy(self._database, self._template)
            except pg8000.native.DatabaseError as error:
                if _code(error) != IN_USE:
                    raise
                raise self._in_use() from error
        self._run(f"ALTER DATABASE {_quoted(self._template)} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false")

    @contextlib.contextmanager
    def _alone(self):
        """With `disconnect`: nobody else is in the database meanwhile."""
        if not self._disconnect:
            yield
            return
        self._run(f"ALTER DATABASE {_quoted(self._database)} WITH ALLOW_CONNECTIONS false")
        try:
            self._run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name", name=self._database)
            yield
        finally:
            self._run(f"ALTER DATABASE {_quoted(self._database)} WITH ALLOW_CONNECTIONS true")

    def _in_use(self) -> UserError:
        rows = self._run(
            "SELECT DISTINCT usename, coalesce(host(client_addr), 'the socket'), application_name FROM pg_stat_activity "
            "WHERE datname = :name",
            name=self._database,
        )
        who = "; ".join(f"{user} from {address}" + (f" ({program})" if program else "") for user, address, program in rows)
        return UserError(
            Problem(
                f"{self._database} is in use, and PostgreSQL copies only what nobody uses: {who or 'somebody who has gone by now'}",
                hint="take the clones before the services that use it are started, stop those meanwhile, "
                "or say disconnect=True: then they are disconnected once",
            )
        )

    def _look_at(self, source: str) -> None:
        """What must be known of a source to copy it."""
        query = "SELECT pg_get_userbyid(datdba), pg_database_size(oid) FROM pg_database WHERE datname = :name"
        ((self._owner, self.size),) = self._run(query, name=source)
        if self._version >= 150000:
            self._strategy = " STRATEGY FILE_COPY" if self.size > LARGE else " STRATEGY WAL_LOG"
        self._outside = self._run(OUTSIDE, name=source)[0][0]
        if self._outside and not self._run("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")[0][0]:
            raise UserError(
                Problem(
                    f"{source} has permissions, settings or a limit of its own, which only a superuser can give to a clone",
                    hint=f"{self._admin.user} is none; admin=(user, password) names one",
                )
            )

    def _copy(self, source: str, target: str) -> None:
        self._run(f"CREATE DATABASE {_quoted(target)} TEMPLATE {_quoted(source)} OWNER {_quoted(self._owner)}{self._strategy}")
        if self._outside:
            for statement in COPY_OUTSIDE:
                self._run(statement, source=source, target=target)

    def _run(self, query: str, **values: Any) -> list[Any]:
        if self._connection is None:
            host, port = self._reach()
            self._connection = pg8000.native.Connection(
                self._admin.user,
                host=host,
                port=port,
                password=self._admin.password or None,
                database="postgres" if self._database != "postgres" else "template1",
                application_name="dockyard clones",
                timeout=PATIENCE,
            )
        return self._connection.run(query, **values) or []


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _code(error: Exception) -> str:
    said = error.args[0] if error.args else None
    return said.get("C", "") if isinstance(said, dict) else ""
