"""What the command itself costs: `dockyard --version`, and `dockyard plan` on 50 services."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from bench.figures import Row, median, spread
from bench.programs import DOCKYARD


def fifty(folder: Path) -> Path:
    """Fifty services in ten levels, with checks, ports, volumes and environment."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["services:"]
    for n in range(50):
        lines += [
            f"  s{n}:",
            "    image: redis:7",
            f"    environment: {{NAME: s{n}, URL: 'redis://s{n}:6379'}}",
            f"    ports: ['{7000 + n}:6379']",
            f"    volumes: ['data{n}:/data']",
            "    healthcheck: {test: [CMD, redis-cli, ping], interval: 1s}",
        ]
        if n >= 5:
            lines.append(f"    depends_on: {{s{n - 5}: {{condition: service_healthy}}}}")
    lines += ["volumes:", *(f"  data{n}: {{}}" for n in range(50)), "x-dockyard: {test: [s49]}"]
    (folder / "compose.yaml").write_text("\n".join(lines) + "\n")
    return folder


def measure(folder: Path, rounds: int) -> list[Row]:
    place = fifty(folder / "fifty")
    version = [_seconds([DOCKYARD, "--version"], place) for _ in range(rounds + 2)][2:]
    plan = [_seconds([DOCKYARD, "plan"], place) for _ in range(rounds + 2)][2:]
    return [
        Row(
            "`dockyard --version`",
            f"**{spread(version)}**",
            "",
            "200 ms",
            "100 ms",
            median(version) <= 0.2,
            median(version) <= 0.1,
        ),
        Row(
            "`dockyard plan` on 50 services",
            f"**{spread(plan)}**",
            "",
            "450 ms",
            "300 ms",
            median(plan) <= 0.45,
            median(plan) <= 0.3,
        ),
    ]


def _seconds(argv: list[str], folder: Path) -> float:
    began = time.perf_counter()
    done = subprocess.run(argv, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{argv} exited with {done.returncode}: {done.stderr}")
    return time.perf_counter() - began
