"""The schema's two checks agree, the generated one is in step, and each field of the specification has a case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.compose import corpus

from dockyard.compose import document, generate, schema, schema_check
from dockyard.compose.bind import plain
from dockyard.compose.tree import Report


def test_the_generated_check_is_in_step_with_the_schema() -> None:
    assert Path(schema_check.__file__).read_text(encoding="utf-8") == generate.generated()


def _trees() -> list[Any]:
    trees: list[Any] = []
    for case in corpus.cases():
        for name, text in case.files.items():
            if name.endswith((".yaml", ".yml")):
                try:
                    documents = document.parse(name, text, document.Limits())
                except Exception:
                    continue
                trees += [pytest.param(one.value, id=f"{case.name}:{name}") for one in documents if isinstance(one.value, dict)]
    return trees


@pytest.mark.parametrize("tree", _trees())
def test_the_quick_check_and_the_one_with_words_agree(tree: Any) -> None:
    try:
        schema_check.validate(tree)
        quick = True
    except schema_check.Invalid:
        quick = False
    report = Report()
    schema.check(tree, report)
    assert quick == (not report.problems)
    assert not any("doesn't have the shape" in problem.what for problem in report.problems)


def _fields(node: dict[str, Any], path: str, depth: int = 0) -> set[str]:
    root = schema.compose_schema()["definitions"]
    while "$ref" in node:
        node = root[node["$ref"].rsplit("/", 1)[1]]
    found: set[str] = set()
    for key, below in node.get("properties", {}).items():
        found |= {f"{path}.{key}" if path else key} | _fields(below, f"{path}.{key}" if path else key)
    for key, below in node.get("patternProperties", {}).items():
        if not key.startswith("^x-") and isinstance(below, dict):
            found |= _fields(below, f"{path}.*")
    if isinstance(node.get("items"), dict):
        found |= _fields(node["items"], f"{path}.*")
    for below in node.get("oneOf", []):
        found |= _fields(below, path)
    return found


def _used(value: Any, path: str, known: set[str], used: set[str]) -> None:
    if isinstance(value, dict):
        for key, child in value.items():
            exact = f"{path}.{key}" if path else key
            below = exact if exact in known else f"{path}.*"
            used.add(below)
            _used(child, below, known, used)
    elif isinstance(value, list):
        for child in value:
            _used(child, f"{path}.*", known, used)


def test_each_field_of_the_specification_has_a_case() -> None:
    known = _fields(schema.compose_schema(), "")
    used: set[str] = set()
    for param in _trees():
        _used(plain(param.values[0]), "", known, used)
    assert sorted(known - used) == []


def test_the_published_schema_of_the_extension_is_a_schema() -> None:
    import fastjsonschema  # type: ignore[import-untyped]

    check = fastjsonschema.compile(schema.load_schema("x-dockyard.schema.json"))
    check({"timeout": "30m", "keep": {"when": "always"}})
    check({"ready": {"tcp": 80}, "gate": "never"})
    with pytest.raises(fastjsonschema.JsonSchemaException):
        check({"redy": 1})
