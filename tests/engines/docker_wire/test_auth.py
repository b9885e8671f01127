"""Credentials for registries: Docker's configuration as its users write it, and helpers that do as they please."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dockyard.engines.docker.auth import HUB, Credentials, HelperFailed, every, find, header_for, registry_of, run_helper
from dockyard.model.errors import UserError

ENV = {"HOME": "/h"}


def reading(config: object) -> Callable[[str], bytes | None]:
    text = config if isinstance(config, str) else json.dumps(config)
    return lambda path: text.encode() if path == "/h/.docker/config.json" else None


def basic(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def no_helper(name: str, registry: str) -> str:
    raise AssertionError(f"{name} was asked for {registry}")


@pytest.mark.parametrize(
    ("reference", "registry"),
    [
        ("redis", "docker.io"),
        ("redis:7", "docker.io"),
        ("library/redis", "docker.io"),
        ("docker.io/library/redis", "docker.io"),
        ("index.docker.io/a/b", "docker.io"),
        ("ghcr.io/a/b:1", "ghcr.io"),
        ("localhost/a", "localhost"),
        ("localhost:5000/a@sha256:00", "localhost:5000"),
        ("registry:5000/a", "registry:5000"),
        ("Upper/a", "Upper"),
        ("[::1]:5000/a", "[::1]:5000"),
    ],
)
def test_the_registry_of_a_name(reference: str, registry: str) -> None:
    assert registry_of(reference) == registry


@pytest.mark.parametrize(
    ("auths", "registry", "expected"),
    [
        ({HUB: {"auth": basic("u:p")}}, "docker.io", Credentials(registry=HUB, username="u", password="p")),
        (
            {HUB: {"auth": basic("u:p:with:colons")}},
            "docker.io",
            Credentials(registry=HUB, username="u", password="p:with:colons"),
        ),
        ({"ghcr.io": {"auth": basic("u:pä")}}, "ghcr.io", Credentials(registry="ghcr.io", username="u", password="pä")),
        ({"https://ghcr.io/v2/": {"auth": basic("u:p")}}, "ghcr.io", Credentials(registry="ghcr.io", username="u", password="p")),
        ({"ghcr.io": {"username": "u", "password": "p"}}, "ghcr.io", Credentials(registry="ghcr.io", username="u", password="p")),
        (
            {"ghcr.io": {"auth": basic("u:"), "identitytoken": "t"}},
            "ghcr.io",
            Credentials(registry="ghcr.io", username="u", token="t"),
        ),
        ({"ghcr.io": {}}, "ghcr.io", None),
        ({"ghcr.io": {"auth": ""}}, "ghcr.io", None),
        ({"ghcr.io.evil.example": {"auth": basic("u:p")}}, "ghcr.io", None),
        ({"localhost:5000": {"auth": basic("u:p")}}, "localhost:5001", None),
        ({}, "docker.io", None),
    ],
)
def test_what_is_written_in_the_configuration(auths: dict[str, object], registry: str, expected: Credentials | None) -> None:
    assert find(registry, ENV, read=reading({"auths": auths}), helper=no_helper) == expected


@pytest.mark.parametrize("config", ["", "  ", "[]", '{"auths": []}', '{"auths": {"docker.io": 7}}'])
def test_a_configuration_that_says_nothing_knows_nobody(config: str) -> None:
    assert find("docker.io", ENV, read=reading(config), helper=no_helper) is None


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("{", "not JSON"),
        ({"auths": {"r.io": {"auth": "%%%"}}}, "`auth` of r.io"),
        ({"auths": {"r.io": {"auth": base64.b64encode(b"\xff\xfe").decode()}}}, "`auth` of r.io"),
        ({"credsStore": "../../bin/evil"}, "no credential helper's name"),
        ({"credHelpers": {"r.io": "a b"}}, "no credential helper's name"),
        ({"credsStore": 7}, "no credential helper's name"),
    ],
)
def test_a_configuration_that_cannot_be_understood_is_told(config: object, expected: str) -> None:
    with pytest.raises(UserError) as caught:
        find("r.io", ENV, read=reading(config), helper=no_helper)
    assert expected in str(caught.value)


def test_a_registrys_own_helper_is_asked_before_the_store() -> None:
    asked: list[tuple[str, str]] = []

    def helper(name: str, registry: str) -> str:
        asked.append((name, registry))
        return json.dumps({"Username": "u", "Secret": "s"})

    config = {"credsStore": "desktop", "credHelpers": {"gcr.io": "gcloud"}, "auths": {"gcr.io": {"auth": basic("no:no")}}}
    assert find("gcr.io", ENV, read=reading(config), helper=helper) == Credentials(registry="gcr.io", username="u", password="s")
    assert find("docker.io", ENV, read=reading(config), helper=helper) == Credentials(registry=HUB, username="u", password="s")
    assert asked == [("gcloud", "gcr.io"), ("desktop", HUB)]


def test_an_identity_token_takes_the_passwords_place() -> None:
    found = find(
        "r.io", ENV, read=reading({"credsStore": "x"}), helper=lambda n, r: json.dumps({"Username": "<token>", "Secret": "t"})
    )
    assert found == Credentials(registry="r.io", token="t")
    assert json.loads(base64.urlsafe_b64decode(found.header())) == {"serveraddress": "r.io", "identitytoken": "t"}


def test_a_helper_that_has_nothing_leaves_it_to_what_is_written() -> None:
    def helper(name: str, registry: str) -> str:
        raise HelperFailed("credentials not found in native keychain")

    config = {"credsStore": "desktop", "auths": {"r.io": {"auth": basic("u:p")}}}
    assert find("r.io", ENV, read=reading(config), helper=helper) == Credentials(registry="r.io", username="u", password="p")
    assert find("s.io", ENV, read=reading(config), helper=helper) is None


@pytest.mark.parametrize("said", ["[]", "no json", '"text"', ""])
def test_a_helper_that_answers_nonsense_is_named(said: str) -> None:
    with pytest.raises(UserError, match="docker-credential-x answered"):
        find("r.io", ENV, read=reading({"credsStore": "x"}), helper=lambda n, r: said)


def test_secrets_are_in_no_message() -> None:
    shown = repr(Credentials(registry="r", username="u", password="hunter2", token="t0ken"))
    assert "hunter2" not in shown
    assert "t0ken" not in shown


def test_the_header_is_url_safe_base64_of_json() -> None:
    header = header_for("r.io/a", ENV, read=reading({"auths": {"r.io": {"auth": basic("u:p?>~ÿ")}}}))
    assert json.loads(base64.urlsafe_b64decode(header)) == {"serveraddress": "r.io", "username": "u", "password": "p?>~ÿ"}
    assert "+" not in header
    assert "/" not in header
    assert header_for("other.io/a", ENV, read=reading({})) == ""


def test_all_that_is_known_for_a_build() -> None:
    def helper(name: str, registry: str) -> str:
        if registry == "bad.io":
            raise HelperFailed("locked")
        return json.dumps({"Username": "h", "Secret": "s"})

    config = {
        "auths": {HUB: {"auth": basic("u:p")}, "https://r.io/v1/": {"auth": basic("u:p")}},
        "credHelpers": {"bad.io": "x", "g.io": "x"},
    }
    assert sorted(every(ENV, read=reading(config), helper=helper)) == ["g.io", HUB, "r.io"]


@pytest.fixture
def helper_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    def write(script: str) -> None:
        (tmp_path / "docker-credential-test").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "docker-credential-test").chmod(0o755)

    return write


def test_a_helper_is_told_the_registry_on_its_stdin(helper_program: Callable[[str], None]) -> None:
    helper_program('test "$1" = get || exit 9; read -r r; printf \'{"Username": "%s", "Secret": "s"}\' "$r"')
    assert find("r.io", ENV, read=reading({"credsStore": "test"})) == Credentials(registry="r.io", username="r.io", password="s")


def test_a_helper_that_fails_is_named_with_what_it_said(helper_program: Callable[[str], None]) -> None:
    helper_program("echo the keychain is locked; exit 1")
    with pytest.raises(UserError, match=r"docker-credential-test gives no credentials for r\.io: the keychain is locked"):
        find("r.io", ENV, read=reading({"credsStore": "test"}))


def test_a_helper_that_is_not_there_is_named() -> None:
    with pytest.raises(HelperFailed, match="no such program"):
        run_helper("surely-not-there", "r.io")
    with pytest.raises(UserError, match="docker-credential-surely-not-there"):
        find("r.io", ENV, read=reading({"credsStore": "surely-not-there"}))
