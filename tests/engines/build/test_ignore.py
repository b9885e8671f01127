"""`.dockerignore` as BuildKit reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockyard.engines.build.ignore import Ignore

CASES = [
    ("a", "a", True),
    ("a", "a/b", True),
    ("a", "x/a", False),
    ("/a", "a", True),
    ("a/", "a", True),
    ("**/a", "x/y/a", True),
    ("**/a", "a", True),
    ("*.md", "README.md", True),
    ("*.md", "x/README.md", False),
    ("**/*.md", "x/README.md", True),
    ("a/**", "a/b/c", True),
    ("a/**/c", "a/c", True),
    ("a/**/c", "a/b/d/c", True),
    ("a?c", "abc", True),
    ("a?c", "a/c", False),
    ("[a-c]x", "bx", True),
    ("# a", "# a", False),
    ("\\#a", "#a", True),
    ("a\n!a/b", "a/b", False),
    ("a\n!a/b", "a/c", True),
    ("!a\na", "a", True),
    ("*\n!src", "src/x", False),
    ("", "a", False),
    ("./a", "a", True),
    (".", "a", False),
]


@pytest.mark.parametrize(("text", "path", "out"), CASES)
def test_a_path_is_in_or_out(text: str, path: str, out: bool) -> None:
    assert Ignore(text).leaves_out(path) is out


def test_a_folder_that_is_out_is_still_searched_for_exceptions(tmp_path: Path) -> None:
    for name in ("keep/a/yes.txt", "keep/a/no.txt", "gone/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    found = list(Ignore("*\n!keep/a/yes.txt").walk(str(tmp_path)))
    assert "keep/a/yes.txt" in found
    assert "keep/a/no.txt" not in found and "gone/x" not in found
