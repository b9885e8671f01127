"""What of a MySQL or MariaDB database can be cloned exactly, and what is refused with which reason."""

from __future__ import annotations

import re

import msgspec
import pytest

from dockyard.api.clones import mysql_schema
from dockyard.api.clones.mysql_schema import Program, Schema, Table

ORDERS = Table(name="orders", kind="BASE TABLE", engine="InnoDB", create="CREATE TABLE `orders` …", columns=("id", "a`b"))
STOCK = msgspec.structs.replace(ORDERS, name="shop")  # called as its database
GOOD = Schema(charset="utf8mb4", collation="utf8mb4_general_ci", tables=(ORDERS, STOCK))


def view(create: str, kind: str = "view", charset: str = "utf8mb4") -> Program:
    return Program(kind=kind, name="v", create=create, charset=charset, collation=f"{charset}_general_ci")


REFUSED = [
    pytest.param({"tables": (msgspec.structs.replace(ORDERS, kind="SEQUENCE"),)}, "orders is a sequence", id="a sequence"),
    pytest.param(
        {"tables": (msgspec.structs.replace(ORDERS, kind="SYSTEM VERSIONED"),)}, "orders is a system versioned", id="history"
    ),
    pytest.param({"tables": (msgspec.structs.replace(ORDERS, engine="FEDERATED"),)}, "the engine FEDERATED", id="rows elsewhere"),
    pytest.param({"elsewhere": ("events",)}, "it has events", id="what is not read"),
    pytest.param({"programs": (view(""),)}, "the view v may not be read", id="no right to read it"),
    pytest.param(
        {"programs": (view("select * from `shop`.`orders`"),)}, r"names its own database \(`shop`.`orders`\)", id="its own name"
    ),
    pytest.param({"programs": (view("insert into Shop . orders", "trigger"),)}, "the trigger v names its own", id="as typed"),
    pytest.param({"programs": (view("select 'ü'", charset="latin1"),)}, "made in latin1", id="letters in another character set"),
]


@pytest.mark.parametrize(("change", "reason"), REFUSED)
def test_what_would_not_be_the_same_is_refused_with_its_reason(change: dict[str, object], reason: str) -> None:
    (found,) = mysql_schema.refused("shop", msgspec.structs.replace(GOOD, **change))
    assert re.search(reason, found)


@pytest.mark.parametrize(
    "create",
    ["select `shop`.`id` from `shop`", "select * from `workshop`.`orders`", "select other.shop.id", "select 'ü'", "call shop.x"],
)
def test_what_only_looks_like_its_own_name_is_cloned(create: str) -> None:
    assert mysql_schema.refused("shop", msgspec.structs.replace(GOOD, programs=(view(create),))) == []


def test_rows_are_copied_by_name_so_that_generated_columns_come_by_themselves() -> None:
    assert mysql_schema.rows("s", "t", msgspec.structs.replace(GOOD, tables=(ORDERS,))) == [
        "INSERT INTO `t`.`orders` (`id`, `a``b`) SELECT `id`, `a``b` FROM `s`.`orders`"
    ]


def test_a_copy_that_is_not_the_same_is_told_by_what_differs() -> None:
    other = msgspec.structs.replace(GOOD, collation="latin1_bin", tables=(ORDERS,), programs=(view("x"),))
    assert mysql_schema.differences(GOOD, GOOD) == []
    assert mysql_schema.differences(GOOD, other) == ["its character set", "the table shop", "the view v"]


def test_a_grant_for_all_clones_reaches_nobody_elses() -> None:
    assert mysql_schema.pattern("a_b%c\\") == "a\\_b\\%c\\\\"
