"""JUnit out of containers: counted, merged, with the services' logs beside each failed case; hostile files hurt nobody."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import pytest

from dockyard.model.verdict import TestCounts
from dockyard.record import junit_reading
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
    return reading.found()


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
    assert found.counts == TestCounts(total=2) and found.unread == []


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
        '<!DOCTYPE coverage SYSTEM "x.dtd"><testsuites/>',
        '<?xml version="1.0"?>',
        "<testsuites",
        '<j:testsuite xmlns:j="urn:j"><j:testcase',
        "not xml at all",
    ],
)
def test_what_cannot_or_must_not_be_read_is_told_with_the_files_name(text: str | bytes) -> None:
    found = _read(bad=text, good=SUITE)
    assert len(found.unread) == 1 and found.unread[0].startswith("bad.xml could not be read as JUnit: ")
    assert found.counts is not None and found.counts.total == 4


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?><!DOCTYPE coverage SYSTEM "http://127.0.0.1:9/coverage-04.dtd"><coverage><a/></coverage>',
        '<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="x"/>',
        "<coverage><truncated",
        "<coverage>" + "<a>" * 1000,
        '<?xml version="1.0" encoding="utf-16"?><coverage/>'.encode("utf-16"),
        "<test-results/>",
    ],
)
def test_xml_that_is_no_junit_is_left_alone_without_a_word(text: str | bytes) -> None:
    found = _read(other=text)
    assert (found.counts, found.unread) == (None, [])


def test_an_entity_on_the_way_to_the_root_is_not_expanded() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 100}">' for n in range(1, 10))
    found = _read(bomb=f'<!DOCTYPE x [<!ENTITY e0 "x">{levels}]><other a="&e9;"/>')
    assert found.unread == ["bomb.xml could not be read as JUnit: it has entities, which are refused"]


def test_a_root_that_does_not_come_is_not_waited_for() -> None:
    assert "no element in its first" in _read(long=f"<!--{' ' * (3 << 20)}--><testsuites/>").unread[0]


@pytest.mark.parametrize("name", ["TEST.XML", "deep/Test.Xml"])
def test_a_name_may_be_written_in_any_case(name: str) -> None:
    assert _read_files({name: SUITE}).counts == TestCounts(total=4, failed=1, errors=1, skipped=1)


@pytest.mark.parametrize("prefix", ["", "j:"])
def test_namespaces_are_no_part_of_a_name(prefix: str) -> None:
    text = SUITE.replace("<testsuites>", f'<testsuites xmlns{":j" if prefix else ""}="urn:junit">')
    for tag in ("testsuites", "testsuite ", "testsuite>", "testcase", "failure", "error", "skipped") if prefix else ():
        text = text.replace(f"<{tag}", f"<j:{tag}").replace(f"</{tag}", f"</j:{tag}")
    found = _read(one=text)
    assert found.counts == TestCounts(total=4, failed=1, errors=1, skipped=1)
    assert [case.get("name") for case in _merged(found).iter("testcase")] == ["test_one", "test_two", "test_three", "test_four"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('<testsuite name="s" errors="1"/>', "errors=1"),
        ('<testsuite name="s" tests="3" failures="2"></testsuite>', "failures=2"),
        (
            '<testsuites><testsuite name="s" failures="2" errors="1"><testcase name="a"/></testsuite></testsuites>',
            "errors=1 failures=2",
        ),
        ('<testsuites name="s" failures="1"/>', "failures=1"),
        ('<testsuites name="s" errors="1"><testsuite><testcase name="a"/></testsuite></testsuites>', "errors=1"),
        ('<testsuite name="s"><error message="can not be loaded"/></testsuite>', "can not be loaded"),
        ('<testsuites><testsuite><testsuite name="s" errors="01"/></testsuite></testsuites>', "errors=01"),
    ],
)
def test_what_a_suite_only_counts_is_a_case_that_failed(text: str, message: str) -> None:
    found = _read(one=text)
    assert found.counts is not None and (found.counts.failed, found.counts.errors) == (0, 1)
    (case,) = found.failed
    assert (
        case.name == "s.(the suite itself)" and case.message == f"the suite s says {message}, and no case of its shows a failure"
    )
    assert [case.get("classname") for case in _merged(found).iter("testcase") if case.find("error") is not None] == ["s"]


@pytest.mark.parametrize(
    "text",
    [
        '<testsuites failures="3" errors="1"><testsuite failures="3"><testcase name="a"><failure/></testcase></testsuite></testsuites>',
        '<testsuites><testsuite failures="1"><testsuite><testcase name="a"><failure/></testcase></testsuite></testsuite></testsuites>',
    ],
)
def test_counts_that_cases_bear_out_are_counted_once(text: str) -> None:
    assert _read(one=text).counts == TestCounts(total=1, failed=1)


@pytest.mark.parametrize("said", ['errors="0" failures="0"', 'errors="" failures="none"', 'tests="4"', ""])
def test_a_suite_that_counts_nothing_bad_has_no_case_of_its_own(said: str) -> None:
    assert _read(one=f'<testsuites {said}><testsuite {said}><testcase name="a"/></testsuite></testsuites>').counts == TestCounts(
        total=1
    )


def test_cases_outside_of_any_suite_are_not_lost() -> None:
    found = _read(
        one='<testsuites><testcase name="a"><failure/></testcase><testsuite><testcase name="b"/></testsuite></testsuites>'
    )
    assert found.counts == TestCounts(total=2, failed=1)
    assert sorted(str(case.get("name")) for case in _merged(found).iter("testcase")) == ["a", "b"]


def test_what_was_refused_and_may_be_junit_is_unread_and_a_link_is_as_good_as_what_it_leads_to() -> None:
    reading = Reading()
    for name in ("out/run-1.xml", "out/deep/a.xml"):
        reading.file(name, io.BytesIO(SUITE.encode()))
    for link, target in {
        "out/latest.xml": "run-1.xml",
        "out/up.xml": "./deep/../deep/a.xml",
        "out/far.XML": "/out/deep/a.xml",
        "out/hard.xml": "out/run-1.xml",
        "out/gone.xml": "elsewhere.xml",
    }.items():
        reading.refused(link, "it is a link", target)
    reading.refused("out/pipe", "it is no plain file")
    reading.refused("out/pipe.xml", "it is no plain file")
    reading.refused("", "more than 3 entries: the rest is left out")
    assert reading.found().unread == [
        "out/gone.xml was not copied: it is a link",
        "out/pipe.xml was not copied: it is no plain file",
        "the reports are not whole: more than 3 entries: the rest is left out",
    ]


def test_size_and_number_of_cases_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit_reading, "MOST_CASES", 3)
    assert "more than 3 cases" in _read(one=SUITE).unread[0]
    monkeypatch.setattr(junit_reading, "MOST_BYTES", 10)
    assert "larger than" in _read(one=SUITE).unread[0]


def test_elements_nested_beyond_all_measure_are_refused() -> None:
    deep = "<testsuites><testsuite>" + "<a>" * 100_000 + "</a>" * 100_000 + '<testcase name="x"/></testsuite></testsuites>'
    found = _read(deep=deep, good=SUITE)
    assert "nested deeper than" in found.unread[0]
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
