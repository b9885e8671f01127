"""A MySQL or MariaDB database as it describes itself, and the statements that make the same under another name. Pure.

There are no templates there, so a clone is made of what `SHOW CREATE` says. What that can't say exactly is refused with a reason: a clone
is the same or there is none.
"""

from __future__ import annotations

import re

import msgspec

ENGINES = frozenset({"InnoDB", "MyISAM", "Aria", "MEMORY", "CSV", "BLACKHOLE", "ROCKSDB"})
"""Those that hold a table's rows themselves, all of them, in this table."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """`columns`: those that are stored as they are given; generated ones come by themselves. `kind`: as in information_schema."""

    name: str
    kind: str
    engine: str
    create: str
    columns: tuple[str, ...]


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """A view, trigger, procedure or function. `create` "": it may not be read. Made under the same mode and character set as it was."""

    kind: str
    name: str
    create: str
    mode: str | None = None
    charset: str = ""
    collation: str = ""


class Schema(msgspec.Struct, frozen=True, kw_only=True):
    """All of a database but its rows. `programs` in the order in which they can be made, views apart. `elsewhere`: kinds of what is not read."""

    charset: str
    collation: str
    tables: tuple[Table, ...] = ()
    programs: tuple[Program, ...] = ()
    elsewhere: tuple[str, ...] = ()


def refused(name: str, schema: Schema) -> list[str]:
    """Why a database can't be cloned exactly; nothing: it can."""
    reasons = [f"it has {what}" for what in schema.elsewhere]
    for table in schema.tables:
        if table.kind != "BASE TABLE":
            reasons.append(f"{table.name} is a {table.kind.lower()}, whose state can't be copied")
        elif table.engine not in ENGINES:
            reasons.append(f"the table {table.name} is kept by the engine {table.engine or '?'}, perhaps not in this server")
    for program in schema.programs:
        if not program.create:
            reasons.append(f"the {program.kind} {program.name} may not be read")
        elif found := _itself(name, schema).search(program.create):
            reasons.append(
                f"the {program.kind} {program.name} names its own database ({found[0]}): in a clone it would reach the original"
            )
        elif not program.create.isascii() and not program.charset.startswith("utf8"):
            reasons.append(f"the {program.kind} {program.name} was made in {program.charset} and has other letters than ASCII's")
    return reasons


def _itself(name: str, schema: Schema) -> re.Pattern[str]:
    """Something of a database, said with the database's name."""
    things = [*(table.name for table in schema.tables), *(program.name for program in schema.programs)]
    own = "|".join(re.escape(thing) for thing in things)
    return re.compile(rf"(?<![\w$`.])`?{re.escape(name)}`?\s*\.\s*`?(?:{own})`?(?![\w$])", re.IGNORECASE)


def database(target: str, schema: Schema) -> str:
    return f"CREATE DATABASE {quoted(target)} CHARACTER SET {schema.charset} COLLATE {schema.collation}"


def rows(source: str, target: str, schema: Schema) -> list[str]:
    """The statements that copy every row, for a session that checks no keys."""
    statements: list[str] = []
    for table in schema.tables:
        columns = ", ".join(quoted(column) for column in table.columns)
        if columns:
            statements.append(
                f"INSERT INTO {quoted(target)}.{quoted(table.name)} ({columns}) SELECT {columns} FROM {quoted(source)}.{quoted(table.name)}"
            )
    return statements


def locks(source: str, target: str, schema: Schema) -> str:
    """Nobody writes what is copied, nobody sees the half of it."""
    pairs = [(source, "READ"), (target, "WRITE")]
    named = [f"{quoted(where)}.{quoted(table.name)} {how}" for table in schema.tables for where, how in pairs]
    return f"LOCK TABLES {', '.join(named)}"


def differences(wanted: Schema, made: Schema) -> list[str]:
    """What of a copy is not what it was made of."""
    found = [] if (wanted.charset, wanted.collation) == (made.charset, made.collation) else ["its character set"]
    there = {("table", table.name): table for table in made.tables} | {(one.kind, one.name): one for one in made.programs}
    asked = {("table", table.name): table for table in wanted.tables} | {(one.kind, one.name): one for one in wanted.programs}
    return found + [
        f"the {kind} {name}" for (kind, name) in sorted({*there, *asked}) if there.get((kind, name)) != asked.get((kind, name))
    ]


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def pattern(name: str) -> str:
    """A name as GRANT reads it, where `_` and `%` mean any character."""
    return name.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%")
