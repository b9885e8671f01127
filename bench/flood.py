"""Twenty services that log 10,000 lines a second in all: what the run's process needs, and whether a line is lost."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
import time
from pathlib import Path

from bench.figures import Row
from bench.programs import DOCKYARD, clean_environment

SERVICES, SECONDS, BURST = 20, 10, 50
FLOOD = """\
x-service: &service
  image: python:3.11-slim
  command: [python3, -u, /flood.py]
  volumes: ["./flood.py:/flood.py:ro"]
services:
{services}
  test:
    image: busybox:1.36
    command: [sleep, "{seconds}"]
    depends_on: [{names}]
x-dockyard: {{test: [test]}}
"""
WRITER = """\
import sys, time
began, number = time.time(), 0
while number < {lines}:
    for _ in range({burst}):
        sys.stdout.write(f"line {{number}} of a service that says a lot about what it does at each moment\\n")
        number += 1
    sys.stdout.flush()
    time.sleep(max(0.0, began + number / {rate} - time.time()))
sys.stdout.write("last line\\n"); sys.stdout.flush()
time.sleep(600)
"""


def measure(folder: Path, rounds: int) -> list[Row]:
    del rounds
    rate = 10_000 // SERVICES
    lines = rate * SECONDS
    place = folder / "flood"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    names = [f"s{n}" for n in range(SERVICES)]
    (place / "flood.py").write_text(WRITER.format(lines=lines, burst=BURST, rate=rate))
    text = FLOOD.format(services="\n".join(f"  {n}: *service" for n in names), names=", ".join(names), seconds=SECONDS + 8)
    (place / "compose.yaml").write_text(text)
    peak, code = _run(place)
    written = _lines_on_disk(place, names)
    complete = sum(count == lines for count in written.values())
    return [
        Row(
            "memory of a run with 20 services streaming 10,000 log lines/s in all",
            f"**{peak / 2**20:.0f} MB** peak resident; {sum(written.values())} of {lines * SERVICES} lines on disk",
            f"{SECONDS} s of it, exit code {code}",
            "≤ 120 MB, no line lost",
            "",
            peak <= 120 * 2**20 and complete == SERVICES and code == 0,
        )
    ]


def _run(place: Path) -> tuple[int, int]:
    process = subprocess.Popen(
        [DOCKYARD, "test"],
        cwd=place,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=clean_environment(),
    )
    peak = 0

    def look() -> None:
        nonlocal peak
        while process.poll() is None:
            found = re.search(r"VmHWM:\s+(\d+) kB", _status(process.pid))
            peak = max(peak, int(found[1]) * 1024 if found else 0)
            time.sleep(0.2)

    watching = threading.Thread(target=look)
    watching.start()
    process.wait()
    watching.join()
    return peak, process.returncode


def _status(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return ""


def _lines_on_disk(place: Path, names: list[str]) -> dict[str, int]:
    """Distinct numbered lines of each service's log, so that a line written twice doesn't stand in for a lost one."""
    (report,) = (p.parent for p in (place / "dockyard-report").glob("*/verdict.json") if p.parent.name != "latest")
    found: dict[str, int] = {}
    for name in names:
        numbers: set[bytes] = set()
        for path in (report / "services").glob(f"{name}.*log"):
            numbers |= set(re.findall(rb"line (\d+) of a service", path.read_bytes()))
        found[name] = len(numbers)
    return found
