"""The loop in a thread: what a caller without asyncio waits for."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading

import pytest

from dockyard.api.blocking import Loop


def test_ctrl_c_waits_for_what_it_cancels_and_for_nothing_else() -> None:
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
    main = threading.main_thread().ident
    assert main is not None
    interrupt = threading.Thread(target=lambda: (begun.wait(), signal.pthread_kill(main, signal.SIGINT)), daemon=True)
    interrupt.start()
    with pytest.raises(KeyboardInterrupt):
        loop.call(work())
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
