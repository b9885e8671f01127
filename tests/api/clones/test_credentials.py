"""Who may clone and who uses the clones, as a server's variables say it."""

from __future__ import annotations

import pytest

from dockyard.api.clones.credentials import Access, Account, access
from dockyard.model.errors import UserError

ROOT = Account("root", "r")

CASES = [
    pytest.param(
        {"PGDATA": "/d", "POSTGRES_PASSWORD": "p"},
        Access("postgres", Account("postgres", "p"), Account("postgres", "p"), "postgres"),
        id="what the image does without more",
    ),
    pytest.param(
        {"POSTGRES_USER": "shop", "POSTGRES_PASSWORD_FILE": "/run/p"},
        Access("postgres", Account("shop", "in /run/p"), Account("shop", "in /run/p"), "shop"),
        id="a user and a file; the database is called as the user",
    ),
    pytest.param(
        {"MYSQL_ROOT_PASSWORD": "r", "MYSQL_USER": "u", "MYSQL_PASSWORD": "p", "MYSQL_DATABASE": "d"},
        Access("mysql", ROOT, Account("u", "p"), "d"),
        id="MySQL: root makes them, the user uses them",
    ),
    pytest.param({"MARIADB_ROOT_PASSWORD": "r"}, Access("mysql", ROOT, ROOT, ""), id="nobody but root, and no database"),
    pytest.param(
        {"MARIADB_ROOT_PASSWORD": "r", "MYSQL_ROOT_PASSWORD": "old"}, Access("mysql", ROOT, ROOT, ""), id="MARIADB_ before MYSQL_"
    ),
    pytest.param(
        {"MYSQL_ALLOW_EMPTY_PASSWORD": "yes"},
        Access("mysql", Account("root", ""), Account("root", ""), ""),
        id="a password that is allowed to be empty",
    ),
]


@pytest.mark.parametrize(("variables", "found"), CASES)
def test_a_servers_variables_say_who_may_clone(variables: dict[str, str], found: Access) -> None:
    assert access("db", variables, lambda path: f"in {path}\n") == found


def test_what_is_given_stands_over_the_variables() -> None:
    variables = {"MYSQL_RANDOM_ROOT_PASSWORD": "1", "MYSQL_USER": "u", "MYSQL_PASSWORD": "p"}
    with pytest.raises(UserError, match=r"nobody knows root's password in db\n.*admin="):
        access("db", variables, str)
    found = access("db", variables, str, admin=("boss", "b"), user="other", password="o")
    assert (found.admin, found.account) == (Account("boss", "b"), Account("other", "o"))
    assert access("db", variables, str, admin=("boss", "b"), user="boss").account == Account("boss", "b"), "its password is known"


def test_a_server_of_another_kind_is_refused_until_somebody_says_what_it_is() -> None:
    with pytest.raises(UserError, match="neither PostgreSQL nor MySQL nor MariaDB"):
        access("queue", {"PATH": "/bin", "REDIS_VERSION": "7"}, str)
    assert access("own", {}, str, kind="postgres").account == Account("postgres", "")
