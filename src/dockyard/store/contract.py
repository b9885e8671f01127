"""What is remembered, whatever database is behind it. tests/store/conformance.py is the same contract as tests: each store must pass it.

Times are Unix seconds. Every call is one short transaction; no call waits for the network while it is in one. A claim is a lease: one
statement writes token and end, and a result is applied only where the token still holds (design: One truth, and it survives).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run as it is remembered. `verdict` "" while it goes on."""

    id: str
    placement: str
    project: str
    begun: float
    ended: float = 0
    verdict: str = ""
    code: int = -1
    cause: str = ""
    engine: str = ""
    report: str = ""


class Lease(msgspec.Struct, frozen=True):
    """A claim on `name` until `until`; `token` proves it."""

    name: str
    token: int
    until: float


class Store(Protocol):
    """Async, so that a database behind a network can join. Errors are `Retry` (locked, gone for now) and `Fatal` (full, corrupt, newer)."""

    async def begin_run(self, run: Run) -> None:
        """Remember that a run goes on. Once more with the same id changes nothing."""
        ...

    async def finish_run(self, run: Run) -> None:
        """Remember how it ended, whether or not its beginning was remembered. A verdict is never changed by a later call."""
        ...

    async def run(self, id: str) -> Run | None: ...

    async def runs(self, *, limit: int = 20, before: float = 0, project: str = "", verdict: str = "") -> Sequence[Run]:
        """The newest first; `before`: only those that began earlier."""
        ...

    async def forget(self, before: float) -> int:
        """Forget what began earlier: runs, their events, and durations. The number of runs. Leases stay."""
        ...

    async def append(self, run: str, events: Sequence[tuple[float, str, dict[str, Any]]]) -> None:
        """Add (at, kind, data) to a run's events, in order."""
        ...

    async def events(self, run: str, *, after: int = 0, limit: int = 1000) -> Sequence[tuple[int, float, str, dict[str, Any]]]:
        """(number, at, kind, data) with number > `after`: numbers grow in the order in which they can be read."""
        ...

    async def durations(self, project: str, durations: dict[str, float], at: float) -> None:
        """Remember how long services took to be ready."""
        ...

    async def typical(self, project: str) -> dict[str, float]:
        """The median of the last ten durations of each service of a project, in seconds."""
        ...

    async def claim(self, name: str, owner: str, now: float, seconds: float) -> Lease | None:
        """Take a lease that nobody holds at `now`; None where somebody does."""
        ...

    async def renew(self, lease: Lease, now: float, seconds: float) -> Lease | None:
        """A later end; None where the lease is no longer ours."""
        ...

    async def release(self, lease: Lease) -> bool:
        """Give it back; False where it was no longer ours."""
        ...

    async def close(self) -> None: ...
