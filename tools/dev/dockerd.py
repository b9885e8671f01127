"""One private engine: start, stop, restart. Safe to repeat, and against what a crash or a reboot left.

Two places: the run folder (short, because socket paths are: sockets, pids, logs) and the data folder (images; kept by `stop`
for the default engine, so that the next start has them). `default` lives in the host's network, like the Docker that
people have; every other name gets namespaces of its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dev import api, modern, namespaces, podman, process
from dev.paths import lock, state

RUN = Path("/run/dockyard-dev")


@dataclass(frozen=True)
class Engine:
    """`kind`: "classic" (Debian's Docker), "modern" (the newest, see modern.py), "podman" (Debian's, see podman.py). `disk`: size of a
    disk of its own for the data, as truncate takes it ("300M"). `options` go to dockerd."""

    name: str = "default"
    kind: str = "classic"
    disk: str = ""
    options: tuple[str, ...] = ()

    @property
    def data(self) -> Path:
        return state("engines", self.name)

    @property
    def run(self) -> Path:
        owner = hashlib.sha256(str(state()).encode()).hexdigest()[:8]
        return RUN / owner / self.name

    @property
    def host(self) -> str:
        return f"unix://{self.run}/docker.sock"

    @property
    def log(self) -> Path:
        return self.data / "dockerd.log"

    @property
    def network_pid(self) -> int | None:
        """A process in the engine's network; None where that is the host's."""
        return namespaces.inner_pid(self.run / "holder")

    def running(self) -> dict[str, Any] | None:
        """What the engine says of its version, where it runs and answers."""
        return api.version(self.host) if process.alive(self.run / "dockerd") else None

    def start(self) -> bool:
        """True: started. False: it ran already."""
        if self.running():
            return False
        with lock("engine"):
            if self.running():
                return False
            self._clean()
            self.run.mkdir(parents=True)
            try:
                if self.name != "default":
                    pid = namespaces.create(self.name, self.run / "holder", self.log)
                    if self.disk:
                        self._mount_disk(pid)
                else:
                    (self.run / "host").write_text(_host_before())
                self._spawn()
            except BaseException:
                self.stop()
                raise
        return True

    def stop(self, purge: bool = False) -> None:
        """End it and leave nothing but its data; `purge`: not even that."""
        # What is to be thrown away with its namespaces needs no farewell.
        process.end(self.run / "dockerd", signal.SIGKILL if purge and self.name != "default" else signal.SIGTERM)
        self._clean()
        if purge:
            shutil.rmtree(self.data, ignore_errors=True)

    def restart(self, how: signal.Signals = signal.SIGTERM) -> None:
        """The daemon ends (`SIGKILL`: without a word to its containers) and comes again in the same world."""
        self.halt(how)
        self._spawn()

    def halt(self, how: signal.Signals = signal.SIGTERM) -> None:
        process.end(self.run / "dockerd", how)
        self._await_its_containerd()

    def _await_its_containerd(self) -> None:
        """The containerd that dockerd starts for itself dies with it, a moment later: until then the next dockerd would take it for
        its own (moby, libcontainerd/supervisor: a pid that lives is enough) and wait in vain."""
        until = time.monotonic() + 20
        while (left := process.running(f"{self.run}/exec/containerd/containerd.toml")) and time.monotonic() < until:
            time.sleep(0.01)
        if left:
            raise RuntimeError(f"the containerd of the engine {self.name!r} (process {left[0]}) does not end")
        (self.run / "exec" / "containerd" / "containerd.pid").unlink(missing_ok=True)

    def resume(self) -> None:
        self._spawn()

    def _spawn(self) -> None:
        run, holder = self.run, self.network_pid
        if self.name != "default" and not holder:
            raise RuntimeError(f"the engine {self.name!r} was not started")
        prefix = namespaces.inside(holder) if holder else []
        environ = process.environment()
        for stale in run / "dockerd.pid", run / "docker.sock":
            stale.unlink(missing_ok=True)
        command = ["dockerd"]
        with self.log.open("ab") as out:
            if self.kind == "podman":
                command, environ["CONTAINERS_CONF"] = podman.service(self.data, run, self.host)
                process.spawn([*prefix, *command], run / "dockerd", out, environ, forks=bool(holder))
                return self._await()
            if self.kind == "modern":
                folder = modern.build()
                environ["PATH"] = f"{folder}:{environ['PATH']}"
                containerd = [str(folder / "containerd"), "--root", f"{self.data}/containerd", "--state", f"{run}/containerd"]
                socket = run / "containerd.sock"
                if not process.alive(run / "containerd.pid"):
                    process.spawn(
                        [*prefix, *containerd, "--address", str(socket)], run / "containerd.pid", out, environ, forks=bool(holder)
                    )
                command = [str(folder / "dockerd"), "--containerd", str(socket)]
            command += ["--host", self.host, "--data-root", f"{self.data}/data", "--exec-root", f"{run}/exec"]
            command += ["--pidfile", f"{run}/dockerd.pid", "--storage-driver", self._storage_driver()]
            command += ["--exec-opt", "native.cgroupdriver=cgroupfs", *self.options]
            if holder:
                command += ["--cgroup-parent", f"/dockyard-dev-{self.name}"]
            process.spawn([*prefix, *command], run / "dockerd", out, environ, forks=bool(holder))
        self._await()

    def _storage_driver(self) -> str:
        return "overlayfs" if self.kind == "modern" else "overlay2"

    def _await(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until and process.alive(self.run / "dockerd"):
            if api.version(self.host):
                return
            time.sleep(0.05)
        tail = self.log.read_text(errors="replace").splitlines()[-5:]
        raise RuntimeError(f"the engine {self.name!r} does not answer; the end of {self.log}:\n" + "\n".join(tail))

    def _mount_disk(self, pid: int) -> None:
        image = self.data / "disk.img"
        (self.data / "data").mkdir(exist_ok=True)
        _run(["truncate", "-s", self.disk, str(image)], check=True)
        _run(["mkfs.ext4", "-qF", "-m", "0", str(image)], check=True)
        mount = ["mount", "-o", "loop", str(image), str(self.data / "data")]
        _run([*namespaces.inside(pid), *mount], check=True)

    def _clean(self) -> None:
        """Remove what is left of an engine that does not run: processes, mounts, interfaces, rules, the run folder."""
        run = self.run
        process.end(run / "containerd.pid")
        namespaces.destroy(run / "holder")
        for point in _mounts_below(run, self.data):
            _run(["umount", "-l", point], check=False, stderr=subprocess.DEVNULL)
        _remove_cgroups(f"dockyard-dev-{self.name}")
        with contextlib.suppress(OSError):
            _restore_host((run / "host").read_text())
        shutil.rmtree(run, ignore_errors=True)


def _mounts_below(*folders: Path) -> list[str]:
    """Deepest first."""
    points = [line.split()[1].encode().decode("unicode_escape") for line in Path("/proc/mounts").read_text().splitlines()]
    return sorted((p for p in points if any(p.startswith(f"{f}/") for f in folders)), reverse=True)


def _remove_cgroups(parent: str) -> None:
    for top in [Path("/sys/fs/cgroup") / parent, *Path("/sys/fs/cgroup").glob(f"*/{parent}")]:
        for folder, _, _ in os.walk(top, topdown=False):
            with contextlib.suppress(OSError):
                os.rmdir(folder)


def _host_before() -> str:
    """What an engine in the host's network changes there: the policy of FORWARD, and the bridge docker0."""
    rules = _run(["iptables", "-S", "FORWARD"], stdout=subprocess.PIPE, check=False).stdout
    bridge = "" if Path("/sys/class/net/docker0").exists() else "docker0"
    return f"{rules.split()[2] if rules.startswith('-P') else 'ACCEPT'} {bridge}"


def _restore_host(before: str) -> None:
    policy, *bridge = before.split()
    _run(["iptables", "-w", "-P", "FORWARD", policy], check=False, stderr=subprocess.DEVNULL)
    if bridge:
        _run(["ip", "link", "del", bridge[0]], check=False, stderr=subprocess.DEVNULL)


def _run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=process.environment(), text=True, **options)
