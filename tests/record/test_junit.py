"""JUnit out of containers: counted, merged, with the services' logs beside each failed case; hostile files hurt nobody."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from dockyard.model.verdict import TestCounts
from dockyard.record import junit
from dockyard.record.junit import Found, merge, read_folder

SUITE = """<?xml version="1.0"?>
<testsuites><testsuite name="pytest" timestamp="2026-01-02T03:04:00+00:00" time="6">
  <testcase classname="api.orders" name="test_one" time="1.0"/>
  <testcase classname="api.orders" name="test_two" time="2.0"><failure message="expected 3, got 4">trace</failure></testcase>
  <testcase classname="api.orders" name="test_three" time="3.0"><error>boom
at line 9</error></testcase>
  <testcase classname="api.orders" name="test_four" time="0"><skipped/></testcase>
</testsuite></testsuites>"""
BEGAN = 1767323039.0  # a second before the suite's own time


def _read(tmp_path: Path, **files: str | bytes) -> Found:
    for name, text in files.items():
        (tmp_path / f"{name}.xml").write_bytes(text.encode() if isinstance(text, str) else text)
    return read_folder(tmp_path)


def _merged(found: Found, logs: dict[str, list[str]] | None = None) -> ElementTree.Element:
    text = merge([("api-tests", BEGAN, BEGAN + 20, found)], lambda begin, end: logs or {}, lambda s: s)
    assert text is not None
    return ElementTree.fromstring(text)


def test_cases_are_counted_and_the_failed_ones_named(tmp_path: Path) -> None:
    found = _read(tmp_path, one=SUITE)
    assert found.counts == TestCounts(total=4, failed=1, errors=1, skipped=1)
    assert [(c.name, c.message) for c in found.failed] == [
        ("api.orders.test_two", "expected 3, got 4"),
        ("api.orders.test_three", "boom"),
    ]


def test_files_in_folders_below_and_of_either_root_are_found_and_others_left_alone(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "x.xml").write_text('<testsuite><testcase name="a"/></testsuite>')
    found = _read(
        tmp_path, y='<testsuites><testsuite><testsuite><testcase name="b"/></testsuite></testsuite></testsuites>', z="<coverage/>"
    )
    assert found.counts == TestCounts(total=2) and found.warnings == []


def test_no_file_is_no_count_and_not_zero_cases(tmp_path: Path) -> None:
    assert read_folder(tmp_path).counts is None
    assert _read(tmp_path, x="<html/>").counts is None


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
def test_what_cannot_or_must_not_be_read_is_a_warning_with_the_files_name(tmp_path: Path, text: str | bytes) -> None:
    found = _read(tmp_path, bad=text, good=SUITE)
    assert len(found.warnings) == 1 and found.warnings[0].startswith("bad.xml could not be read as JUnit")
    assert found.counts is not None and found.counts.total == 4


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "outside.xml").write_text(SUITE)
    (tmp_path / "in" / "link.xml").symlink_to(tmp_path / "outside.xml")
    assert read_folder(tmp_path / "in").counts is None


def test_size_and_number_of_cases_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit, "MOST_CASES", 3)
    assert "more than 3 cases" in _read(tmp_path, one=SUITE).warnings[0]
    monkeypatch.setattr(junit, "MOST_BYTES", 10)
    assert "larger than" in read_folder(tmp_path).warnings[0]


def test_elements_nested_beyond_all_measure_are_refused(tmp_path: Path) -> None:
    deep = "<testsuites><testsuite>" + "<a>" * 100_000 + "</a>" * 100_000 + '<testcase name="x"/></testsuite></testsuites>'
    found = _read(tmp_path, deep=deep, good=SUITE)
    assert "nested deeper than" in found.warnings[0]
    assert len(list(_merged(found).iter("testcase"))) == 4


def test_a_failed_case_shows_what_the_services_logged_in_its_time(tmp_path: Path) -> None:
    asked: list[tuple[float, float]] = []

    def logs(begin: float, end: float) -> dict[str, list[str]]:
        asked.append((begin, end))
        return {"api": ["out of stock"], "silent": []}

    text = merge([("api-tests", BEGAN, BEGAN + 20, _read(tmp_path, one=SUITE))], logs, lambda s: s)
    assert text is not None
    root = ElementTree.fromstring(text)
    shown = {case.get("name"): case.findtext("system-out") or "" for case in root.iter("testcase")}
    assert "--- api\nout of stock" in shown["test_two"] and "silent" not in shown["test_two"] and not shown["test_one"]
    assert asked == [(BEGAN + 1.5, BEGAN + 4.5), (BEGAN + 3.5, BEGAN + 7.5)], "the second case ran from 1 to 3 s, the third to 6"


@pytest.mark.parametrize(
    "stamp", ["", 'timestamp="rubbish"', 'timestamp="1999-01-01T00:00:00"', 'timestamp="0001-01-01T00:00:00+14:00"']
)
def test_where_the_suites_time_is_none_a_case_shows_the_whole_test(tmp_path: Path, stamp: str) -> None:
    asked: list[tuple[float, float]] = []
    suite = f'<testsuite {stamp}><testcase name="x" time="1"><failure/></testcase></testsuite>'
    merge([("t", BEGAN, BEGAN + 20, _read(tmp_path, one=suite))], lambda b, e: asked.append((b, e)) or {}, lambda s: s)
    assert asked == [(BEGAN - 0.5, BEGAN + 20.5)]


def test_suites_of_all_tests_are_one_document_that_names_whose_they_are(tmp_path: Path) -> None:
    found = _read(tmp_path, one=SUITE, two='<testsuite><testcase name="b"/></testsuite>')
    root = _merged(found)
    assert [suite.get("name") for suite in root] == ["api-tests: pytest", "api-tests: tests"]
    assert len(list(root.iter("testcase"))) == 5


def test_what_xml_cannot_hold_and_secrets_are_replaced(tmp_path: Path) -> None:
    suite = '<testsuite><testcase name="x"><failure message="key hunter22">hunter22</failure></testcase></testsuite>'
    found = _read(tmp_path, one=suite)
    text = merge([("t", 0, 1, found)], lambda b, e: {"api": ["bad \x00\x1b char"]}, lambda s: s.replace("hunter22", "***"))
    assert text is not None and b"hunter22" not in text and b"\x00" not in text
    ElementTree.fromstring(text)


def test_without_a_suite_there_is_no_document() -> None:
    assert merge([("t", 0, 1, Found())], lambda b, e: {}, str) is None
