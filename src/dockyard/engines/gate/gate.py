"""The gate's program as bytes, and what it says, read. `arguments` has its command lines, the C files what it does.

Promises: what is read is bounded and may be cut anywhere; a gate's own complaint is told from the service's output by its first words.
"""

from __future__ import annotations

import io
import re
import tarfile
from pathlib import Path

import msgspec

from dockyard.model.errors import Fatal

NAME = "gate"
"""The program's name in the archive, at its root."""

CONNECTED = "connected"
STOPPED = 143
TIRED = 124

_SAYS = "dockyard gate: "
_ARCHITECTURES = {"amd64": "x86_64", "x86_64": "x86_64", "arm64": "aarch64", "aarch64": "aarch64"}
_TRY = re.compile(rb"R ([est]) (-?\d{1,6}) (\d{1,18}) (\d{1,18}) ([01]) (\d{1,5})\n")
_END = re.compile(rb"E ([unTxw])\n")
_LONGEST_LINE = 128
_LONGEST_OUTPUT = 4096

TIMED_OUT = -1
"""The exit code of a try that was ended by its timeout."""


class Try(msgspec.Struct, frozen=True, kw_only=True):
    """One try of a loop. `at` and `took` in seconds, `at` since the loop began. `exit_code`: 128 + the signal where one ended it, -1 where
    the timeout did. `listening`: as it was when the try began."""

    at: float
    took: float
    exit_code: int
    listening: bool
    output: bytes = b""

    @property
    def ended(self) -> float:
        return self.at + self.took


class Garbled(Fatal):
    """What came is not what a gate's loop writes: something else wrote to its stdout, or it isn't the gate."""


class Tries:
    """Reads a loop's stdout, fed in pieces. `began` once the loop has; `ended` is why it ended, "" before that."""

    def __init__(self) -> None:
        self._held = b""
        self.began = False
        self.ended = ""

    def feed(self, data: bytes) -> list[Try]:
        held = self._held + data
        made: list[Try] = []
        while held and not self.ended:
            line, newline, rest = held.partition(b"\n")
            if not newline:
                if len(held) > _LONGEST_LINE:
                    raise Garbled(f"a probe said something strange: {held[:80]!r}")
                break
            line += newline
            if line == b"B\n" and not self.began:
                self.began, held = True, rest
            elif found := _END.fullmatch(line):
                self.ended, held = _WHY[found[1]], rest
            elif found := _TRY.fullmatch(line):
                size = int(found[6])
                if size > _LONGEST_OUTPUT:
                    raise Garbled(f"a probe claims {size} bytes of output")
                if len(rest) < size:
                    break
                made.append(_try(found, rest[:size]))
                held = rest[size:]
            else:
                raise Garbled(f"a probe said something strange: {line[:80]!r}")
        self._held = held
        return made


_WHY = {b"u": "until", b"n": "count", b"T": "total", b"x": "told", b"w": "unread"}


def _try(found: re.Match[bytes], output: bytes) -> Try:
    how, code = found[1], int(found[2])
    if how == b"t":
        code = TIMED_OUT
    elif how == b"s":
        code += 128
    return Try(at=int(found[3]) / 1e6, took=int(found[4]) / 1e6, exit_code=code, listening=found[5] == b"1", output=output)


def complaint(text: str | bytes) -> str:
    """What the gate itself says in this output, its last word of that kind; "" where it says nothing."""
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    said = [line.partition(_SAYS)[2].strip() for line in text.splitlines() if _SAYS in line]
    return said[-1] if said else ""


def could_not_start(line: str | bytes) -> bool:
    """Whether a line of a container's stderr is the gate's, saying that the process could not be started (exit codes 126 and 127)."""
    return complaint(line).startswith("cannot start ")


def architecture(name: str) -> str:
    """The kernel's name of an architecture that there is a gate for, by Go's or its own; "" where there is none."""
    return _ARCHITECTURES.get(name, "")


def program(arch: str, folder: Path | None = None) -> bytes:
    """The program for an architecture. Fatal where this Dockyard came without it."""
    name = architecture(arch)
    path = (folder or Path(__file__).parent / "bin") / f"gate-{name}"
    try:
        return path.read_bytes() if name else _none(arch)
    except FileNotFoundError as error:
        raise Fatal(
            f"this Dockyard has no gate for {arch}", "build it: python -m dockyard.engines.gate.build (needs ziglang)"
        ) from error


def archive(arch: str, folder: Path | None = None) -> bytes:
    """A tar archive with the program `gate` at its root, root's, executable by all; the same bytes each time."""
    content = program(arch, folder)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        info = tarfile.TarInfo(NAME)
        info.size, info.mode = len(content), 0o555
        tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def digest(arch: str, folder: Path | None = None) -> str:
    """12 hex digits that change with the program: for the name of the volume that holds it."""
    import hashlib

    return hashlib.sha256(program(arch, folder)).hexdigest()[:12]


def _none(arch: str) -> bytes:
    raise Fatal(
        f"there is no gate for the architecture {arch!r}", "services on it can be started in turn: x-dockyard `gate: never`"
    )
