"""`dockyard config`: its lists are Compose's, and its errors go to who called it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from dockyard.cli.config import config
from dockyard.model.errors import UserError

_FILE = """
name: demo
services:
  web: {image: "nginx:${TAG:-1}", depends_on: [api], networks: [front]}
  api: {build: ., networks: [front, back], secrets: [s]}
  job: {image: "job:${JOB?needed}", profiles: [jobs], volumes: ["data:/d"]}
networks: {front: , back: , unused: }
volumes: {data: }
secrets: {s: {environment: "TOKEN"}}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "compose.yaml").write_text(_FILE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JOB", "9")
    return tmp_path


@pytest.mark.compose_binary
@pytest.mark.parametrize(
    "arguments",
    [
        ["--services"],
        ["--images"],
        ["--volumes"],
        ["--networks"],
        ["--profiles"],
        ["--environment"],
        ["--profile", "jobs", "--volumes"],
        ["--profile", "jobs", "--images"],
        ["--all-resources", "--networks"],
    ],
)
def test_a_list_is_composes(
    arguments: list[str], project: Path, compose_binary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = [a for a in arguments if a in ("--profile", "jobs", "--all-resources")]
    rest = [a for a in arguments if a not in flags]
    command = [str(compose_binary), *flags, "config", *rest]
    said = subprocess.run(command, cwd=project, env=dict(os.environ), capture_output=True, text=True, check=True).stdout
    names = {"--services": "list_services", "--images": "list_images", "--volumes": "list_volumes"}
    names |= {"--networks": "list_networks", "--profiles": "list_profiles", "--environment": "environment"}
    assert (
        config(
            profile=("jobs",) if "jobs" in flags else (),
            all_resources="--all-resources" in flags,
            **{names[rest[0]]: True},  # type: ignore[arg-type]
        )
        == 0
    )
    assert sorted(capsys.readouterr().out.splitlines()) == sorted(said.splitlines())


def test_variables_are_listed_with_their_defaults(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config(variables=True)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["NAME", "REQUIRED", "DEFAULT", "VALUE", "ALTERNATE", "VALUE"]
    assert ["JOB", "true"] in lines
    assert ["TAG", "false", "1"] in lines


@pytest.mark.compose_binary
def test_variables_as_json_are_composes(project: Path, compose_binary: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [str(compose_binary), "config", "--variables", "--format", "json"]
    said = subprocess.run(command, cwd=project, env=dict(os.environ), capture_output=True, text=True, check=True).stdout
    config(variables=True, format="json")
    assert json.loads(capsys.readouterr().out) == json.loads(said)


def test_without_interpolation_variables_stay_as_written(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config(no_interpolate=True)
    assert "image: nginx:${TAG:-1}" in capsys.readouterr().out


def test_named_services_come_with_what_they_need(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config("web", list_services=True)
    assert capsys.readouterr().out.split() == ["api", "web"]
    config("job", list_volumes=True)
    assert capsys.readouterr().out.split() == ["data"]


def test_each_service_has_a_hash(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config(hash="*")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["api", "web"]
    assert all(len(line.split()[1]) == 64 for line in lines)
    with pytest.raises(UserError):
        config(hash="nope")


def test_quiet_prints_nothing_and_output_goes_to_a_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config(quiet=True)
    assert capsys.readouterr().out == ""
    config(output="out.yaml", format="json")
    assert (project / "out.yaml").read_text().startswith('{\n  "name": "demo"')
    assert capsys.readouterr().out == ""


def test_two_lists_at_once_are_refused(project: Path) -> None:
    with pytest.raises(UserError):
        config(list_services=True, list_images=True)


def test_a_wrong_file_is_a_user_error_with_its_place(project: Path) -> None:
    (project / "compose.yaml").write_text("services:\n  a:\n    imge: x\n")
    with pytest.raises(UserError) as caught:
        config()
    assert str(caught.value).startswith("compose.yaml:3:5: services.a.imge: unknown key 'imge'")
