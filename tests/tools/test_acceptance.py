"""The page of promises can't say more than the tests do."""

from __future__ import annotations

from pathlib import Path

from dev import acceptance

HEAD = "| promise | held by |\n| --- | --- |\n"


def _page(root: Path, rows: str) -> Path:
    (root / "contributing").mkdir()
    (root / "contributing/acceptance.md").write_text(HEAD + rows)
    (root / "test_it.py").write_text(
        "def test_one(): ...\nasync def test_two(): ...\nclass TestThree:\n    def test_four(self): ...\n"
    )
    return root


def test_promises_with_their_tests_are_fine(tmp_path: Path) -> None:
    rows = "| a | `test_it.py::test_one` `test_it.py::test_two[case]` |\n| b | `test_it.py::TestThree::test_four` |\n"
    assert acceptance.problems(_page(tmp_path, rows)) == []


def test_a_named_test_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    (problem,) = acceptance.problems(_page(tmp_path, "| a | `test_it.py::test_one` `test_it.py::test_gone` |\n"))
    assert problem == "contributing/acceptance.md:3: there is no test_it.py::test_gone"


def test_a_promise_without_a_test_is_a_problem(tmp_path: Path) -> None:
    (problem,) = acceptance.problems(_page(tmp_path, "| it never leaks | to come |\n"))
    assert problem == "contributing/acceptance.md:3: no test holds this promise: it never leaks"
