"""One environment for all workers of pytest-xdist: the process that has the workers holds it, and each word of a worker goes there.

It is opened when the first worker asks, once; who asks meanwhile waits, and hears of a failure too, which is not tried again. It ends when
all workers have gone. A worker that is killed changes nothing; if the holder is killed, its guard clears away.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import secrets
import tempfile
import threading
from collections.abc import Iterator
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

from dockyard.api.blocking import Environment
from dockyard.api.testing import holding
from dockyard.api.testing.holding import Held, Holder
from dockyard.api.testing.options import Description

HERE = frozenset({"clones", "follow", "copy_in", "copy_out"})
"""Words of an environment that are not just sent: they use others, or name files by a folder that is the worker's."""
WORDS = tuple(sorted(name for name in vars(Environment) if not name.startswith("_")))


class Keeper:
    """In the process that has the workers. `told`: what a worker must know to reach it."""

    def __init__(self, holder: Holder) -> None:
        self._holder = holder
        self._folder = tempfile.TemporaryDirectory(prefix="dockyard-pytest-")
        key = secrets.token_hex(16)
        self.told = {"address": os.path.join(self._folder.name, "socket"), "key": key}
        self._listener = Listener(self.told["address"], "AF_UNIX", authkey=key.encode())
        self._open: dict[Description, Held | Exception] = {}
        self._locks: dict[Description, threading.Lock] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, name="dockyard-shared", daemon=True).start()

    def close(self, failures: int) -> tuple[list[str], list[str]]:
        """End all environments: what is told of them, and what broke."""
        with contextlib.suppress(OSError):
            self._listener.close()
        told: list[str] = []
        broke: list[str] = []
        for description in list(self._open):
            with self._locks[description]:
                held = self._open.pop(description)
            if isinstance(held, Exception) or held.opening is None:
                continue
            try:
                told += holding.close(held.opening, failures)
            except Exception as error:
                broke.append(str(error))
        self._folder.cleanup()
        return told, broke

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except OSError:
                return
            except Exception:  # somebody without the key
                continue
            threading.Thread(target=self._serve, args=(connection,), name="dockyard-shared", daemon=True).start()

    def _serve(self, connection: Connection[Any, Any]) -> None:
        with contextlib.suppress(OSError, EOFError), connection:
            while True:
                description, word, args, kwargs = connection.recv()
                try:
                    found: Any = getattr(self._environment(description), word)
                    value: Any = found(*args, **kwargs) if callable(found) else found
                    if word == "follow":
                        with contextlib.closing(value):
                            for line in value:
                                connection.send((True, line))
                        value = None
                    answer = True, value
                except Exception as error:
                    answer = False, error
                connection.send(_carried(answer))

    def _environment(self, description: Description) -> Environment:
        with self._lock:
            lock = self._locks.setdefault(description, threading.Lock())
        with lock:
            if description not in self._open:
                try:
                    opening = self._holder.opening(description)
                    self._open[description] = Held(opening.__enter__(), "", opening)
                except Exception as error:
                    self._open[description] = error
            held = self._open[description]
        if isinstance(held, Exception):
            raise held
        return held.env


def _carried(answer: tuple[bool, Any]) -> tuple[bool, Any]:
    """An answer that the other side can read: an error that can't be carried is told by its words."""
    try:
        pickle.loads(pickle.dumps(answer))
    except Exception:
        return False, RuntimeError(f"{type(answer[1]).__name__}: {answer[1]}")
    return answer


class Distant(Environment):
    """An environment that another process holds: each word goes there, and what comes back is its answer."""

    def __init__(self, told: dict[str, str], description: Description) -> None:
        self._told, self._description = told, description
        self._own = threading.local()

    def _ask(self, word: str, *args: Any, **kwargs: Any) -> Any:
        # a connection for each thread: one may wait long, for a command's end
        if not hasattr(self._own, "connection"):
            self._own.connection = self._connect()
        self._own.connection.send((self._description, word, args, kwargs))
        return _answer(self._own.connection)

    def _connect(self) -> Connection[Any, Any]:
        return Client(self._told["address"], "AF_UNIX", authkey=self._told["key"].encode())

    def follow(self, service: str) -> Iterator[str]:
        with self._connect() as connection:
            connection.send((self._description, "follow", (service,), {}))
            while (line := _answer(connection)) is not None:
                yield line

    def copy_in(self, service: str, source: str | os.PathLike[str], path: str) -> None:
        self._ask("copy_in", service, os.path.abspath(source), path)

    def copy_out(self, service: str, path: str, destination: str | os.PathLike[str]) -> Path:
        return self._ask("copy_out", service, path, os.path.abspath(destination))


def _answer(connection: Connection[Any, Any]) -> Any:
    good, value = connection.recv()
    if not good:
        raise value
    return value


def _sent(word: str) -> Any:
    def send(self: Distant, *args: Any, **kwargs: Any) -> Any:
        return self._ask(word, *args, **kwargs)

    send.__doc__ = getattr(Environment, word).__doc__
    if isinstance(vars(Environment)[word], property):
        return property(lambda self: self._ask(word))
    return send


for _word in WORDS:
    if _word not in HERE:
        setattr(Distant, _word, _sent(_word))
