"""The store on SQLite: the contract, and what a file on a disk can do to it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import pytest_asyncio
from tests.store.conformance import *  # noqa: F403
from tests.store.conformance import a_run

from dockyard.model.errors import Fatal, Retry
from dockyard.store import sqlite
from dockyard.store.sqlite import SqliteStore, state_file


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    found = await SqliteStore.open(tmp_path / "state" / "store.db")
    yield found
    await found.close()


async def test_what_was_remembered_is_there_after_it_was_closed(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    first = await SqliteStore.open(path)
    await first.finish_run(a_run(verdict="passed", code=0))
    await first.close()
    again = await SqliteStore.open(path)
    assert await again.run("run-1") == a_run(verdict="passed", code=0)
    await again.close()


PROGRAM = """
import asyncio, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from dockyard.store.sqlite import SqliteStore
async def main():
    store = await SqliteStore.open(Path(sys.argv[1]))
    for n in range(25):
        await store.append("run-1", [(float(n), "note", {"who": sys.argv[2]})])
    lease = await store.claim("env", sys.argv[2], 0.0, 10.0)
    await store.close()
    print("had" if lease else "had not")
asyncio.run(main())
"""


async def test_several_processes_begin_and_write_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    command = [sys.executable, "-c", PROGRAM, str(path)]
    processes = [subprocess.Popen([*command, str(n)], stdout=subprocess.PIPE, text=True) for n in range(4)]  # noqa: ASYNC220
    said = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert sorted(said) == ["had", "had not", "had not", "had not"]
    store = await SqliteStore.open(path)
    events = await store.events("run-1")
    assert [number for number, *_ in events] == list(range(1, 101))
    await store.close()


def test_those_who_make_the_file_at_once_wait_for_each_other(tmp_path: Path) -> None:
    """SQLite's switch to WAL answers "locked" at once, without its busy handler: one opener in fifteen met it."""
    together = threading.Barrier(6)

    def open_it(path: Path) -> str:
        together.wait()
        connection = sqlite._connect(path)
        (mode,) = connection.execute("pragma journal_mode").fetchone()
        connection.close()
        return mode

    with ThreadPoolExecutor(6) as openers:
        for number in range(40):
            assert list(openers.map(open_it, [tmp_path / f"{number}.db"] * 6)) == ["wal"] * 6


async def test_a_file_of_a_newer_dockyard_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    await (await SqliteStore.open(path)).close()
    with sqlite3.connect(path) as connection:
        connection.execute("pragma user_version = 99")
    with pytest.raises(Fatal, match="newer Dockyard"):
        await SqliteStore.open(path)


@pytest.mark.parametrize(
    "content", [b"this is no database, and longer than a header is" * 50, b"SQLite format 3\0" + b"\xff" * 5000]
)
async def test_a_file_that_is_no_database_is_told_with_what_to_do_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(content)
    with pytest.raises(Fatal) as caught:
        await SqliteStore.open(path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == content


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Fatal, match="can't be used"):
        await SqliteStore.open(tmp_path / "file" / "dockyard" / "store.db")


async def test_a_writer_that_does_not_end_is_waited_for_and_then_told_as_something_to_try_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY", 0.05)
    store = await SqliteStore.open(tmp_path / "store.db")
    holder = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    holder.execute("begin immediate")
    with pytest.raises(Retry, match="in use"):
        await store.begin_run(a_run())
    assert await store.runs() == [], "who only reads does not wait"
    holder.execute("rollback")
    await store.begin_run(a_run())
    assert len(await store.runs()) == 1
    holder.close()
    await store.close()


async def test_a_write_that_fails_half_way_leaves_nothing(store: SqliteStore) -> None:
    with pytest.raises(TypeError):
        await store.append("run-1", [(1.0, "note", {}), (2.0, "note", {"bad": object()})])
    assert await store.events("run-1") == []
    await store.append("run-1", [(1.0, "note", {})])
    assert len(await store.events("run-1")) == 1


async def test_a_process_that_is_killed_in_the_middle_loses_no_more_than_its_last_write(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    program = PROGRAM.replace("range(25)", "range(10**6)").replace('{"who": sys.argv[2]})])', "{})]); print(n, flush=True)")
    process = subprocess.Popen([sys.executable, "-c", program, str(path), "x"], stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220
    assert process.stdout is not None
    told = [int(process.stdout.readline()) for _ in range(20)][-1]
    process.kill()
    process.communicate()
    store = await SqliteStore.open(path)
    assert len(await store.events("run-1", limit=10**6)) > told
    await store.close()


def test_where_it_is_follows_xdg() -> None:
    assert state_file({"XDG_STATE_HOME": "/s", "HOME": "/h"}) == Path("/s/dockyard/store.db")
    assert state_file({"HOME": "/h"}) == Path("/h/.local/state/dockyard/store.db")


async def test_a_run_that_cannot_be_remembered_says_so_and_that_is_all(tmp_path: Path) -> None:
    from dockyard.api.memory import remember
    from dockyard.model.verdict import Verdict, Word

    (tmp_path / "dockyard").write_text("in the way")
    verdict = Verdict(run="r", placement="p", project="shop", verdict=Word.PASSED, code=0)
    said = await remember({"XDG_STATE_HOME": str(tmp_path)}, verdict)
    assert said.startswith("this run is not remembered") and "\n" not in said
    os.unlink(tmp_path / "dockyard")
    assert await remember({"XDG_STATE_HOME": str(tmp_path)}, verdict) == ""
    await asyncio.sleep(0)
