"""`dockyard standby`, and what `plan` says of what stands by."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import Dockyard

pytestmark = pytest.mark.engine


@pytest.fixture(autouse=True)
def on_the_engine(environment: dict[str, str], docker_host: str, dockyard: Dockyard, folder: Path) -> Iterator[None]:
    environment["DOCKER_HOST"] = docker_host
    folder.joinpath("compose.yaml").write_text(
        folder.joinpath("compose.yaml").read_text().replace("services:", "name: standbyshop\nservices:")
    )
    yield
    dockyard("standby", "drop")


def test_it_is_filled_listed_and_dropped(dockyard: Dockyard) -> None:
    filled = json.loads(dockyard("standby", "fill", "-n", "2", "--json").stdout)
    assert len(filled["made"]) == 2 and filled["why"] == "2 stand by already"
    mine = [one for one in json.loads(dockyard("standby", "ls", "--json").stdout) if one["project"] == "standbyshop"]
    assert {one["environment"] for one in mine} == {*filled["made"]}  # the newest first, where the engine's seconds tell
    assert {(one["state"], tuple(one["containers"])) for one in mine} == {("stands by", ("db", "sut", "web"))}
    assert all(one["seconds_left"] > 7 * 3600 and one["made_in"] > 0 for one in mine)
    assert filled["made"][0] in dockyard("standby", "ls").stdout
    assert not any(e["project"] == "standbyshop" for e in json.loads(dockyard("env", "ls", "--json").stdout))
    assert filled["made"][0] not in dockyard("sweep").stdout
    dropped = dockyard("standby", "drop")
    assert dropped.stdout.count("is gone") == 2
    assert "nothing stands by for standbyshop" in dockyard("standby", "drop").stdout


def test_a_run_says_what_stood_by_and_what_it_leaves(dockyard: Dockyard) -> None:
    first = dockyard("test", "--standby").stdout
    assert "cold: none stands by" in first and "the next environment stands by: standbyshop" in first
    second = dockyard("test", "--standby", env={"CODE": "0"}).stdout
    assert "3 of 3 containers stood by (all of it had taken" in second and "nothing of it is left on the engine" in second
    edited = dockyard("test", "--standby", env={"CODE": "3"})
    assert edited.returncode == 1 and "2 of 3 containers stood by" in edited.stdout
    assert "sut is made anew: its command" in edited.stdout
    cold = dockyard("test", "--cold").stdout
    assert "stood by" not in cold and "stands by" not in cold


def test_a_plan_says_what_would_be_used_and_what_changed(dockyard: Dockyard, folder: Path) -> None:
    assert json.loads(dockyard("plan", "--json").stdout)["standby"] is None
    assert "none stands by" in dockyard("plan", "--standby").stdout
    dockyard("standby", "fill", "-q")
    told = json.loads(dockyard("plan", "--standby", "--json").stdout)["standby"]
    assert (sorted(told["used"]), told["anew"], told["why"]) == (["db", "sut", "web"], {}, "")
    file = folder / "compose.yaml"
    file.write_text(file.read_text().replace('web: {image: "busybox:1.36"', 'web: {image: "busybox:1.36", user: nobody'))
    told = json.loads(dockyard("plan", "--standby", "--json").stdout)["standby"]
    assert (sorted(told["used"]), told["anew"]) == (["db", "sut"], {"web": "its user"})
    assert "web                      is made anew: its user" in dockyard("plan", "--standby").stdout
    (folder / "Dockerfile").write_text("FROM busybox:1.36\n")
    file.write_text(file.read_text().replace('db: {image: "busybox:1.36"', "db: {build: ."))
    told = json.loads(dockyard("plan", "--standby", "--json").stdout)["standby"]
    assert (told["used"], told["if_same"], list(told["anew"])) == (["sut"], {"db": "the build gives the same image"}, ["web"])
    assert "db                       stands by; used if the build gives the same image" in dockyard("plan", "--standby").stdout
    file.write_text(file.read_text().replace("db: {build: .", "db: {build: ., user: nobody"))
    assert json.loads(dockyard("plan", "--standby", "--json").stdout)["standby"]["anew"]["db"] == "its user", "whatever is built"


def test_what_stands_by_ready_is_named_and_why_something_stays_at_its_gate(dockyard: Dockyard, folder: Path) -> None:
    file = folder / "compose.yaml"
    ready = "x-dockyard: {standby: ready}"
    db, web = 'db: {image: "busybox:1.36"', 'web: {image: "busybox:1.36"'
    file.write_text(file.read_text().replace(db, f"{db}, {ready}").replace(web, f"{web}, network_mode: host, {ready}"))
    stays = "web stays at its gate: network_mode: host is the machine's own"
    assert stays in dockyard("standby", "fill").stdout
    (mine,) = [one for one in json.loads(dockyard("standby", "ls", "--json").stdout) if one["project"] == "standbyshop"]
    assert mine["ready"] == ["db"]
    plan = dockyard("plan", "--standby").stdout
    assert "db                       stands by, ready" in plan
    assert "web                      stays at its gate when it stands by: network_mode: host is the machine's own" in plan
    tested = dockyard("test", "--standby").stdout
    assert "3 of 3 containers stood by, ready: db (all of it had taken" in tested
    assert "db is ready (" in tested and "it stood by, ready" in tested


def test_the_setting_and_the_file_ask_for_it_too(dockyard: Dockyard, folder: Path) -> None:
    assert "stands by" in dockyard("test", env={"DOCKYARD_STANDBY": "1"}).stdout
    file = folder / "compose.yaml"
    file.write_text(file.read_text() + "x-dockyard: {standby: 0}\n")
    asked = dockyard("test", env={"DOCKYARD_STANDBY": "1"}).stdout
    assert "stood by" not in asked and "stands by" not in asked, "the file has the last word"
    file.write_text(file.read_text().replace("standby: 0", "standby: 1"))
    assert "3 of 3 containers stood by" in dockyard("test").stdout
