"""Clones in MySQL and MariaDB: the description of a database, made again under another name, and its rows copied inside the server.

The database is copied once, under locks, and the copy compared with it: descriptions and checksums. Clones are made of that copy, which
nobody else writes to.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import pymysql

from dockyard.api.clones import mysql_read, mysql_schema
from dockyard.api.clones.credentials import Account
from dockyard.api.clones.mysql_schema import Program, Schema, pattern, quoted
from dockyard.model.errors import Problem, UserError

PATIENCE = 600
"""Seconds after which a server that says nothing is given up."""
LOCKED = 20
"""Seconds that the first copy waits for those who write to the database."""
EMPTY = 128 << 10
"""About the bytes that a table takes beside its rows."""
MODE = "NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION"

SESSION = (
    f"SET SESSION sql_mode = '{MODE}', foreign_key_checks = 0, unique_checks = 0, time_zone = '+00:00', "
    f"sql_quote_show_create = 1, lock_wait_timeout = {LOCKED}"
)
"""Rows are taken as they are: a zero is a zero, a date that is none stays, what refers to a row may come before it."""
WHERE_IT_IS_KNOWN = (
    "SET SESSION check_constraint_checks = 0",  # MariaDB's
    "SET SESSION innodb_strict_mode = 0",
    "SET SESSION sql_log_bin = 0",  # no replica is to have the clones
)


class MySql:
    """A server as `Pool` wants it. `template`: the name of what is copied, made where it isn't there."""

    def __init__(self, reach: Callable[[], tuple[str, int]], admin: Account, database: str, template: str) -> None:
        self._reach, self._admin = reach, admin
        self._database, self._template = database, template
        self._connection: pymysql.connections.Connection[Any] | None = None
        self._schema: Schema | None = None
        self.size = 0

    def prepare(self) -> None:
        # A lock's name is cut by nobody: MySQL refuses more than 64 characters.
        lock = self._template[:64]
        if not self._query("SELECT GET_LOCK(%s, %s)", lock, PATIENCE)[0][0]:
            raise UserError(Problem(f"another process is copying {self._database}, and does not come to an end"))
        try:
            if not self._there(self._whole):
                self._make_template()
        finally:
            self._query("SELECT RELEASE_LOCK(%s)", lock)
        self._schema = self._read(self._template)
        size = "SELECT sum(DATA_LENGTH + INDEX_LENGTH) FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s"
        self.size = int(self._query(size, self._template)[0][0] or 0) + EMPTY * len(self._schema.tables)

    def make(self, name: str) -> None:
        assert self._schema is not None
        self._structure(name, self._schema)
        self._query("START TRANSACTION")
        for statement in mysql_schema.rows(self._template, name, self._schema):
            self._query(statement)
        self._query("COMMIT")
        self._programs(self._schema)

    def drop(self, name: str) -> None:
        # A test's connection that is still in a transaction would make this wait.
        for (number,) in self._query(
            "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = %s AND ID <> CONNECTION_ID()", name
        ):
            with contextlib.suppress(pymysql.err.Error):
                self._query(f"KILL {int(number)}")
        self._query(f"DROP DATABASE IF EXISTS {quoted(name)}")

    def reset(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.close()

    @property
    def _whole(self) -> str:
        """An empty database whose presence says that the template is whole: making it is one act, making a template isn't."""
        return f"{self._template}_whole"

    def _make_template(self) -> None:
        schema = self._read(self._database)
        if reasons := mysql_schema.refused(self._database, schema):
            raise UserError(
                *(Problem(f"{self._database} can't be cloned exactly: {reason}") for reason in reasons),
            )
        self._query(f"DROP DATABASE IF EXISTS {quoted(self._template)}")  # somebody died over it
        self._structure(self._template, schema)
        if schema.tables:
            self._copy_locked(schema)
        self._programs(schema)
        if wrong := mysql_schema.differences(schema, self._read(self._template)):
            raise UserError(
                Problem(
                    f"the copy of {self._database} is not the same in {', '.join(wrong)}",
                    hint="either it was changed while it was copied, or it has what can't be cloned exactly",
                )
            )
        self._permit()
        self._query(f"CREATE DATABASE {quoted(self._whole)}")

    def _copy_locked(self, schema: Schema) -> None:
        try:
            self._query(mysql_schema.locks(self._database, self._template, schema))
        except pymysql.err.OperationalError as error:
            raise UserError(
                Problem(
                    f"{self._database} can't be locked to be copied: {error.args[-1]}",
                    hint="somebody has it open in a transaction; take the clones before it is used, or stop who uses it",
                )
            ) from error
        try:
            for statement in mysql_schema.rows(self._database, self._template, schema):
                self._query(statement)
            wanted = self._checksums(self._database, schema)
        finally:
            self._query("UNLOCK TABLES")
        # Not under the lock: MariaDB sums up a table with generated columns otherwise while its own session may write to it.
        made = self._checksums(self._template, schema)
        if wrong := sorted(name for name in wanted if wanted[name] != made[name]):
            raise UserError(Problem(f"the copy of {self._database} has not the same rows in {', '.join(wrong)}"))

    def _checksums(self, name: str, schema: Schema) -> dict[str, int]:
        return {table.name: self._query(f"CHECKSUM TABLE {quoted(name)}.{quoted(table.name)}")[0][1] for table in schema.tables}

    def _structure(self, name: str, schema: Schema) -> None:
        self._query(mysql_schema.database(name, schema))
        self._query(f"USE {quoted(name)}")
        for table in schema.tables:
            self._query(table.create)

    def _programs(self, schema: Schema) -> None:
        """In the session's database. A view that needs another one is made after it, whatever their names are."""
        for program in schema.programs:
            if program.kind in ("function", "procedure"):
                self._program(program)
        waiting = [program for program in schema.programs if program.kind == "view"]
        while waiting:
            later: list[Program] = []
            for view in waiting:
                try:
                    self._program(view)
                except pymysql.err.ProgrammingError as error:
                    later.append(view)
                    if len(later) == len(waiting):
                        raise UserError(
                            Problem(f"the view {view.name} of {self._database} can't be made again: {error.args[-1]}")
                        ) from error
            waiting = later
        for program in schema.programs:
            if program.kind == "trigger":
                self._program(program)
        self._query(SESSION)

    def _program(self, program: Program) -> None:
        self._query(
            "SET SESSION sql_mode = %s, character_set_client = %s, collation_connection = %s",
            MODE if program.mode is None else program.mode,
            program.charset,
            program.collation,
        )
        try:
            self._query(program.create)
        finally:
            self._query("SET NAMES utf8mb4")

    def _permit(self) -> None:
        """Who may do something in the database may do it in the clones, by one grant for all of them."""
        rows = self._query(
            "SELECT GRANTEE, IS_GRANTABLE, PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES WHERE %s LIKE TABLE_SCHEMA",
            self._database,
        )
        granted: dict[tuple[str, str], list[str]] = {}
        for grantee, grantable, privilege in rows:
            granted.setdefault((grantee, grantable), []).append(privilege)
        for (grantee, grantable), privileges in granted.items():
            option = " WITH GRANT OPTION" if grantable == "YES" else ""
            clones = quoted(pattern(self._template) + "%")
            self._query(f"GRANT {', '.join(privileges)} ON {clones}.* TO {grantee}{option}")

    def _there(self, name: str) -> bool:
        return bool(self._query("SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = %s", name))

    def _read(self, name: str) -> Schema:
        found = mysql_read.schema(self._query, name)
        if found is None:
            names = self._query("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA")
            own = sorted(n for (n,) in names if not n.startswith("dockyard_") and n not in _SERVERS_OWN)
            raise UserError(Problem(f"there is no database {name}", hint=f"there are: {', '.join(own)}"))
        return found

    def _query(self, statement: str, *values: Any) -> Sequence[Sequence[Any]]:
        if self._connection is None:
            self._connection = self._connect()
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() or ()

    def _connect(self) -> pymysql.connections.Connection[Any]:
        host, port = self._reach()
        connection = pymysql.connect(
            host=host,
            port=port,
            user=self._admin.user,
            password=self._admin.password,
            autocommit=True,
            charset="utf8mb4",
            read_timeout=PATIENCE,
            write_timeout=PATIENCE,
        )
        with connection.cursor() as cursor:
            cursor.execute(SESSION)
            for statement in WHERE_IT_IS_KNOWN:
                with contextlib.suppress(pymysql.err.Error):
                    cursor.execute(statement)
        return connection


_SERVERS_OWN = frozenset({"information_schema", "performance_schema", "mysql", "sys"})
