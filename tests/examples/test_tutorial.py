"""docs/tutorial.md is tried step by step: its file, its changes, and the exit codes that it promises."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"
DOCKYARD = Path(sys.executable).parent / "dockyard"

STEPS = [
    pytest.param("", "", 0, "PASSED 1 test", id="it passes"),
    pytest.param("1 / 1", "1 / 0", 1, "FAILED: sut: exited with 1", id="the test says no"),
    pytest.param(
        "POSTGRES_PASSWORD: example, ", "", 3, "ENVIRONMENT-FAILED: db exited with 1 before", id="the environment says no"
    ),
    pytest.param("service_healthy", "service_helthy", 2, "did you mean 'service_healthy'?", id="the file says no"),
]


@pytest.mark.engine
@pytest.mark.parametrize(("was", "becomes", "code", "says"), STEPS)
def test_a_step_of_the_tutorial_ends_as_it_says(
    was: str, becomes: str, code: int, says: str, docker_host: str, tmp_path: Path
) -> None:
    text = TUTORIAL.read_text()
    file = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)[0]
    assert was in file
    (tmp_path / "compose.yaml").write_text(file.replace(was, becomes))
    command = [DOCKYARD, "test", "--host", docker_host]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == code, ended.stdout + ended.stderr
    assert says in ended.stdout + ended.stderr
    assert says in text


def test_every_page_that_the_tutorial_links_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)", TUTORIAL.read_text())
    assert [link for link in links if not (TUTORIAL.parent / link).exists()] == []
