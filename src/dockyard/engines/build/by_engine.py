"""A build by the engine itself, where no buildx is installed: the context goes in one tar archive.

What it can't do (secrets, ssh, further contexts, cache imports) needs buildx and is refused by name. The engine's BuildKit is asked
for where the Dockerfile needs it; it reports its progress as protobuf in base64, of which names, logs and errors are read here.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from dockyard.engines.build import invocation, said
from dockyard.engines.build.ignore import Ignore
from dockyard.engines.docker import archive
from dockyard.engines.docker.client import Client
from dockyard.engines.docker.client_errors import EngineError
from dockyard.engines.docker.client_wire import lines
from dockyard.engines.protocol import Tell
from dockyard.model.application import Application
from dockyard.model.errors import Problem, UserError
from dockyard.model.service import Build, Service

_NEEDS_BUILDKIT = re.compile(
    rb"^\s*(#\s*syntax\s*=|RUN\s+(--\w+\S*\s+)*--(mount|network|security)|(COPY|ADD)\s+(--\w+\S*\s+)*--(link|chmod|parents|exclude)|(RUN|COPY)\s.*<<)",
    re.I | re.M,
)
_NAME = ".dockyard.Dockerfile"


async def build(
    client: Client,
    application: Application,
    service: Service,
    name: str,
    tag: str,
    tell: Tell,
    *,
    dockerfile: bytes | None,
    ignore: bytes,
    no_cache: bool,
    pull: bool,
) -> None:
    spec = service.build
    assert spec is not None
    _refuse(application, spec, name)
    modern = bool(dockerfile and _NEEDS_BUILDKIT.search(dockerfile))
    query: dict[str, Any] = {
        "t": tag,
        "version": "2" if modern else "1",
        "nocache": no_cache or spec.no_cache or None,
        "pull": pull or spec.pull or None,
        "buildargs": _json(dict(spec.args)),
        "labels": _json(spec.labels),
        "target": spec.target,
        "networkmode": spec.network if spec.network != "default" else "",
        "shmsize": spec.shm_size or None,
        "extrahosts": ",".join(host.replace("=", ":", 1) for host in spec.extra_hosts),
        "platform": service.platform,
        "rm": True,
        "forcerm": True,
    }
    context: bytes | None = None
    if invocation.remote(spec.context):
        query["remote"] = spec.context
        query["dockerfile"] = spec.dockerfile
    else:
        assert dockerfile is not None
        query["dockerfile"] = _NAME
        context = await asyncio.to_thread(_packed, spec.context, dockerfile, ignore)
    progress = _Progress(tell)
    try:
        async with await client.open(
            "POST", "/build", query=query, body=context, timeout=None, content_type="application/x-tar"
        ) as body:
            async for line in lines(body):
                progress.take(msgspec.json.decode(line))
    except EngineError as error:
        progress.tail.append(f"ERROR: {error.message}")
        progress.bad = True
    if progress.bad:
        raise said.failed(name, progress.tail, standing=f"services.{name}.build", dockerfile=dockerfile)


def beyond(spec: Build) -> list[str]:
    """The fields of it that need buildx."""
    fields = ("secrets", "ssh", "additional_contexts", "cache_to", "entitlements", "privileged")
    return [field for field in fields if getattr(spec, field)]


def _refuse(application: Application, spec: Build, name: str) -> None:
    found = beyond(spec)
    if found:
        raise UserError(
            *(
                Problem(
                    f"`build.{field}` needs buildx, which is not installed here",
                    application.locate(f"services.{name}.build.{field}"),
                    f"services.{name}.build.{field}",
                    "install Docker's buildx plugin (package docker-buildx or docker-buildx-plugin)",
                )
                for field in found
            )
        )


def _packed(root: str, dockerfile: bytes, ignore: bytes) -> bytes:
    rules = Ignore(f"{ignore.decode(errors='replace')}\n**/{invocation.NEVER_IN}\n")
    return archive.of_files(root, list(rules.walk(root)), [archive.Entry(path=_NAME, content=dockerfile)])


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values) if values else ""


class _Progress:
    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._seen: set[str] = set()
        self.tail: list[str] = []
        self.bad = False

    def take(self, line: dict[str, Any]) -> None:
        if line.get("error"):
            self.bad = True
            self._say(f"ERROR: {line['error']}")
        elif line.get("id") == "moby.buildkit.trace":
            for text in trace(base64.b64decode(line.get("aux") or "")):
                if text not in self._seen:
                    self._seen.add(text)
                    self._say(text)
        elif line.get("stream"):
            for text in line["stream"].splitlines():
                if text.strip():
                    self._say(text.rstrip())

    def _say(self, text: str) -> None:
        self.tail.append(text)
        del self.tail[: -said.KEPT]
        self._tell(text)


def trace(data: bytes) -> Iterator[str]:
    """Names of steps, their output and errors out of a `moby.buildkit.v1.StatusResponse` (vertexes 1: name 3, error 7; logs 3: msg 4)."""
    for field, value in _fields(data):
        inner = dict(_fields(value)) if isinstance(value, bytes) and field in (1, 3) else {}
        texts = (inner.get(3), inner.get(7)) if field == 1 else (inner.get(4),) if field == 3 else ()
        for text in texts:
            if isinstance(text, bytes) and text:
                yield from (line for line in text.decode(errors="replace").splitlines() if line.strip())


def _fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Protobuf's wire format: (field, value), submessages and strings as bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        field, kind = key >> 3, key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield field, value
        elif kind == 2:
            size, at = _varint(data, at)
            yield field, data[at : at + size]
            at += size
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            return


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data):
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
    return value, at
