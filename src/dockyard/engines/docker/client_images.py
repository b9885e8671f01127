"""The engine's calls about images, with the long jobs whose answer is a stream of progress. See `client`."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import msgspec

from dockyard.engines.docker.client_errors import of_status
from dockyard.engines.docker.client_wire import Body, lines
from dockyard.engines.docker.client_words import TAR, Filters, Json

if TYPE_CHECKING:
    from dockyard.engines.docker.client import Client


class Images:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def inspect(self, reference: str) -> Json:
        return await self._client.json("GET", f"/images/{_path(reference)}/json")

    async def history(self, reference: str) -> list[Json]:
        return await self._client.json("GET", f"/images/{_path(reference)}/history")

    async def list(self, *, all: bool = False, filters: Filters | None = None) -> list[Json]:
        return await self._client.json("GET", "/images/json", query={"all": all or None, "filters": filters}) or []

    async def pull(self, image: str, *, tag: str = "", platform: str = "", auth: str = "") -> AsyncIterator[Json]:
        """Progress as it comes: `status`, `id`, `progressDetail`. An error in it is raised, though the engine has answered 200 by then.

        `auth` is an X-Registry-Auth. `tag` may be a digest; without one, `image` has it, or all tags are pulled.
        """
        query = {"fromImage": image, "tag": tag, "platform": platform}
        headers = {"X-Registry-Auth": auth} if auth else {}
        async with await self._client.open("POST", "/images/create", query=query, timeout=None, headers=headers) as body:
            async for line in _progress(body, f"pull of {image}"):
                yield line

    async def import_(
        self, archive: bytes | AsyncIterable[bytes], *, repository: str, tag: str = "", changes: Sequence[str] = ()
    ) -> str:
        """An image of one layer from a tar archive; its id."""
        query = urlencode([("fromSrc", "-"), ("repo", repository), ("tag", tag), *(("changes", text) for text in changes)])
        target = f"{self._client.target('/images/create')}?{query}"
        found = ""
        async with await self._client.wire.open(
            "POST", target, headers={"Content-Type": TAR}, body=archive, timeout=None
        ) as body:
            async for line in _progress(body, f"import of {repository}"):
                found = line.get("status", found)
        return found

    async def push(self, reference: str, *, tag: str = "", auth: str = "") -> AsyncIterator[Json]:
        headers = {"X-Registry-Auth": auth or "e30="}
        async with await self._client.open(
            "POST", f"/images/{_path(reference)}/push", query={"tag": tag}, timeout=None, headers=headers
        ) as body:
            async for line in _progress(body, f"push of {reference}"):
                yield line

    async def tag(self, reference: str, repository: str, tag: str) -> None:
        await self._client.call("POST", f"/images/{_path(reference)}/tag", query={"repo": repository, "tag": tag})

    async def remove(self, reference: str, *, force: bool = False, prune: bool = True) -> list[Json]:
        """Take the tag away; the image too when it was its last. Conflict: a container uses it."""
        query = {"force": force or None, "noprune": None if prune else True}
        return await self._client.json("DELETE", f"/images/{_path(reference)}", query=query, timeout=300)

    async def load(self, archive: bytes | AsyncIterable[bytes]) -> list[str]:
        """Images from `docker save`'s format; what the engine says, line by line."""
        said: list[str] = []
        body = await self._client.open(
            "POST", "/images/load", query={"quiet": True}, body=archive, timeout=None, content_type=TAR
        )
        async with body:
            async for line in _progress(body, "load"):
                said.append(str(line.get("stream", "")).strip())
        return said

    async def save(self, references: Sequence[str]) -> Body:
        """A tar stream of the images. The caller closes it."""
        target = f"{self._client.target('/images/get')}?{urlencode([('names', name) for name in references])}"
        return await self._client.wire.open("GET", target, timeout=None)

    async def distribution(self, reference: str, *, auth: str = "") -> Json:
        """What the registry has under that name: descriptor and platforms."""
        headers = {"X-Registry-Auth": auth} if auth else {}
        return await self._client.json("GET", f"/distribution/{_path(reference)}/json", headers=headers)


async def _progress(body: Body, what: str) -> AsyncIterator[Json]:
    """The JSON lines of a long job; a line that tells an error is raised as one, with the registry's status where it has one."""
    async for line in lines(body):
        found = msgspec.json.decode(line)
        if "error" in found or "errorDetail" in found:
            detail = found.get("errorDetail") or {}
            message = str(found.get("error") or detail.get("message") or "failed")
            raise of_status(_status_of(detail.get("code") or 0, message), message, what)
        yield found


def _status_of(code: int, message: str) -> int:
    """HTTP's status for an error that came in the middle of a stream; the engine seldom gives one."""
    if code >= 400:
        return code
    lower = message.lower()
    for words, status in (
        ("toomanyrequests", 429),
        ("too many requests", 429),
        ("manifest unknown", 404),
        ("not found", 404),
        ("pull access denied", 403),
        ("unauthorized", 401),
        ("denied", 403),
        ("no matching manifest", 404),
    ):
        if words in lower:
            return status
    return 500


def _path(reference: str) -> str:
    """A reference keeps its slashes: the engine's routes are written for them."""
    return quote(reference, safe="/:@")
