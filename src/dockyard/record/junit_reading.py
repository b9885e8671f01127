"""One JUnit file that a test wrote: the suites in it, with nothing bad in them lost.

It comes out of a container, so it is hostile: entities and document types are refused (defusedxml), sizes are bounded. A file is JUnit by its
root alone, which is looked at first: whatever else is XML (coverage, with its document type) is none of ours and makes no noise. What is
JUnit and can't be read, or can't be read as far as its root, is `Unreadable`: a failed case may be in it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import IO
from xml.etree import ElementTree
from xml.parsers import expat

MOST_BYTES = 64 << 20
MOST_CASES = 200_000
DEEPEST = 100
FOREWORD = 1 << 20
"""Bytes within which the root must come."""
BAD = ("failure", "error")

Element = ElementTree.Element


class Unreadable(Exception):
    """Why a file that may be JUnit can't be read."""


def suites(source: IO[bytes]) -> list[Element]:
    """The suites of a file, read from its beginning; none where it is XML, but no JUnit. Names are without namespaces.

    A suite that counts failures or errors, or has some of its own, and shows no such case, gets a case that says so."""
    if _root_name(source) not in ("testsuites", "testsuite"):
        return []
    root = _parsed(source)
    if _deeper_than(root, DEEPEST):
        raise Unreadable(f"it is nested deeper than {DEEPEST}")
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    if sum(1 for _ in root.iter("testcase")) > MOST_CASES:
        raise Unreadable(f"it has more than {MOST_CASES} cases")
    _show_counted(root)
    found = [suite for suite in root if suite.tag == "testsuite"]
    if root.tag == "testsuites" and sum(1 for suite in found for _ in suite.iter("testcase")) == sum(
        1 for _ in root.iter("testcase")
    ):
        return found
    root.tag = "testsuite"
    return [root]


def is_bad(case: Element) -> bool:
    return any(case.find(tag) is not None for tag in BAD)


def _root_name(source: IO[bytes]) -> str:
    """The root's name without its prefix. Nothing is expanded on the way to it."""
    names: list[str] = []

    def begins(name: str, attributes: dict[str, str]) -> None:
        del attributes
        names.append(name)
        parser.StartElementHandler = None

    def entity(*_: object) -> None:
        raise Unreadable("it has entities, which are refused")

    parser = expat.ParserCreate()
    parser.StartElementHandler = begins
    parser.EntityDeclHandler = entity
    size = 0
    try:
        for block in _blocks(source):
            size += len(block)
            parser.Parse(block)
            if names or size > FOREWORD:
                break
        else:
            parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        if not names:
            raise Unreadable(str(error) if size else "it is empty") from error
    if not names:
        raise Unreadable(f"it has no element in its first {FOREWORD >> 20} MiB")
    return names[0].rpartition(":")[2]


def _blocks(source: IO[bytes]) -> Iterator[bytes]:
    source.seek(0)
    return iter(lambda: source.read(1 << 16), b"")


def _parsed(source: IO[bytes]) -> Element:
    import defusedxml.ElementTree
    from defusedxml.common import DefusedXmlException

    if source.seek(0, os.SEEK_END) > MOST_BYTES:
        raise Unreadable(f"it is larger than {MOST_BYTES >> 20} MiB")
    source.seek(0)
    try:
        root = defusedxml.ElementTree.parse(source, forbid_dtd=True).getroot()
    except DefusedXmlException as error:
        raise Unreadable("it has a document type or entities, which are refused") from error
    except (ElementTree.ParseError, ValueError, LookupError, RecursionError) as error:
        raise Unreadable(str(error)) from error
    if root is None:
        raise Unreadable("it has no element")
    return root


def _deeper_than(root: Element, most: int) -> bool:
    """Level by level: what writes XML is recursive, and would fail on it."""
    level = [root]
    for _ in range(most):
        level = [child for element in level for child in element]
    return bool(level)


def _show_counted(suite: Element) -> bool:
    """Whether a case in `suite` is bad; where it only says so of itself (writers do whose suite could not be loaded), one is made."""
    bad = False
    for child in suite:
        bad |= is_bad(child) if child.tag == "testcase" else _show_counted(child) if child.tag not in BAD else False
    if bad or suite.tag not in ("testsuite", "testsuites"):
        return bad
    own = next((child for child in suite if child.tag in BAD), None)
    counted = ((name, (suite.get(name) or "").strip()) for name in ("errors", "failures"))
    said = [f"{name}={count}" for name, count in counted if re.fullmatch(r"0*[1-9]\d*", count)]
    if own is None and not said:
        return False
    message = " ".join(
        [*said, (own.get("message") or (own.text or "").strip().split("\n", 1)[0]) if own is not None else ""]
    ).strip()
    name = suite.get("name") or "suite"
    case = ElementTree.SubElement(suite, "testcase", {"classname": name, "name": "(the suite itself)"})
    ElementTree.SubElement(case, "error", {"message": f"the suite {name} says {message}, and no case of its shows a failure"})
    return True
