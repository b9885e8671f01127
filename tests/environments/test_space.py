"""What stands by goes, the oldest first, where it takes too much of the engine's disk or that is nearly full."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.environments.test_standby import run

from dev import api
from dockyard.engines.docker import looking
from dockyard.environments import space
from dockyard.model.facts import Disk, StandingBy

GB = 1 << 30


def _waiting(*names: str) -> list[StandingBy]:
    return [StandingBy(placement=name, project="p", pool="x", frame="f", deadline=1) for name in names]


@pytest.mark.parametrize(
    ("disk", "full"),
    [
        (None, False),
        (Disk(free=1 * GB, size=100 * GB), True),
        (Disk(free=6 * GB, size=1000 * GB), False),
        (Disk(free=4 * GB, size=1000 * GB), True),
        (Disk(free=1 * GB, size=10 * GB), False),
        (Disk(free=GB // 4, size=10 * GB), True),
    ],
)
def test_a_disk_is_nearly_full_by_its_share_or_by_bytes_whichever_is_less(disk: Disk | None, full: bool) -> None:
    assert space.nearly_full(disk) is full


@pytest.mark.parametrize(
    ("most", "gone"), [(60, []), (59, ["old"]), (50, ["old"]), (29, ["old", "middle"]), (9, ["old", "middle", "new"])]
)
def test_the_oldest_go_until_the_rest_fits(most: int, gone: list[str]) -> None:
    sizes = {"new": 10, "middle": 20, "old": 30}
    assert [one.placement for one in space.beyond(_waiting("new", "middle", "old"), sizes, most)] == gone


@pytest.mark.parametrize(("frees", "left", "why"), [(0, ["b", "a"], ""), (1, ["b"], ""), (9, [], space.NEARLY_FULL)])
async def test_a_disk_that_is_nearly_full_has_the_oldest_go_and_then_nothing_is_left(
    frees: int, left: list[str], why: str
) -> None:
    gone: list[StandingBy] = []

    class Full:
        async def disk(self) -> Disk:
            return Disk(free=10 * GB if len(gone) >= frees else 0, size=100 * GB)

    async def drop(one: StandingBy) -> None:
        gone.append(one)

    engine: Any = Full()
    there, told = await space.make(engine, _waiting("b", "a"), drop)
    assert ([one.placement for one in there], told) == (left, why)


def test_sizes_are_read_from_what_the_engine_says_of_containers_and_volumes() -> None:
    labels = {"dockyard.placement": "p-1"}
    told = {
        "Containers": [{"Labels": labels, "SizeRw": 5}, {"Labels": labels}, {"Labels": None, "SizeRw": 9}],
        "Volumes": [
            {"Labels": labels, "UsageData": {"Size": 7}},
            {"Labels": labels, "UsageData": {"Size": -1}},
            {"Labels": None},
        ],
    }
    assert looking.sizes(told) == {"p-1": 12}
    newer = {f"{kind.removesuffix('s')}Usage": {"Items": items} for kind, items in told.items()}
    assert looking.sizes(newer) == {"p-1": 12}
    assert looking.sizes({"Containers": None, "Volumes": None}) == {}


@pytest.mark.engine
def test_what_takes_more_disk_than_may_be_goes_the_oldest_first(private_engine: Any, tmp_path: Path) -> None:
    host = private_engine().host
    file = """\
services:
  made:
    image: busybox:1.36
    command: [dd, if=/dev/zero, of=/blob, bs=1k, count=200]
    x-dockyard: {standby: ready}
  sut: {image: busybox:1.36, command: ["true"], depends_on: {made: {condition: service_completed_successfully}}}
"""
    first, second = (
        run(tmp_path / name, host, file, "--standby", env={"DOCKYARD_STANDBY_DISK": "300k"})["standby"] for name in ("a", "b")
    )
    assert _placements(host) == {second} != {first}
    alone = run(tmp_path / "a", host, file, "--standby", env={"DOCKYARD_STANDBY_DISK": "100k"})
    assert alone["standby"] == "it takes more than 102400 bytes of disk (standby_disk)" and _placements(host) == set()


def _placements(host: str) -> set[str]:
    listed = api.call(host, "GET", '/containers/json?all=1&filters={"label":["dockyard.standby"]}')
    return {one["Labels"]["dockyard.placement"] for one in listed}
