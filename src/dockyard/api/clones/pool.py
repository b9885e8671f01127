"""Clones that are ready before they are asked for: one thread with the server's connection makes the next ones and drops the used ones.

Making goes before dropping, so that nobody who waits for a clone waits for a drop. Used ones are dropped many at a time, once they take
`LEFT`: in PostgreSQL each drop waits until whatever anybody has written is on disk, and after the first that is little.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Iterator
from typing import Protocol

LEFT = 256 << 20
"""Bytes that used clones may take before they are dropped."""
FEWEST = 8
"""So many used ones may be there, however large they are."""


class Server(Protocol):
    """One database server. All calls come from the pool's thread."""

    def prepare(self) -> None:
        """Find or make what is copied."""
        ...

    @property
    def size(self) -> int:
        """About how many bytes a clone takes; known once it is prepared."""
        ...

    def make(self, name: str) -> None: ...

    def drop(self, name: str) -> None: ...

    def reset(self) -> None:
        """Let go of a connection that may be broken; the next call connects anew."""
        ...


class Pool:
    """`ready` clones are kept ready, from the first `take` on. Their names begin with `prefix`."""

    def __init__(self, server: Server, prefix: str, ready: int) -> None:
        self._server, self._prefix, self._wanted = server, prefix, max(1, ready)
        self._ready: deque[str] = deque()
        self._used: deque[str] = deque()
        self._waiting = 0
        self._made = 0
        self._prepared = False
        self._dropping = False
        self._attempt = 0
        self._asked = 0
        """The attempt that was under way when somebody asked last: only a later one's failure is an answer to that."""
        self._failed: tuple[int, Exception] | None = None
        self._closing = False
        self._drops = True
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def take(self) -> str:
        """The name of a clone that nobody has used. Raises what is in the way of making one."""
        with self._changed:
            if self._closing:
                raise RuntimeError("these clones are closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="dockyard-clones", daemon=True)
                self._thread.start()
            self._waiting += 1
            self._asked = asked = self._attempt
            self._changed.notify_all()
            try:
                while not self._ready and not (self._failed and self._failed[0] > asked) and not self._closing:
                    self._changed.wait()
            finally:
                self._waiting -= 1
            if self._ready:
                self._changed.notify_all()
                return self._ready.popleft()
            raise self._failed[1] if self._failed else RuntimeError("these clones are closed")

    def give_back(self, name: str) -> None:
        """It has been used, and goes when there is time."""
        with self._changed:
            self._used.append(name)
            self._changed.notify_all()

    def close(self, *, drop: bool) -> None:
        """End. `drop`: all that is left; else it stays for as long as the server does."""
        with self._changed:
            self._closing, self._drops = True, drop
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(60)

    def _work(self) -> None:
        for act in self._acts():
            try:
                act()
            except Exception as error:
                with contextlib.suppress(Exception):
                    self._server.reset()
                with self._changed:
                    self._failed = self._attempt, error
                    self._changed.notify_all()
        with contextlib.suppress(Exception):
            self._server.reset()

    def _acts(self) -> Iterator[_Act]:
        """What is to be done next, until there is nothing more and all is closed."""
        while True:
            with self._changed:
                while (act := self._next()) is None:
                    if self._closing:
                        return
                    self._changed.wait()
            yield act

    def _next(self) -> _Act | None:
        if self._closing and not self._drops:
            return None
        if self._closing:
            self._used.extend(self._ready)
            self._ready.clear()
            self._dropping = True
        elif self._wants_more():
            self._attempt += 1
            return self._make
        self._dropping = bool(self._used) and (self._dropping or len(self._used) > self._most)
        if self._dropping:
            name = self._used.popleft()
            return lambda: self._drop(name)
        return None

    def _wants_more(self) -> bool:
        if len(self._ready) >= max(self._wanted, self._waiting):
            return False
        if len(self._used) > self._most + FEWEST:
            return False  # they come faster than they go: disks are finite
        # after a failure only who asks has it tried again: a server that is down is not asked without end
        return self._failed is None or self._failed[0] <= self._asked

    @property
    def _most(self) -> int:
        return max(FEWEST, LEFT // max(1, self._server.size)) if self._prepared else FEWEST

    def _make(self) -> None:
        if not self._prepared:
            self._server.prepare()
            self._prepared = True
        name = self._name()
        try:
            self._server.make(name)
        except Exception:
            # the server may have been started again since; what it was asked for last has another name, for it may be half there
            self._server.reset()
            self._used.append(name)
            name = self._name()
            self._server.make(name)
        with self._changed:
            self._failed = None
            self._ready.append(name)
            self._changed.notify_all()

    def _name(self) -> str:
        self._made += 1
        return f"{self._prefix}_{self._made}"

    def _drop(self, name: str) -> None:
        # One that does not go now goes with the environment: no test is at fault.
        try:
            self._server.drop(name)
        except Exception:
            self._server.reset()


class _Act(Protocol):
    def __call__(self) -> None: ...
