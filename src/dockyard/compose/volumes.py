"""The short form of a mount: `[SOURCE:]TARGET[:OPTIONS]`, Windows drives included."""

from __future__ import annotations

import posixpath

from dockyard.compose.ports import ParseError
from dockyard.compose.tree import Map, Mark, make

_PROPAGATION = ("rprivate", "private", "rshared", "shared", "rslave", "slave")


def parse_volume(text: str, mark: Mark | None) -> Map:
    """The long form. A source that looks like a path is a bind (its host path is made if need be), else a volume."""
    made = Map(mark)
    if not text:
        raise ParseError("invalid empty volume spec")
    if len(text.encode()) <= 2:
        made.put("type", "volume", mark)
        made.put("target", text, mark)
        return made
    sections = _sections(text)
    if any(not section for section in sections):
        raise ParseError(f"invalid spec: {text}: empty section between colons")
    if len(sections) > 3:
        raise ParseError(f"invalid spec: {text}: too many colons")
    source = sections[0] if len(sections) > 1 else ""
    target = sections[-1] if len(sections) == 1 else sections[1]
    bind = make(mark) if _is_path(source) else None
    volume = None if bind is not None else make(mark)
    read_only = False
    for option in sections[2].split(",") if len(sections) == 3 else ():
        if option in ("ro", "rw"):
            read_only = option == "ro"
        elif option == "nocopy":
            volume = make(mark, nocopy=True)
        elif option in _PROPAGATION or option in ("z", "Z"):
            bind = make(mark) if bind is None else bind
            bind.put("selinux" if option in "zZ" else "propagation", option, mark)
    made.put("type", "bind" if _is_path(source) else "volume", mark)
    if source:
        made.put("source", source, mark)
    made.put("target", clean(target), mark)
    if read_only:
        made.put("read_only", True, mark)
    if bind is not None:
        if _is_path(source):
            bind.put("create_host_path", True, mark)
        made.put("bind", bind, mark)
    if volume is not None:
        made.put("volume", volume, mark)
    return made


def clean(path: str) -> str:
    """A path in a container without `.`, `..` and doubled slashes."""
    if not path:
        return path
    cleaned = posixpath.normpath(path)
    return cleaned[1:] if cleaned.startswith("//") else cleaned


def _sections(text: str) -> list[str]:
    sections, buffer, depth = list[str](), "", 0
    for index, char in enumerate(text):
        if char == "$" and text[index + 1 : index + 2] == "{":
            depth += 1
        elif char == "}" and depth:
            depth -= 1
        elif char == ":" and not depth and not (len(buffer) == 1 and buffer.isalpha()):
            sections.append(buffer)
            buffer = ""
            continue
        buffer += char
    return [*sections, buffer]


def _is_path(source: str) -> bool:
    if not source:
        return False
    return source[0] in "./~" or source.startswith("\\\\") or (source[0].isalpha() and source[1:2] == ":")
