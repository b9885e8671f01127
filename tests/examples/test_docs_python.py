"""The pages for Python say what works: every fenced example in them is run as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs" / "how-to"
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NAMED = re.compile(r"# ([\w.]+\.(?:py|yaml|ini))\n")
EXAMPLES = [
    pytest.param("python.md", (), id="python"),
    pytest.param("pytest.md", ("-n2",), id="pytest"),
    pytest.param("coming-from.md", (), id="coming from"),
]


def blocks(page: str) -> list[tuple[str, str, str]]:
    """Language, what is said beside it, text."""
    return [(language, beside.strip(), text) for language, beside, text in BLOCK.findall((PAGES / page).read_text())]


def test_every_example_is_one_that_is_run_or_one_of_somebody_elses() -> None:
    found = [block for example in EXAMPLES for block in blocks(str(example.values[0]))]
    assert {language for language, _, _ in found} == {"python", "yaml", "ini", "console", "sh"}
    assert {beside for _, beside, _ in found} == {"", "before"}
    for _, beside, text in found:
        if beside:
            compile(text, "an example of somebody else's", "exec")


@pytest.mark.engine
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("page", "argv"), EXAMPLES)
def test_the_examples_of_a_page_work(page: str, argv: tuple[str, ...], docker_host: str, tmp_path: Path) -> None:
    programs: list[str] = []
    for language, beside, text in blocks(page):
        if beside or language not in ("python", "yaml", "ini"):
            continue
        if named := NAMED.match(text):
            (tmp_path / named[1]).write_text(text)
        else:
            programs.append(text)
    environ = {**os.environ, "DOCKER_HOST": docker_host, "XDG_STATE_HOME": str(tmp_path / "state")}
    commands = [[sys.executable, "-c", program] for program in programs]
    if list(tmp_path.glob("test_*.py")):
        if not (tmp_path / "compose.yaml").exists():
            (tmp_path / "compose.yaml").write_text('services: {redis: {image: "redis:7", x-dockyard: {ready: {redis: {}}}}}')
        commands.append([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *argv])
    assert commands
    try:
        for command in commands:
            ended = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
            assert ended.returncode == 0, f"{command[-1]}\n{ended.stdout}{ended.stderr}"
    finally:
        dockyard = [str(Path(sys.executable).parent / "dockyard"), "env", "rm"]
        for kept in (run.name.split("-", 2)[2] for run in tmp_path.glob("dockyard-report/*-*-*")):
            subprocess.run([*dockyard, kept], env=environ, capture_output=True, check=False)
