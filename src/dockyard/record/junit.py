"""JUnit XML that tests wrote: counted, merged, and each failed case shown with what the services logged in its time.

It comes out of containers, so it is hostile: entities and DTDs are refused (defusedxml), sizes are bounded, and what can't be read is a warning.
The format is the one that Jenkins and GitLab read: testsuites > testsuite > testcase > failure | error | skipped.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import IO
from xml.etree import ElementTree

import msgspec

from dockyard.model.verdict import TestCounts

MOST_BYTES = 64 << 20
MOST_CASES = 200_000
DEEPEST = 100
SLICE = 100
"""Log lines of each service behind a failed case."""

Element = ElementTree.Element
Slice = Callable[[float, float], Mapping[str, list[str]]]
"""Log lines by service between two times (Unix seconds)."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One failed case, for the terminal."""

    name: str
    message: str


class Found(msgspec.Struct, kw_only=True):
    """What the reports of one test service say. `counts` None: no JUnit file was there."""

    counts: TestCounts | None = None
    failed: list[Case] = []
    warnings: list[str] = []
    suites: list[Element] = []


class Reading:
    """Reads files one after the other: those named `*.xml` that are JUnit; others are left alone."""

    def __init__(self) -> None:
        self.found = Found()
        self._totals = [0, 0, 0, 0]

    def file(self, name: str, source: IO[bytes]) -> None:
        """A file's bytes, from the beginning."""
        if not name.endswith(".xml"):
            return
        found, totals = self.found, self._totals
        suites, why = _suites(source)
        if why:
            found.warnings.append(f"{name} could not be read as JUnit: {why}")
        for suite in suites:
            found.suites.append(suite)
            for case in suite.iter("testcase"):
                _count(case, totals, found)
        if found.suites:
            found.counts = TestCounts(total=totals[0], failed=totals[1], errors=totals[2], skipped=totals[3])


def _suites(source: IO[bytes]) -> tuple[list[Element], str]:
    import defusedxml.ElementTree
    from defusedxml.common import DefusedXmlException

    if source.seek(0, os.SEEK_END) > MOST_BYTES:
        return [], f"it is larger than {MOST_BYTES >> 20} MiB"
    source.seek(0)
    try:
        root = defusedxml.ElementTree.parse(source, forbid_dtd=True).getroot()
    except DefusedXmlException:
        return [], "it has a document type or entities, which are refused"
    except (ElementTree.ParseError, ValueError, LookupError, RecursionError) as error:
        return [], str(error)
    if root is None or root.tag not in ("testsuites", "testsuite"):
        return [], ""
    if _deeper_than(root, DEEPEST):
        return [], f"it is nested deeper than {DEEPEST}"
    suites = [root] if root.tag == "testsuite" else [s for s in root if s.tag == "testsuite"]
    if sum(1 for _ in root.iter("testcase")) > MOST_CASES:
        return [], f"it has more than {MOST_CASES} cases"
    return suites, ""


def _deeper_than(root: Element, most: int) -> bool:
    """Level by level: what writes XML is recursive, and would fail on it."""
    level = [root]
    for _ in range(most):
        level = [child for element in level for child in element]
    return bool(level)


def _count(case: Element, totals: list[int], found: Found) -> None:
    totals[0] += 1
    for place, tag in ((1, "failure"), (2, "error"), (3, "skipped")):
        told = case.find(tag)
        if told is not None:
            totals[place] += 1
            if tag != "skipped":
                message = told.get("message") or (told.text or "").strip().split("\n", 1)[0]
                found.failed.append(
                    Case(name=".".join(p for p in (case.get("classname"), case.get("name")) if p), message=message[:500])
                )
            return


def merge(tests: Iterable[tuple[str, float, float, Found]], logs: Slice, mask: Callable[[str], str]) -> bytes | None:
    """One document of all: (test service, began, ended, found). None where there is no suite."""
    root = Element("testsuites")
    for service, began, ended, found in tests:
        for suite in found.suites:
            suite.set("name", f"{service}: {suite.get('name') or 'tests'}")
            _show_logs(suite, began, ended, logs)
            root.append(suite)
    if not len(root):
        return None
    _only_legal(root, mask)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _show_logs(suite: Element, began: float, ended: float, logs: Slice) -> None:
    """Cases run one after the other, so their times add up from the suite's own; without times, the whole of the test."""
    at = _timestamp(suite.get("timestamp"), began, ended)
    for case in suite.iter("testcase"):
        seconds = _number(case.get("time"))
        first, last = (at, at + seconds) if at is not None and seconds is not None else (began, ended)
        if at is not None and seconds is not None:
            at += seconds
        if case.find("failure") is None and case.find("error") is None:
            continue
        told = [f"--- {service}\n" + "\n".join(lines) for service, lines in logs(first - 0.5, last + 0.5).items() if lines]
        if told:
            out = case.find("system-out")
            if out is None:
                out = ElementTree.SubElement(case, "system-out")
            out.text = (out.text or "") + "\nLogs of the services in this case's time:\n" + "\n".join(told)


def _timestamp(text: str | None, began: float, ended: float) -> float | None:
    """A suite's time, if it is credible: many writers leave the zone out, and mean their own."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    return seconds if began - 5 <= seconds <= ended + 5 else None


def _number(text: str | None) -> float | None:
    return float(text) if text and re.fullmatch(r"\d+(\.\d+)?", text) else None


_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WORDS = frozenset("testsuites testsuite testcase failure error skipped system-out system-err properties property".split())


def _only_legal(root: Element, mask: Callable[[str], str]) -> None:
    """Characters that XML 1.0 can't have would make the whole document unreadable; secrets have no place in it."""

    def legal(text: str) -> str:
        return mask(_ILLEGAL.sub("\ufffd", text))

    def name(text: str) -> str:
        masked = mask(text)
        return text if masked == text or text in _WORDS else "_" + re.sub(r"[^\w.-]", "_", masked)

    for element in root.iter():
        element.tag = name(element.tag)
        element.text, element.tail = (legal(text) if text else text for text in (element.text, element.tail))
        attributes = {name(key): legal(value) for key, value in element.attrib.items()}
        element.attrib.clear()
        element.attrib.update(attributes)
