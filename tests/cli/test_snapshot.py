"""`dockyard snapshot`, and what `plan`, `sweep` and a run's last words say of data that are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import Dockyard
from tests.environments.test_kept_data import FILE

pytestmark = pytest.mark.engine


@pytest.fixture(autouse=True)
def on_the_engine(environment: dict[str, str], docker_host: str, dockyard: Dockyard, folder: Path) -> Iterator[None]:
    environment["DOCKER_HOST"] = docker_host
    (folder / "compose.yaml").write_text("name: keptshop\n" + FILE)
    yield
    dockyard("snapshot", "rm")


def test_data_are_made_listed_foreseen_used_and_removed(dockyard: Dockyard, folder: Path) -> None:
    assert "seeded afresh: db: no snapshot is there" in dockyard("plan").stdout
    made = dockyard("snapshot", "make")
    assert made.returncode == 0 and "db: kept as snapshot " in made.stdout
    again = json.loads(dockyard("snapshot", "make", "--json").stdout)
    (key,) = again["there"]
    assert not again["made"]
    (one,) = [one for one in json.loads(dockyard("snapshot", "ls", "--json").stdout) if one["project"] == "keptshop"]
    assert (one["snapshot"], one["services"], one["in_use"]) == (key, ["db"], []) and one["size"] > 0 and one["seconds"] > 0
    assert key[:12] in dockyard("snapshot", "ls").stdout

    assert f"from a snapshot: db: {key[:12]}" in dockyard("plan").stdout
    (foreseen,) = json.loads(dockyard("plan", "--json").stdout)["snapshots"]
    assert (foreseen["snapshot"], foreseen["not_run"], foreseen["why"]) == (key, ["migrate"], "")
    told = dockyard("test").stdout
    assert f"db: from snapshot {key[:12]}" in told and "migrate is in it" in told
    assert "from a snapshot: db, migrate" in told and "cold: sut" in told

    file = folder / "compose.yaml"
    file.write_text(file.read_text().replace("incr migrated", "incr migration"))
    assert "seeded afresh: db: changed: migrate: its command" in dockyard("plan").stdout
    file.write_text(file.read_text().replace("inputs: [migrate]", "inputs: [migrat]"))
    refused = dockyard("snapshot", "make")
    assert refused.returncode == 2 and "is neither a service nor a file" in refused.stderr

    assert f"{key[:12]} is gone" in dockyard("snapshot", "rm", key[:6]).stdout
    assert "there is no snapshot" in dockyard("snapshot", "rm", key).stderr


def test_an_image_that_is_built_first_is_said_to_decide(dockyard: Dockyard, folder: Path) -> None:
    (folder / "Dockerfile").write_text("FROM redis:7\n")
    built = FILE.replace("  migrate:\n    image: redis:7\n", "  migrate:\n    build: .\n")
    (folder / "compose.yaml").write_text("name: keptshop\n" + built)
    assert dockyard("snapshot", "make", "-q").returncode == 0
    assert "where migrate is built to the same; not run again: migrate" in dockyard("plan").stdout


def test_no_service_that_asks_is_told(dockyard: Dockyard, folder: Path) -> None:
    (folder / "compose.yaml").write_text("services: {sut: {image: 'busybox:1.36'}}")
    told = dockyard("snapshot", "make")
    assert told.returncode == 2 and "no service of these asks for its data to be kept" in told.stderr
