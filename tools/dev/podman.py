"""Debian's Podman behind the socket that speaks Docker's API: the third engine of the tests, in namespaces of its own.

Its runtime is the runc that Docker has already: Podman's own refuses machines that mount both versions of cgroups.
"""

from __future__ import annotations

import json
import resource
from pathlib import Path

from dev import plugins

PROGRAMS = {
    "podman": "podman",
    "conmon": "conmon",
    "runc": "runc",
    "/usr/lib/podman/netavark": "netavark",
    "/usr/lib/podman/aardvark-dns": "aardvark-dns",
    "catatonit": "catatonit",
    "crun": "crun",
}
"""What has to be there, and Debian's package of it. Named one by one: what podman recommends is more than it needs."""


def install() -> None:
    plugins.apt_need(PROGRAMS)


def service(data: Path, run: Path, host: str) -> tuple[list[str], str]:
    """The command of the service, and the path of the configuration that it is to be given (CONTAINERS_CONF)."""
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    _, processes = resource.getrlimit(resource.RLIMIT_NPROC)
    # Podman asks for a million of each, which not every root may have.
    limits = [f"nofile={files}:{files}", *([f"nproc={processes}:{processes}"] if processes != resource.RLIM_INFINITY else [])]
    configuration = data / "containers.conf"
    configuration.write_text(
        f"""[containers]
default_ulimits = {json.dumps(limits)}
[network]
network_backend = "netavark"
network_config_dir = "{data}/networks"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""
    )
    folders = ["--root", f"{data}/root", "--runroot", f"{run}/run", "--tmpdir", f"{run}/tmp"]
    return ["podman", *folders, "system", "service", "--time", "0", host], str(configuration)
