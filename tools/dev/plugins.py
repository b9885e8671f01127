"""`docker compose` and `docker buildx`, from Debian sid's packages, unpacked into a folder of ours.

Nothing of the user's is touched: apt gets a configuration of its own, dpkg only unpacks. Both programs also run on their own
(`docker-compose`, `docker-buildx`), so they need no place in ~/.docker.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from dev import process
from dev.paths import cache, lock

PACKAGES = {"docker-compose": "2.40.3", "docker-buildx": "0.29.1"}


def folder() -> Path:
    """Where docker-compose and docker-buildx are, fetched where they are missing."""
    if found := present():
        return found
    with lock("plugins"):
        return present() or _fetch()


def present() -> Path | None:
    place = cache("plugins") / "bin"
    return place if all((place / name).exists() for name in PACKAGES) else None


def apt_install(*packages: str) -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise RuntimeError(f"please install {', '.join(packages)}: only root on Debian can have it done from here")
    print(f"dev: installing {', '.join(packages)}", file=sys.stderr)
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # Debian's docker.io would start its own daemon where systemd runs: then that one answers, and is used.
    install = ["apt-get", "install", "-qy", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", *packages]
    if subprocess.run(install, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode:
        subprocess.run(["apt-get", "update", "-q"], env=environ, stdout=subprocess.DEVNULL, check=True)
        subprocess.run(install, env=environ, stdout=sys.stderr, check=True)


def apt_need(programs: dict[str, str]) -> None:
    """Install the packages (values) whose programs (keys) are missing."""
    path = process.environment()["PATH"]
    missing = sorted({package for program, package in programs.items() if not shutil.which(program, path=path)})
    if missing:
        apt_install(*missing)


def _fetch() -> Path:
    print("dev: fetching docker compose and buildx", file=sys.stderr)
    target = cache("plugins", "bin")
    # Not in the cache folder: apt takes no path with a space in it.
    with tempfile.TemporaryDirectory(prefix="dockyard-apt-", dir="/var/tmp") as folder:
        apt = Path(folder)
        options = _apt_of_its_own(apt)
        subprocess.run(["apt-get", *options, "update", "-q"], check=True, stdout=subprocess.DEVNULL)
        download = ["apt-get", *options, "download", "-q", *PACKAGES]
        subprocess.run(download, cwd=apt / "download", check=True, stdout=subprocess.DEVNULL)
        for name in PACKAGES:
            (package,) = (apt / "download").glob(f"{name}_*.deb")
            subprocess.run(["dpkg", "-x", str(package), str(apt / name)], check=True)
            (found,) = (p for p in (apt / name).rglob(f"cli-plugins/{name}") if not p.is_symlink())
            shutil.move(found, target / f".{name}")
            (target / f".{name}").rename(target / name)
            print(f"dev: {package.stem}", file=sys.stderr)
    return target


def _apt_of_its_own(apt: Path) -> list[str]:
    """Options that make apt-get see Debian sid, and nothing of the machine's own configuration of sources."""
    for part in "lists/partial", "cache/archives/partial", "download":
        (apt / part).mkdir(parents=True)
    uri, key = debian_mirror()
    (apt / "sources.list").write_text(f"deb [signed-by={key}] {uri} sid main\n")
    settings = {
        "Dir::Etc::sourcelist": apt / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": apt / "lists",
        "Dir::Cache": apt / "cache",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
        "Acquire::Check-Valid-Until": "false",  # a mirror may be a snapshot
    }
    return [argument for name, value in settings.items() for argument in ("-o", f"{name}={value}")]


def debian_mirror() -> tuple[str, str]:
    """The mirror that this machine's apt uses for Debian itself, and Debian's key."""
    query = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(COMPONENT)", "Identifier: Packages"]
    lines = subprocess.run(query, capture_output=True, text=True, check=True).stdout.split("\n")
    uris = [
        uri
        for uri, _, component in (line.partition(" ") for line in lines)
        if component == "main" and uri.rstrip("/").endswith("/debian")
    ]
    if not uris:
        raise RuntimeError("this machine's apt has no Debian mirror")
    return uris[0], "/usr/share/keyrings/debian-archive-keyring.gpg"
