"""The engines that the tests stand on are what they say, and leave nothing."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dev import api, namespaces
from dev.dockerd import Engine


def test_both_engines_have_the_images_and_answer(engine: Any) -> None:
    told = api.version(engine.host)
    assert told is not None
    assert (tuple(map(int, told["ApiVersion"].split("."))) >= (1, 50)) is (engine.name == "modern")
    assert api.call(engine.host, "GET", "/images/busybox:1.36/json")["Config"]["Cmd"] == ["sh"]


def test_a_port_published_on_loopback_is_reached_on_either_engine(engine: Any) -> None:
    command = ["sh", "-c", "while :; do echo here | nc -l -p 80; done"]
    bound = {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}]}
    body = {"Image": "busybox:1.36", "Cmd": command, "ExposedPorts": {"80/tcp": {}}, "HostConfig": {"PortBindings": bound}}
    made = api.call(engine.host, "POST", "/containers/create", body)["Id"]
    try:
        api.call(engine.host, "POST", f"/containers/{made}/start")
        ports = api.call(engine.host, "GET", f"/containers/{made}/json")["NetworkSettings"]["Ports"]
        assert _ask("127.0.0.1", int(ports["80/tcp"][0]["HostPort"])) == b"here\n"
    finally:
        api.call(engine.host, "DELETE", f"/containers/{made}?force=1&v=1")


def test_a_private_engine_survives_the_death_of_its_daemon(private_engine: Callable[..., Engine]) -> None:
    engine = private_engine(options=("--live-restore",))
    made = api.call(engine.host, "POST", "/containers/create", {"Image": "busybox:1.36", "Cmd": ["sleep", "600"]})["Id"]
    api.call(engine.host, "POST", f"/containers/{made}/start")
    engine.restart(signal.SIGKILL)
    assert api.call(engine.host, "GET", f"/containers/{made}/json")["State"]["Running"]


@pytest.mark.slow
def test_a_private_engine_comes_back_from_each_of_many_deaths(private_engine: Callable[..., Engine]) -> None:
    engine = private_engine()
    for _ in range(5):
        engine.restart(signal.SIGKILL)
        assert api.version(engine.host)


def test_a_private_engine_with_a_small_disk_has_a_small_disk(private_engine: Callable[..., Engine]) -> None:
    engine = private_engine(disk="64M")
    written = {"Image": "busybox:1.36", "Cmd": ["dd", "if=/dev/zero", "of=/full", "bs=1M", "count=100"]}
    made = api.call(engine.host, "POST", "/containers/create", written)["Id"]
    api.call(engine.host, "POST", f"/containers/{made}/start")
    assert api.call(engine.host, "POST", f"/containers/{made}/wait")["StatusCode"] == 1


def test_a_private_engine_that_is_stopped_leaves_no_process_no_mount_and_no_interface(
    private_engine: Callable[..., Engine],
) -> None:
    engine = private_engine()
    pid = engine.network_pid
    made = api.call(engine.host, "POST", "/containers/create", {"Image": "busybox:1.36", "Cmd": ["sleep", "600"]})["Id"]
    api.call(engine.host, "POST", f"/containers/{made}/start")
    link = (engine.run / "link").read_text().split()[0]
    data, run = engine.data, engine.run
    engine.stop(purge=True)
    assert not Path(f"/proc/{pid}").exists()
    assert not Path(f"/sys/class/net/{link}").exists()
    assert str(data) not in Path("/proc/mounts").read_text()
    assert not run.exists()
    assert not data.exists()


def test_what_an_engine_holds_is_seen_whoever_made_it(
    private_engine: Callable[..., Engine], engine_objects: Callable[[str], Any]
) -> None:
    host = private_engine().host
    before = engine_objects(host)
    made = api.call(host, "POST", "/containers/create", {"Image": "busybox:1.36", "Volumes": {"/data": {}}})["Id"]
    api.call(host, "POST", "/networks/create", {"Name": "somebody"})
    after = engine_objects(host)
    assert {kind: len(after[kind] - before[kind]) for kind in after} == {
        "containers": 1,
        "networks": 1,
        "volumes": 1,
        "images": 0,
    }
    api.call(host, "DELETE", f"/containers/{made}?force=1&v=1")
    api.call(host, "DELETE", "/networks/somebody")
    assert engine_objects(host) == before


def _ask(address: str, port: int) -> bytes:
    for _ in range(100):  # the engine's own proxy accepts, and closes, before anything listens in the container
        with socket.create_connection((address, port), timeout=5) as connection:
            if said := connection.recv(100):
                return said
        time.sleep(0.1)
    return b""


def test_entering_a_network_is_undone(private_engine: Callable[..., Engine]) -> None:
    engine = private_engine(images=())
    here = Path("/proc/thread-self/ns/net").readlink()
    with namespaces.enter_network(engine.network_pid):
        assert Path("/proc/thread-self/ns/net").readlink() != here
    assert Path("/proc/thread-self/ns/net").readlink() == here
