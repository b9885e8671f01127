"""Twenty environments at once on this machine: all right, none in another's way."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.figures import Row
from bench.programs import Told, dockyard_test

SMALL = """\
services:
  db:
    image: redis:7
    container_name: the-database
    ports: ["6379:6379"]
    command: [redis-server, --requirepass, "{number}"]
    healthcheck: {{test: [CMD, redis-cli, -a, "{number}", ping], interval: 1s, retries: 300, timeout: 30s}}
  test:
    image: redis:7
    command: [sh, -c, "test \\"$$(redis-cli -h the-database -a {number} incr runs)\\" = 1"]
    depends_on: {{db: {{condition: service_healthy}}}}
x-dockyard: {{test: [test]}}
"""
"""The same fixed port and container name in each; a test that meets another's database fails (its password, or its count)."""


def measure(folder: Path, rounds: int) -> list[Row]:
    del rounds
    places = [folder / f"many-{number}" for number in range(20)]
    for number, place in enumerate(places):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        (place / "compose.yaml").write_text(SMALL.format(number=number))
    began = time.time()
    with ThreadPoolExecutor(len(places)) as pool:
        told: list[Told] = list(pool.map(lambda p: dockyard_test(p, expect=None), places))
    seconds = time.time() - began
    passed = sum(t.code == 0 and not t.verdict["leftovers"] for t in told)
    return [
        Row(
            "20 environments at once on 2 cores",
            f"**{passed} of {len(told)} correct**, all in {seconds:.1f} s",
            "one fixed port, one container_name, in all of them",
            "all correct, no clash",
            "",
            passed == len(told),
        )
    ]
