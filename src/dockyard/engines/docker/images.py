"""Images on an engine: looked at, and pulled with what the registry says told as it comes."""

from __future__ import annotations

import time

from dockyard.engines.docker import facts, pulling, references
from dockyard.engines.docker.api import Api, EngineError, Missing
from dockyard.engines.protocol import Tell
from dockyard.model.errors import Problem, UserError
from dockyard.model.facts import EngineFacts, ImageFacts


async def look(api: Api, reference: str, platform: str) -> ImageFacts | None:
    """None where it isn't, or is for another platform than the one asked for."""
    try:
        found = facts.image(await api.image(reference, platform), reference)
    except Missing:
        return None
    return found if facts.matches(found, platform) else None


async def pull(api: Api, engine: EngineFacts, reference: str, platform: str, auth: str, tell: Tell) -> ImageFacts:
    """Pull it. UserError where it isn't there, may not be had, or doesn't fit; Retry where the registry is busy or down."""
    try:
        parsed = references.parse(reference)
    except ValueError as error:
        raise UserError(Problem(str(error), hint="a reference is [registry/]name[:tag][@digest]")) from error
    progress = pulling.Progress(reference)
    tell(f"pulling {reference}")
    try:
        async for line in api.pull(parsed.name, parsed.version, platform, auth):
            message = line.get("error") or (line.get("errorDetail") or {}).get("message")
            if message:
                raise pulling.refused(reference, message, platform)
            said = progress.take(line, time.monotonic())
            if said:
                tell(said)
    except EngineError as error:
        raise pulling.refused(reference, error.message, platform, error.status) from error
    found = await look(api, reference, "")
    if found is None:
        raise UserError(
            Problem(f"image {reference!r} was pulled and is not there", hint="something removes images on this engine")
        )
    fits(engine, found, platform)
    return found


def fits(engine: EngineFacts, found: ImageFacts, platform: str) -> None:
    """UserError for an image that the engine's kernel can't run and that nobody asked for by `platform`."""
    if platform and not facts.matches(found, platform):
        raise UserError(
            Problem(
                f"image {found.reference!r} is for {found.os}/{found.arch}, not for {platform}",
                hint="use an image that has that platform",
            )
        )
    if not platform and not facts.runs(engine.arch, found.arch):
        raise UserError(
            Problem(
                f"image {found.reference!r} is for {found.os}/{found.arch}, the engine runs {engine.os}/{engine.arch}",
                hint=f"use an image for {engine.arch}, or ask for emulation with `platform: {found.os}/{found.arch}`",
            )
        )
