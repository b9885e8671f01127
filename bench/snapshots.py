"""PostgreSQL with a seed of 70 MB and migrations: from data that are kept, against filled anew."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from bench.figures import Row, median, spread
from bench.programs import DOCKYARD, Told, dockyard_test

TIMES, AIM = 4, 0.25
SIZE = 70e6
SEED = """\
CREATE TABLE seed AS SELECT n, md5(n::text) || md5((n + 1)::text) AS text FROM generate_series(1, 200000) AS n;
ALTER TABLE seed ADD PRIMARY KEY (n);
"""
MIGRATIONS = [
    "CREATE TABLE m{n} (i int PRIMARY KEY, t text)",
    "INSERT INTO m{n} SELECT g, g::text FROM generate_series(1, 1000) g",
]
FILE = """\
services:
  db:
    image: postgres:15
    environment: {POSTGRES_PASSWORD: bench-bench}
    volumes: ["data:/var/lib/postgresql/data", "./init:/docker-entrypoint-initdb.d:ro"]
    x-dockyard: {ready: {postgres: {}}, snapshot: {inputs: [migrate]}}
  migrate:
    image: postgres:15
    environment: {PGPASSWORD: bench-bench}
    command: [psql, -h, db, -U, postgres, -q, -v, ON_ERROR_STOP=1, -f, /migrations/all.sql]
    volumes: ["./migrations:/migrations:ro"]
    depends_on: {db: {condition: service_healthy}}
  test:
    image: postgres:15
    environment: {PGPASSWORD: bench-bench}
    command: [psql, -h, db, -U, postgres, -q, -v, ON_ERROR_STOP=1, -c, SELECT count(*) FROM seed; SELECT count(*) FROM m20]
    depends_on: {migrate: {condition: service_completed_successfully}}
volumes: {data: {}}
x-dockyard: {test: [test]}
"""


def measure(folder: Path, rounds: int) -> list[Row]:
    project = _write(folder / "snapshots")
    cold: list[Told] = []
    kept: list[Told] = []
    try:
        subprocess.run([DOCKYARD, "snapshot", "make", "-q"], cwd=project, check=True)
        listed = subprocess.run([DOCKYARD, "snapshot", "ls", "--json"], cwd=project, check=True, capture_output=True).stdout
        size = next(one["size"] for one in json.loads(listed) if one["project"] == project.name)
        if size < SIZE:
            raise RuntimeError(f"the data have {size / 1e6:.0f} MB, not {SIZE / 1e6:.0f}")
        for _ in range(rounds):
            cold.append(_run(project, "cold", "--cold"))
            kept.append(_run(project, "snapshot"))
    finally:
        subprocess.run([DOCKYARD, "snapshot", "rm", "-q"], cwd=project, check=False)
    return [_row(kept, cold, size)]


def _write(folder: Path) -> Path:
    for name, text in (("init/seed.sql", SEED), ("migrations/all.sql", _migrations()), ("compose.yaml", FILE)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def _migrations() -> str:
    return "".join(f"{statement.format(n=n)};\n" for n in range(1, 21) for statement in MIGRATIONS)


def _run(project: Path, made: str, *words: str) -> Told:
    told = dockyard_test(project, *words)
    if any(service["made"] != made for service in told.verdict["services"] if service["key"] == "db"):
        raise RuntimeError(f"the database was not {made}:\n{told.output}")
    return told


def _filled(told: Told) -> float:
    """Seconds from the database's release until it is ready and migrated."""
    services = {service["key"]: service for service in told.verdict["services"]}
    ready = max(services["db"]["ready_at"], services["migrate"]["ready_at"] if services["migrate"]["exit_codes"] else 0)
    return ready - services["db"]["released_at"]


def _whole(told: Told) -> float:
    return told.phases["ready"] - told.phases["begun"]


def _row(kept: list[Told], cold: list[Told], size: int) -> Row:
    ours, theirs = [_filled(told) for told in kept], [_filled(told) for told in cold]
    faster = median(theirs) / median(ours)
    whole, before = [_whole(told) for told in kept], [_whole(told) for told in cold]
    return Row(
        f"PostgreSQL with {size / 1e6:.0f} MB and migrations, from a snapshot, to ready",
        f"{spread(ours)}: **{faster:.1f}× faster**",
        f"cold: {spread(theirs)}",
        f"{TIMES}× faster",
        f"{AIM * 1000:.0f} ms",
        faster >= TIMES,
        median(ours) <= AIM,
        f"from the database's release to ready and migrated. The whole, from the run's begin, its clone and containers made: {spread(whole)} "
        f"against {spread(before)}, {median(before) / median(whole):.1f}× faster.",
    )
