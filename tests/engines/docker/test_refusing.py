"""Whose fault a refused create or start is, by the engine's own words (each as an engine of 20.10, the newest, or Podman said it)."""

from __future__ import annotations

import pytest
from tests.engines.docker.scenes import facts

from dockyard.engines.docker.client_errors import EngineError
from dockyard.engines.docker.refusing import placed, refused
from dockyard.model.application import Application
from dockyard.model.errors import Fatal, Problem, Retry, UserError
from dockyard.model.service import Deploy, Device, DeviceRequest, Logging, Resource, Resources, Service

OCI = "failed to create shim task: OCI runtime create failed: "
ASKED = [
    'OCI runtime create failed: exec: "nope": executable file not found in $PATH',
    f"{OCI}exec format error",
    f'{OCI}runc create failed: sysctl "nope.nope" is not in a separate kernel namespace: unknown',
    "--storage-opt is supported only for overlay over xfs with 'pquota' mount option",
    'invalid --security-opt 2: "nope=x"',
    "invalid volume specification: '/a:b:c:d:rw'",
    "Invalid IPC mode: nope",
    "address zz: invalid MAC address",
    "Invalid address 10.9.9.9: It does not belong to any of this network's subnets",
    "Invalid subnet 10.8.0.0 : invalid CIDR address: 10.8.0.0",
    "failed to allocate gateway (10.9.0.1): Requested address is out of range",
    'failed to parse com.docker.network.driver.mtu value: nope (strconv.Atoi: parsing "nope": invalid syntax)',
    "failed to initialize logging driver: Unix syslog delivery error",
    "failed to initialize logging driver: dial tcp 127.0.0.1:1: connect: connection refused",
    'error looking up logging plugin nope: plugin "nope" not found',
    'could not select device driver "" with capabilities: [[gpu]]',
    "error while mounting volume '/v/_data': failed to mount local volume: mount /x:/v/_data, flags: 0x1000: no such device",
    'container create: running container create option: "sometimes" is not a valid restart policy: invalid argument',
    "fill out specgen: unrecognized namespace mode nope passed",
]
PASSES = [
    "something broke",
    "context deadline exceeded",
    "runtime error: invalid memory address or nil pointer dereference",
    "invalid character '<' looking for beginning of value",
    "error creating overlay mount to /var/lib/docker/overlay2/x/merged: invalid argument",
    "connection error: dial unix /run/containerd/containerd.sock: connect: no such file or directory",
    "failed to set up container networking: timed out",
]


@pytest.mark.parametrize("message", ASKED)
@pytest.mark.parametrize("status", [400, 500])
def test_what_was_asked_for_and_can_not_be_is_the_services_fault_whatever_the_status(status: int, message: str) -> None:
    found = refused("web can't be started", EngineError(status, message))
    assert isinstance(found, UserError)
    assert found.problems[0].what == f"web can't be started: {message}"


@pytest.mark.parametrize("message", PASSES)
def test_what_may_pass_is_tried_again(message: str) -> None:
    assert isinstance(refused("web can't be started", EngineError(500, message)), Retry)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, f"{OCI}unable to create session key: disk quota exceeded"),
        (500, f"{OCI}write /x: no space left on device"),
        (404, "could not find an available, non-overlapping IPv4 address pool among the defaults"),
    ],
)
def test_a_machine_that_is_full_is_nobodys_fault_but_its_own(status: int, message: str) -> None:
    assert isinstance(refused("web can't be started", EngineError(status, message)), Fatal)


GPU = DeviceRequest(capabilities=("gpu",), count=-1)
SELECT = 'web can\'t be started: could not select device driver "" with capabilities: [[gpu]]'


@pytest.mark.parametrize(
    ("service", "words", "path"),
    [
        (Service(gpus=(GPU,)), SELECT, "services.web.gpus"),
        (
            Service(deploy=Deploy(resources=Resources(reservations=Resource(devices=(GPU,))))),
            SELECT,
            "services.web.deploy.resources.reservations.devices[0]",
        ),
        (Service(devices=(Device(source="vendor.com/class=a"),)), SELECT, "services.web.devices[0]"),
        (Service(logging=Logging(driver="syslog")), "failed to initialize logging driver: x", "services.web.logging.driver"),
        (Service(storage_opt={"size": "1G"}), "--storage-opt is supported only for", "services.web.storage_opt"),
        (Service(), SELECT, ""),
        (Service(gpus=(GPU,)), "something else", ""),
    ],
)
def test_the_field_that_the_engine_speaks_of_is_named_with_the_engine(service: Service, words: str, path: str) -> None:
    told = placed(UserError(Problem(words)), Application(name="a", services={"web": service}), "web", facts()).problems[0]
    assert told.path == path
    assert told.what == (f"{words}, on Docker Engine 20.10.24 (API 1.41)" if path else words)
