"""What a shell offers at a tab: asked as the shells ask, and typed into each of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.cli.conftest import DOCKYARD, Dockyard
from tests.support.terminal import Terminal

from dev import plugins
from dockyard.cli import table
from dockyard.model.verdict import Word

SHELLS = {
    "bash": (["bash", "--norc", "-i"], 'eval "$(dockyard completion bash)"'),
    "zsh": (["zsh", "-f", "-i"], 'eval "$(dockyard completion zsh)"'),
    "fish": (["fish", "--no-config", "-i"], "dockyard completion fish | source"),
}


def asked(line: str, folder: Path, environment: dict[str, str]) -> list[str]:
    """What argcomplete's shell functions get to hear; that nothing reaches the terminal is part of it."""
    answer = folder.parent / "answer"
    answer.write_text("")
    asking = {"_ARGCOMPLETE": "1", "_ARGCOMPLETE_IFS": "\n", "_ARGCOMPLETE_STDOUT_FILENAME": str(answer)}
    cursor = {"COMP_LINE": line, "COMP_POINT": str(len(line)), "_ARGCOMPLETE_COMP_WORDBREAKS": " \t\n"}
    done = subprocess.run(
        [DOCKYARD], cwd=folder, env={**environment, **asking, **cursor}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout + done.stderr == ""
    return answer.read_text().split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("dockyard te", ["test"]),
        ("dockyard test --kee", ["--keep"]),
        ("dockyard test --keep=", ["--keep=failure", "--keep=always"]),
        ("dockyard test --pull ", ["always", "missing", "never"]),
        ("dockyard test ", ["db", "web", "sut"]),
        ("dockyard test web ", ["db", "sut"]),
        ("dockyard test -f comp", ["compose.yaml"]),
        ("dockyard test -f other.yaml --profile ", ["slow", "test"]),
        ("dockyard test -f nowhere.yaml ", []),
        ("dockyard test --pids ", []),
        ("dockyard test -- python3 ", []),
        ("dockyard env ex", ["exec", "extend"]),
        ("dockyard env rm ", []),
        ("dockyard history --verdict fa", ["failed"]),
        ("dockyard schema x", ["x-dockyard"]),
    ],
)
def test_words_are_offered_where_they_may_stand(line: str, offered: list[str], folder: Path, environment: dict[str, str]) -> None:
    (folder / "other.yaml").write_text("services: {a: {image: a, profiles: [test, slow]}, b: {image: b, profiles: [slow]}}")
    assert sorted(asked(line, folder, environment)) == sorted(offered)


@pytest.mark.parametrize("command", [c.name for c in table.COMMANDS])
def test_every_flag_of_a_command_is_offered(command: str, folder: Path, environment: dict[str, str]) -> None:
    flags = {flag for action in table.find(command).parser()._actions for flag in action.option_strings}  # type: ignore[union-attr]
    assert set(asked(f"dockyard {command} -", folder, environment)) == flags


def test_the_verdicts_that_history_knows_are_all_there_are() -> None:
    (action,) = [a for a in table.find("history").parser()._actions if a.dest == "verdict"]  # type: ignore[union-attr]
    assert action.choices == tuple(word.value for word in Word)


@pytest.mark.engine
def test_environments_that_stand_and_their_services_are_offered(
    folder: Path, environment: dict[str, str], dockyard: Dockyard, docker_host: str
) -> None:
    environment["DOCKER_HOST"] = docker_host
    up = dockyard("up", "--json")
    placement = json.loads(up.stdout.splitlines()[-1])["verdict"]["placement"]
    try:
        assert asked(f"dockyard env show {placement[:-1]}", folder, environment) == [placement]
        assert asked(f"dockyard env logs {placement} ", folder, environment) == ["db", "web"]
    finally:
        dockyard("env", "rm", placement)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_completes_what_is_typed(shell: str, folder: Path, environment: dict[str, str]) -> None:
    if not shutil.which(shell):
        try:
            plugins.apt_need({shell: shell})
        except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"{shell} is not here: {error}")
    argv, begin = SHELLS[shell]
    path = f"{Path(DOCKYARD).parent}{os.pathsep}{environment['PATH']}"
    with Terminal(
        [shutil.which(argv[0]) or "", *argv[1:]], folder, {**environment, "PATH": path, "HOME": str(folder)}, 200
    ) as terminal:
        terminal.write(f"{begin}; echo re''ady\n")
        terminal.read(b"ready")
        terminal.write("dockyard histo\t--verd\tinfra\t --jso\t > told; echo en''ded\n")
        terminal.read(b"ended")
    assert json.loads((folder / "told").read_text()) == []
