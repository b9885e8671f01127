"""Dockyard reads each case of the corpus as Compose does; the recorded answers are Compose's own."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests.compose import corpus

from dockyard.compose import show
from dockyard.model.errors import UserError

_CASES = [pytest.param(case, id=case.name) for case in corpus.cases()]
_SAME = [pytest.param(case, id=case.name) for case in corpus.cases() if "differs" not in case.parts]


def _ours(case: corpus.Case, folder: Path) -> dict[str, Any]:
    """What Dockyard says, in the form of the recorded answer."""
    folder = Path(os.path.realpath(folder)) / "above" / "case"
    folder.mkdir(parents=True)
    work = case.lay_out(folder)
    try:
        app = corpus.resolve(case.arguments, case.variables(folder), cwd=str(work))
    except UserError as error:
        return {"refused": corpus.anywhere(str(error), folder)}
    return {"config": json.loads(corpus.anywhere(show.to_json(app), folder))}


@pytest.mark.parametrize("case", _SAME)
def test_a_case_is_read_as_compose_reads_it(case: corpus.Case, tmp_path: Path) -> None:
    got, expected = _ours(case, tmp_path), case.expected
    if "refused" in expected:
        assert "refused" in got, f"Compose refuses this: {expected['refused']}"
    else:
        assert "config" in got, got.get("refused")
        assert not (lines := corpus.differences(expected["config"], got["config"])), "\n".join(lines)


@pytest.mark.parametrize("case", [param for param in _CASES if "problems" in param.values[0].parts])
def test_an_error_names_the_place_the_path_and_the_remedy(case: corpus.Case, tmp_path: Path) -> None:
    refused = _ours(case, tmp_path).get("refused")
    assert refused is not None, "Dockyard takes this file"
    rest = refused
    for line in case.parts["problems"].splitlines():
        assert line in rest, f"{line!r} is not in what follows:\n{rest}\nall of it:\n{refused}"
        rest = rest.split(line, 1)[1]


@pytest.mark.compose_binary
@pytest.mark.parametrize("case", _CASES)
def test_the_recorded_answer_is_what_compose_says_today(case: corpus.Case, compose_binary: Path) -> None:
    said, recorded = corpus.ask_compose(case, compose_binary), case.expected
    assert ("refused" in said) == ("refused" in recorded)
    assert said.get("config") == recorded.get("config")


def test_each_difference_from_compose_is_on_the_reference_page() -> None:
    page = (corpus.ROOT.parents[2] / "docs/reference/compose.md").read_text(encoding="utf-8")
    different = [case.name for case in corpus.cases() if "differs" in case.parts]
    assert [name for name in different if f"`{name}`" not in page] == []
