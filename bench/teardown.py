"""Ten services that ignore SIGTERM: a kill doesn't wait for them."""

from __future__ import annotations

from pathlib import Path

from bench.figures import Row, median, spread
from bench.programs import compose_down, compose_up, dockyard_test

STUBBORN = """\
x-service: &service
  image: busybox:1.36
  command: [sh, -c, "trap '' TERM; while :; do sleep 1; done"]
services:
{services}
  test: {{image: busybox:1.36, command: [sh, -c, "trap '' TERM; sleep 0.2"], depends_on: [{names}]}}
x-dockyard: {{test: [test]}}
"""


def measure(folder: Path, rounds: int) -> list[Row]:
    place = folder / "stubborn"
    place.mkdir(parents=True, exist_ok=True)
    names = [f"s{n}" for n in range(10)]
    (place / "compose.yaml").write_text(
        STUBBORN.format(services="\n".join(f"  {n}: *service" for n in names), names=", ".join(names))
    )
    ours = [dockyard_test(place).told_to_end for _ in range(rounds)]
    theirs = [_compose(place, f"benchstub{n}") for n in range(2)]
    mid = median(ours)
    return [
        Row(
            "teardown of 10 services that ignore SIGTERM",
            f"**{spread(ours)}**",
            f"Compose: {spread(theirs)} (`up --exit-code-from`, from the test's end to its own)",
            "< 2 s",
            "< 1.2 s",
            mid < 2.0,
            mid < 1.2,
        )
    ]


def _compose(place: Path, project: str) -> float:
    """Compose stops all with their grace of 10 s when the test has ended; `down` is what is left."""
    import time

    began = time.time()
    said = compose_up(place, project, "test")
    stopped = time.time() - began - said
    return stopped + compose_down(place, project)
