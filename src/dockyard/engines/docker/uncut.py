"""Calls that make something are never cut off half-way: who is cancelled waits for their end, so that what clears away after him sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def uncut(call: Coroutine[Any, Any, Result]) -> Result:
    """The call's result; where the caller is cancelled meanwhile, that is raised once the call has ended."""
    making = asyncio.ensure_future(call)
    try:
        return await asyncio.shield(making)
    except asyncio.CancelledError:
        await asyncio.gather(making, return_exceptions=True)
        raise
