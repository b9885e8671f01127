"""Dockyard as a container image: it builds from what is committed, and what comes out tests an application of this machine's."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dev.dockerd import Engine

ROOT = Path(__file__).resolve().parents[2]
BASE = "python:3.11-slim"
COMPOSE = """\
services:
  db: {image: redis:7, expose: ["7000"], volumes: ["./redis.conf:/redis.conf:ro"], command: [redis-server, /redis.conf], x-dockyard: {ready: {redis: {port: 7000}}}}
  sut: {image: redis:7, command: [redis-cli, -h, db, -p, "7000", ping], depends_on: {db: {condition: service_healthy}}}
"""
ASKS = """\
import os, socket
host, port = os.environ["DOCKYARD_SERVICE_DB_HOST"], os.environ["DOCKYARD_SERVICE_DB_PORT_7000"]
print("asks", host, port, flush=True)
with socket.create_connection((host, int(port)), 5) as db:
    db.sendall(b"PING\\r\\n")
    assert db.recv(1) in (b"+", b"-"), "redis answers"
"""


def _docker(engine: Engine, *words: str, cwd: Path = ROOT) -> str:
    env = {**os.environ, "DOCKER_HOST": engine.host, "DOCKER_BUILDKIT": "0"}
    done = subprocess.run(["docker", *words], cwd=cwd, env=env, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _as_this_machine_reaches_the_index(engine: Engine, folder: Path) -> None:
    """The base image with the certificates and pip's settings of this machine, without which some reach no package index."""
    shutil.copy(os.environ.get("PIP_CERT") or ssl.get_default_verify_paths().cafile or "", folder / "certificates.crt")
    settings = {
        name: value for name, value in os.environ.items() if name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TIMEOUT")
    }
    lines = [
        f"FROM {BASE}",
        "COPY certificates.crt /usr/local/share/dockyard-test.crt",
        "ENV PIP_CERT=/usr/local/share/dockyard-test.crt",
    ]
    lines += [f"ENV {name}={value}" for name, value in settings.items()]
    (folder / "Dockerfile").write_text("\n".join(lines) + "\n")
    _docker(engine, "build", "-t", BASE, ".", cwd=folder)


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_container_image_builds_and_tests_an_application(private_engine: Callable[..., Engine], tmp_path: Path) -> None:
    engine = private_engine(images=(BASE, "redis:7"))
    base, project = tmp_path / "base", tmp_path / "project"
    for folder in (base, project):
        folder.mkdir()
    _as_this_machine_reaches_the_index(engine, base)
    _docker(engine, "build", "-t", "dockyard", ".")
    (project / "compose.yaml").write_text(COMPOSE)
    (project / "redis.conf").write_text("port 7000\n")
    socket = f"{engine.host.removeprefix('unix://')}:/var/run/docker.sock"
    here = ["-v", f"{project}:{project}", "-w", str(project)]
    told = _docker(engine, "run", "--rm", "-v", socket, *here, "dockyard", "test")
    assert "PASSED 1 test" in told and "nothing is left" in told
    assert (project / "dockyard-report" / "latest" / "verdict.json").exists()
    # A command in the container is the test: it is told where the services are from there.
    (project / "asks.py").write_text(ASKS)
    told = _docker(engine, "run", "--rm", "-v", socket, *here, "dockyard", "test", "--", "python3", "asks.py")
    assert "PASSED 1 test" in told
