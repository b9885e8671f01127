"""What a doctor finds, in words: facts in, findings out."""

from __future__ import annotations

import msgspec
import pytest
from tests.engines.docker.scenes import facts

from dockyard.environments.doctor import examine
from dockyard.model.facts import Found, FoundKind


class Looked(msgspec.Struct, frozen=True):
    bridges: int = 0
    root: str = "/"
    disk_free: int = 1 << 40
    buildx: str = "0.29"
    descriptors: int = 65536
    proxies: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def _standing(many: int) -> list[Found]:
    return [Found(kind=FoundKind.CONTAINER, id=str(n), name=f"c{n}", placement=f"p{n}", deadline=0) for n in range(many)]


@pytest.mark.parametrize(
    ("many", "pools", "leftovers"),
    [
        (0, "0 networks of others use the", "0 environments stand, 0 of them are nobody's"),
        (1, "1 network of others uses the", "1 environment stands, 1 of them is nobody's"),
        (2, "2 networks of others use the", "2 environments stand, 2 of them are nobody's"),
    ],
)
def test_one_is_one_and_several_are_several(many: int, pools: str, leftovers: str) -> None:
    found = {one.what: one.found for one in examine(facts(), Looked(bridges=many), _standing(many), many)}
    assert found["address pools"].startswith(pools)
    assert found["leftovers"] == leftovers
