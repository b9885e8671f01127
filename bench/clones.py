"""Fresh data for each test: a hundred tests by four workers of pytest, each on a clone of a seeded PostgreSQL, against a container each.

Nobody needs a password, here or there: pg8000 derives its key in Python, which takes longer than the rest of a test. On both
sides the server's data are in memory and fsync is off, as for databases of tests: what is measured is not this machine's disk. The same on
that disk is told beside it.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.figures import Row, median, spread
from bench.programs import clean_environment
from dev.api import call

TESTS, WORKERS = 100, 4
CONTAINERS = 2 * WORKERS
"""So many of the opponent's are enough to know what one costs."""
TIMES, AIM = 20, 0.05
MEMORY = {"/var/lib/postgresql/data": "mode=0700"}

SEED = """\
CREATE TABLE customers AS SELECT i AS id, md5(i::text) AS name FROM generate_series(1, 20000) i;
ALTER TABLE customers ADD PRIMARY KEY (id);
"""
COMPOSE = """\
name: bench-clones
services:
  db:
    image: postgres:15
    command: [postgres, -c, fsync=off, -c, full_page_writes=off]
    environment: {POSTGRES_HOST_AUTH_METHOD: trust}
MEMORY
    volumes: ["./seed.sql:/docker-entrypoint-initdb.d/seed.sql:ro"]
    x-dockyard: {ready: {postgres: {}}}
"""
PROGRAM = """\
import json, os, time
import pg8000.native, pytest

@pytest.mark.parametrize("number", range(%d))
def test_it(dockyard_environment, dockyard_clones, number):
    began = time.time()
    with dockyard_clones("db").clone() as db:
        own = pg8000.native.Connection(db.user, host=db.host, port=db.port, database=db.name)
        assert own.run("SELECT count(*) FROM customers") == [[20000]]
        own.run("DELETE FROM customers WHERE id < 100")
        own.close()
    with open(os.environ["TIMES"], "a") as times:
        times.write(json.dumps([began, time.time()]) + "\\n")
"""


def measure(folder: Path, rounds: int) -> list[Row]:
    ours, each = _both(folder / "clones", min(rounds, 3), memory=True)
    on_disk, each_on_disk = _both(folder / "clones-on-disk", 1, memory=False)
    faster = median(each) / median(ours)
    return [
        Row(
            f"{TESTS} tests, each on a fresh clone of a seeded PostgreSQL, {WORKERS} workers: a test, from the first one's begin to the last one's end",
            f"{spread(ours)}: **{faster:.0f}× faster**",
            f"a container each, {WORKERS} at once, to the first answer with the seed: {spread(each)}",
            f"{TIMES}× faster",
            f"{AIM * 1000:.0f} ms",
            faster >= TIMES,
            median(ours) <= AIM,
            note=f"data in memory on both sides; on this disk {spread(on_disk)} against {spread(each_on_disk)}",
        )
    ]


def _both(project: Path, rounds: int, *, memory: bool) -> tuple[list[float], list[float]]:
    """Seconds a test, and seconds a container, of each round. `memory`: the servers' data are there."""
    project.mkdir()
    (project / "seed.sql").write_text(SEED)
    tmpfs = "".join(f"    tmpfs: ['{path}:{options}']\n" for path, options in MEMORY.items())
    (project / "compose.yaml").write_text(COMPOSE.replace("MEMORY\n", tmpfs if memory else ""))
    (project / "test_it.py").write_text(PROGRAM % TESTS)
    (project / "pytest.ini").write_text(
        "[pytest]\naddopts = -p no:cacheprovider\nasyncio_default_fixture_loop_scope = function\n"
    )
    ours: list[float] = []
    each: list[float] = []
    for number in range(rounds):
        name = f"bench-clones-{os.getpid()}-{number}"
        each.append(_containers(os.environ["DOCKER_HOST"], name, project, memory=memory))
        ours.append(_clones(project, project / f"times-{number}"))
    return ours, each


def _clones(project: Path, times: Path) -> float:
    """Seconds a test. What the clones are made of is copied by the first test, and counts; the environment's own start does not."""
    command = [sys.executable, "-m", "pytest", "-q", f"-n{WORKERS}", "--dockyard-xdist=shared"]
    environment = {**clean_environment(), "TIMES": str(times)}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    told = [json.loads(line) for line in times.read_text().splitlines()] if times.exists() else []
    if done.returncode or len(told) != TESTS:
        raise RuntimeError(f"pytest exited with {done.returncode} after {len(told)} tests:\n{done.stdout}{done.stderr}")
    return (max(ended for _, ended in told) - min(began for began, _ in told)) / TESTS


def _containers(host: str, name: str, project: Path, *, memory: bool) -> float:
    """Seconds a container, from its creation to an answer with the seed and its removal."""
    began = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lambda number: _container(host, f"{name}-{number}", project, memory), range(CONTAINERS)))
    return (time.perf_counter() - began) / CONTAINERS


def _container(host: str, name: str, project: Path, memory: bool) -> None:
    body = {
        "Image": "postgres:15",
        "Cmd": ["postgres", "-c", "fsync=off", "-c", "full_page_writes=off"],
        "Env": ["POSTGRES_HOST_AUTH_METHOD=trust"],
        "HostConfig": {
            "Binds": [f"{project}/seed.sql:/docker-entrypoint-initdb.d/seed.sql:ro"],
            **({"Tmpfs": MEMORY} if memory else {}),
        },
    }
    identity = call(host, "POST", f"/containers/create?name={name}", body)["Id"]
    try:
        call(host, "POST", f"/containers/{identity}/start")
        address = call(host, "GET", f"/containers/{identity}/json")["NetworkSettings"]["Networks"]["bridge"]["IPAddress"]
        until = time.monotonic() + 120
        while not _answers(address):
            if time.monotonic() > until:
                raise RuntimeError(f"{name} does not answer")
            time.sleep(0.02)
    finally:
        call(host, "DELETE", f"/containers/{identity}?force=1&v=1")


def _answers(address: str) -> bool:
    import pg8000.native

    try:
        with socket.create_connection((address, 5432), 1):
            pass
        own = pg8000.native.Connection("postgres", host=address, timeout=5)
    except (OSError, pg8000.native.InterfaceError, pg8000.native.DatabaseError):
        return False
    try:
        return own.run("SELECT count(*) FROM customers") == [[20000]]
    finally:
        own.close()
