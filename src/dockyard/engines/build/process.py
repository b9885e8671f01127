"""Runs a program whose lines are told as they come, and which ends with us: in a group of its own, killed when we are.

On Linux the kernel kills it when our process dies (PR_SET_PDEATHSIG); a cancelled call kills its whole group.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence

_LINE = 1024 * 1024
_PR_SET_PDEATHSIG = 1


async def run(argv: Sequence[str], environment: Mapping[str, str], take: Callable[[str], None]) -> int:
    """Its exit code. Standard output and error come to `take` as one, a line at a time."""
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=dict(environment),
        start_new_session=True,
        preexec_fn=_dying_with(os.getpid()),
        limit=_LINE,
    )
    assert process.stdout is not None
    try:
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:
                # Longer than any line that a person reads: what follows its cut is read as a line.
                continue
            if not line:
                break
            take(line.decode(errors="replace").rstrip("\r\n"))
        return await process.wait()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await asyncio.shield(process.wait())


def _dying_with(parent: int) -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None
    import ctypes

    prctl = ctypes.CDLL(None).prctl

    def prepare() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return prepare
