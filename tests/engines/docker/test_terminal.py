"""What is typed reaches a command in a container as it comes, and nothing else waits for it."""

from __future__ import annotations

import asyncio
import os
from types import SimpleNamespace

import pytest

from dockyard.engines.docker import terminal


async def test_waiting_for_what_is_typed_next_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(fileno=lambda: reading))
    typed = terminal._typed()
    try:
        for key in (b"a", b"\x03"):
            coming = asyncio.ensure_future(anext(typed))
            await asyncio.sleep(0.05)  # the loop goes on, and nothing has come
            assert not coming.done()
            os.write(writing, key)
            assert await coming == key
        coming = asyncio.ensure_future(anext(typed, b"the end"))
        await asyncio.sleep(0.05)
        os.close(writing)
        assert await coming == b"the end"
    finally:
        os.close(reading)
