"""What every test may ask for: engines to work on, what an engine holds, the real docker compose.

`./dev test` and `./dev engine start` bring the engines; without one, a test that needs it is skipped and says so
(with DOCKYARD_NO_SKIP=1 it fails: nothing may be left out unseen).
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dev import api, buildkit, images, modern, namespaces, plugins
from dev import engine as tooling
from dev.dockerd import Engine

MODERN = Engine("modern", "modern")
PODMAN = Engine("podman", "podman")
ON_PODMAN = ("busybox:1.36", "redis:7", "python:3.11-slim", "postgres:15", "mariadb:10.11")
"""The images that its tests need."""


@dataclasses.dataclass(frozen=True)
class EngineUnderTest:
    """`host` as in DOCKER_HOST. Loopback, for the time of the test, is the engine's: ports that it publishes are there."""

    name: str
    host: str


Objects = dict[str, frozenset[str]]


@pytest.fixture(scope="session")
def docker_host() -> str:
    """The address of the classic engine (Debian's, or the one that answers already), with the tests' images in it."""
    host = tooling.answering()
    if host is None:
        pytest.skip("no Docker Engine answers (./dev engine start)")
    images.load(host, [])
    return host


@pytest.fixture(scope="session")
def modern_docker_host() -> str:
    """The address of the newest engine, with the tests' images in it. It has a network of its own: see `engine`."""
    if MODERN.running() is None:
        pytest.skip(modern.why_not() or "the modern engine does not run (./dev engine start --modern --name modern)")
    images.load(MODERN.host, [])
    return MODERN.host


@pytest.fixture(scope="session")
def podman_host(docker_host: str) -> str:
    """The address of Podman's socket, with the images of `ON_PODMAN` in it. It has a network of its own: see `engine`."""
    if PODMAN.running() is None:
        pytest.skip("Podman does not run (./dev engine start --podman --name podman)")
    images.copy(docker_host, PODMAN.host, [*ON_PODMAN])
    return PODMAN.host


BOTH_DOCKERS = (
    pytest.param("classic", marks=pytest.mark.engine),
    pytest.param("modern", marks=[pytest.mark.engine, pytest.mark.modern]),
)
ON_PODMAN_TOO = (*BOTH_DOCKERS, pytest.param("podman", marks=[pytest.mark.engine, pytest.mark.podman]))


@pytest.fixture(params=BOTH_DOCKERS)
def engine(request: pytest.FixtureRequest) -> Iterator[EngineUnderTest]:
    """The test runs once on each engine, in that engine's network."""
    yield from entered(request)


def entered(request: pytest.FixtureRequest) -> Iterator[EngineUnderTest]:
    """The engine that a fixture's parameter names, from within its network."""
    if request.param == "classic":
        yield EngineUnderTest("classic", request.getfixturevalue("docker_host"))
        return
    own, host = (MODERN, "modern_docker_host") if request.param == "modern" else (PODMAN, "podman_host")
    address = request.getfixturevalue(host)
    with namespaces.enter_network(own.network_pid):
        yield EngineUnderTest(request.param, address)


@pytest.fixture
def private_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Engine]]:
    """Makes engines for this test alone: `private_engine(disk="300M", options=("--live-restore",), kind="classic", images=[…])`.

    They have `.host`, `.restart()`, `.halt()` and `.resume()`, and networks of their own: ports that they publish are reached
    within `dev.namespaces.enter_network(engine.network_pid)`. They and all that they hold are gone after the test.
    """
    if os.geteuid() != 0:
        pytest.skip("an engine of the test's own needs root")
    tooling.install()
    with contextlib.ExitStack() as stack:

        def make(
            *, disk: str = "", options: tuple[str, ...] = (), kind: str = "classic", images: tuple[str, ...] = ("busybox:1.36",)
        ) -> Engine:
            made = Engine(f"t{os.getpid()}-{len(_made)}", kind, disk, options)
            _made.append(made)
            stack.callback(made.stop, purge=True)
            made.start()
            _load(made.host, images)
            return made

        _made: list[Engine] = []
        yield make


def _load(host: str, names: tuple[str, ...]) -> None:
    if names:
        images.load(host, list(names))


@pytest.fixture
def engine_objects() -> Callable[[str], Objects]:
    """All that an engine holds, whoever made it, for a comparison of before and after.

    A set of lines for each kind; `before == after` is the test, pytest shows the difference.
    """
    return _objects


def _objects(host: str) -> Objects:
    containers = api.call(host, "GET", "/containers/json?all=1")
    networks = api.call(host, "GET", "/networks")
    volumes = api.call(host, "GET", "/volumes")["Volumes"] or []
    found = api.call(host, "GET", "/images/json?all=1")
    return {
        "containers": frozenset(f"{c['Names'][0] if c['Names'] else '?'} {c['Id'][:12]} {c['Image']}" for c in containers),
        "networks": frozenset(f"{n['Name']} {n['Id'][:12]}" for n in networks),
        "volumes": frozenset(v["Name"] for v in volumes),
        "images": frozenset(f"{image['Id']} {tag}" for image in found for tag in image.get("RepoTags") or ["<none>"]),
    }


@pytest.fixture(scope="session")
def compose_binary() -> Path:
    """The real docker compose (2.40), as a program that runs on its own."""
    try:
        return plugins.folder() / "docker-compose"
    except (RuntimeError, OSError) as error:
        pytest.skip(f"no docker compose: {error}")


@pytest.fixture(scope="session")
def buildkitd() -> Path:
    """A BuildKit daemon that is newer than the classic engine's own, built from its modules."""
    if reason := buildkit.why_not():
        pytest.skip(reason)
    return buildkit.build()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`-m "not engine"` leaves out whatever asks for an engine, marked or not."""
    needs = {
        "docker_host": "engine",
        "modern_docker_host": "modern",
        "private_engine": "engine",
        "compose_binary": "compose_binary",
    }
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in needs:
                item.add_marker(needs[fixture])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    _forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    report = yield
    _forbid_skip(report)
    return report


def _forbid_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get("DOCKYARD_NO_SKIP") == "1" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped (DOCKYARD_NO_SKIP=1): {reason}"
