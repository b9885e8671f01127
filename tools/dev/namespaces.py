"""A small world for a named engine: its own network, mounts, processes and host name, held by one process.

Promises: killing the holder ends every process in it (containers too) and drops its mounts and interfaces; only the
two rules in the host's packet filter need removing by hand. The engine's loopback, and so the ports it publishes, are
reached by entering the network namespace (`enter_network`). The way out is NAT through a veth pair.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from dev import process

CLONE_NEWNET = 0x40000000
HOLDER = Path(__file__).with_name("holder.py")


def create(name: str, note: Path, log: Path) -> int:
    """Make the namespaces, connect them, return the pid of process 1 as the host sees it."""
    unshare = ["unshare", "--net", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc"]
    setup = (
        f"hostname {name}; mkdir -p /run/docker /run/containerd;"
        " mount -t tmpfs tmpfs /run/docker; mount -t tmpfs tmpfs /run/containerd; ip link set lo up;"
    )
    with log.open("ab") as out:
        command = [*unshare, "sh", "-c", f'{setup} exec "$@"', "sh", sys.executable, "-S", str(HOLDER)]
        outer = process.spawn(command, note, out, process.environment())
    inner = _await_inner(outer)
    _connect(note.parent, inner)
    return inner


def inner_pid(note: Path) -> int | None:
    """Process 1 of the namespaces, as the host sees it."""
    outer = process.alive(note)
    return process.child(outer) if outer else None


def destroy(note: Path) -> None:
    _disconnect(note.parent)
    if inner := inner_pid(note):
        # The end of process 1 is the end of all; it is over when the kernel has reaped them.
        with contextlib.suppress(ProcessLookupError):
            os.kill(inner, signal.SIGKILL)
        until = time.monotonic() + 10
        while Path(f"/proc/{inner}").exists() and time.monotonic() < until:
            time.sleep(0.01)
    process.end(note, patience=3)


def inside(pid: int) -> list[str]:
    """What to put before a command that is to run in the namespaces."""
    return ["nsenter", "-t", str(pid), "--net", "--mount", "--uts", "--ipc", "--pid"]


@contextlib.contextmanager
def enter_network(pid: int | None) -> Iterator[None]:
    """This thread, and what it starts, is in the network of process `pid` for the time of the block (None: nothing happens)."""
    if pid is None:
        yield
        return
    with open("/proc/thread-self/ns/net") as before, open(f"/proc/{pid}/ns/net") as there:
        _setns(there.fileno())
        try:
            yield
        finally:
            _setns(before.fileno())


def _setns(descriptor: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def _await_inner(outer: int) -> int:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        inner = process.child(outer)
        # Ready once the shell has made way for the holder: then the mounts and the loopback are there.
        with contextlib.suppress(OSError):
            if inner and Path(f"/proc/{inner}/comm").read_text().startswith("python"):
                return inner
        time.sleep(0.02)
    raise RuntimeError("the namespaces did not come up; see the engine's log")


def _connect(folder: Path, inner: int) -> None:
    """A veth pair with a /30 of 198.18.0.0/15 (RFC 2544: for tests), NAT beyond it."""
    link, (base, ours, theirs) = _free_link()
    (folder / "link").write_text(f"{link} {base}/30")
    _run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", str(inner))
    _run("ip", "addr", "add", f"{ours}/30", "dev", link)
    _run("ip", "link", "set", link, "up")
    there = ["nsenter", "-t", str(inner), "--net", "ip"]
    _run(*there, "addr", "add", f"{theirs}/30", "dev", "eth0")
    _run(*there, "link", "set", "eth0", "up")
    _run(*there, "route", "add", "default", "via", ours)
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
    for rule in _rules(link, f"{base}/30"):
        _run(rule[0], "-w", *rule[1:3], "-I", *rule[3:])


def _disconnect(folder: Path) -> None:
    with contextlib.suppress(OSError):
        link, subnet = (folder / "link").read_text().split()
        for rule in _rules(link, subnet):
            _run(rule[0], "-w", *rule[1:3], "-D", *rule[3:], check=False)
        _run("ip", "link", "del", link, check=False)
        (folder / "link").unlink()


def _rules(link: str, subnet: str) -> list[list[str]]:
    # FORWARD is opened by name: an engine in the host's network sets its policy to DROP.
    out = [["iptables", "-t", "filter", "FORWARD", side, link, "-j", "ACCEPT"] for side in ("-i", "-o")]
    return [*out, ["iptables", "-t", "nat", "POSTROUTING", "-s", subnet, "!", "-o", link, "-j", "MASQUERADE"]]


def _free_link() -> tuple[str, list[str]]:
    """A name and the first three addresses of a /30 that nothing here uses, on either side of a link."""
    shown = ["ip", "-o", "addr"]
    taken = subprocess.run(shown, capture_output=True, text=True, check=True, env=process.environment()).stdout
    names = {name for _, name in socket.if_nameindex()}
    for number in range(1, 16000):
        addresses = [f"198.18.{number // 64}.{number % 64 * 4 + i}" for i in range(3)]
        if f"dyd{number}" not in names and not any(f" {address}/" in taken for address in addresses):
            return f"dyd{number}", addresses
    raise RuntimeError("no free address for a named engine")


def _run(*command: str, check: bool = True) -> None:
    errors = None if check else subprocess.DEVNULL
    subprocess.run(command, check=check, stdout=subprocess.DEVNULL, stderr=errors, env=process.environment())
