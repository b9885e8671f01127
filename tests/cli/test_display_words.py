"""What the displays say, as text: pure."""

from __future__ import annotations

import pytest

from dockyard.cli.display import words


@pytest.mark.parametrize("seconds", [-0.4, -0.0, 0.0])
def test_no_clock_of_a_display_goes_below_nothing(seconds: float) -> None:
    assert words.counting(seconds) == "0 s"
    assert words.elapsed(seconds).strip() == "0.00s"
