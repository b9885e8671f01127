"""Text from containers on a screen: it can say anything and do nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockyard.record.printable import WIDEST, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain größe ✓", "plain größe ✓"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;a new title\x07text", "text"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bP1$r0m\x1b\\dcs", "dcs"),
        ("\x9b31mc1", "31mc1"),
        ("a\tb", "a    b"),
        ("10%\r50%\r100%", "100%"),
        ("over\rwritten\n", "written\n"),
        ("windows\r\n", "windows\n"),
        ("bell\x07 null\x00 del\x7f", "bell null del"),
        ("evil\u202etxt.exe", "eviltxt.exe"),
        (b"\xff\xfe bytes", "\ufffd\ufffd bytes"),
        ("\x1b", ""),
        ("\x1b[", ""),
    ],
)
def test_what_is_shown(text: str | bytes, shown: str) -> None:
    assert printable(text) == shown


_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@given(st.text(alphabet=st.characters(codec="utf-8") | st.sampled_from("\x1b[]\x07\x9b\r\\;mPX^_")) | st.binary())
def test_nothing_that_a_terminal_would_obey_comes_through(text: str | bytes) -> None:
    assert not _FORBIDDEN.search(printable(text))


@pytest.mark.parametrize("text", ["x" * 5_000_000, b"y" * 5_000_000])
def test_an_endless_line_is_cut_and_says_so(text: str | bytes) -> None:
    shown = printable(text)
    assert len(shown) < WIDEST + 20 and shown.endswith("… (cut)")
