"""What a booted process has read of this machine's files is compared by its content."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dockyard.engines.docker import contents


def _tree(folder: Path) -> Path:
    (folder / "below").mkdir(parents=True)
    (folder / "a.sql").write_text("one")
    (folder / "below" / "b.sh").write_text("two")
    (folder / "link").symlink_to("a.sql")
    return folder


EDITS: dict[str, Callable[[Path], object]] = {
    "a file": lambda t: (t / "a.sql").write_text("three"),
    "a file below": lambda t: (t / "below" / "b.sh").write_text("three"),
    "one more": lambda t: (t / "c").write_text(""),
    "one less": lambda t: (t / "a.sql").unlink(),
    "another name": lambda t: (t / "a.sql").rename(t / "z.sql"),
    "a mode": lambda t: (t / "below" / "b.sh").chmod(0o755),
    "a link": lambda t: ((t / "link").unlink(), (t / "link").symlink_to("below/b.sh")),
    "a folder": lambda t: (t / "empty").mkdir(),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("read", [True, False])
def test_any_edit_is_another_content(tmp_path: Path, edit: str, read: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "READ_AT_MOST", 1 << 20 if read else 0)
    tree = _tree(tmp_path / "t")
    before = contents.of(str(tree))
    assert before == contents.of(str(tree)) and before
    EDITS[edit](tree)
    assert contents.of(str(tree)) != before


def test_a_copy_of_a_small_tree_is_the_same_and_of_a_large_one_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = _tree(tmp_path / "one"), _tree(tmp_path / "other")
    assert contents.of(str(one)) == contents.of(str(other))
    assert contents.of(str(one / "a.sql")) == contents.of(str(other / "a.sql")) != contents.of(str(one / "below" / "b.sh"))
    monkeypatch.setattr(contents, "READ_AT_MOST", 0)
    assert contents.of(str(one)) != contents.of(str(other)), "its files' times count then"


def test_what_is_not_there_is_nothing_and_too_many_files_can_not_be_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert contents.of(str(tmp_path / "none")) == ""
    monkeypatch.setattr(contents, "LOOK_AT_MOST", 3)
    assert contents.of(str(_tree(tmp_path / "t"))) is None


def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert contents.of(str(tmp_path))
