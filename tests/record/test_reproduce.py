"""A script that does it again: it holds what counted for the run and nothing else, and asks for what is secret."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dockyard.record import reproduce
from dockyard.record.mask import Mask

PATH = {"PATH": os.environ["PATH"]}


def _script(
    argv: list[str] | None = None,
    variables: dict[str, str] | None = None,
    *,
    hidden: list[str] | None = None,
    directory: str = "/",
    files: dict[str, str] | None = None,
    secret: set[str] | None = None,
    in_files: set[str] | None = None,
) -> str:
    return reproduce.script(
        argv or ["true"],
        directory,
        variables or {},
        files or {},
        mask=Mask(hidden or ()).text,
        secret=secret or set(),
        in_files=in_files or set(),
    )


def _run(folder: Path, text: str, **env: str) -> subprocess.CompletedProcess[str]:
    reproduce.write(folder, text)
    return subprocess.run([str(folder / "reproduce.sh")], capture_output=True, text=True, check=False, env={**PATH, **env})


def test_the_script_runs_the_same_again_and_asks_for_the_secrets(tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    argv = [sys.executable, "-c", "import os, sys; print(os.getcwd(), os.environ, sys.argv[1:])", "it's", "$HOME", "two\nlines"]
    given = {"TAG": "a'b $(x)\n`y`", "UID": "12345", "no.name": "o", "DB_PASSWORD": "hunter22", "EMPTY_TOKEN": ""}
    text = _script(argv, given, directory=str(tmp_path / "a b"), files={"x\ny.yaml": "sha"})
    assert "hunter22" not in text
    refused = _run(tmp_path, text)
    assert refused.returncode != 0 and "DB_PASSWORD: is a secret" in refused.stderr
    done = _run(tmp_path, text, DB_PASSWORD="theirs")
    assert done.stdout.startswith(f"{tmp_path / 'a b'} environ(") and done.stdout.endswith(f"{argv[3:]}\n"), done.stderr
    for name, value in {**given, "DB_PASSWORD": "theirs"}.items():
        assert f"{name!r}: {value!r}" in done.stdout


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "anything"),
        ("GH_PAT", "anything"),
        ("STRIPE_KEY", "anything"),
        ("DOCKER_AUTH_CONFIG", "anything"),
        ("DB_PWD", "anything"),
        ("DECLARED", "anything"),
        ("PLAIN", "with hunter22 in it"),
        ("PLAIN", "aHVudGVyMjI="),
        ("DOCKER_HOST", "tcp://me:pw@engine:2375"),
        ("DATABASE", "postgres://:pw@db/x"),
        ("DATABASE", "Server=db;Password=pw"),
        ("PLAIN", '{"auths": {}}'),
        ("PLAIN", "-----BEGIN RSA PRIVATE KEY-----\nx"),
    ],
)
def test_a_secret_is_known_by_its_name_its_declaration_the_mask_or_its_form(name: str, value: str) -> None:
    text = _script(variables={name: value, "OTHER": "seen"}, hidden=["hunter22"], secret={"DECLARED"})
    assert value not in text and f'"${{{name}:?is a secret' in text and "OTHER=seen" in text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PWD", "/home/me"),
        ("DB_PASSWORD_FILE", "/run/x"),
        ("TAG", "1.2"),
        ("DOCKER_HOST", "ssh://me@engine"),
        ("URL", "http://a:80/b"),
    ],
)
def test_what_is_no_secret_is_written(name: str, value: str) -> None:
    assert f"{name}={value}" in _script(variables={name: value}, hidden=["hunter22"])


def test_what_an_env_file_gives_by_itself_is_not_asked_for(tmp_path: Path) -> None:
    text = _script(variables={"DB_PASSWORD": "hunter22"}, in_files={"DB_PASSWORD"})
    assert "hunter22" not in text and "DB_PASSWORD is a secret" in text and _run(tmp_path, text).returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ["--password=pw0"],
        ["--api-key", "pw0"],
        ["DB_PASSWORD=pw0"],
        ["--url", "http://me:pw0@host/"],
        ["has hunter22 in it pw0"],
        ["-H", "Authorization: Bearer pw0pw0pw0"],
        ["--file=$(x) `y` token=pw0"],
    ],
)
def test_a_secret_among_the_commands_words_is_asked_for(words: list[str], tmp_path: Path) -> None:
    text = _script(["printf", "%s|", *words, "--last"], hidden=["hunter22"])
    number = len(words) + 1
    assert "pw0" not in text and "hunter22" not in text
    refused = _run(tmp_path, text)
    assert refused.returncode != 0 and f"ARGUMENT_{number}: " in refused.stderr and "is a secret" in refused.stderr
    done = _run(tmp_path, text, **{f"ARGUMENT_{number}": words[-1]})
    assert done.stdout == "|".join([*words, "--last", ""])


@pytest.mark.parametrize(
    "words", [["--env-file", "a b.env"], ["--keep", "always"], ["--token", "--other"], ["--password="], ["a=b"]]
)
def test_the_other_words_stand_as_they_were(words: list[str], tmp_path: Path) -> None:
    assert _run(tmp_path, _script(["printf", "%s|", *words])).stdout == "|".join([*words, ""])


def test_only_what_was_asked_for_counts_and_what_leads_to_engine_and_settings() -> None:
    process = {
        "TAG": "1",
        "GH_PAT": "x",
        "_": "x",
        "SHLVL": "1",
        "DOCKER_AUTH_CONFIG": "x",
        "DOCKER_HOST": "unix:///x",
        "DOCKYARD_CPUS": "2",
        "DOCKYARD_SERVICE_DB_HOST": "x",
    }
    application = {**process, "OF_A_FILE": "f", "UNUSED": "u", "COMPOSE_PROJECT_NAME": "shop"}
    asked = {"TAG", "OF_A_FILE", "NOT_SET", "COMPOSE_PROJECT_NAME"}
    assert reproduce.counting(process, application, asked) == {
        "TAG": "1",
        "OF_A_FILE": "f",
        "COMPOSE_PROJECT_NAME": "shop",
        "DOCKER_HOST": "unix:///x",
        "DOCKYARD_CPUS": "2",
    }
