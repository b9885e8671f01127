"""What an instruction must look like: its name, its flags, how many arguments. Pure.

Only what keeps BuildKit from building at all is told; what a RUN does is nobody's business here.
"""

from __future__ import annotations

import difflib

from dockyard.images.dockerfile import lines, words
from dockyard.images.dockerfile.lines import Instruction

_BOTH = {"chown": True, "chmod": True, "link": False, "exclude": True}
# What each instruction takes: its flags (True: with a value, False: a switch), the fewest and the most arguments (None: any number).
_RULES: dict[str, tuple[dict[str, bool], int, int | None]] = {
    "ADD": ({**_BOTH, "keep-git-dir": False, "checksum": True, "unpack": False}, 2, None),
    "ARG": ({}, 1, None),
    "CMD": ({}, 0, None),
    "COPY": ({**_BOTH, "from": True, "parents": False}, 2, None),
    "ENTRYPOINT": ({}, 0, None),
    "ENV": ({}, 1, None),
    "EXPOSE": ({}, 1, None),
    "FROM": ({"platform": True}, 1, 3),
    "HEALTHCHECK": (
        {"interval": True, "timeout": True, "start-period": True, "start-interval": True, "retries": True},
        1,
        None,
    ),
    "LABEL": ({}, 1, None),
    "MAINTAINER": ({}, 1, None),
    "ONBUILD": ({}, 1, None),
    "RUN": ({"mount": True, "network": True, "security": True, "device": True}, 0, None),
    "SHELL": ({}, 1, None),
    "STOPSIGNAL": ({}, 1, None),
    "USER": ({}, 1, None),
    "VOLUME": ({}, 1, None),
    "WORKDIR": ({}, 1, None),
}
_REPEATED = ("mount", "exclude", "device")


def wrong(one: Instruction) -> tuple[str, int, str] | None:
    """What is wrong with it, where in its text, and what would be right; None where nothing is."""
    rule = _RULES.get(one.name)
    if rule is None:
        near = difflib.get_close_matches(one.name, _RULES, 1)
        return f"there is no instruction {one.name}", 0, f"did you mean {near[0]}?" if near else ""
    flags, least, most = rule
    return _wrong_flag(one, flags) or _wrong_count(one, least, most) or _wrong_pairs(one) or _wrong_trigger(one)


def _wrong_flag(one: Instruction, known: dict[str, bool]) -> tuple[str, int, str] | None:
    seen: set[str] = set()
    for flag in one.flags:
        if flag.name not in known:
            near = difflib.get_close_matches(flag.name, known, 1)
            return f"{one.name} has no flag --{flag.name}", flag.offset, f"did you mean --{near[0]}?" if near else ""
        if flag.name in seen and flag.name not in _REPEATED:
            return f"--{flag.name} is there twice", flag.offset, "one of them has to go"
        if known[flag.name] and flag.value is None:
            return f"--{flag.name} needs a value", flag.offset, f"--{flag.name}=VALUE"
        if not known[flag.name] and (flag.value or "true").lower() not in ("true", "false"):
            return f"--{flag.name} is true or false, not {flag.value}", flag.offset, ""
        seen.add(flag.name)
    return None


def _wrong_count(one: Instruction, least: int, most: int | None) -> tuple[str, int, str] | None:
    if one.name == "FROM":
        found = one.arguments()
        if len(found) in (1, 3) and (len(found) == 1 or found[1][0].lower() == "as"):
            return None
        return "FROM takes an image, and perhaps AS with a name", found[1][1] if len(found) > 1 else 0, "FROM IMAGE [AS NAME]"
    if least == 2 and not one.rest.startswith("["):
        found = one.arguments()
        if len(found) < 2:
            return f"{one.name} needs a source and a destination", one.offset if found else 0, f"{one.name} SOURCE… DESTINATION"
        return None
    return (f"{one.name} needs an argument", 0, "") if least and not one.rest else None


def _wrong_pairs(one: Instruction) -> tuple[str, int, str] | None:
    """ENV and LABEL: `name=value …`, or the old `name value`."""
    if one.name not in ("ENV", "LABEL"):
        return None
    found = parse_words(one.rest, one.offset, "\\")
    if found and "=" not in found[0][0]:
        return (
            (f"{one.name} needs a name and a value", one.offset, f"{one.name} NAME=VALUE") if len(one.arguments()) < 2 else None
        )
    for word, offset in found:
        if "=" not in word:
            return f"{word!r} has no value", offset, f"{one.name} NAME=VALUE, with quotes around spaces"
    return None


def _wrong_trigger(one: Instruction) -> tuple[str, int, str] | None:
    if one.name != "ONBUILD":
        return None
    inner = trigger(one, "\\")
    if inner.name in ("ONBUILD", "FROM", "MAINTAINER"):
        return f"ONBUILD {inner.name} is not allowed", one.offset, ""
    return wrong(inner)


def trigger(one: Instruction, escape: str) -> Instruction:
    """The instruction behind ONBUILD; its places are those of the whole."""
    return lines.instruction(" " * one.offset + one.text[one.offset :], escape, one.pieces)


def has_variable(word: str, escape: str) -> bool:
    """Whether expansion, with nothing set, would make something else of it."""
    try:
        return words.expand(word, {}, escape) != word
    except ValueError:
        return True


def parse_words(rest: str, offset: int, escape: str) -> list[tuple[str, int]]:
    """Words at spaces outside of quotes; quotes and escapes stay in them."""
    found: list[tuple[str, int]] = []
    at = 0
    while at < len(rest):
        if rest[at].isspace():
            at += 1
            continue
        begin, word, quote = at, "", ""
        while at < len(rest) and (quote or not rest[at].isspace()):
            char = rest[at]
            at += 1
            if char == escape and quote != "'":
                if at < len(rest):
                    word += char + rest[at]
                at += 1
                continue
            if quote:
                quote = "" if char == quote else quote
            elif char in "'\"":
                quote = char
            word += char
        found.append((word, offset + begin))
    return found
