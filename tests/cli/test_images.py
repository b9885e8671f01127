"""`dockyard images` as people call it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.cli.conftest import Dockyard

DIGEST = "sha256:" + "e" * 64


@pytest.fixture
def family(tmp_path: Path) -> Path:
    """A base, two images on it by Compose, one Dockerfile that copies from one of them."""
    place = tmp_path / "family"
    for name, text in {
        "base/Dockerfile": "FROM debian:12\n",
        "api/Dockerfile": "ARG V=2\nFROM acme/base:${V}\n",
        "web/Dockerfile": "FROM acme/base:1\nCOPY --from=acme/api:1 / /\n",
        "compose.yaml": """\
services:
  base: {image: "acme/base:1", build: base}
  api: {image: "acme/api:1", build: {context: api, args: {V: 1}}}
  web: {image: "acme/web:1", build: web}
""",
    }.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    return place


def test_a_scan_counts_and_writes_a_graph_that_the_other_words_read(dockyard: Dockyard, family: Path) -> None:
    graph = family / "graph.json"
    done = dockyard("images", "scan", "--platform", "linux/amd64", "-o", str(graph), cwd=family)
    assert (done.returncode, done.stdout) == (0, "3 Dockerfiles, 1 Compose file: 4 images (3 built here), 4 edges\n")
    assert "no engine answers" in done.stderr
    shown = dockyard("images", "graph", "--graph", str(graph), cwd=family.parent)
    assert shown.stdout.splitlines() == [
        "debian:12  [linux/amd64]",
        "└─ acme/base:1  [linux/amd64]",
        "   ├─ acme/api:1  [linux/amd64]",
        "   │  └─ acme/web:1  [linux/amd64]  (copied from)",
        "   └─ acme/web:1  [linux/amd64]",
    ]
    assert dockyard("images", "graph", "--graph", "-", "--json", stdin=graph.read_text()).stdout == graph.read_text()


def test_an_image_shows_its_parents_its_children_and_where_that_is_written(dockyard: Dockyard, family: Path) -> None:
    done = dockyard("images", "show", "acme/api:1", "--no-engine", "--platform", "linux/amd64", cwd=family)
    assert done.stdout.splitlines() == [
        "acme/api:1 linux/amd64",
        "  built from api/Dockerfile, declared at compose.yaml:3:30",
        "  stands on acme/base:1 linux/amd64  from, api/Dockerfile:2:6",
        "  is used by acme/web:1 linux/amd64  copy, web/Dockerfile:2:13",
    ]


def test_a_plan_says_who_in_which_order_and_why(dockyard: Dockyard, family: Path) -> None:
    words = ("images", "plan", "--changed", f"debian:12={DIGEST}", "--no-engine", "--platform", "linux/amd64")
    done = dockyard(*words, "--policy", "cascade", "--edge-policy", "acme/web:* < acme/base:1=lazy", cwd=family)
    assert done.stdout.splitlines()[:4] == [
        "3 builds in 3 levels, 0 at their next build, 0 not reached",
        "  1  build   acme/base:1 linux/amd64: debian:12 is now sha256:eeeeeeeeeeee (base/Dockerfile:1:6)  [time unknown, size unknown]",
        "  2  build   acme/api:1 linux/amd64: acme/base:1 is new in this wave (api/Dockerfile:2:6)  [time unknown, size unknown]",
        "  3  build   acme/web:1 linux/amd64: acme/api:1 is new in this wave (web/Dockerfile:2:13)  [time unknown, size unknown]",
    ]
    rebased = dockyard(*words, "--policy", "rebase", cwd=family).stdout.splitlines()[0]
    assert rebased == "1 build and 2 rebases in 3 levels, 0 at their next build, 0 not reached"
    (family / "dockyard.toml").write_text('[images]\npolicy = "cascade"\n')
    wave = json.loads(dockyard(*words, "--json", cwd=family).stdout)
    assert [(step["action"], step["level"]) for step in wave["steps"]] == [("build", 1), ("build", 2), ("build", 3)]
    assert dockyard("config", "--services", cwd=family).returncode == 0, "other words leave the table alone"


def test_files_that_are_wrong_are_told_all_at_once_and_can_be_gone_without(dockyard: Dockyard, family: Path) -> None:
    (family / "base" / "Dockerfile").write_text("FROM debian:${V}\n")
    (family / "web" / "Dockerfile").write_text("FROM debian\nRUM x\n")
    done = dockyard("images", "scan", "--no-engine", cwd=family)
    assert done.returncode == 2
    assert "base/Dockerfile:1:6" in done.stderr and "web/Dockerfile:2:1" in done.stderr
    done = dockyard("images", "scan", "--no-engine", "--keep-going", cwd=family)
    assert done.returncode == 0 and "2 places could not be read" in done.stderr
    problems = json.loads(dockyard("images", "scan", "--no-engine", "--json", cwd=family).stdout)["problems"]
    assert [(one["file"], one["line"]) for one in problems] == [("base/Dockerfile", 1), ("web/Dockerfile", 2)]


def test_stale_without_an_engine_is_no_answer_but_a_document_has_one(dockyard: Dockyard, family: Path) -> None:
    assert dockyard("images", "stale", cwd=family).returncode == 5
    document = {
        "version": 1,
        "nodes": [
            {"name": "base:1", "platform": "linux/amd64", "id": "sha256:b", "digests": ["sha256:new"]},
            {"name": "app:1", "platform": "linux/amd64", "id": "sha256:a", "base_digest": "sha256:old"},
            {"name": "web:1", "platform": "linux/amd64"},
        ],
        "edges": [
            {
                "child": f"{child} linux/amd64",
                "parent": "base:1 linux/amd64",
                "kind": "from",
                "learned": [{"how": "label"}],
                "final": True,
            }
            for child in ("app:1", "web:1")
        ],
    }
    done = dockyard("images", "stale", "--graph", "-", stdin=json.dumps(document))
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "stale    app:1 linux/amd64: base:1: was built on sha256:old, now sha256:new",
        "unknown  web:1 linux/amd64: base:1: the image itself is not on this engine",
        "1 stale, 1 unknown, 0 current",
    ]
    assert dockyard("images", "stale", "web:1", "--graph", "-", stdin=json.dumps(document)).returncode == 0
    assert dockyard("images", "stale", "web:1", "--strict", "--graph", "-", stdin=json.dumps(document)).returncode == 1
    why = dockyard("images", "why", "app:1", "--graph", "-", stdin=json.dumps(document)).stdout
    assert "was built on sha256:old, now sha256:new" in why and "cost" in why


def test_an_image_that_is_not_known_is_told_with_the_nearest(dockyard: Dockyard, family: Path) -> None:
    done = dockyard("images", "show", "acme/apo:1", "--no-engine", cwd=family)
    assert done.returncode == 2 and "did you mean acme/api:1" in done.stderr


def test_the_schema_of_the_graph_is_published(dockyard: Dockyard) -> None:
    schema = json.loads(dockyard("schema", "images").stdout)
    assert schema["title"] == "Dockyard images, version 1" and "Edge" in schema["$defs"]


def test_what_is_no_file_is_left_alone_or_refused_and_never_waited_for(dockyard: Dockyard, folder: Path) -> None:
    os.mkfifo(folder / "Dockerfile")
    assert dockyard("images", "graph", "--no-engine").returncode == 0
    done = dockyard("images", "graph", "--no-engine", "Dockerfile")
    assert done.returncode == 2 and "Dockerfile is neither a file nor a folder" in done.stderr
    (folder / "compose.yaml").write_text("services: {a: {build: .}}\n")
    done = dockyard("images", "graph", "--no-engine")
    assert done.returncode == 2 and "the Dockerfile Dockerfile is no file" in done.stderr


def test_what_is_stale_can_not_be_said_without_an_engine(dockyard: Dockyard) -> None:
    done = dockyard("images", "stale", "--no-engine")
    assert done.returncode == 2 and "--no-engine" in done.stderr and "an engine has" in done.stderr
