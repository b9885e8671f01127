"""In a container of the engine's the engine's loopback is not ours: its address on our network is what reaches it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockyard.engines.docker import inside

ROUTES = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0
"""


@pytest.mark.parametrize(
    ("subnets", "driver", "routes", "reached"),
    [
        (["fd00::/64", "172.17.0.0/16", "10.0.0.0/24"], "bridge", ROUTES, "172.17.0.1"),
        (["10.0.0.0/24"], "bridge", ROUTES, "127.0.0.1"),
        (["172.17.0.0/16"], "macvlan", ROUTES, "127.0.0.1"),
        (["172.17.0.0/16"], "bridge", ROUTES.splitlines()[0], "127.0.0.1"),
        (["172.17.0.0/16"], "bridge", None, "127.0.0.1"),
    ],
    ids=["on the engine's bridge", "on the host's network", "a network of the host's own", "without a way out", "not on Linux"],
)
def test_ports_are_published_where_we_reach_them(
    subnets: list[str], driver: str, routes: str | None, reached: str, tmp_path: Path
) -> None:
    table = tmp_path / "route"
    if routes is not None:
        table.write_text(routes)
    networks = [{"Driver": "null", "IPAM": {"Config": None}}]
    networks += [{"Driver": driver, "IPAM": {"Config": [{"Subnet": one}]}} for one in subnets]
    assert inside.reach(networks, str(table)) == reached


def test_a_container_is_known_by_what_its_engine_left_in_its_root(tmp_path: Path) -> None:
    assert not inside.in_container(str(tmp_path))
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".containerenv").touch()
    assert inside.in_container(str(tmp_path))
