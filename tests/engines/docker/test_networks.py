"""Subnets are ours, sized to their services, and never met twice."""

from __future__ import annotations

import ipaddress

from hypothesis import given
from hypothesis import strategies as st
from tests.engines.docker.scenes import scene

from dockyard.engines.docker import networks
from dockyard.model.application import Application, Ipam, IpamPool, Network
from dockyard.model.plan import Instance
from dockyard.model.service import Service, ServiceNetwork


@given(st.integers(20, 29), st.text(max_size=8))
def test_candidates_are_in_the_range_and_never_repeat(prefix: int, seed: str) -> None:
    whole = ipaddress.ip_network(networks.RANGE)
    found = [ipaddress.ip_network(text) for text in networks.candidates(networks.RANGE, prefix, seed)]
    assert len(found) == len(set(found)) == 1 << (prefix - 16)
    assert all(one.subnet_of(whole) and one.prefixlen == prefix for one in found)


def test_what_is_taken_is_left_out() -> None:
    taken = ["10.213.0.0/17", "10.213.128.0/18", "fd00::/64", "192.168.0.0/16"]
    found = list(networks.candidates(networks.RANGE, 24, "x", taken))
    assert len(found) == 64
    assert all(ipaddress.ip_network(one).subnet_of(ipaddress.ip_network("10.213.192.0/18")) for one in found)


def test_two_runs_begin_elsewhere() -> None:
    firsts = {next(networks.candidates(networks.RANGE, 28, f"run-{n}")) for n in range(50)}
    assert len(firsts) > 45


def _sized(replicas: int) -> int:
    application = Application(name="a", services={"s": Service(networks={"n": None}, scale=replicas)}, networks={"n": Network()})
    return networks.size(scene(application), "n")


def test_a_network_holds_all_its_containers_and_the_gateway() -> None:
    for replicas in (1, 11, 12, 27, 28, 200, 1000):
        usable = 2 ** (32 - _sized(replicas)) - 3
        assert usable >= replicas + 2


def test_a_small_network_takes_a_small_subnet() -> None:
    assert _sized(1) == 28
    assert _sized(11) == 28
    assert _sized(12) == 27


def test_what_the_file_fixes_is_kept_as_written() -> None:
    written = Network(
        driver="bridge",
        driver_opts={"com.docker.network.driver.mtu": "1400"},
        ipam=Ipam(
            config=(
                IpamPool(
                    subnet="172.30.0.0/24", gateway="172.30.0.1", ip_range="172.30.0.128/25", aux_addresses={"a": "172.30.0.9"}
                ),
            )
        ),
        internal=True,
        attachable=True,
        labels={"team": "a"},
    )
    application = Application(name="a", networks={"n": written})
    made = networks.payload(scene(application), "n")
    assert not networks.plain(written)
    assert made["IPAM"]["Config"] == [
        {
            "Subnet": "172.30.0.0/24",
            "Gateway": "172.30.0.1",
            "IPRange": "172.30.0.128/25",
            "AuxiliaryAddresses": {"a": "172.30.0.9"},
        }
    ]
    assert made["Internal"] and made["Attachable"]
    assert made["Options"] == {"com.docker.network.driver.mtu": "1400"}
    assert made["Labels"]["team"] == "a" and made["Labels"]["dockyard.placement"] == "demo-1a2b3c4d"


def test_ipv6_without_a_subnet_gets_one_of_our_own_on_old_engines_alone() -> None:
    application = Application(name="a", networks={"n": Network(enable_ipv6=True)})
    old = networks.payload(scene(application), "n", "10.213.0.0/28")
    new = networks.payload(scene(application, api="1.47"), "n", "10.213.0.0/28")
    assert [pool["Subnet"] for pool in old["IPAM"]["Config"]] == ["10.213.0.0/28", networks.unique_local("demo-1a2b3c4d", "n")]
    assert [pool["Subnet"] for pool in new["IPAM"]["Config"]] == ["10.213.0.0/28"]
    assert ipaddress.ip_network(networks.unique_local("p", "n")).subnet_of(ipaddress.ip_network("fd00::/8"))


def test_other_drivers_choose_their_own_subnets() -> None:
    assert not networks.plain(Network(driver="macvlan"))
    assert networks.plain(Network())


def test_on_a_network_that_others_share_a_runs_services_find_their_own() -> None:
    services = {
        "web": Service(networks={"out": ServiceNetwork(aliases=("www",)), "own": None}, container_name="front"),
        "db": Service(networks={"out": None}),
        "apart": Service(networks={"own": None}),
    }
    application = Application(name="a", services=services, networks={"out": Network(external=True, name="lan"), "own": Network()})
    made = dict(networks.endpoints(scene(application), Instance(key="web", service="web"), services["web"]))
    out, own = made["lan"], made["demo-1a2b3c4d-own"]
    assert {"web", "www", "front", "web.demo-1a2b3c4d", "www.demo-1a2b3c4d", "front.demo-1a2b3c4d"} == set(out["Aliases"])
    assert out["Links"] == [f"{name}.demo-1a2b3c4d:{name}" for name in ("db", "front", "web", "www")]
    assert set(own["Aliases"]) == {"web", "front"} and "Links" not in own
