"""Secrets' values, kept from disk and screen.

A value is masked as it is and in the forms in which programs print it: base64, URL-quoted, escaped for JSON or XML; one of several lines,
line by line. What is too short or too common to be a secret is left, else logs would be unreadable and prove nothing: values of less than four
characters (six where only a variable's *name* says that it is secret), and values that the description itself uses in plain sight (a service's
name, another variable's value).
"""

from __future__ import annotations

import base64
import json
import re
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping

MASKED = "***"
_SECRET_NAME = re.compile(r"PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|CREDENTIAL", re.IGNORECASE)
_MAYBE = re.compile(
    r"(?:^|_)(?:KEY|PAT|PASS|PWD|AUTH|DSN|JWT|COOKIE|SALT|CERT|WEBHOOK|SIGNATURE|PIN|OTP|CREDS?)(?:_|$)", re.IGNORECASE
)
_SAYS = re.compile(
    r"://[^/\s:@]*:[^/\s@]+@"
    r"|(?:password|passwd|pwd|secret|token|api[_-]?key)[\"']?\s*[=:]\s*[\"']?[^\s\"'$]"
    r"|\b(?:bearer|basic)\s+[\w+/=.-]{8,}"
    r"|\"auths?\"\s*:"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"://([^/\s:@]*):([^/\s@]+)@")
_SAID = re.compile(r"(?:^|[?&;,\s])(?:password|passwd|pwd)=([^&;,\s\"']+)", re.IGNORECASE)
_POINTS = re.compile(r"_(FILE|PATH|URL|NAME|TTL|TIMEOUT|EXPIRY|LENGTH|ENABLED)$", re.IGNORECASE)
_TRIVIAL = frozenset(
    {"true", "false", "none", "null", "yes", "test", "root", "admin", "user", "default", "password", "localhost"}
)
_LEAST, _LEAST_BY_NAME = 4, 6


def is_secret(variable: str) -> bool:
    """Whether a variable's name says that its value is secret (not where a secret is, nor how long it lasts)."""
    return bool(_SECRET_NAME.search(variable)) and not _POINTS.search(variable)


def may_be_secret(variable: str) -> bool:
    """The same where being wrong costs a question, and not a log that nobody can read any more: more names count."""
    return is_secret(variable) or (variable != "PWD" and bool(_MAYBE.search(variable)) and not _POINTS.search(variable))


def says_secret(value: str) -> bool:
    """Whether a value shows by its form that a secret is in it: an address or a text with a password, a token, a private key."""
    return bool(_SAYS.search(value))


def secrets_of(
    environments: Iterable[Mapping[str, str | None]], declared: Iterable[str], in_plain_sight: Iterable[str]
) -> list[str]:
    """The values to mask: `declared` secrets' contents, the variables that their names give away, private keys, and the passwords in addresses."""
    plain = {value for environment in environments for name, value in environment.items() if value and not is_secret(name)}
    plain |= set(in_plain_sight)
    found = [value for value in declared if len(value.strip()) >= _LEAST]
    for environment in environments:
        for name, value in environment.items():
            if (
                value
                and is_secret(name)
                and len(value) >= _LEAST_BY_NAME
                and value not in plain
                and value.lower() not in _TRIVIAL
            ):
                found.append(value)
            if value and "PRIVATE KEY-----" in value:
                found.append(value)
            for user, password in (*_LOGIN.findall(value or ""), *(("", word) for word in _SAID.findall(value or ""))):
                said = urllib.parse.unquote(password)
                if len(said) >= _LEAST_BY_NAME and said not in plain and said.lower() not in _TRIVIAL:
                    found += [said, f"{urllib.parse.unquote(user)}:{said}"]  # the pair is what basic authentication encodes
    return found


class Mask:
    """Replaces the given values, in all their forms, by `***`. Works on whole lines; `through` on what comes in blocks."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        forms = {form for value in values for form in _forms(value)}
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(re.escape(form) for form in ordered)) if ordered else None
        self._bytes = re.compile(b"|".join(re.escape(form.encode()) for form in ordered)) if ordered else None
        self._longest = max((len(form.encode()) for form in ordered), default=0)

    def text(self, text: str) -> str:
        return text if self._pattern is None else self._pattern.sub(MASKED, text)

    def bytes(self, data: bytes) -> bytes:
        return data if self._bytes is None else self._bytes.sub(MASKED.encode(), data)

    def through(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The same for what comes in blocks, however it was cut: what `bytes` would make of all of it, with little of it in memory."""
        held = b""
        for block in blocks:
            done, held = self._settled(held + block)
            yield done
        yield self.bytes(held)

    def _settled(self, data: bytes) -> tuple[bytes, bytes]:
        """What no later byte can change, masked; and the rest."""
        if self._bytes is None:
            return data, b""
        seen_whole = len(data) - self._longest + 1
        done: list[bytes] = []
        at = 0
        for found in self._bytes.finditer(data):
            if found.start() >= seen_whole:
                break
            done += [data[at : found.start()], MASKED.encode()]
            at = found.end()
        cut = max(at, seen_whole)
        return b"".join([*done, data[at:cut]]), data[cut:]


def _forms(value: str) -> Iterable[str]:
    whole = value.strip()
    for part in {value, whole, *(line.strip() for line in value.splitlines())}:
        if len(part.strip()) < _LEAST:
            continue
        yield part
        yield urllib.parse.quote(part, safe="")
        yield urllib.parse.quote_plus(part)
        yield json.dumps(part)[1:-1]
        yield json.dumps(part, ensure_ascii=False)[1:-1]
        yield from _in_xml(part)
    data = value.encode()
    for form in (base64.b64encode(data), base64.urlsafe_b64encode(data), base64.b64encode(whole.encode())):
        if len(form) >= 8:
            yield form.decode().rstrip("=")


def _in_xml(text: str) -> Iterable[str]:
    """As writers of XML and HTML escape it: all do so with `&`, `<` and `>`, with quotes each as it likes."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for double in ('"', "&quot;", "&#34;"):
        for single in ("'", "&apos;", "&#39;", "&#x27;"):
            yield escaped.replace('"', double).replace("'", single)
