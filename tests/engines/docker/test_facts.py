"""The engine's answers read as facts."""

from __future__ import annotations

import pytest

from dockyard.engines.docker import facts
from dockyard.model.facts import ImageFacts, State


def test_an_inspected_container_is_an_instance() -> None:
    body = {
        "Id": "abc",
        "RestartCount": 2,
        "Config": {"Labels": {"dockyard.instance": "web-2"}},
        "State": {
            "Status": "exited",
            "ExitCode": 137,
            "OOMKilled": True,
            "Error": "boom",
            "StartedAt": "2026-01-02T03:04:05.123456789Z",
            "FinishedAt": "2026-01-02T03:04:06+00:00",
        },
        "NetworkSettings": {
            "Ports": {
                "80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "32768"}, {"HostIp": "::", "HostPort": "32768"}],
                "53/udp": [{"HostIp": "", "HostPort": "5"}],
                "81/tcp": None,
                "82/tcp": [{"HostIp": "::1", "HostPort": "6"}],
                "83/tcp": [{"HostIp": "127.0.0.1", "HostPort": "7"}],
            }
        },
    }
    found = facts.instance(body, "engine.example")
    assert (found.key, found.id, found.state, found.exit_code, found.oom, found.error, found.restarts) == (
        "web-2",
        "abc",
        State.EXITED,
        137,
        True,
        "boom",
        2,
    )
    assert found.started_at == pytest.approx(1767323045.123456789)
    assert found.finished_at == 1767323046
    assert found.ports == ((80, "engine.example:32768"), (82, "[::1]:6"), (83, "127.0.0.1:7"))
    assert facts.told(body, "engine.example") == {
        "80": "engine.example:32768",
        "53/udp": "engine.example:5",
        "82": "[::1]:6",
        "83": "127.0.0.1:7",
    }


def test_a_container_that_never_started_has_no_times() -> None:
    found = facts.instance({"Id": "x", "State": {"Status": "created", "StartedAt": "0001-01-01T00:00:00Z"}}, "")
    assert (found.state, found.started_at, found.finished_at, found.ports) == (State.CREATED, 0, 0, ())


def test_an_image_says_what_it_runs_as_and_shows() -> None:
    body = {
        "Id": "sha256:1",
        "RepoDigests": ["redis@sha256:2"],
        "Os": "linux",
        "Architecture": "arm64",
        "Variant": "v8",
        "Size": 5,
        "Config": {
            "Entrypoint": ["/e"],
            "Cmd": None,
            "Shell": ["/bin/bash", "-c"],
            "Env": ["A=1"],
            "User": "me",
            "WorkingDir": "/w",
            "ExposedPorts": {"80/tcp": {}, "443/tcp": {}},
            "Volumes": {"/data": {}},
            "StopSignal": "SIGQUIT",
            "Healthcheck": {"Test": ["CMD", "x"], "Interval": 1500000000, "Retries": 4, "StartPeriod": 2000000000},
        },
    }
    found = facts.image(body, "redis:7")
    assert found.digest == "sha256:2" and found.entrypoint == ("/e",) and found.cmd is None and found.shell == ("/bin/bash", "-c")
    assert found.ports == ("443/tcp", "80/tcp") and found.volumes == ("/data",)
    assert found.healthcheck is not None
    assert (found.healthcheck.interval, found.healthcheck.retries, found.healthcheck.start_period) == (1.5, 4, 2.0)


@pytest.mark.parametrize(
    ("platform", "fits"),
    [
        ("", True),
        ("linux/arm64", True),
        ("linux/arm64/v8", True),
        ("linux/aarch64", True),
        ("arm64", True),
        ("linux/arm64/v7", False),
        ("linux/amd64", False),
        ("windows/arm64", False),
    ],
)
def test_an_image_is_for_a_platform_or_not(platform: str, fits: bool) -> None:
    assert facts.matches(ImageFacts(id="i", reference="r", os="linux", arch="arm64", variant="v8"), platform) is fits


@pytest.mark.parametrize(
    ("engine", "image", "runs"),
    [("amd64", "amd64", True), ("amd64", "386", True), ("amd64", "arm64", False), ("arm64", "arm", True), ("amd64", "", True)],
)
def test_an_engine_runs_its_own_and_its_smaller_siblings(engine: str, image: str, runs: bool) -> None:
    assert facts.runs(engine, image) is runs


def test_an_engine_is_described_by_info_and_version() -> None:
    info = {
        "ID": "i",
        "Name": "n",
        "NCPU": 4,
        "MemTotal": 9,
        "Architecture": "x86_64",
        "OSType": "linux",
        "CgroupVersion": "2",
        "SystemTime": "2026-01-02T03:04:05.5Z",
        "SecurityOptions": ["name=seccomp", "name=rootless"],
        "Runtimes": {"runc": {}, "nvidia": {}},
        "CDISpecDirs": ["/etc/cdi"],
    }
    now = 1767323045.5
    found = facts.engine(info, {"Version": "27.0", "ApiVersion": "1.46"}, asked=now - 3, answered=now - 2.5, local_files=True)
    assert (found.arch, found.cpus, found.cgroup, found.rootless, found.kind) == ("amd64", 4, 2, True, "docker")
    assert found.clock_offset == pytest.approx(2.5)
    assert found.devices == ("nvidia", "cdi")
    assert facts.engine({"Runtimes": {"runc": {}}}, {}, asked=0, answered=1, local_files=True).devices == ()
    assert not found.lacks, "what an engine doesn't speak of, it has"
    poor = {**info, "MemoryLimit": False, "SwapLimit": True, "PidsLimit": False}
    assert facts.engine(poor, {}, asked=now, answered=now, local_files=True).lacks == ("memory", "pids")
    podman = facts.engine(
        {}, {"Components": [{"Name": "Podman Engine"}], "Arch": "amd64"}, asked=0, answered=1, local_files=False
    )
    assert (podman.kind, podman.arch, podman.clock_offset) == ("podman", "amd64", 0)


@pytest.mark.parametrize(
    ("asked", "answered", "offset"),
    [(-0.2, 0.1, 0), (0, 0, 0), (0.5, 0.6, -0.5), (-3, -2.5, 2.5), (-1e9, 0, 0), (7200, 7201, -7200)],
)
def test_a_slow_answer_is_no_clock_that_is_wrong(asked: float, answered: float, offset: float) -> None:
    said = 1767323045.5
    info = {"SystemTime": "2026-01-02T03:04:05.5Z"}
    assert facts.engine(info, {}, asked=said + asked, answered=said + answered, local_files=True).clock_offset == offset
