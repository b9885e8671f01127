"""Reads a MySQL or MariaDB database's description, as the server gives it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dockyard.api.clones.mysql_schema import Program, Schema, Table, quoted

Query = Callable[..., Sequence[Sequence[Any]]]
"""Rows of a statement, with values for its `%s`."""


def schema(query: Query, name: str) -> Schema | None:
    """None where there is no such database. It becomes the session's own: views are then described without its name."""
    found = query(
        "SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = %s", name
    )
    if not found:
        return None
    query(f"USE {quoted(name)}")
    listed = query(
        "SELECT TABLE_NAME, TABLE_TYPE, ENGINE FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s ORDER BY 1", name
    )
    columns: dict[str, list[str]] = {}
    stored = query(
        "SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = %s "
        "AND coalesce(GENERATION_EXPRESSION, '') = '' ORDER BY TABLE_NAME, ORDINAL_POSITION",
        name,
    )
    for table, column in stored:
        columns.setdefault(table, []).append(column)
    tables = [
        Table(
            name=table,
            kind=kind,
            engine=engine or "",
            create=query(f"SHOW CREATE TABLE {quoted(table)}")[0][1] if kind == "BASE TABLE" else "",
            columns=tuple(columns.get(table, ())),
        )
        for table, kind, engine in listed
        if kind != "VIEW"
    ]
    views = [_view(query, table) for table, kind, _ in listed if kind == "VIEW"]
    return Schema(
        charset=found[0][0],
        collation=found[0][1],
        tables=tuple(tables),
        programs=(*_routines(query, name), *views, *_triggers(query, name)),
        elsewhere=tuple(_elsewhere(query, name)),
    )


def _view(query: Query, name: str) -> Program:
    _, create, charset, collation = query(f"SHOW CREATE VIEW {quoted(name)}")[0]
    return Program(kind="view", name=name, create=create or "", charset=charset, collation=collation)


def _routines(query: Query, name: str) -> list[Program]:
    listed = query(
        "SELECT ROUTINE_TYPE, ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = %s "
        "AND ROUTINE_TYPE IN ('FUNCTION', 'PROCEDURE') ORDER BY 1, 2",
        name,
    )
    found: list[Program] = []
    for kind, routine in listed:
        _, mode, create, charset, collation, _ = query(f"SHOW CREATE {kind} {quoted(routine)}")[0]
        found.append(
            Program(kind=kind.lower(), name=routine, create=create or "", mode=mode, charset=charset, collation=collation)
        )
    return found


def _triggers(query: Query, name: str) -> list[Program]:
    """In the order in which those of one table and event act: a trigger that is made later acts later."""
    listed = query(
        "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = %s "
        "ORDER BY EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER",
        name,
    )
    found: list[Program] = []
    for (trigger,) in listed:
        _, mode, create, charset, collation, *_ = query(f"SHOW CREATE TRIGGER {quoted(trigger)}")[0]
        found.append(Program(kind="trigger", name=trigger, create=create or "", mode=mode, charset=charset, collation=collation))
    return found


_NOT_READ = {
    "events, which would act in each clone by themselves": "SELECT 1 FROM information_schema.EVENTS WHERE EVENT_SCHEMA = %s",
    "packages": "SELECT 1 FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = %s "
    "AND ROUTINE_TYPE NOT IN ('FUNCTION', 'PROCEDURE')",
    "permissions on single tables": "SELECT 1 FROM information_schema.TABLE_PRIVILEGES WHERE TABLE_SCHEMA = %s",
    "permissions on single columns": "SELECT 1 FROM information_schema.COLUMN_PRIVILEGES WHERE TABLE_SCHEMA = %s",
    "permissions on single routines": "SELECT 1 FROM mysql.procs_priv WHERE Db = %s",
}


def _elsewhere(query: Query, name: str) -> list[str]:
    return [what for what, look in _NOT_READ.items() if query(f"{look} LIMIT 1", name)]
