"""The table [images] of dockyard.toml."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.graphs import edge

from dockyard.images.policies import Policies, Policy, load
from dockyard.model.errors import UserError

GOOD = """\
timeout = "5m"
[images]
policy = "rebase"
[images.names]
"a/Dockerfile" = "acme/a:1"
[images.policies]
"base/*" = "cascade"
"shop/* < base/*" = "lazy"
"""


def test_the_last_rule_that_matches_an_edge_counts(tmp_path: Path) -> None:
    (tmp_path / "dockyard.toml").write_text(GOOD)
    found = load(tmp_path / "dockyard.toml")
    assert found.names == {"a/Dockerfile": "acme/a:1"}
    policies = [found.of(edge(text)) for text in ("x:1 < base/a:1", "shop/x:1 < base/a:1", "x:1 < y:1", "x:1 <content base/a:1")]
    assert policies == [Policy.CASCADE, Policy.LAZY, Policy.REBASE, Policy.CONTENT]


def test_without_a_file_every_edge_is_lazy(tmp_path: Path) -> None:
    assert load(tmp_path / "dockyard.toml") == Policies()


def test_all_that_is_wrong_in_the_table_is_told_with_its_line(tmp_path: Path) -> None:
    text = '[images]\npolicy = "never"\npolicy_ = 1\nnames = 3\n[images.policies]\n"a" = "often"\n'
    (tmp_path / "dockyard.toml").write_text(text)
    with pytest.raises(UserError) as caught:
        load(tmp_path / "dockyard.toml")
    assert {(p.path, p.at.line if p.at else 0) for p in caught.value.problems} == {
        ("images.policy", 2),
        ("images.policy_", 3),
        ("images.names", 4),
        ("images.policies.a", 6),
    }
