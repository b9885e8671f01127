"""Pages can't drift from the code, and their links lead somewhere."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import ModuleType

from dev import docs


def test_a_page_that_is_not_what_the_code_says_is_shown_with_the_difference(tmp_path: Path) -> None:
    generator = ModuleType("keys")
    generator.PAGE, generator.render = "keys.md", lambda: "a\nb\n"  # type: ignore[attr-defined]
    (tmp_path / "keys.md").write_text("a\nold\n")
    (problem,) = docs.stale(tmp_path, [generator])
    assert "./dev docs" in problem and "-old" in problem and "+b" in problem
    (tmp_path / "keys.md").write_text("a\nb\n")
    assert docs.stale(tmp_path, [generator]) == []


def test_a_link_to_no_file_is_found_and_links_elsewhere_are_left_alone(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "there.md").write_text("")
    page = "[a](there.md#part) [b](https://example.org/x) [c](#here) `[d](code.md)` [e](gone.md)\n```\n[f](code.md)\n```\n"
    (tmp_path / "page.md").write_text(page)
    assert docs.dead_links(tmp_path) == ["page.md: the link to gone.md leads nowhere"]
