"""The little of the Docker Engine API that the tooling needs, with the standard library alone."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterable
from typing import IO, Any


class Refused(Exception):
    """The engine answered with an error; `status` is its HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(f"{status}: {message}")


class _Unix(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def call(
    host: str, method: str, path: str, body: Any = None, *, stream: IO[bytes] | Iterable[bytes] | None = None, timeout: float = 60
) -> Any:
    """One call; `host` as in DOCKER_HOST (unix:// or tcp:// without TLS). Returns the decoded JSON, or the text."""
    text = raw(host, method, path, body, stream=stream, timeout=timeout).decode(errors="replace")
    try:
        return json.loads(text)
    except ValueError:
        return text


def raw(
    host: str, method: str, path: str, body: Any = None, *, stream: IO[bytes] | Iterable[bytes] | None = None, timeout: float = 60
) -> bytes:
    """The same, with the answer's bytes as they came."""
    scheme, _, rest = host.partition("://")
    connection = _Unix(rest, timeout) if scheme == "unix" else http.client.HTTPConnection(rest, timeout=timeout)
    headers = {"Content-Type": "application/x-tar" if stream is not None else "application/json"}
    data = stream if stream is not None else (json.dumps(body) if body is not None else None)
    try:
        connection.request(method, path, body=data, headers=headers)
        response = connection.getresponse()
        answer = response.read()
    finally:
        connection.close()
    if response.status >= 400:
        raise Refused(response.status, answer.decode(errors="replace").strip())
    return answer


def version(host: str) -> dict[str, Any] | None:
    """What the engine says about itself, or None where none answers within two seconds."""
    try:
        return call(host, "GET", "/version", timeout=2)
    except (OSError, http.client.HTTPException, Refused):
        return None
