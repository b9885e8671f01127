"""Printing an application: the same text reads back as the same application, in Compose and here."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.compose import corpus

from dockyard.cli.config import render
from dockyard.compose import Uploaded, document, load, show
from dockyard.compose.bind import plain
from dockyard.compose.load import Request
from dockyard.model.application import Application

_TAKEN = [pytest.param(c, id=c.name) for c in corpus.cases() if "config" in c.expected and "differs" not in c.parts]


def _app(text: str, env: dict[str, str] | None = None) -> Application:
    return load(["/p/compose.yaml"], env or {}, cwd="/p", reader=Uploaded({"/p/compose.yaml": text.encode()}))


_PLAIN = [param for param in _TAKEN if not set(param.values[0].arguments) - {"-f"} - set(param.values[0].files)]

# What Compose itself prints of these doesn't read back as the same, and ours is its text.
_ONE_WAY = {
    "interpolation/extensions-and-keys",  # a dollar in a key is doubled, and keys aren't substituted
    "merge/ports",  # the same port with and without an address is one, once both are long
    "profiles/optional-dependency-off",  # the optional dependency is printed, the service that is off isn't
}


@pytest.mark.parametrize("case", [param for param in _TAKEN if param.id not in _ONE_WAY])
def test_what_is_printed_reads_back_as_the_same(case: corpus.Case, tmp_path: Path) -> None:
    folder = Path(os.path.realpath(tmp_path)) / "above" / "case"
    folder.mkdir(parents=True)
    work = case.lay_out(folder)
    env = case.variables(folder)
    first = corpus.resolve(case.arguments, env, cwd=str(work))
    again = load(
        ["/printed.yaml"],
        {},
        cwd="/",
        project_directory=first.project_directory,
        profiles=["*"],
        reader=Uploaded({"/printed.yaml": show.to_yaml(first).encode()}),
    )
    expected, got = show.tree(first, yaml=True), show.tree(again, yaml=True)
    for shown in (expected, got):
        for service in shown["services"].values():
            # Links and namespaces bring dependencies that are written out in the second round: the same ones.
            service.pop("scale", None)
        for config in shown.get("configs", {}).values():
            config.pop("content", None)
    assert corpus.differences(expected, got) == []


@pytest.mark.compose_binary
@pytest.mark.parametrize("case", _TAKEN)
def test_the_yaml_means_what_composes_yaml_means(case: corpus.Case, tmp_path: Path, compose_binary: Path) -> None:
    folder = Path(os.path.realpath(tmp_path)) / "above" / "case"
    folder.mkdir(parents=True)
    work = case.lay_out(folder)
    env = case.variables(folder)
    command = [str(compose_binary), *case.arguments, "config"]
    said = subprocess.run(command, cwd=work, env=env, capture_output=True, text=True, timeout=60, check=True).stdout
    ours = show.to_yaml(corpus.resolve(case.arguments, env, cwd=str(work)))
    values = [plain(document.parse("f", text, document.Limits())[0].value) for text in (said, ours)]
    assert corpus.differences(*values) == []


# Uninterpolated, Compose drops build arguments without a value and empty commands, and can't print infinity.
_OTHERWISE_RAW = {
    "fields/build-args-list",
    "fields/build-long",
    "fields/command-lists",
    "include/simple",  # it fills in an included file's variables even so
    "yaml/scalars",
}


@pytest.mark.compose_binary
@pytest.mark.parametrize("case", [param for param in _PLAIN if param.id not in _OTHERWISE_RAW])
def test_without_interpolation_the_model_is_composes(case: corpus.Case, tmp_path: Path, compose_binary: Path) -> None:
    folder = Path(os.path.realpath(tmp_path)) / "above" / "case"
    folder.mkdir(parents=True)
    work = case.lay_out(folder)
    env = case.variables(folder)
    command = [str(compose_binary), *case.arguments, "config", "--format", "json", "--no-interpolate"]
    done = subprocess.run(command, cwd=work, env=env, capture_output=True, text=True, timeout=60)
    if done.returncode:
        return  # quoted numbers that only interpolation would cast
    files = [argument for argument in case.arguments if argument != "-f"]
    ours = render(Request(cwd=str(work), files=files), env, "json", no_interpolate=True)
    assert corpus.differences(json.loads(done.stdout), json.loads(ours)) == []


@given(
    st.dictionaries(
        st.text(st.characters(codec="ascii", min_codepoint=48)),
        st.one_of(st.text(), st.integers(-(2**60), 2**60), st.booleans(), st.none()),
    )
)
def test_any_value_reads_back_from_yaml_as_it_is(values: dict[str, object]) -> None:
    read = document.parse("f", show.dump_yaml({"x": values}), document.Limits())[0].value
    if any("\x85" in v or "\u2028" in v for v in values.values() if isinstance(v, str)):
        return  # YAML's other line breaks
    assert plain(read) == {"x": values}


def test_a_hash_changes_with_what_a_container_is_made_of_and_with_nothing_else() -> None:
    def hashed(text: str) -> str:
        return show.hashes(_app(text), ["a"])[0]

    base = hashed("services: {a: {image: x, environment: {A: 1}}, b: {image: y}}")
    assert base == hashed("services: {a: {image: x, environment: [A=1], depends_on: [b], scale: 3}, b: {image: z}}")
    assert base != hashed("services: {a: {image: x, environment: {A: 2}}, b: {image: y}}")


def test_secrets_from_variables_are_not_printed() -> None:
    app = _app("services: {a: {image: x, secrets: [s]}}\nsecrets: {s: {environment: TOKEN}}", {"TOKEN": "hunter2"})
    assert "hunter2" not in show.to_json(app) + show.to_yaml(app)
