"""JUnit XML that tests wrote: counted, merged, and each failed case shown with what the services logged in its time.

The format is the one that Jenkins and GitLab read: testsuites > testsuite > testcase > failure | error | skipped. What can't be read is kept by
name: nobody knows then whether a case failed, and a verdict must not be better than what is known.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import IO
from xml.etree import ElementTree

import msgspec

from dockyard.model.verdict import TestCounts
from dockyard.record import junit_reading
from dockyard.record.junit_reading import Element, is_bad

SLICE = 100
"""Log lines of each service behind a failed case."""

Slice = Callable[[float, float], Mapping[str, list[str]]]
"""Log lines by service between two times (Unix seconds)."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One failed case, for the terminal."""

    name: str
    message: str


class Found(msgspec.Struct, kw_only=True):
    """What the reports of one test service say. `counts` None: no JUnit was read. `unread`: which may hold some and could not be read, and why."""

    counts: TestCounts | None = None
    failed: list[Case] = []
    unread: list[str] = []
    suites: list[Element] = []


class Reading:
    """Reads what comes out of one test service: files named `*.xml` that are JUnit, whose names and whose elements' are written in any way."""

    def __init__(self) -> None:
        self._found = Found()
        self._totals = [0, 0, 0, 0]
        self._read: set[str] = set()
        self._refused: list[tuple[str, str, str]] = []

    def file(self, name: str, source: IO[bytes]) -> None:
        """A file's bytes, from the beginning."""
        if not _may_be_junit(name):
            return
        self._read.add(posixpath.normpath(name))
        try:
            suites = junit_reading.suites(source)
        except junit_reading.Unreadable as error:
            self._found.unread.append(f"{name} could not be read as JUnit: {error}")
            return
        for suite in suites:
            self._found.suites.append(suite)
            for case in suite.iter("testcase"):
                _count(case, self._totals, self._found)

    def refused(self, name: str, why: str, leads_to: str = "") -> None:
        """An entry that isn't copied, or all that come after (without a name); a link `leads_to` another."""
        if not name or _may_be_junit(name):
            self._refused.append((name, why, leads_to))

    def found(self) -> Found:
        """All of it. A link is as good as the file that it leads to, where that was read."""
        total, failed, errors, skipped = self._totals
        counts = TestCounts(total=total, failed=failed, errors=errors, skipped=skipped) if self._found.suites else None
        refused = [
            f"{name} was not copied: {why}" if name else f"the reports are not whole: {why}"
            for name, why, leads_to in self._refused
            if not name or not self._is_read(name, leads_to)
        ]
        return msgspec.structs.replace(self._found, counts=counts, unread=[*self._found.unread, *refused])

    def _is_read(self, name: str, leads_to: str) -> bool:
        if leads_to.startswith("/"):
            return any(leads_to.endswith(f"/{one}") for one in self._read)
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(name), leads_to))
        return bool({posixpath.normpath(name), beside, posixpath.normpath(leads_to or ".")} & self._read)


def _may_be_junit(name: str) -> bool:
    return name.lower().endswith(".xml")


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
    root = ElementTree.Element("testsuites")
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
        if not is_bad(case):
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
