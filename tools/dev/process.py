"""Processes that outlive the command that started them: remembered so that no stranger's is ever ended.

A pid alone is no identity (it is used again, and a reboot starts over): boot id and start time go with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import IO, Any

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def spawn(command: list[str], note: Path, log: IO[bytes], environ: dict[str, str] | None = None, *, forks: bool = False) -> int:
    """Start in a session of its own, remember in the file `note`. `forks`: what counts is the command's first child."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=environ, preexec_fn=heed_signals
    )
    pid: int | None = process.pid
    while forks and (pid := child(process.pid)) is None and process.poll() is None:
        time.sleep(0.005)
    if pid is None:
        raise RuntimeError(f"{command[0]} ended at once; see {log.name}")
    note.write_text(json.dumps({"pid": pid, "started": _started(pid), "boot": _BOOT.read_text().strip()}))
    return pid


def heed_signals() -> None:
    """Between fork and exec: what is ignored by whoever started us (nohup, a script's job in the background) is not ignored by engines and
    tests, whose containers and programs would inherit it."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def child(pid: int) -> int | None:
    """The first child of a process."""
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
    return None


def environment() -> dict[str, str]:
    """Ours, and with it the folders of the system's own programs, which a user's PATH need not have."""
    return {**os.environ, "PATH": f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"}


def quietly(command: list[str], log: Path, **options: Any) -> None:
    """Run; what it says goes to the file `log`, and is shown only where it fails."""
    with log.open("ab") as out:
        if subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False, **options).returncode:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
            raise RuntimeError(f"{' '.join(command)} failed; the end of {log}:\n{tail}")


def alive(note: Path) -> int | None:
    """The pid, where the remembered process still runs."""
    try:
        known = json.loads(note.read_text())
    except (OSError, ValueError):
        return None
    same = known["boot"] == _BOOT.read_text().strip() and known["started"] and known["started"] == _started(known["pid"])
    return known["pid"] if same else None


def running(argument: str) -> list[int]:
    """Processes that were started with this argument."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if argument.encode() in (folder / "cmdline").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


def end(note: Path, first: signal.Signals = signal.SIGTERM, patience: float = 20.0) -> None:
    """End the remembered process: politely, then after `patience` seconds not."""
    for sign, wait in (first, patience), (signal.SIGKILL, 5.0):
        if (pid := alive(note)) is None:
            break
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sign)
        until = time.monotonic() + wait
        while alive(note) and time.monotonic() < until:
            time.sleep(0.02)
    note.unlink(missing_ok=True)


def _started(pid: int) -> str | None:
    """Start time in clock ticks since boot; None for a process that is gone or only waits to be reaped."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # where it is our own child
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]
