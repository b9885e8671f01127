"""Which services stand by booted: a service that was booted must be what a cold one is when its run begins."""

from __future__ import annotations

from typing import Any

import pytest

from dockyard.model.application import Application, Network, Volume
from dockyard.model.bootable import bootable
from dockyard.model.extension import ServiceExtension
from dockyard.model.plan import Instance, Role
from dockyard.model.service import Dependency, Mount, Service, ServiceNetwork
from dockyard.model.sharing import together

READY = ServiceExtension(booted=True)


def _service(*waits: str, ready: bool = True, **fields: Any) -> Service:
    return Service(image="x" if ready else "plain", depends_on={name: Dependency() for name in waits}, **fields)


def _application(services: dict[str, Service]) -> Application:
    """Those with the image x say that they are to stand by ready."""
    return Application(
        name="p",
        services=services,
        networks={"theirs": Network(external=True)},
        volumes={"theirs": Volume(external=True)},
        dockyard_services={name: READY for name, service in services.items() if service.image == "x"},
    )


def _instances(services: dict[str, Service], roles: dict[str, Role], gated: bool = True) -> list[Instance]:
    return [Instance(key=n, service=n, role=roles.get(n, Role.SERVICE), gated=gated, ungated_because="why") for n in services]


CASES: dict[str, tuple[dict[str, Service], dict[str, tuple[str, ...]], dict[str, str]]] = {
    "nobody asks": ({"db": _service(ready=False)}, {}, {}),
    "one alone": ({"db": _service(), "app": _service("db", ready=False)}, {"db": ("db",)}, {}),
    "two that know nothing of each other": ({"db": _service(), "queue": _service()}, {"db": ("db",), "queue": ("queue",)}, {}),
    "those on one network, who may have spoken": (
        {
            "db": _service(networks={"a": None}),
            "worker": _service(networks={"a": None, "b": None}),
            "queue": _service(networks={"b": None}),
            "mail": _service(networks={"c": None}),
            "beside": _service(network_mode="service:mail"),
        },
        {
            **dict.fromkeys(("db", "worker", "queue"), ("db", "queue", "worker")),
            **dict.fromkeys(("mail", "beside"), ("beside", "mail")),
        },
        {},
    ),
    "with what it waits for": (
        {"db": _service(), "made": _service("db"), "queue": _service()},
        {"db": ("db", "made"), "made": ("db", "made"), "queue": ("queue",)},
        {},
    ),
    "two that wait for one are one party": (
        {"db": _service(), "a": _service("db"), "b": _service("db")},
        dict.fromkeys(("db", "a", "b"), ("a", "b", "db")),
        {},
    ),
    "what it waits for isn't booted": (
        {"db": _service(ready=False), "app": _service("db"), "web": _service("app"), "queue": _service()},
        {"queue": ("queue",)},
        {"app": "it waits for db, which isn't booted", "web": "it waits for app, which isn't booted"},
    ),
    "a link is a wait": (
        {"db": _service(ready=False), "app": _service(links=("db:other",))},
        {},
        {"app": "it waits for db, which isn't booted"},
    ),
    "a test": (
        {"sut": _service(), "after": _service("sut")},
        {},
        {"sut": "it is a test", "after": "it waits for sut, which isn't booted"},
    ),
    "the machine's network": ({"db": _service(network_mode="host")}, {}, {"db": "network_mode: host is the machine's own"}),
    "the machine's processes": ({"db": _service(pid="host")}, {}, {"db": "pid: host is the machine's own"}),
    "the engine's socket": ({"db": _service(use_api_socket=True)}, {}, {"db": "it has the engine's socket"}),
    "the engine's socket by a mount": (
        {"db": _service(volumes=(Mount(type="bind", source="/var/run/docker.sock", target="/s"),))},
        {},
        {"db": "/var/run/docker.sock is the machine's own"},
    ),
    "an external volume": (
        {"db": _service(volumes=(Mount(type="volume", source="theirs", target="/d"),))},
        {},
        {"db": "the volume theirs is external"},
    ),
    "an external network": (
        {"db": _service(networks={"theirs": ServiceNetwork()})},
        {},
        {"db": "the network theirs is external"},
    ),
    "what it waits for isn't in the run": ({"app": _service("db")}, {"app": ("app",)}, {}),
}


@pytest.mark.parametrize("case", CASES)
def test_who_is_booted_with_whom_and_who_stays_at_its_gate(case: str) -> None:
    services, parties, stays = CASES[case]
    found = bootable(_application(services), _instances(services, {"sut": Role.TEST}))
    assert (dict(found.parties), dict(found.stays)) == (parties, stays)


def test_what_can_not_wait_at_a_gate_is_not_booted() -> None:
    services = {"db": _service()}
    assert bootable(_application(services), _instances(services, {}, gated=False)).stays == {
        "db": "it can't wait at a gate (why)"
    }


def test_those_that_boot_together_are_made_anew_together() -> None:
    services = {"db": _service(), "made": _service("db"), "queue": _service(), "app": _service("made", ready=False)}
    groups = together(_application(services), _instances(services, {}))
    assert groups["db"] == groups["made"] == {"db", "made"}
    assert groups["queue"] == {"queue"} and groups["app"] == {"app"}
