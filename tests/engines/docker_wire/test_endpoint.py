"""Which engine is meant: every way of saying it, their order, and what can't be understood."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockyard.engines.docker.endpoint import Endpoint, Tls, parse, resolve
from dockyard.model.errors import UserError

HOME = {"HOME": "/home/u"}


def context(name: str, endpoint: object, base: str = "/home/u/.docker") -> dict[str, str]:
    digest = hashlib.sha256(name.encode()).hexdigest()
    return {f"{base}/contexts/meta/{digest}/meta.json": json.dumps({"Name": name, "Endpoints": {"docker": endpoint}})}


def find(
    environment: Mapping[str, str], files: Mapping[str, str] | None = None, sockets: tuple[str, ...] = (), **flags: str
) -> Endpoint:
    files = files or {}

    def read(path: str) -> bytes | None:
        return files[path].encode() if path in files else None

    return resolve(environment, read=read, exists=lambda path: path in sockets, **flags)


PARSED = {
    "unix:///var/run/docker.sock": Endpoint(scheme="unix", path="/var/run/docker.sock"),
    "/run/x.sock": Endpoint(scheme="unix", path="/run/x.sock"),
    "tcp://10.0.0.1:2375": Endpoint(scheme="tcp", host="10.0.0.1", port=2375),
    "tcp://10.0.0.1": Endpoint(scheme="tcp", host="10.0.0.1", port=2375),
    "10.0.0.1:99": Endpoint(scheme="tcp", host="10.0.0.1", port=99),
    "tcp://:2375": Endpoint(scheme="tcp", host="127.0.0.1", port=2375),
    "tcp://[::1]:2375": Endpoint(scheme="tcp", host="::1", port=2375),
    "http://proxy:80/docker/": Endpoint(scheme="tcp", host="proxy", port=80, path="/docker"),
    "https://engine.example": Endpoint(scheme="tcp", host="engine.example", port=2376, tls=Tls()),
    "ssh://u@h": Endpoint(scheme="ssh", host="h", user="u"),
    "ssh://h:2222/run/user/1000/docker.sock": Endpoint(scheme="ssh", host="h", port=2222, path="/run/user/1000/docker.sock"),
    " tcp://a:1 ": Endpoint(scheme="tcp", host="a", port=1),
}


@pytest.mark.parametrize("text", PARSED)
def test_an_address_is_read_as_docker_reads_it(text: str) -> None:
    assert parse(text, source="") == PARSED[text]


@pytest.mark.parametrize(
    "text",
    [
        "npipe:////./pipe/docker_engine",
        "fd://",
        "ftp://x",
        "unix://relative",
        "unix://",
        "tcp://a:port",
        "tcp://a:99999",
        "ssh://",
        "ssh://u:secret@h",
        "ssh://-oProxyCommand=evil",
        "ssh://-x@h",
        "tcp://[::1",
    ],
)
def test_an_address_that_is_none_is_refused_with_who_said_it(text: str) -> None:
    with pytest.raises(UserError, match="DOCKER_HOST: ") as caught:
        parse(text, source="DOCKER_HOST")
    assert "secret" not in text or "ssh itself" in str(caught.value)


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        found = parse(text, source="x")
    except UserError:
        return
    assert found.scheme in ("unix", "tcp", "ssh")


@pytest.mark.parametrize("text", [t for t in PARSED if "://" in t and " " not in t and not t.endswith(("/", ":2375", "1", "e"))])
def test_an_endpoint_is_written_as_it_was_read(text: str) -> None:
    assert str(parse(text, source="")) == text


ALL = {**HOME, "DOCKER_HOST": "tcp://host:1", "DOCKER_CONTEXT": "ctx"}
FILES = {
    **context("ctx", {"Host": "tcp://ctx:2"}),
    **context("cur", {"Host": "tcp://cur:3"}),
    **context("flag", {"Host": "tcp://flag:4"}),
}
CONFIG = {"/home/u/.docker/config.json": json.dumps({"currentContext": "cur"})}


@pytest.mark.parametrize(
    ("environment", "files", "flags", "expected", "source"),
    [
        (ALL, {**FILES, **CONFIG}, {"host": "tcp://f:9"}, "tcp://f:9", "--host"),
        (ALL, {**FILES, **CONFIG}, {"context": "flag"}, "tcp://flag:4", "context flag"),
        (ALL, {**FILES, **CONFIG}, {}, "tcp://host:1", "DOCKER_HOST"),
        ({**HOME, "DOCKER_CONTEXT": "ctx"}, {**FILES, **CONFIG}, {}, "tcp://ctx:2", "context ctx"),
        (HOME, {**FILES, **CONFIG}, {}, "tcp://cur:3", "context cur"),
        ({**HOME, "DOCKER_HOST": ""}, {**FILES, **CONFIG}, {}, "tcp://cur:3", "context cur"),
        ({**HOME, "DOCKER_CONTEXT": "default"}, {**FILES, **CONFIG}, {}, "unix:///var/run/docker.sock", "default socket"),
        (ALL, {**FILES, **CONFIG}, {"context": "default"}, "unix:///var/run/docker.sock", "default socket"),
        (HOME, {}, {}, "unix:///var/run/docker.sock", "default socket"),
        (HOME, {"/home/u/.docker/config.json": "{}"}, {}, "unix:///var/run/docker.sock", "default socket"),
        (HOME, {"/home/u/.docker/config.json": ""}, {}, "unix:///var/run/docker.sock", "default socket"),
    ],
)
def test_who_says_it_first_is_heard(
    environment: dict[str, str], files: dict[str, str], flags: dict[str, str], expected: str, source: str
) -> None:
    found = find(environment, files, **flags)
    assert (str(found), found.source) == (expected, source)


@pytest.mark.parametrize(
    "socket",
    [
        "/var/run/docker.sock",
        "/run/user/5/docker.sock",
        "/home/u/.docker/run/docker.sock",
        "/home/u/.docker/desktop/docker.sock",
        "/run/user/5/podman/podman.sock",
        "/run/podman/podman.sock",
    ],
)
def test_where_nothing_is_said_the_socket_that_is_there_is_used(socket: str) -> None:
    assert find({**HOME, "XDG_RUNTIME_DIR": "/run/user/5"}, sockets=(socket,)).path == socket


def test_dockers_socket_comes_before_podmans() -> None:
    found = find({**HOME, "XDG_RUNTIME_DIR": "/r"}, sockets=("/r/podman/podman.sock", "/r/docker.sock"))
    assert found.path == "/r/docker.sock"


def test_tls_is_as_the_environment_says() -> None:
    verified = find({**HOME, "DOCKER_HOST": "tcp://h:2376", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/certs"})
    assert verified.tls == Tls(ca="/certs/ca.pem", cert="/certs/cert.pem", key="/certs/key.pem")
    at_home = find({**HOME, "DOCKER_HOST": "tcp://h", "DOCKER_TLS_VERIFY": "0"})
    assert at_home.tls is not None
    assert (at_home.tls.ca, at_home.port) == ("/home/u/.docker/ca.pem", 2376)
    unverified = find({**HOME, "DOCKER_HOST": "tcp://h", "DOCKER_TLS": "1"})
    assert unverified.tls is not None
    assert not unverified.tls.verify
    assert find({**HOME, "DOCKER_HOST": "tcp://h", "DOCKER_TLS_VERIFY": ""}).tls is None
    assert find({**HOME, "DOCKER_HOST": "unix:///x", "DOCKER_TLS_VERIFY": "1"}).tls is None


def test_a_contexts_certificates_are_beside_it() -> None:
    digest = hashlib.sha256(b"far").hexdigest()
    base = f"/home/u/.docker/contexts/tls/{digest}/docker"
    files = {
        **context("far", {"Host": "tcp://far:2376", "SkipTLSVerify": False}),
        f"{base}/ca.pem": "x",
        f"{base}/cert.pem": "x",
        f"{base}/key.pem": "x",
    }
    found = find({**HOME, "DOCKER_CONTEXT": "far"}, files)
    assert found.tls == Tls(ca=f"{base}/ca.pem", cert=f"{base}/cert.pem", key=f"{base}/key.pem")


def test_a_context_may_skip_the_check_of_its_certificate() -> None:
    found = find({**HOME, "DOCKER_CONTEXT": "far"}, context("far", {"Host": "tcp://far", "SkipTLSVerify": True}))
    assert found.tls == Tls(verify=False)


def test_docker_config_moves_the_configuration() -> None:
    files = {"/cfg/config.json": json.dumps({"currentContext": "c"}), **context("c", {"Host": "ssh://u@h"}, "/cfg")}
    assert str(find({**HOME, "DOCKER_CONFIG": "/cfg"}, files)) == "ssh://u@h"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, "there is no Docker context 'x' (DOCKER_CONTEXT asks for it)"),
        (context("x", {}), "Docker context 'x' names no engine"),
        (context("x", None), "Docker context 'x' names no engine"),
        ({k: "{" for k in context("x", {})}, "not JSON"),
        ({k: "[]" for k in context("x", {})}, "no JSON object"),
        (context("x", {"Host": "ftp://h"}), "context x: an address of the kind 'ftp'"),
    ],
)
def test_a_context_that_cannot_be_used_is_told(files: dict[str, str], expected: str) -> None:
    with pytest.raises(UserError) as caught:
        find({**HOME, "DOCKER_CONTEXT": "x"}, files)
    assert expected in str(caught.value)


def test_two_flags_that_name_two_engines_are_refused() -> None:
    with pytest.raises(UserError, match="--host and --context"):
        find(HOME, host="tcp://a:1", context="b")


def test_an_api_version_may_be_asked_for() -> None:
    assert find({**HOME, "DOCKER_API_VERSION": "1.43"}).api == "1.43"
    assert find({**HOME, "DOCKER_API_VERSION": "v1.43"}).api == "1.43"


def test_only_a_socket_is_local() -> None:
    assert [parse(t, source="").local for t in ("unix:///x", "tcp://127.0.0.1:1", "ssh://h")] == [True, False, False]
