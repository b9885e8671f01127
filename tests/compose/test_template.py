"""Properties of substitution, and of `.env` files, that hold for any text; the corpus holds what Compose itself says."""

from __future__ import annotations

import contextlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockyard.compose import dotenv
from dockyard.compose.template import MissingVariable, Variable, substitute, variables
from dockyard.model.errors import UserError

_names = st.text(string.ascii_letters + "_", min_size=1).filter(lambda name: name.isascii())
_plain = st.text(st.characters(exclude_characters="$"))
_simple = st.text(string.ascii_letters + string.digits + " .,/_", max_size=20)


@given(_plain)
def test_text_without_a_dollar_stays(text: str) -> None:
    assert substitute(text, {}.get) == text


@given(st.text())
def test_doubled_dollars_give_the_text_back(text: str) -> None:
    assert substitute(text.replace("$", "$$"), {}.get) == text


@given(_names, st.text())
def test_a_variables_value_is_put_in_as_it_is(name: str, value: str) -> None:
    assert substitute(f"<${{{name}}}>", {name: value}.get) == f"<{value}>"


@given(_names, _simple, st.one_of(st.none(), _simple))
def test_the_operators_are_the_shells(name: str, other: str, value: str | None) -> None:
    known = {} if value is None else {name: value}
    given_and_full = bool(value)
    assert substitute(f"${{{name}:-{other}}}", known.get) == (value if given_and_full else other)
    assert substitute(f"${{{name}-{other}}}", known.get) == (other if value is None else value)
    assert substitute(f"${{{name}:+{other}}}", known.get) == (other if given_and_full else value or "")
    assert substitute(f"${{{name}+{other}}}", known.get) == ("" if value is None else other)
    if given_and_full:
        assert substitute(f"${{{name}:?{other}}}", known.get) == value
    else:
        with pytest.raises(MissingVariable):
            substitute(f"${{{name}:?{other}}}", known.get)


@given(st.text())
def test_any_text_is_substituted_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        substitute(text, {"A": "1"}.get)


def test_who_asks_for_variables_hears_of_the_nested_ones() -> None:
    found = variables({"a": ["${A:-${B}}", "$C"], "b": "${D:?why} ${E+x}"})
    assert set(found) == {"A", "B", "C", "D", "E"}
    assert found["A"] == Variable(name="A", default="${B}")
    assert found["D"].required and found["E"].alternative == "x"


@given(st.dictionaries(_names, st.text(st.characters(exclude_characters="'\\", codec="utf-8"))))
def test_single_quotes_keep_any_value(values: dict[str, str]) -> None:
    text = "".join(f"{name}='{value}'\n" for name, value in values.items())
    found: dict[str, str] = {}
    dotenv.parse(".env", text, {}.get, found)
    assert found == values


@given(st.text())
def test_any_env_file_is_read_or_refused_with_its_line(text: str) -> None:
    try:
        dotenv.parse(".env", text, {}.get, {})
    except UserError as error:
        assert error.problems[0].at is not None and error.problems[0].at.line > 0
