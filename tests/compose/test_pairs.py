"""Any two files of the corpus, one on top of the other, give what they give in Compose: rules meet that no case has together."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest
from tests.compose import corpus

from dockyard.compose import show
from dockyard.model.errors import UserError

_PAIRS = 120
_NOT = ("differs", "problems")
# A date in a variable that a second file adds to becomes text with a time in Compose.
_DATES = "fields/dates-are-no-text"


def _pairs() -> list[tuple[corpus.Case, corpus.Case]]:
    plain = [c for c in corpus.cases() if not any(p in c.parts for p in _NOT) and c.name != _DATES and _file(c)]
    chosen = random.Random(20)
    return [(chosen.choice(plain), chosen.choice(plain)) for _ in range(_PAIRS)]


def _file(case: corpus.Case) -> str:
    return next((name for name in ("compose.yaml", "one.yaml") if name in case.files), "")


@pytest.mark.compose_binary
@pytest.mark.parametrize(("one", "two"), [pytest.param(*pair, id=f"{pair[0].name}+{pair[1].name}") for pair in _pairs()])
def test_two_files_merge_as_in_compose(one: corpus.Case, two: corpus.Case, tmp_path: Path, compose_binary: Path) -> None:
    files = {**one.files, **two.files, "first.yaml": one.files[_file(one)], "second.yaml": two.files[_file(two)]}
    env = {name: value for name, value in {**one.environment, **two.environment}.items() if name != "COMPOSE_FILE"}
    parts = {"arguments": "-f first.yaml -f second.yaml", "environment": "\n".join(f"{k}={v}" for k, v in env.items())}
    both = corpus.Case(f"{one.name}+{two.name}", one.path, {k: v for k, v in files.items() if k != ".env"}, parts)
    said = corpus.ask_compose(both, compose_binary)

    folder = Path(os.path.realpath(tmp_path)) / "above" / "case"
    folder.mkdir(parents=True)
    work = both.lay_out(folder)
    try:
        app = corpus.resolve(both.arguments, both.variables(folder), cwd=str(work))
    except UserError as error:
        assert "refused" in said, str(error)
        return
    assert "config" in said, said["refused"]
    ours = json.loads(corpus.anywhere(show.to_json(app), folder))
    assert corpus.differences(said["config"], ours) == []
