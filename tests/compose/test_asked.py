"""Which variables files ask for is remembered, wherever they ask; the rest of a process's environment is nobody's business."""

from __future__ import annotations

import pytest

from dockyard.compose import Uploaded, load
from dockyard.compose.asked import Asked

OTHERS = {"GH_PAT": "x", "_": "x", "SHLVL": "1", "HOME": "/root"}


def _asked(files: dict[str, str], env: dict[str, str] | None = None, **options: object) -> set[str]:
    reader = Uploaded({f"/p/{name}": text.encode() for name, text in files.items()})
    app = load(None, {**OTHERS, **(env or {})}, cwd="/p", reader=reader, **options)  # type: ignore[arg-type]
    assert type(app.environment) is dict and app.environment.items() >= OTHERS.items()
    return {name for name in app.asked if not name.startswith("COMPOSE_")}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"compose.yaml": "services: {a: {image: 'x:${TAG:-$OTHER}', command: 'echo $$NOT'}}"}, {"TAG", "OTHER"}),
        ({"compose.yaml": "services: {a: {image: x, environment: [FOO, BAR=1]}}"}, {"FOO"}),
        ({"compose.yaml": "services: {a: {image: x, environment: {FOO: , BAR: 1}}}"}, {"FOO"}),
        ({"compose.yaml": "services: {a: {build: {context: ., args: [FOO, BAR=1]}}}"}, {"FOO"}),
        ({"compose.yaml": "services: {a: {image: x}}\nsecrets: {s: {environment: MYSEC}}"}, {"MYSEC"}),
        ({"compose.yaml": "services: {a: {image: x}}\nconfigs: {s: {environment: CONF}}"}, {"CONF"}),
        ({"compose.yaml": "services: {a: {image: x, env_file: a.env}}", "a.env": "A=${FOO}\nB='${NOT}'\n"}, {"FOO"}),
        ({"compose.yaml": "services: {a: {image: x, env_file: a.env}}", "a.env": "FOO\nB=1\n"}, {"FOO"}),
        ({"compose.yaml": "services: {a: {image: x}}", ".env": "A=${FOO}\nB=1\n"}, {"FOO"}),
        ({"compose.yaml": "name: 'n${TAG}'\nservices: {a: {image: x}}"}, {"TAG"}),
        (
            {"compose.yaml": "include: [sub/c.yaml]", "sub/c.yaml": "services: {a: {image: 'x:$TAG', environment: [FOO]}}"},
            {"TAG", "FOO"},
        ),
        (
            {"compose.yaml": "include: [sub/c.yaml]", "sub/c.yaml": "services: {a: {image: 'x:$TAG'}}", "sub/.env": "TAG=$FOO\n"},
            {"TAG", "FOO"},
        ),
        (
            {
                "compose.yaml": "services: {a: {extends: {file: b.yaml, service: b}}}",
                "b.yaml": "services: {b: {image: 'x:$TAG', environment: [FOO]}}",
            },
            {"TAG", "FOO"},
        ),
    ],
)
def test_whoever_asks_is_heard(files: dict[str, str], expected: set[str]) -> None:
    assert _asked(files) == expected
    assert _asked(files, dict.fromkeys(expected, "1")) >= expected


def test_variables_over_others_share_what_was_asked() -> None:
    outer = Asked({"A": "1", "B": "2"})
    inner = outer.above({"A": "9", "C": "3"})
    assert (inner["A"], inner["C"], "D" in inner, inner.quietly("B")) == ("1", "3", False, "2")
    assert outer.names == {"A", "C", "D"} and dict(outer) == {"A": "1", "B": "2"}
