"""What every engine refuses, told from the files alone: where, what, and what would be right."""

from __future__ import annotations

import pytest

from dockyard.engines.docker import values
from dockyard.model.application import Application, Ipam, IpamPool, Network
from dockyard.model.service import Deploy, Mount, Port, RestartPolicy, Service, ServiceNetwork

OWN = Network(ipam=Ipam(config=(IpamPool(subnet="10.8.0.0/24"), IpamPool(subnet="fd00:8::/64"))))


def _told(service: Service, network: Network = OWN) -> list[tuple[str, str, str]]:
    found = values.wrong(Application(name="a", services={"web": service}, networks={"n": network}), ["web"])
    return [(problem.path, problem.what, problem.hint) for problem in found]


def _on(**more: str) -> Service:
    return Service(networks={"n": ServiceNetwork(**more)})


def _mount(target: str) -> Service:
    return Service(volumes=(Mount(type="volume", target="/fine"), Mount(type="volume", target=target)))


WRONG = [
    (Service(restart="sometimes"), "services.web.restart", "'sometimes' is no restart policy", "on-failure, always"),
    (Service(restart="on-failure:x"), "services.web.restart", "'x' is no number of restarts", "on-failure:3"),
    (Service(restart="on-failure:-1"), "services.web.restart", "'-1' is no number of restarts", "on-failure:3"),
    (
        Service(deploy=Deploy(restart_policy=RestartPolicy(condition="often"))),
        "services.web.deploy.restart_policy.condition",
        "'often' is no condition",
        "none, on-failure, any",
    ),
    (_mount("::"), "services.web.volumes[1]", "the target '::' is not absolute", "SOURCE:/TARGET"),
    (_mount("c:d"), "services.web.volumes[1]", "the target 'c:d' is not absolute", "SOURCE:/TARGET"),
    (_mount("v:/v"), "services.web.volumes[1]", "the target 'v:/v' is not absolute", "read as a drive"),
    (_mount("data"), "services.web.volumes[1]", "the target 'data' is not absolute", "begins with /"),
    (_mount("/a/.."), "services.web.volumes[1]", "can't be the whole file system", "a folder below it"),
    (Service(tmpfs=("rel:size=1m",)), "services.web.tmpfs[0]", "the target 'rel' is not absolute", "begins with /"),
    (Service(working_dir="app"), "services.web.working_dir", "'app' is not absolute", "begins with /"),
    (Service(ports=(Port(target=70000),)), "services.web.ports[0].target", "70000 is no port", "1 to 65535"),
    (_on(ipv4_address="10.9.9.9"), "services.web.networks.n.ipv4_address", "10.9.9.9 is not in network 'n'", "10.8.0.0/24"),
    (_on(ipv6_address="fd00:9::1"), "services.web.networks.n.ipv6_address", "fd00:9::1 is not in network 'n'", "fd00:8::/64"),
    (_on(ipv4_address="10.8"), "services.web.networks.n.ipv4_address", "'10.8' is no IPv4 address", "172.28.0.10"),
    (_on(ipv4_address="fd00:8::1"), "services.web.networks.n.ipv4_address", "'fd00:8::1' is no IPv4 address", "172.28.0.10"),
]


@pytest.mark.parametrize(("service", "path", "what", "hint"), WRONG, ids=[what for _, _, what, _ in WRONG])
def test_what_every_engine_refuses_is_told_with_its_place_and_what_would_be_right(
    service: Service, path: str, what: str, hint: str
) -> None:
    ((told_path, told, told_hint),) = _told(service)
    assert (told_path, what in told, hint in told_hint) == (path, True, True), (told_path, told, told_hint)


def test_an_address_in_a_network_without_a_written_subnet_can_not_be_written() -> None:
    ((path, what, hint),) = _told(_on(ipv4_address="10.8.0.9"), Network())
    assert path == "services.web.networks.n.ipv4_address"
    assert "no IPv4 subnet in the file" in what and "networks.n.ipam.config" in hint


@pytest.mark.parametrize(
    ("pool", "field"),
    [
        (IpamPool(subnet="10.8.0.0"), "subnet"),
        (IpamPool(subnet="10.8.0/24"), "subnet"),
        (IpamPool(subnet="10.8.0.0/24", gateway="10.9.0.1"), "gateway"),
        (IpamPool(subnet="10.8.0.0/24", gateway="fd00::1"), "gateway"),
        (IpamPool(subnet="10.8.0.0/24", ip_range="10.8.0.0/16"), "ip_range"),
    ],
)
def test_a_pool_must_hold_together(pool: IpamPool, field: str) -> None:
    ((path, _, _),) = _told(_on(), Network(ipam=Ipam(config=(pool,))))
    assert path == f"networks.n.ipam.config[0].{field}"


@pytest.mark.parametrize(
    ("service", "network"),
    [
        (Service(restart="on-failure:3"), OWN),
        (Service(restart="unless-stopped"), OWN),
        (Service(restart="no"), OWN),
        (Service(deploy=Deploy(restart_policy=RestartPolicy(condition="any"))), OWN),
        (_mount("/v"), OWN),
        (Service(tmpfs=("/run", "/tmp:size=1m")), OWN),
        (Service(ports=(Port(target=1), Port(target=65535))), OWN),
        (_on(ipv4_address="10.8.0.9", ipv6_address="fd00:8::9"), OWN),
        (_on(ipv4_address="10.9.9.9"), Network(external=True)),
        (_on(ipv4_address="10.9.9.9"), Network(ipam=Ipam(driver="dhcp"))),
        (_on(), Network(ipam=Ipam(config=(IpamPool(subnet="10.8.0.0/24", gateway="10.8.0.1", ip_range="10.8.0.128/25"),)))),
    ],
)
def test_what_an_engine_takes_is_taken(service: Service, network: Network) -> None:
    assert _told(service, network) == []
