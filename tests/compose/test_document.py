"""YAML within bounds: what would cost too much is refused at once, and everything knows its place."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockyard.compose.document import Limits, parse
from dockyard.compose.scalars import go_float, plain
from dockyard.compose.tree import Timestamp
from dockyard.model.errors import UserError


def _refused(text: str | bytes) -> str:
    with pytest.raises(UserError) as caught:
        parse("compose.yaml", text, Limits())
    return str(caught.value)


def test_aliases_that_multiply_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    assert "stands for more than 200000 values" in _refused("\n".join(lines))


def test_merge_keys_that_multiply_are_refused() -> None:
    first = "a0: &a0 {" + ", ".join(f"k{i}: v" for i in range(100)) + "}"
    lines = [first] + [f"a{i}: &a{i} {{x: [{', '.join([f'*a{i - 1}'] * 20)}]}}" for i in range(1, 8)]
    assert "stands for more than" in _refused("\n".join(lines))


def test_a_huge_text_is_refused() -> None:
    assert "more than the 1048576" in _refused("a: '" + "x" * 2_000_000 + "'")


def test_a_huge_file_is_refused() -> None:
    assert "more than the 8388608 that are read" in _refused(b"#" * (9 << 20))


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "{a: " * 100_000, "- " * 5_000 + "x", "a:\n" + "".join(f"{' ' * i}b:\n" for i in range(1, 200))]
)
def test_deep_nesting_is_refused(text: str) -> None:
    assert _refused(text)


def test_deep_nesting_by_aliases_is_refused() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 300)]
    assert "nested more than 100 levels" in _refused("\n".join(lines))


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: &a {b: *a}", "a: &a\n  <<: *a"])
def test_a_value_that_contains_itself_is_refused(text: str) -> None:
    assert "contains itself" in _refused(text)


def test_control_characters_are_refused_with_their_place() -> None:
    assert _refused("a: b\nc: \x01d\n").startswith("compose.yaml:2:4: this is no valid YAML: control characters")


def test_text_that_is_not_utf8_is_refused_with_its_line() -> None:
    assert _refused(b"a: b\nc: \xff\xfe\n").startswith("compose.yaml:2: this is not UTF-8")


def test_a_file_of_another_encoding_is_read_by_its_mark() -> None:
    assert parse("f", "a: ü".encode("utf-16"), Limits())[0].value == {"a": "ü"}
    assert parse("f", b"\xef\xbb\xbfa: 1", Limits())[0].value == {"a": 1}


def test_all_duplicate_keys_are_told_at_once() -> None:
    told = _refused("a: 1\na: 2\nb: {c: 1, c: 2}\n1: x\n")
    assert told.count("written twice") == 2
    assert "compose.yaml:4:1: the key 1 is no text" in told


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("off", "off"),
        ("22:22", "22:22"),
        ("0o14", 12),
        ("014", 12),
        ("08", 8.0),
        ("1_000", 1000),
        ("0x_1F", 31),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("+.5", 0.5),
        (".", "."),
        ("-", "-"),
        ("1.2.3", "1.2.3"),
        ("~", None),
        ("True", True),
        ("tRue", "tRue"),
        ("18446744073709551616", 1.8446744073709552e19),
    ],
)
def test_plain_scalars_are_go_yamls(text: str, value: object) -> None:
    assert plain(text) == value
    assert type(plain(text)) is type(value)


@pytest.mark.parametrize("text", ["2024-01-31", "2024-1-3", "2024-01-31T10:00:00Z", "2024-01-31 10:00:00.5"])
def test_a_plain_date_is_no_text(text: str) -> None:
    assert isinstance(plain(text), Timestamp)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_printed_float_reads_back_the_same(value: float) -> None:
    assert float(go_float(value)) == value


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(UserError):
        parse("f", text, Limits())
