"""What an engine says while it pulls, and what its refusals mean. Pure.

Registries' answers reach us as the engine's text; which of the three kinds of error they are is decided here, by the status where the
text has one and by the words that registries use (distribution spec, error codes).
"""

from __future__ import annotations

import re
from typing import Any

from dockyard.model.errors import DockyardError, Fatal, Problem, Retry, UserError

_BUSY = re.compile(r"toomanyrequests|too many requests|\b429\b|rate limit", re.I)
_REFUSED = re.compile(
    r"pull access denied|repository does not exist|not found|manifest unknown|name unknown|unauthorized|denied|\b40[134]\b|no basic auth credentials|"
    r"invalid reference format|authentication required|incorrect username or password",
    re.I,
)
_PLATFORM = re.compile(r"no matching manifest for|does not provide the specified platform|no match for platform", re.I)
_FULL = re.compile(r"no space left on device|disk quota exceeded", re.I)
_AFTER = re.compile(r"retry[- ]after:?\s*(\d+)|try again in (\d+) ?s", re.I)


def refused(reference: str, message: str, platform: str = "", status: int = 0) -> DockyardError:
    """The error that a failed pull is."""
    message = message.strip()
    if _FULL.search(message):
        return Fatal(f"the engine's disk is full: {message}", "make room, e.g. docker system prune")
    if _BUSY.search(message) or status == 429:
        after = _AFTER.search(message)
        return Retry(
            f"the registry asks to wait before {reference} is pulled again: {message}",
            float(after[1] or after[2]) if after else None,
        )
    if _PLATFORM.search(message):
        wanted = f" for {platform}" if platform else " for this engine's platform"
        return UserError(
            Problem(f"image {reference!r} does not exist{wanted}: {message}", hint="say `platform`, or use an image that has it")
        )
    if _REFUSED.search(message) or status in (400, 401, 403, 404):
        return UserError(
            Problem(
                f"image {reference!r} can't be pulled: {message}",
                hint="check the name and the tag; a private registry needs `docker login`",
            )
        )
    return Retry(f"image {reference} could not be pulled: {message}")


class Progress:
    """Folds the engine's progress lines (hundreds a second) into a few for a person: one when a layer has come, one a second at most."""

    def __init__(self, reference: str) -> None:
        self._reference = reference
        self._layers: dict[str, tuple[int, int]] = {}
        self._done: set[str] = set()
        self._told = 0.0

    def take(self, line: dict[str, Any], now: float) -> str:
        """A line to tell, or "" for none. `now` in seconds of any clock."""
        status, layer = line.get("status", ""), line.get("id", "")
        if not layer:
            return f"{self._reference}: {status}" if status.startswith("Status:") else ""
        if status in ("Pull complete", "Already exists"):
            self._done.add(layer)
        elif status not in (
            "Pulling fs layer",
            "Waiting",
            "Downloading",
            "Verifying Checksum",
            "Download complete",
            "Extracting",
        ):
            return ""
        detail = line.get("progressDetail") or {}
        if status == "Downloading" and detail.get("total"):
            self._layers[layer] = (detail.get("current", 0), detail["total"])
        elif layer not in self._layers:
            self._layers[layer] = (0, 0)
        if status in ("Download complete", "Pull complete"):
            self._layers[layer] = (self._layers[layer][1], self._layers[layer][1])
        if now - self._told < 1.0 and status != "Pull complete":
            return ""
        self._told = now
        got, total = (sum(pair[n] for pair in self._layers.values()) for n in (0, 1))
        sizes = f", {got / 1e6:.0f} of {total / 1e6:.0f} MB" if total else ""
        return f"{self._reference}: {len(self._done)} of {len(self._layers)} layers{sizes}"
