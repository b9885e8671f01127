"""The store on SQLite: one file, one writer thread in this process, any number of processes beside it (WAL, BEGIN IMMEDIATE).

SQLite's own documentation is the source of what is relied on: wal.html (readers don't block the writer), lang_transaction.html (IMMEDIATE
takes the write lock at once, so no transaction fails half-way), rescode.html (what an error means).
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from dockyard.model.errors import Fatal, Retry
from dockyard.store.contract import Lease, Run

BUSY = 30.0
"""Seconds that a writer waits for another process's transaction."""
REMEMBERED = 10
"""Durations of a service that its typical one is made of."""

_T = TypeVar("_T")
_COLUMNS = "id, placement, project, begun, ended, verdict, code, cause, engine, report"
_MIGRATIONS = Path(__file__).parent / "migrations"


def state_file(environment: Mapping[str, str]) -> Path:
    """Where the store of this user is: `$XDG_STATE_HOME/dockyard/store.db`."""
    base = environment.get("XDG_STATE_HOME") or str(Path(environment.get("HOME") or "~").expanduser() / ".local" / "state")
    return Path(base) / "dockyard" / "store.db"


class SqliteStore:
    """`open` it; `close` ends the thread. Implements `contract.Store`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._connection: sqlite3.Connection | None = None

    @classmethod
    async def open(cls, path: Path) -> SqliteStore:
        """Make the file and bring its tables up to date. Fatal where that can't be."""
        store = cls(path)
        try:
            await store._do(store._prepare)
        except BaseException:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        if self._connection is not None:
            await self._do(lambda c: c.close())
            self._connection = None
        self._thread.shutdown(wait=False)

    async def begin_run(self, run: Run) -> None:
        await self._write(
            lambda c: c.execute(f"insert into runs ({_COLUMNS}) values ({_marks(10)}) on conflict (id) do nothing", _row(run))
        )

    async def finish_run(self, run: Run) -> None:
        ended = ("ended", "verdict", "code", "cause", "engine", "report")
        update = ", ".join(f"{name} = excluded.{name}" for name in ended)
        text = (
            f"insert into runs ({_COLUMNS}) values ({_marks(10)}) on conflict (id) do update set {update} where runs.verdict = ''"
        )
        await self._write(lambda c: c.execute(text, _row(run)))

    async def run(self, id: str) -> Run | None:
        rows = await self._do(lambda c: c.execute(f"select {_COLUMNS} from runs where id = $1", (id,)).fetchall())
        return _run(rows[0]) if rows else None

    async def runs(self, *, limit: int = 20, before: float = 0, project: str = "", verdict: str = "") -> Sequence[Run]:
        text = (
            f"select {_COLUMNS} from runs where ($1 = 0 or begun < $1) and ($2 = '' or project = $2) and ($3 = '' or verdict = $3)"
            " order by begun desc, id desc limit $4"
        )
        return [_run(row) for row in await self._do(lambda c: c.execute(text, (before, project, verdict, limit)).fetchall())]

    async def forget(self, before: float) -> int:
        def delete(c: sqlite3.Connection) -> int:
            c.execute("delete from events where run in (select id from runs where begun < $1)", (before,))
            c.execute("delete from durations where at < $1", (before,))
            return c.execute("delete from runs where begun < $1", (before,)).rowcount

        return await self._write(delete)

    async def append(self, run: str, events: Sequence[tuple[float, str, dict[str, Any]]]) -> None:
        def add(c: sqlite3.Connection) -> None:
            (last,) = c.execute("select coalesce(max(number), 0) from events where run = $1", (run,)).fetchone()
            rows = [(run, last + n, at, kind, json.dumps(data)) for n, (at, kind, data) in enumerate(events, 1)]
            c.executemany("insert into events (run, number, at, kind, data) values ($1, $2, $3, $4, $5)", rows)

        await self._write(add)

    async def events(self, run: str, *, after: int = 0, limit: int = 1000) -> Sequence[tuple[int, float, str, dict[str, Any]]]:
        text = "select number, at, kind, data from events where run = $1 and number > $2 order by number limit $3"
        rows = await self._do(lambda c: c.execute(text, (run, after, limit)).fetchall())
        return [(number, at, kind, json.loads(data)) for number, at, kind, data in rows]

    async def durations(self, project: str, durations: dict[str, float], at: float) -> None:
        def add(c: sqlite3.Connection) -> None:
            for service, seconds in durations.items():
                c.execute(
                    "insert into durations (project, service, at, seconds) values ($1, $2, $3, $4)",
                    (project, service, at, seconds),
                )
                c.execute(
                    "delete from durations where project = $1 and service = $2 and at < (select min(at) from (select at from durations"
                    " where project = $1 and service = $2 order by at desc limit $3) as newest)",
                    (project, service, REMEMBERED),
                )

        await self._write(add)

    async def typical(self, project: str) -> dict[str, float]:
        rows = await self._do(
            lambda c: c.execute("select service, seconds from durations where project = $1", (project,)).fetchall()
        )
        by_service: dict[str, list[float]] = {}
        for service, seconds in rows:
            by_service.setdefault(service, []).append(seconds)
        return {service: statistics.median(values) for service, values in by_service.items()}

    async def claim(self, name: str, owner: str, now: float, seconds: float) -> Lease | None:
        text = (
            "insert into leases (name, owner, token, until) values ($1, $2, 1, $3) on conflict (name) do update"
            " set owner = excluded.owner, token = leases.token + 1, until = excluded.until where leases.until <= $4 returning token, until"
        )
        return await self._leased(name, text, (name, owner, now + seconds, now))

    async def renew(self, lease: Lease, now: float, seconds: float) -> Lease | None:
        text = "update leases set until = $1 where name = $2 and token = $3 and until > $4 returning token, until"
        return await self._leased(lease.name, text, (now + seconds, lease.name, lease.token, now))

    async def release(self, lease: Lease) -> bool:
        # the row stays, so that its token never counts from the beginning again
        text = "update leases set until = 0 where name = $1 and token = $2 and until <> 0 returning token, until"
        return await self._leased(lease.name, text, (lease.name, lease.token)) is not None

    async def _leased(self, name: str, text: str, values: tuple[object, ...]) -> Lease | None:
        rows: list[tuple[int, float]] = await self._write(lambda c: c.execute(text, values).fetchall())
        return Lease(name, rows[0][0], rows[0][1]) if rows else None

    async def _write(self, act: Callable[[sqlite3.Connection], _T]) -> _T:
        def whole(connection: sqlite3.Connection) -> _T:
            connection.execute("begin immediate")
            try:
                done = act(connection)
                connection.execute("commit")
                return done
            except BaseException:
                if connection.in_transaction:
                    connection.execute("rollback")
                raise

        return await self._do(whole)

    async def _do(self, act: Callable[[sqlite3.Connection], _T]) -> _T:
        def done() -> _T:
            try:
                if self._connection is None:
                    self._connection = _connect(self._path)
                return act(self._connection)
            except (sqlite3.Error, OSError) as error:
                raise _translated(error, self._path) from error

        return await asyncio.get_running_loop().run_in_executor(self._thread, done)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        wanted = sorted(_MIGRATIONS.glob("*.sql"))
        (done,) = connection.execute("pragma user_version").fetchone()
        if done > len(wanted):
            raise Fatal(
                f"{self._path} was written by a newer Dockyard (version {done}, this one knows {len(wanted)})",
                "use that one, or another state folder",
            )
        for number, path in enumerate(wanted[done:], done + 1):
            _migrate(connection, number, path.read_text(encoding="utf-8"))


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None, check_same_thread=False)
    try:
        _into_wal(connection)
        connection.execute("pragma synchronous = normal")
    except BaseException:
        connection.close()
        raise
    return connection


