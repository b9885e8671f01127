"""The opponent by hand: a script that drives the Engine API and starts each container when its dependencies answer (TCP, each 10 ms).

It knows the chain (a,b -> c,d -> e -> test), reaches the containers at their addresses, reads no file and keeps no evidence: the least that
somebody could write. Standard library alone.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from dev.api import call

CHAIN = {"a": (), "b": (), "c": ("a", "b"), "d": ("a", "b"), "e": ("c", "d")}
IMAGE = "redis:7"
PORT = 6379


def run(host: str, name: str) -> tuple[float, float, float]:
    """Seconds from the first call to the test's end, from there to nothing left; and from the first call to the test's start."""
    began = time.perf_counter()
    network = call(host, "POST", "/networks/create", {"Name": name})["Id"]
    up: dict[str, threading.Event] = {s: threading.Event() for s in CHAIN}
    with ThreadPoolExecutor(8) as pool:
        ids = dict(zip((*CHAIN, "test"), pool.map(lambda s: _create(host, name, s), (*CHAIN, "test")), strict=True))
        waits = [pool.submit(_start, host, name, ids[s], s, below, up) for s, below in CHAIN.items()]
        for wait in waits:
            wait.result()
        call(host, "POST", f"/containers/{ids['test']}/start")
        begun = time.perf_counter()
        code = call(host, "POST", f"/containers/{ids['test']}/wait")["StatusCode"]
        ended = time.perf_counter()
        assert code == 0, f"the test exited with {code}"
        list(pool.map(lambda i: call(host, "DELETE", f"/containers/{i}?force=1&v=1"), ids.values()))
        call(host, "DELETE", f"/networks/{network}")
    return ended - began, time.perf_counter() - ended, begun - began


def _create(host: str, name: str, service: str) -> str:
    body = {
        "Image": IMAGE,
        "HostConfig": {"NetworkMode": name},
        "NetworkingConfig": {"EndpointsConfig": {name: {"Aliases": [service]}}},
    }
    if service == "test":
        body["Cmd"] = ["redis-cli", "-h", "e", "ping"]
    return call(host, "POST", f"/containers/create?name={name}-{service}", body)["Id"]


def _start(host: str, network: str, container: str, service: str, below: tuple[str, ...], up: dict[str, threading.Event]) -> None:
    for name in below:
        up[name].wait()
    call(host, "POST", f"/containers/{container}/start")
    address = call(host, "GET", f"/containers/{container}/json")["NetworkSettings"]["Networks"][network]["IPAddress"]
    while True:
        with contextlib.suppress(OSError), socket.create_connection((address, PORT), timeout=1):
            break
        time.sleep(0.01)
    up[service].set()
