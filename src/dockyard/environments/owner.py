"""Who this process is, and whether another that answers for a placement still lives."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from dockyard.model.placement import Owner


def myself() -> Owner:
    """This process as an owner. Off Linux the boot and the namespace are unknown, so that nobody is judged dead by pid there."""
    pid = os.getpid()
    return Owner(_clean(socket.gethostname()), _boot_id(), _pid_namespace(), pid, start_time(pid) or 0)


def alive(owner: Owner, me: Owner) -> bool | None:
    """Whether `owner` lives; None where this process can't tell (another machine, boot or PID namespace)."""
    if not owner.same_machine(me) or not owner.boot:
        return None
    started = start_time(owner.pid)
    return started is not None and (not owner.started or started == owner.started)


def start_time(pid: int) -> int | None:
    """Clock ticks since boot at which `pid` started (proc(5), field 22); None where there is no such process, or it is a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in ("Z", "X") else int(fields[19])


def _boot_id() -> str:
    if not sys.platform.startswith("linux"):
        return ""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _pid_namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid").removeprefix("pid:[").rstrip("]")
    except OSError:
        return ""


def _clean(name: str) -> str:
    return name.replace("/", "-") or "host"
