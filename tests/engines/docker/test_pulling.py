"""What registries' answers mean, and what a person is told of a pull."""

from __future__ import annotations

import pytest

from dockyard.engines.docker import pulling, references
from dockyard.model.errors import Fatal, Retry, UserError

ANSWERS = [
    ("pull access denied for x, repository does not exist or may require 'docker login'", 404, UserError, None),
    ("manifest for redis:99 not found: manifest unknown: manifest unknown", 404, UserError, None),
    ("Get https://r.example/v2/: unauthorized: authentication required", 500, UserError, None),
    ("unexpected status from HEAD request to https://r.example/v2/x/manifests/1: 403 Forbidden", 500, UserError, None),
    ("invalid reference format", 400, UserError, None),
    ("no matching manifest for linux/arm64/v8 in the manifest list entries", 404, UserError, None),
    ("toomanyrequests: You have reached your pull rate limit", 500, Retry, None),
    ("received unexpected HTTP status: 429 Too Many Requests, Retry-After: 7", 500, Retry, 7.0),
    ("received unexpected HTTP status: 503 Service Unavailable", 500, Retry, None),
    ("Get https://r.example/v2/: dial tcp: lookup r.example: no such host", 500, Retry, None),
    ("dial tcp 127.0.0.1:1: connect: connection refused", 500, Retry, None),
    ("failed to register layer: write /x: no space left on device", 500, Fatal, None),
]


@pytest.mark.parametrize(("message", "status", "kind", "after"), ANSWERS, ids=[message[:40] for message, *_ in ANSWERS])
def test_a_refused_pull_is_one_of_the_three_kinds(message: str, status: int, kind: type[Exception], after: float | None) -> None:
    error = pulling.refused("redis:7", message, "", status)
    assert type(error) is kind
    assert "redis:7" in str(error) or kind is Fatal
    if isinstance(error, Retry):
        assert error.after == after


def test_hundreds_of_lines_a_second_become_one_a_layer_and_one_a_second() -> None:
    progress = pulling.Progress("redis:7")
    told = []
    now = 100.0
    for layer in ("a", "b"):
        told.append(progress.take({"status": "Pulling fs layer", "id": layer}, now))
    for step in range(300):
        now += 0.01
        line = {"status": "Downloading", "id": "a", "progressDetail": {"current": step * 100_000, "total": 30_000_000}}
        told.append(progress.take(line, now))
    told.append(progress.take({"status": "Pull complete", "id": "a"}, now))
    told.append(progress.take({"status": "Already exists", "id": "b"}, now + 2))
    told.append(progress.take({"status": "Status: Downloaded newer image for redis:7"}, now + 2))
    lines = [line for line in told if line]
    assert 4 <= len(lines) <= 8
    assert "1 of 2 layers, 30 of 30 MB" in lines[-3]
    assert lines[-2].startswith("redis:7: 2 of 2 layers")
    assert lines[-1] == "redis:7: Status: Downloaded newer image for redis:7"


@pytest.mark.parametrize(
    ("text", "registry", "name", "version"),
    [
        ("redis", "docker.io", "redis", "latest"),
        ("redis:7", "docker.io", "redis", "7"),
        ("library/redis@sha256:" + "a" * 64, "docker.io", "library/redis", "sha256:" + "a" * 64),
        ("ghcr.io/owner/app:v1", "ghcr.io", "ghcr.io/owner/app", "v1"),
        ("localhost/app", "localhost", "localhost/app", "latest"),
        ("127.0.0.1:5000/a/b:x", "127.0.0.1:5000", "127.0.0.1:5000/a/b", "x"),
        ("host:5000/a:1@sha256:" + "b" * 64, "host:5000", "host:5000/a", "sha256:" + "b" * 64),
    ],
)
def test_a_reference_is_taken_apart_as_docker_does(text: str, registry: str, name: str, version: str) -> None:
    found = references.parse(text)
    assert (found.registry, found.name, found.version) == (registry, name, version)


@pytest.mark.parametrize("text", ["", "Redis", "redis:", "a b", "redis:7:8", "redis@sha256:zz", "-x", "a//b"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    if text == "redis:":
        # An empty tag is Docker's own "invalid reference format"; ours takes it for none given.
        assert references.parse(text).version == "latest"
        return
    with pytest.raises(ValueError, match="no image reference"):
        references.parse(text)
