"""Image references, as the engine and BuildKit take them apart."""

from __future__ import annotations

import pytest

from dockyard.model.lineage import reference

DIGEST = "sha256:" + "b" * 64


@pytest.mark.parametrize(
    ("text", "complete", "name"),
    [
        ("alpine", "docker.io/library/alpine:latest", "alpine:latest"),
        ("alpine:3.20", "docker.io/library/alpine:3.20", "alpine:3.20"),
        ("docker.io/library/alpine:3.20", "docker.io/library/alpine:3.20", "alpine:3.20"),
        ("index.docker.io/acme/x", "docker.io/acme/x:latest", "acme/x:latest"),
        ("localhost/x", "localhost/x:latest", "localhost/x:latest"),
        ("localhost:5000/a/b:1", "localhost:5000/a/b:1", "localhost:5000/a/b:1"),
        ("ghcr.io/a/b", "ghcr.io/a/b:latest", "ghcr.io/a/b:latest"),
        (f"alpine@{DIGEST}", f"docker.io/library/alpine@{DIGEST}", f"alpine@{DIGEST}"),
        (f"alpine:3@{DIGEST}", f"docker.io/library/alpine:3@{DIGEST}", "alpine:3"),
        ("library/alpine", "docker.io/library/alpine:latest", "alpine:latest"),
    ],
)
def test_a_reference_has_one_complete_form_and_one_that_people_write(text: str, complete: str, name: str) -> None:
    found = reference(text)
    assert (str(found), found.name) == (complete, name)


@pytest.mark.parametrize(
    "text", ["", "Alpine", "a:b:c", "alpine:", "a//b", "-a", "a@sha256:1", "a:" + "t" * 129, "b" * 64, "a b"]
)
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no image reference"):
        reference(text)
