"""`reproduce.sh` of a real run: it runs the same again, and holds nothing of whoever ran it that the run didn't rest on."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from tests.cli.conftest import DOCKYARD, Dockyard

pytestmark = pytest.mark.engine

FILE = """\
services:
  sut:
    image: "busybox:${TAG}"
    environment: [GREETING, STRIPE_KEY]
    command: [sh, -c, 'test "$$GREETING" = "it''s me" && test "$$STRIPE_KEY" = k-1234 && test "$$(cat /run/secrets/s)" = s3cr3t-value']
    secrets: [s]
secrets: {s: {environment: MYSEC}}
"""


def test_a_runs_script_asks_for_the_secrets_and_knows_nothing_else_of_who_ran_it(
    docker_host: str, folder: Path, environment: dict[str, str], dockyard: Dockyard
) -> None:
    environment["DOCKER_HOST"] = docker_host
    (folder / "compose.yaml").write_text(FILE)
    others = {"GH_PAT": "ghp-private", "DOCKER_AUTH_CONFIG": '{"auths": "private"}', "WHERE": "postgres://me:private@db/x"}
    secrets = {"MYSEC": "s3cr3t-value", "STRIPE_KEY": "k-1234"}
    done = dockyard("test", "--json", env={"TAG": "1.36", "GREETING": "it's me", **secrets, **others})
    told = json.loads(done.stdout.splitlines()[-1])["verdict"]
    assert told["verdict"] == "passed", told
    script = Path(told["report"], "reproduce.sh")
    text = script.read_text()
    assert not any(value in text for value in ("s3cr3t-value", "k-1234", "private"))
    written = set(re.findall(r"^ +'?(\w+)=", text, re.MULTILINE))
    assert {"TAG", "GREETING"} <= written <= {"TAG", "GREETING", "COMPOSE_PROJECT_NAME", "DOCKER_HOST", "XDG_CONFIG_HOME"}
    bare = {"PATH": f"{Path(DOCKYARD).parent}:{os.environ['PATH']}", "XDG_STATE_HOME": environment["XDG_STATE_HOME"]}
    for name in secrets:
        left_out = {**bare, **{other: value for other, value in secrets.items() if other != name}}
        refused = subprocess.run([str(script)], env=left_out, capture_output=True, text=True, check=False)
        assert refused.returncode != 0 and f"{name}: is a secret" in refused.stderr
    again = subprocess.run([str(script)], env={**bare, **secrets}, capture_output=True, text=True, check=False, timeout=60)
    assert again.returncode == 0, again.stdout + again.stderr
