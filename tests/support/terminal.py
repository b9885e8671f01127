"""Programs as a person has them: under a terminal."""

from __future__ import annotations

import os
import pty
import select
import signal
import struct
import termios
import time
from fcntl import ioctl
from pathlib import Path


class Terminal:
    """A program under a real terminal of so many columns; ended with the block, if it is used as one."""

    def __init__(self, argv: list[str], folder: Path, environment: dict[str, str], columns: int, rows: int = 24) -> None:
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execve(argv[0], argv, {**environment, "TERM": "xterm-256color"})
        self.size(columns, rows)
        self.said = b""

    def size(self, columns: int, rows: int = 24) -> None:
        ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, until: bytes = b"", seconds: float = 40) -> str:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not (until and until in self.said):
            ready, _, _ = select.select([self._fd], [], [], 0.2)
            if ready:
                try:
                    data = os.read(self._fd, 65536)
                except OSError:
                    break
                if not data:
                    break
                self.said += data
        assert until in self.said, self.said[-2000:]
        return self.said.decode(errors="replace")

    def write(self, text: str) -> None:
        """As if it were typed."""
        os.write(self._fd, text.encode())

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.end()

    def end(self) -> int:
        self.read()
        _, status = os.waitpid(self.pid, 0)
        os.close(self._fd)
        return os.waitstatus_to_exitcode(status)
