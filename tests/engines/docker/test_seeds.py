"""What of a snapshot is on an engine: whole only by the one container that names its volumes; all else is somebody's part."""

from __future__ import annotations

from typing import Any

import pytest

from dockyard.engines.docker import seeds
from dockyard.model.placement import PLACEMENT, SNAPSHOT, Placement
from dockyard.model.snapshot import Kept, Key, Snapshot

FILLER = Placement("t-filler", "t", "host/boot/ns/1/2", 99, "run")
KEY = Key(hash="k" * 32, inputs={"a": "1"}, targets={})
VOLUMES = {"db": {"/data": Kept(volume="v", uid=5, gid=6, mode=0o700)}}


def _volume(name: str, labels: dict[str, str]) -> dict[str, Any]:
    return {"Name": name, "Labels": labels}


def _container(name: str, labels: dict[str, str]) -> dict[str, Any]:
    return {"Id": name, "Names": [f"/{name}"], "Labels": labels, "Created": 7}


def _whole(layered: str | None = "metacopy=on") -> dict[str, Any]:
    labels = seeds.labels_of_whole(KEY, "t", VOLUMES, size=12, seconds=1.5, layered=layered)
    return _container(seeds.name(KEY.hash), labels)


PART = _volume("v", seeds.labels_of_part(KEY.hash, FILLER))


@pytest.mark.parametrize("layered", ["metacopy=on", "", None])
def test_what_is_written_is_read_again(layered: str | None) -> None:
    assert seeds.read([_whole(layered)], [PART]) == [
        Snapshot(
            key=KEY.hash,
            project="t",
            inputs=KEY.inputs,
            volumes=VOLUMES,
            layered=layered,
            size=12,
            seconds=1.5,
            made_at=7,
            used_at=7,
        )
    ]
    assert seeds.parts([_whole(layered)], [PART]) == []


def test_volumes_that_nothing_names_are_their_fillers() -> None:
    lock = _container(seeds.lock(KEY.hash), {**FILLER.labels(), SNAPSHOT: KEY.hash})
    assert seeds.read([lock], [PART]) == [] and seeds.parts([lock], [PART]) == ["v"]
    assert PLACEMENT not in PART["Labels"], "a label can't be taken off again when it is whole"


def test_a_snapshot_whose_volume_is_gone_is_none() -> None:
    assert seeds.read([_whole()], []) == []


def test_a_label_that_somebody_else_wrote_makes_no_snapshot() -> None:
    broken = _whole()
    broken["Labels"] = {**broken["Labels"], "dockyard.kept": "[]"}
    assert seeds.read([broken], [PART]) == []
    mounted = _whole()
    mounted["Labels"] = {**mounted["Labels"], "dockyard.clone": "overlay upperdir=/etc"}
    assert seeds.read([mounted], [PART])[0].layered is None


def test_who_stands_on_it_is_seen_and_keeps_its_volumes() -> None:
    clone = _volume("c", {PLACEMENT: "t-run", SNAPSHOT: KEY.hash})
    assert seeds.read([_whole()], [PART, clone])[0].used_by == ("t-run",)
    assert seeds.parts([], [PART, clone]) == [], "what makes it whole was taken away, and somebody stands on it"
    own = _volume("c", {PLACEMENT: FILLER.id, SNAPSHOT: KEY.hash})
    assert seeds.parts([], [PART, own]) == ["v"], "its filler's own try doesn't keep it"


def test_the_newest_day_counts() -> None:
    days = [_container(seeds.used(KEY.hash, day * 86400.0), {SNAPSHOT: KEY.hash}) for day in (3, 5, 4)]
    assert seeds.read([_whole(), *days], [PART])[0].used_at == 5 * 86400
