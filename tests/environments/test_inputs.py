"""What a run needs of this machine and isn't there is told before anything is started, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockyard.compose import load
from dockyard.environments import inputs

FILE = """\
services:
  app:
    image: a
    build: {context: ./nowhere, secrets: [key]}
    configs: [gone, here, unset]
    secrets: [key]
    volumes:
      - ./made-by-the-engine:/a
      - {type: bind, source: ./nowhere, target: /b}
      - {type: bind, source: /dev/nothing, target: /c}
  other: {build: {context: ., dockerfile: Nofile}}
  fetched: {build: "https://example.org/x.git"}
  inline: {build: {context: ., dockerfile_inline: FROM a}, configs: [set, outside]}
configs:
  gone: {file: ./gone}
  here: {file: ./compose.yaml}
  unset: {environment: NOBODY_SETS_THIS}
  set: {environment: SET}
  outside: {external: true}
secrets:
  key: {file: ./key}
"""
ALL = ("app", "other", "fetched", "inline")


@pytest.mark.parametrize(
    ("services", "build", "binds", "paths"),
    [
        (
            ALL,
            True,
            True,
            [
                "configs.gone.file",
                "configs.unset.environment",
                "secrets.key.file",
                "services.app.build.context",
                "services.app.volumes[1].source",
                "services.other.build.dockerfile",
            ],
        ),
        (ALL, False, False, ["configs.gone.file", "configs.unset.environment", "secrets.key.file"]),
        (("other", "inline"), False, True, []),
        (("fetched", "inline"), True, True, []),
    ],
)
def test_what_is_not_there_is_told_with_its_place(
    services: tuple[str, ...], build: bool, binds: bool, paths: list[str], tmp_path: Path
) -> None:
    (tmp_path / "compose.yaml").write_text(FILE)
    application = load((), {"SET": ""}, cwd=str(tmp_path))
    found = inputs.missing(application, services, build=build, binds=binds)
    assert [problem.path for problem in found] == paths
    assert all("compose.yaml:" in str(problem) and problem.hint for problem in found)


def test_what_may_yet_be_made_by_others_keeps_its_user_from_being_started_early(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("")
    (tmp_path / "compose.yaml").write_text("""\
services:
  makes: {image: a, volumes: ["./none:/a"]}
  waits: {image: a, volumes: ["./there:/a", "./none/file:/b"], depends_on: [makes]}
  part: {image: a, volumes: [{type: volume, source: v, target: /v, volume: {subpath: made/later}}], depends_on: [makes]}
  fine: {image: a, volumes: ["./there:/a", "vol:/v", "/var/run/docker.sock:/s"], depends_on: [makes]}
volumes: {v: {}, vol: {}}
""")
    application = load((), {}, cwd=str(tmp_path))
    found = inputs.awaited(application, application.services, binds=True)
    assert set(found) == {"waits", "part"}
    assert str(tmp_path / "none/file") in found["waits"] and "made/later" in found["part"]
    assert set(inputs.awaited(application, application.services, binds=False)) == {"part"}, "files go in by upload"
