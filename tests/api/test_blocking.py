"""The loop in a thread: what a caller without asyncio waits for."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Any

import pytest

from dockyard.api.blocking import Loop


def test_ctrl_c_waits_for_what_it_cancels_and_for_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = Loop()
    cleared: list[str] = []
    begun = threading.Event()

    async def forever() -> None:
        await asyncio.Event().wait()

    async def beside() -> asyncio.Task[None]:
        return asyncio.create_task(forever())

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.1)
            cleared.append("work")

    task = loop.call(beside())
    real = asyncio.run_coroutine_threadsafe

    class Interrupted:
        """What is waited for when Ctrl-C comes."""

        def __init__(self, *args: Any) -> None:
            self._future = real(*args)
            self.cancel = self._future.cancel

        def result(self) -> None:
            assert begun.wait(30)
            raise KeyboardInterrupt

    monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        loop.call(work())
    monkeypatch.undo()
    assert cleared == ["work"]
    assert not task.done(), "an environment that goes on is not waited for"
    with contextlib.suppress(BaseException):
        loop.end()


def test_what_is_collected_as_garbage_in_the_loops_own_thread_does_not_wait_for_itself() -> None:
    loop = Loop()
    cleared = threading.Event()

    async def clear() -> None:
        cleared.set()

    async def collects() -> None:
        loop.clear_up(clear())

    loop.call(collects())
    assert cleared.wait(30)
    loop.end()
