"""An engine that is restarted, goes away, or has no room left, in the middle of a run."""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.support.runs import begin, end, nothing_left, run, until

from dev import api

pytestmark = [pytest.mark.engine, pytest.mark.slow]

LONG = """\
services:
  db: {image: "busybox:1.36", command: [sleep, "600"]}
  sut: {image: "busybox:1.36", command: [sh, -c, "echo begun; sleep 600"], depends_on: [db]}
"""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_an_engine_that_is_restarted_is_infrastructure_and_nothing_is_left(
    private_engine, how: signal.Signals, tmp_path: Path
) -> None:
    engine = private_engine()
    process = begin(tmp_path, engine.host, LONG)
    placement = until(process, "test.begun")
    with ThreadPoolExecutor() as beside:
        restarting = beside.submit(engine.restart, how)
        told = end(process)
        restarting.result()
    assert (told["verdict"], told["code"]) == ("infrastructure", 5), told["causes"]
    assert "restarted" in told["causes"][0]["what"] and "live-restore" in told["causes"][0]["hint"]
    assert nothing_left(engine.host, placement, within=30)


def test_what_an_engine_that_went_away_still_has_is_cleared_away_when_it_is_back(private_engine, tmp_path: Path) -> None:
    engine = private_engine()
    process = begin(tmp_path, engine.host, LONG)
    placement = until(process, "test.begun")
    engine.halt(signal.SIGKILL)
    told = end(process)
    assert (told["verdict"], told["code"]) == ("infrastructure", 5), told["causes"]
    assert told["leftovers"], "what could not be removed is told"
    engine.resume()
    assert nothing_left(engine.host, placement, within=40), "by the watchdog"


def test_an_engine_without_room_is_infrastructure_with_what_to_do(private_engine, tmp_path: Path) -> None:
    engine = private_engine(disk="220M")
    full = {"Image": "busybox:1.36", "Cmd": ["sh", "-c", "cat /dev/zero > /x; sleep 600"]}
    filler = api.call(engine.host, "POST", "/containers/create", full)["Id"]
    api.call(engine.host, "POST", f"/containers/{filler}/start")
    deadline = time.monotonic() + 60
    while api.call(engine.host, "GET", f"/containers/{filler}/json?size=1")["SizeRw"] < 60 << 20 and time.monotonic() < deadline:
        time.sleep(0.5)
    time.sleep(3)
    told = run(tmp_path, engine.host, LONG)
    assert (told["verdict"], told["code"]) == ("infrastructure", 5), told["causes"]
    assert "space" in told["causes"][0]["what"] and told["causes"][0]["hint"]
    api.call(engine.host, "DELETE", f"/containers/{filler}?force=1")
    assert nothing_left(engine.host, told["placement"])
