"""How late we say that a service is ready, and what a chain with the default health interval costs.

The service stamps the truth itself: Redis logs "Ready to accept connections" with milliseconds. What a check takes is not ours, so one
duration of the check (the one that said yes) is taken off.
"""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path

from bench.figures import Row, median, percentile, spread
from bench.programs import Told, dockyard_test

HOPS = """\
x-service: &service
  image: redis:7
  healthcheck: {{test: [CMD, redis-cli, ping]{timings}}}
services:
  one: {{<<: *service, command: [sh, -c, "sleep 0.{a}; exec redis-server"]}}
  two: {{<<: *service, command: [sh, -c, "sleep 0.{b}; exec redis-server"], depends_on: {{one: {{condition: service_healthy}}}}}}
  three: {{<<: *service, command: [sh, -c, "sleep 0.{c}; exec redis-server"], depends_on: {{two: {{condition: service_healthy}}}}}}
  test: {{image: redis:7, command: [redis-cli, -h, three, ping], depends_on: {{three: {{condition: service_healthy}}}}}}
x-dockyard: {{test: [test]}}
"""
_READY = re.compile(r"(\d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2}\.\d{3}) \* Ready to accept connections")


def measure(folder: Path, rounds: int) -> list[Row]:
    late: list[float] = []
    chain: list[float] = []
    for number in range(rounds):
        sleeps = [str(10 + (number * 37 + k * 23) % 80) for k in range(3)]
        told = dockyard_test(_write(folder / "hops", ", interval: 2s, retries: 30", sleeps))
        late += _lateness(told)
        chain.append(_added(dockyard_test(_write(folder / "hops-default", "", sleeps))))
    worst, added = percentile(late, 0.95), median(chain)
    return [
        Row(
            f"readiness overhead per hop, p95 of {len(late)}",
            f"**{worst * 1000:.0f} ms** (median {median(late) * 1000:.0f} ms)",
            "0: said ready - was ready (stamped by the service itself) - one duration of the check",
            "≤ 80 ms",
            "≤ 30 ms",
            worst <= 0.080,
            worst <= 0.030,
        ),
        Row(
            "chain of three with the default 30 s health interval",
            f"**+ {added:.2f} s** ({spread(chain)})",
            "sum of each service's own start, alone (release of its process to its own stamp)",
            "+ ≤ 0.6 s",
            "+ 0.3 s",
            added <= 0.6,
            added <= 0.3,
            "added is the time from the first release to the last word of ready, less that sum",
        ),
    ]


def _write(folder: Path, timings: str, sleeps: list[str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    a, b, c = sleeps
    (folder / "compose.yaml").write_text(HOPS.format(timings=timings, a=a, b=b, c=c))
    return folder


def _stamps(told: Told) -> dict[str, float]:
    """When each service was ready, by its own log: Unix seconds."""
    logs = Path(told.verdict["report"]) / "services"
    found: dict[str, float] = {}
    for service in ("one", "two", "three"):
        text = "".join(p.read_text(errors="replace") for p in logs.glob(f"{service}*.log"))
        line = _READY.search(text)
        if line is None:
            raise RuntimeError(f"{service} logged no stamp in {logs}")
        stamp = datetime.datetime.strptime(line[1], "%d %b %Y %H:%M:%S.%f").replace(tzinfo=datetime.UTC)
        found[service] = stamp.timestamp()
    return found


def _lateness(told: Told) -> list[float]:
    stamps = _stamps(told)
    timeline = (Path(told.verdict["report"]) / "timeline.jsonl").read_text().splitlines()
    events = [e for e in map(json.loads, timeline) if e["kind"] == "service.ready" and e["subject"] in stamps]
    return [e["at"] - stamps[e["subject"]] - e["data"]["check"] for e in events]


def _added(told: Told) -> float:
    stamps = _stamps(told)
    rows = {row["key"]: row for row in told.verdict["services"]}
    alone = sum(stamps[s] - rows[s]["released_at"] for s in stamps)
    return rows["three"]["ready_at"] - rows["one"]["released_at"] - alone
