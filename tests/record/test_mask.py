"""Secrets reach neither disk nor screen, in whatever form a program prints them; what is none stays as it is."""

from __future__ import annotations

import base64
import html
import itertools
import json
import urllib.parse
import xml.sax.saxutils
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockyard.record.mask import MASKED, Mask, is_secret, secrets_of


@pytest.mark.parametrize(
    "form",
    [
        lambda s: s,
        lambda s: urllib.parse.quote(s, safe=""),
        lambda s: urllib.parse.quote_plus(s),
        lambda s: json.dumps(s)[1:-1],
        lambda s: base64.b64encode(s.encode()).decode(),
        lambda s: base64.urlsafe_b64encode(s.encode()).decode().rstrip("="),
        lambda s: f"postgres://user:{urllib.parse.quote(s, safe='')}@db/x",
        lambda s: xml.sax.saxutils.escape(s),
        lambda s: xml.sax.saxutils.quoteattr(s)[1:-1],
        lambda s: html.escape(s),
        lambda s: s.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;").replace("'", "&#39;"),
        lambda s: f"Authorization: Basic {base64.b64encode(s.encode()).decode()}",
    ],
)
@pytest.mark.parametrize("secret", ["hunter22", "p@ss w/rd+1", "größe&9", 'quo"te\\back', "a<b>&'\"c"])
def test_a_secret_is_masked_in_the_forms_in_which_programs_print_it(secret: str, form: Callable[[str], str]) -> None:
    printed = form(secret)
    assert secret not in Mask([secret]).text(f"before {printed} after")
    masked = Mask([secret]).bytes(f"before {printed} after".encode()).decode()
    assert printed not in masked and masked.startswith("before ") and masked.endswith(" after")


def test_a_key_of_several_lines_is_masked_line_by_line() -> None:
    mask = Mask(["-----BEGIN KEY-----\nMIIEvQIBADAN\nBgkqhkiG9w0B\n-----END KEY-----\n"])
    for line in ("MIIEvQIBADAN", "BgkqhkiG9w0B"):
        assert mask.text(f"x{line}y") == f"x{MASKED}y"


def test_the_longest_secret_goes_first_where_one_contains_another() -> None:
    assert Mask(["abcd", "abcdefgh"]).text("abcdefgh abcd") == f"{MASKED} {MASKED}"


def test_without_secrets_nothing_is_touched() -> None:
    assert Mask([]).bytes(b"\xff any\0thing") == b"\xff any\0thing"
    assert Mask(["", " ", "abc"]).text("abc") == "abc", "too short to be told from anything else"


@given(st.text(min_size=4, max_size=20).filter(lambda s: len(s.strip()) >= 4), st.text(max_size=40), st.text(max_size=40))
def test_no_text_around_a_secret_lets_it_through(secret: str, before: str, after: str) -> None:
    masked = Mask([secret]).text(before + secret + after)
    assert secret not in masked.replace(MASKED, "\0") or secret in MASKED * 2


@given(
    st.lists(st.text("abcd", min_size=4, max_size=9), max_size=4),
    st.text("abcde", max_size=60).map(str.encode),
    st.lists(st.integers(0, 60), max_size=6),
)
def test_what_comes_in_blocks_is_masked_as_if_it_came_at_once(secrets: list[str], data: bytes, cuts: list[int]) -> None:
    mask = Mask(secrets)
    places = [0, *sorted(cuts), len(data)]
    blocks = [data[begin:end] for begin, end in itertools.pairwise(places)]
    assert b"".join(mask.through(blocks)) == mask.bytes(data)


def test_a_stream_is_masked_with_little_of_it_in_memory() -> None:
    sizes = [len(block) for block in Mask(["hunter22"]).through([b"x" * 1000] * 100)]
    assert sum(sizes) == 100_000 and max(sizes) <= 1100


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("DB_PASSWORD", True),
        ("POSTGRES_PASSWORD", True),
        ("api_key", True),
        ("GITHUB_TOKEN", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("DB_PASSWORD_FILE", False),
        ("TOKEN_URL", False),
        ("TOKEN_TTL", False),
        ("DATABASE", False),
        ("PATH", False),
    ],
)
def test_a_variables_name_says_whether_it_is_a_secret(name: str, secret: bool) -> None:
    assert is_secret(name) is secret


def test_what_is_in_plain_sight_elsewhere_or_common_is_no_secret() -> None:
    environments = [
        {
            "DB_PASSWORD": "hunter22",
            "DB_NAME": "shopdata",
            "OTHER_TOKEN": "shopdata",
            "ROOT_PASSWORD": "password",
            "A_SECRET": "abc",
            "B_SECRET": None,
        }
    ]
    assert secrets_of(environments, ["filecontents", "ab"], ["web"]) == ["filecontents", "hunter22"]
    assert secrets_of([{"MY_SECRET": "webweb"}], [], ["webweb"]) == []


def test_the_password_in_an_address_is_a_secret_and_so_is_what_basic_authentication_makes_of_it() -> None:
    environments = [
        {"DATABASE_URL": "postgres://shop:sup3r%40secret@db/shop", "PLAIN_URL": "http://web:shop@web", "NAME": "shop"}
    ]
    mask = Mask(secrets_of(environments, [], ["web"]))
    for printed in ("sup3r@secret", "sup3r%40secret", base64.b64encode(b"shop:sup3r@secret").decode()):
        assert mask.text(f"< {printed} >").rstrip("> =") == f"< {MASKED}"
    assert mask.text("shop web") == "shop web", "what stands in plain sight elsewhere is none"


def test_passwords_among_an_addresss_options_and_private_keys_are_secrets_whatever_their_variable_is_called() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEvQIBADAN\n-----END RSA PRIVATE KEY-----"
    mask = Mask(secrets_of([{"JDBC": "jdbc:pg://db/x?user=a&password=jdbcS3cret&ssl=1", "SIGNS_WITH": key}], [], []))
    assert mask.text("jdbcS3cret") == MASKED and "MIIEvQIBADAN" not in mask.text("x MIIEvQIBADAN y")
    assert mask.text("user=a ssl=1") == "user=a ssl=1"
