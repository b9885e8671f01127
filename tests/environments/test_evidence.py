"""What a run leaves behind for people."""

from __future__ import annotations

import pytest

from dockyard.environments.evidence import places


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ([], []),
        (["/reports", "/other"], ["", ""]),
        (["/a/junit.xml", "/b/junit.xml", "/c/junit.xml"], ["", "2", "3"]),
        (["/a/out/", "/b/out"], ["", "2"]),
    ],
)
def test_reports_of_the_same_name_lie_beside_each_other(paths: list[str], expected: list[str]) -> None:
    assert places(paths) == expected
