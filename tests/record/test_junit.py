"""JUnit out of containers: counted, merged, with the services' logs beside each failed case; hostile files hurt nobody."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import pytest

from dockyard.model.verdict import TestCounts
from dockyard.record import junit
from dockyard.record.junit import Found, Reading, merge
from dockyard.record.mask import Mask

SUITE = """<?xml version="1.0"?>
<testsuites><testsuite name="pytest" timestamp="2026-01-02T03:04:00+00:00" time="6">
  <testcase classname="api.orders" name="test_one" time="1.0"/>
  <testcase classname="api.orders" name="test_two" time="2.0"><failure message="expected 3, got 4">trace</failure></testcase>
  <testcase classname="api.orders" name="test_three" time="3.0"><error>boom
at line 9</error></testcase>
  <testcase classname="api.orders" name="test_four" time="0"><skipped/></testcase>
</testsuite></testsuites>"""
BEGAN = 1767323039.0  # a second before the suite's own time


def _read(**files: str | bytes) -> Found:
    """Files that are named so, with `.xml`; a double underscore is a slash."""
    return _read_files({f"{name.replace('__', '/')}.xml": text for name, text in files.items()})


def _read_files(files: dict[str, str | bytes]) -> Found:
    reading = Reading()
    for name, text in files.items():
        reading.file(name, io.BytesIO(text.encode() if isinstance(text, str) else text))
    return reading.found


def _merged(found: Found, logs: dict[str, list[str]] | None = None) -> ElementTree.Element:
    text = merge([("api-tests", BEGAN, BEGAN + 20, found)], lambda begin, end: logs or {}, lambda s: s)
    assert text is not None
    return ElementTree.fromstring(text)


def test_cases_are_counted_and_the_failed_ones_named() -> None:
    found = _read(one=SUITE)
    assert found.counts == TestCounts(total=4, failed=1, errors=1, skipped=1)
    assert [(c.name, c.message) for c in found.failed] == [
        ("api.orders.test_two", "expected 3, got 4"),
        ("api.orders.test_three", "boom"),
    ]


def test_files_in_folders_below_and_of_either_root_are_found_and_others_left_alone() -> None:
    found = _read(
        deep__x='<testsuite><testcase name="a"/></testsuite>',
        y='<testsuites><testsuite><testsuite><testcase name="b"/></testsuite></testsuite></testsuites>',
        z="<coverage/>",
    )
    assert found.counts == TestCounts(total=2) and found.warnings == []


def test_no_file_is_no_count_and_not_zero_cases() -> None:
    assert _read().counts is None
    assert _read(x="<html/>").counts is None


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><testsuites><testsuite name="&b;"/></testsuites>'


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><testsuites/>',
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&f;"/></testsuite>',
        "<testsuites><testsuite>",
        "",
        b"\xff\xfe\x00",
        '<?xml version="1.0" encoding="no-such"?><testsuites/>',
        b"<testsuites>\x00</testsuites>",
        "not xml at all",
    ],
)
def test_what_cannot_or_must_not_be_read_is_a_warning_with_the_files_name(text: str | bytes) -> None:
    found = _read(bad=text, good=SUITE)
    assert len(found.warnings) == 1 and found.warnings[0].startswith("bad.xml could not be read as JUnit")
    assert found.counts is not None and found.counts.total == 4


def test_size_and_number_of_cases_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit, "MOST_CASES", 3)
    assert "more than 3 cases" in _read(one=SUITE).warnings[0]
    monkeypatch.setattr(junit, "MOST_BYTES", 10)
    assert "larger than" in _read(one=SUITE).warnings[0]


def test_elements_nested_beyond_all_measure_are_refused() -> None:
    deep = "<testsuites><testsuite>" + "<a>" * 100_000 + "</a>" * 100_000 + '<testcase name="x"/></testsuite></testsuites>'
    found = _read(deep=deep, good=SUITE)
    assert "nested deeper than" in found.warnings[0]
    assert len(list(_merged(found).iter("testcase"))) == 4


def test_a_failed_case_shows_what_the_services_logged_in_its_time() -> None:
    asked: list[tuple[float, float]] = []

    def logs(begin: float, end: float) -> dict[str, list[str]]:
        asked.append((begin, end))
        return {"api": ["out of stock"], "silent": []}

    text = merge([("api-tests", BEGAN, BEGAN + 20, _read(one=SUITE))], logs, lambda s: s)
    assert text is not None
    root = ElementTree.fromstring(text)
    shown = {case.get("name"): case.findtext("system-out") or "" for case in root.iter("testcase")}
    assert "--- api\nout of stock" in shown["test_two"] and "silent" not in shown["test_two"] and not shown["test_one"]
    assert asked == [(BEGAN + 1.5, BEGAN + 4.5), (BEGAN + 3.5, BEGAN + 7.5)], "the second case ran from 1 to 3 s, the third to 6"


@pytest.mark.parametrize(
    "stamp", ["", 'timestamp="rubbish"', 'timestamp="1999-01-01T00:00:00"', 'timestamp="0001-01-01T00:00:00+14:00"']
)
def test_where_the_suites_time_is_none_a_case_shows_the_whole_test(stamp: str) -> None:
    asked: list[tuple[float, float]] = []
    suite = f'<testsuite {stamp}><testcase name="x" time="1"><failure/></testcase></testsuite>'
    merge([("t", BEGAN, BEGAN + 20, _read(one=suite))], lambda b, e: asked.append((b, e)) or {}, lambda s: s)
    assert asked == [(BEGAN - 0.5, BEGAN + 20.5)]


def test_suites_of_all_tests_are_one_document_that_names_whose_they_are() -> None:
    found = _read(one=SUITE, two='<testsuite><testcase name="b"/></testsuite>')
    root = _merged(found)
    assert [suite.get("name") for suite in root] == ["api-tests: pytest", "api-tests: tests"]
    assert len(list(root.iter("testcase"))) == 5


def test_what_xml_cannot_hold_and_secrets_are_replaced() -> None:
    suite = '<testsuite><testcase name="x"><failure message="key hunter22">hunter22</failure></testcase></testsuite>'
    found = _read(one=suite)
    text = merge([("t", 0, 1, found)], lambda b, e: {"api": ["bad \x00\x1b char"]}, lambda s: s.replace("hunter22", "***"))
    assert text is not None and b"hunter22" not in text and b"\x00" not in text
    ElementTree.fromstring(text)


def test_secrets_are_replaced_wherever_they_are_and_the_document_can_still_be_read() -> None:
    suite = '<testsuite><testcase name="x" k-error="1"><properties><k-error/>k-error</properties>k-error<error/></testcase></testsuite>'
    for secret in ("k-error", "error", "testcase"):
        merged = merge([("t", 0, 1, _read(one=suite))], lambda b, e: {}, Mask([secret]).text)
        assert merged is not None
        root = ElementTree.fromstring(merged)
        assert root.find("testsuite/testcase/error") is not None and (secret != "k-error" or b"k-error" not in merged)


def test_without_a_suite_there_is_no_document() -> None:
    assert merge([("t", 0, 1, Found())], lambda b, e: {}, str) is None
