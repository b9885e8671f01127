"""What tests are told of the services: DOCKYARD_SERVICE_*."""

from __future__ import annotations

import pytest

from dockyard.environments.tell_services import variable_name, variables


def test_host_first_port_each_port_and_a_url_where_the_scheme_is_known() -> None:
    found, warnings = variables({"orders-db": ("orders-db", {5432: ("orders-db", 5432), 9187: ("orders-db", 9187)})})
    assert warnings == []
    assert found == {
        "DOCKYARD_SERVICE_ORDERS_DB_HOST": "orders-db",
        "DOCKYARD_SERVICE_ORDERS_DB_PORT": "5432",
        "DOCKYARD_SERVICE_ORDERS_DB_PORT_5432": "5432",
        "DOCKYARD_SERVICE_ORDERS_DB_PORT_9187": "9187",
        "DOCKYARD_SERVICE_ORDERS_DB_URL": "postgres://orders-db:5432",
    }


def test_from_this_machine_ports_are_where_they_are_published_and_named_as_they_are_declared() -> None:
    found, _ = variables({"web": ("127.0.0.1", {8080: ("127.0.0.1", 49153)})})
    assert found["DOCKYARD_SERVICE_WEB_PORT"] == found["DOCKYARD_SERVICE_WEB_PORT_8080"] == "49153"
    assert found["DOCKYARD_SERVICE_WEB_URL"] == "http://127.0.0.1:49153"


def test_without_a_port_there_is_a_host_alone() -> None:
    assert variables({"worker": ("worker", {})})[0] == {"DOCKYARD_SERVICE_WORKER_HOST": "worker"}


def test_names_that_collide_are_set_for_neither_and_told() -> None:
    found, warnings = variables({"my-db": ("my-db", {}), "my_db": ("my_db", {}), "web": ("web", {})})
    assert set(found) == {"DOCKYARD_SERVICE_WEB_HOST"}
    assert len(warnings) == 1 and "my-db and my_db" in warnings[0]


@pytest.mark.parametrize(("service", "name"), [("db", "DB"), ("my-db.1", "MY_DB_1"), ("v2.Api", "V2_API")])
def test_every_other_character_than_letters_and_digits_is_an_underscore(service: str, name: str) -> None:
    assert variable_name(service) == name
