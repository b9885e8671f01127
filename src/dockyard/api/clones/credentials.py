"""Who may clone a database, and who uses the clones: read from the variables that the server's image was given. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from dockyard.model.errors import Problem, UserError

Kind = Literal["postgres", "mysql"]

PORTS: dict[Kind, int] = {"postgres": 5432, "mysql": 3306}


class Account(NamedTuple):
    user: str
    password: str


class Access(NamedTuple):
    """`admin` makes and drops databases; `account` is the tests'. `database`: what the image was told to make, or ""."""

    kind: Kind
    admin: Account
    account: Account
    database: str


Read = Callable[[str], str]
"""The content of a file in the container, for variables that end in _FILE."""


def kind_of(service: str, variables: Mapping[str, str]) -> Kind:
    """Which server an image with these variables is. UserError where nothing says so."""
    if any(name.startswith(("POSTGRES_", "PG_MAJOR", "PGDATA")) for name in variables):
        return "postgres"
    if any(name.startswith(("MYSQL_", "MARIADB_")) for name in variables):
        return "mysql"
    raise UserError(
        Problem(
            f"{service} is neither PostgreSQL nor MySQL nor MariaDB, as far as its variables say",
            hint="databases are cloned in these; kind='postgres' or kind='mysql' says it where an image of your own is one",
        )
    )


def access(
    service: str,
    variables: Mapping[str, str],
    read: Read,
    *,
    kind: Kind | None = None,
    admin: tuple[str, str] | None = None,
    user: str = "",
    password: str | None = None,
) -> Access:
    """What is given stands over what the variables say. UserError where an administrator's password is known to nobody."""
    found = kind or kind_of(service, variables)
    said = (_postgres if found == "postgres" else _mysql)(service, variables, read, Account(*admin) if admin else None)
    if not user and password is None:
        return said
    known = {one.user: one.password for one in (said.admin, said.account)}
    name = user or said.account.user
    return said._replace(account=Account(name, known.get(name, "") if password is None else password))


def _postgres(service: str, variables: Mapping[str, str], read: Read, admin: Account | None) -> Access:
    user = _value(("POSTGRES_USER",), variables, read) or "postgres"
    account = Account(user, _value(("POSTGRES_PASSWORD",), variables, read) or "")
    return Access("postgres", admin or account, account, _value(("POSTGRES_DB",), variables, read) or user)


def _mysql(service: str, variables: Mapping[str, str], read: Read, admin: Account | None) -> Access:
    def value(name: str) -> str | None:
        return _value((f"MARIADB_{name}", f"MYSQL_{name}"), variables, read)

    if admin is None:
        password = value("ROOT_PASSWORD")
        empty = any(variables.get(name) for name in ("MARIADB_ALLOW_EMPTY_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD"))
        if password is None and not empty:
            raise UserError(
                Problem(
                    f"nobody knows root's password in {service}",
                    hint="set MYSQL_ROOT_PASSWORD (or MARIADB_ROOT_PASSWORD), or give admin=(user, password)",
                )
            )
        admin = Account("root", password or "")
    user = value("USER")
    account = Account(user, value("PASSWORD") or "") if user else admin
    return Access("mysql", admin, account, value("DATABASE") or "")


def _value(names: tuple[str, ...], variables: Mapping[str, str], read: Read) -> str | None:
    """The first of them that is set, by itself or by a file."""
    for name in names:
        if file := variables.get(f"{name}_FILE"):
            return read(file).rstrip("\n")
        if variables.get(name):
            return variables[name]
    return None