def _into_wal(connection: sqlite3.Connection) -> None:
    """SQLite doesn't wait for its own switch to WAL (two that switch would wait for each other), so who opens a new file tries again."""
    until = time.monotonic() + BUSY
    while True:
        try:
            connection.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(random.uniform(0.005, 0.02))


def _migrate(connection: sqlite3.Connection, number: int, text: str) -> None:
    """One migration in one transaction; another process may have been quicker."""
    connection.execute("begin immediate")
    try:
        (done,) = connection.execute("pragma user_version").fetchone()
        if done < number:
            for statement in filter(str.strip, text.split(";")):
                connection.execute(statement)
            connection.execute(f"pragma user_version = {number}")
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _translated(error: sqlite3.Error | OSError, path: Path) -> Exception:
    text = str(error)
    if isinstance(error, sqlite3.OperationalError) and ("locked" in text or "busy" in text):
        return Retry(f"{path} is in use: {text}", 1.0)
    if isinstance(error, sqlite3.OperationalError) and "full" in text:
        return Fatal(f"{path}: {text}", "free some space there")
    if isinstance(error, sqlite3.DatabaseError) and ("malformed" in text or "not a database" in text):
        return Fatal(f"{path} is damaged: {text}", "move it away; a new one is made")
    return Fatal(f"{path} can't be used: {text}", "XDG_STATE_HOME says where it is")


def _marks(count: int) -> str:
    return ", ".join(f"${n}" for n in range(1, count + 1))


def _row(run: Run) -> tuple[object, ...]:
    return msgspec.structs.astuple(run)


def _run(row: tuple[Any, ...]) -> Run:
    return Run(**dict(zip(Run.__struct_fields__, row, strict=True)))
