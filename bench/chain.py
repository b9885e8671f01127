"""The six-service chain (a,b -> c,d -> e -> test, redis): against docker compose and against the script by hand."""

from __future__ import annotations

import os
from pathlib import Path

from bench import direct
from bench.figures import Row, median, spread
from bench.programs import Told, compose_down, compose_stands, compose_up, dockyard_test

CHAIN = """\
x-service: &service
  image: redis:7
  healthcheck: {{test: [CMD, redis-cli, ping], interval: {interval}, timeout: 5s, retries: 60}}
services:
  a: *service
  b: *service
  c: {{<<: *service, depends_on: &ab {{a: {{condition: service_healthy}}, b: {{condition: service_healthy}}}}}}
  d: {{<<: *service, depends_on: *ab}}
  e: {{<<: *service, depends_on: {{c: {{condition: service_healthy}}, d: {{condition: service_healthy}}}}}}
  test:
    image: redis:7
    command: [redis-cli, -h, e, ping]
    depends_on: {{e: {{condition: service_healthy}}}}
x-dockyard: {{test: [test]}}
"""
APPENDIX_RATIO = (1435 / 6181, 1532 / 6181)
"""The script's time to Compose's with a 1 s interval, as it was measured by hand."""


def write(folder: Path, interval: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "compose.yaml").write_text(CHAIN.format(interval=interval))
    return folder


def measure(folder: Path, rounds: int) -> list[Row]:
    second, tenth = write(folder / "chain-1s", "1s"), write(folder / "chain-100ms", "100ms")
    host = os.environ["DOCKER_HOST"]
    ours: list[Told] = []
    up: list[float] = []
    up_tenth: list[float] = []
    down: list[float] = []
    by_hand: list[float] = []
    dockyard_test(second)  # warm: byte code, the gate's volume
    for number in range(rounds):
        ours.append(dockyard_test(second))
        by_hand.append(direct.run(host, f"bench-direct-{os.getpid()}-{number}")[0])
        up.append(compose_up(second, f"benchup{number}", "test"))
        compose_down(second, f"benchup{number}")
        up_tenth.append(compose_up(tenth, f"benchtenth{number}", "test"))
        compose_down(tenth, f"benchtenth{number}")
        # `up --exit-code-from` has stopped everything when it ends; what is compared is the end of what runs
        compose_stands(tenth, f"benchdown{number}", "test")
        down.append(compose_down(tenth, f"benchdown{number}"))
    return [_whole(ours, up, up_tenth), _by_hand(ours, by_hand, up), _down(ours, down)]


def _whole(ours: list[Told], up: list[float], up_tenth: list[float]) -> Row:
    told = [t.to_told for t in ours]
    faster, faster_tenth = median(up) / median(told), median(up_tenth) / median(told)
    return Row(
        "six-service chain, whole process, to verdict told",
        f"{spread(told)}: **{faster:.2f}× faster** ({faster_tenth:.2f}× than with a 100 ms interval)",
        f"`docker compose up --exit-code-from`: {spread(up)}; 100 ms interval: {spread(up_tenth)}",
        "3.5× faster",
        "4×",
        faster >= 3.5,
        faster >= 4,
    )


def _by_hand(ours: list[Told], by_hand: list[float], up: list[float]) -> Row:
    mine = [t.plan_to_tests_ended for t in ours]
    ratio, sanity = median(mine) / median(by_hand), median(by_hand) / median(up)
    low, high = APPENDIX_RATIO[0] * 0.9, APPENDIX_RATIO[1] * 1.1
    note = f"the script's own ratio to Compose is {sanity:.3f}; by hand it was {APPENDIX_RATIO[0]:.3f}-{APPENDIX_RATIO[1]:.3f}"
    if not low <= sanity <= high:
        note += ": **more than 10 % off, so this opponent is not the one it should be**"
    return Row(
        "the same, plan begun to tests ended",
        f"{spread(mine)}: **{ratio:.2f}×** its time",
        f"the script that starts each container when its dependencies answer: {spread(by_hand)}",
        "≤ 1.0×",
        "≤ 0.85×",
        ratio <= 1.0,
        ratio <= 0.85,
        note,
    )


def _down(ours: list[Told], down: list[float]) -> Row:
    mine = [t.told_to_end for t in ours]
    ratio = median(mine) / median(down)
    return Row(
        "the same, verdict told to nothing left (to the process's end)",
        f"{spread(mine)}: **{ratio:.2f}×** its time",
        f"`docker compose down -v -t 0` while the services run: {spread(down)}",
        "≤ 1.0×",
        "≤ 0.8×",
        ratio <= 1.0,
        ratio <= 0.8,
    )
