"""Our clock: Unix seconds that never jump. A run outlives a corrected clock and a laptop's sleep; its times stay in order.

Anchored to the wall once in a process, then carried on by the monotonic clock. The engine's clock is another one, and may jump: see
`environments.watch`. Deadlines are by the wall, since other machines read them.
"""

from __future__ import annotations

import functools
import time


def now() -> float:
    return _anchor() + time.monotonic()


@functools.cache
def _anchor() -> float:
    return time.time() - time.monotonic()
