"""Clones on real servers: the same data for each test, what one does reaches no other, and what can't be the same is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pg8000.native
import pymysql
import pytest

import dockyard
from dockyard import Clone, Environment, QueryReady, Ready, Service, UserError

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]

SERVICES = {
    "pg": Service(
        "postgres:15", environment={"POSTGRES_PASSWORD": "a b'c", "POSTGRES_DB": "shop"}, ready=Ready(postgres=QueryReady())
    ),
    "my": Service(
        "mariadb:10.11",
        environment={"MARIADB_ROOT_PASSWORD": "r", "MARIADB_USER": "u", "MARIADB_PASSWORD": "p", "MARIADB_DATABASE": "sh_op"},
        ready=Ready(mysql=QueryReady()),
    ),
}

POSTGRES = """
CREATE TABLE seed AS SELECT i, md5(i::text) AS m FROM generate_series(1, 100) i;
CREATE ROLE reader LOGIN PASSWORD 'r';
REVOKE ALL ON DATABASE shop FROM PUBLIC;
GRANT CONNECT ON DATABASE shop TO reader;
ALTER DATABASE shop SET search_path TO 'other', 'public';
ALTER DATABASE shop CONNECTION LIMIT 7
"""

MYSQL = """
CREATE TABLE a (id int AUTO_INCREMENT PRIMARY KEY, n varchar(30) NOT NULL, g int AS (char_length(n)) STORED, k int, CHECK (k < 9))
CREATE TABLE b (id int PRIMARY KEY, a int, CONSTRAINT ba FOREIGN KEY (a) REFERENCES a (id) ON DELETE CASCADE)
CREATE TABLE c (d date) ENGINE=MyISAM
INSERT INTO a (n, k) VALUES ('x', 1), ('ü', NULL), ('z', 3)
INSERT INTO b VALUES (1, 1), (2, 3)
SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'
INSERT INTO c VALUES ('0000-00-00'), (NULL)
INSERT INTO a (id, n) VALUES (0, 'zero')
CREATE VIEW z AS SELECT * FROM a
CREATE VIEW first AS SELECT n FROM z
CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.n = concat(NEW.n, '!')
CREATE FUNCTION f(x int) RETURNS int DETERMINISTIC RETURN x + 1
CREATE PROCEDURE p() SELECT count(*) FROM a
"""


@pytest.fixture(scope="module")
def env(docker_host: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    report = tmp_path_factory.mktemp("report")
    with dockyard.environment(SERVICES, name="clones", host=docker_host, report=report) as env:
        seed = _pg(env, "shop")
        for statement in POSTGRES.split(";"):
            seed.run(statement)
        seed.close()
        with _my(env, "sh_op") as connection:
            for statement in MYSQL.strip().splitlines():
                connection.cursor().execute(statement)
        yield env


def _pg(env: Environment, database: str, user: str = "postgres", password: str = "a b'c") -> pg8000.native.Connection:
    host, port = env.address("pg", 5432)
    return pg8000.native.Connection(user, host=host, port=port, password=password, database=database)


def _my(env: Environment, database: str) -> pymysql.connections.Connection[Any]:
    host, port = env.address("my", 3306)
    return pymysql.connect(host=host, port=port, user="root", password="r", database=database, autocommit=True)


def _asked(clone: Clone, statement: str) -> Any:
    if clone.kind == "postgres":
        connection = pg8000.native.Connection(
            clone.user, host=clone.host, port=clone.port, password=clone.password, database=clone.name
        )
        return connection.run(statement)
    # left open, in a transaction: the clone goes all the same
    own = pymysql.connect(host=clone.host, port=clone.port, user=clone.user, password=clone.password, database=clone.name)
    with own.cursor() as cursor:
        cursor.execute(statement)
        return [list(row) for row in cursor.fetchall()]


def test_each_block_has_the_data_of_the_seed_and_none_of_anothers(env: Environment) -> None:
    cases = (("pg", "DELETE FROM seed", "SELECT count(*) FROM seed", 100), ("my", "DELETE FROM a", "SELECT count(*) FROM a", 4))
    for service, spoil, count, rows in cases:
        with env.clones(service) as clones:
            names: set[str] = set()
            for _ in range(3):
                with clones.clone() as clone:
                    assert _asked(clone, count) == [[rows]]
                    _asked(clone, spoil)
                    names.add(clone.name)
            assert len(names) == 3
            with clones.clone() as one, clones.clone() as other:
                assert one.name != other.name
        left = _pg(env, "shop").run("SELECT datname FROM pg_database") if service == "pg" else _databases(env)
        prefix = f"{min(names).rpartition('_')[0]}_"
        assert [name for (name,) in left if name.startswith(prefix)] == [], "all of them go, also those that nobody took"


def _databases(env: Environment) -> list[tuple[str]]:
    with _my(env, "sh_op").cursor() as cursor:
        cursor.execute("SHOW DATABASES")
        return list(cursor.fetchall())


def test_what_stands_outside_a_postgresql_database_is_the_clones_too(env: Environment) -> None:
    with env.clones("pg", user="reader", password="r") as clones, clones.clone() as clone:
        assert clone.url == f"postgresql://reader:r@{clone.host}:{clone.port}/{clone.name}"
        assert clone.dsn == f"host={clone.host} port={clone.port} dbname={clone.name} user=reader password=r"
        assert _asked(clone, "SHOW search_path") == [["other, public"]]
        outside = "SELECT datconnlimit, datacl::text, pg_get_userbyid(datdba) FROM pg_database WHERE datname = "
        assert _asked(clone, outside + "'shop'") == _asked(clone, outside + "current_database()")
        assert _asked(clone, outside + "'shop'")[0][0] == 7
    with env.clones("pg") as clones, clones.clone() as clone:
        assert "password='a b\\'c'" in clone.dsn and ":a%20b%27c@" in clone.url


def test_a_postgresql_database_in_use_is_refused_with_who_uses_it_or_they_are_disconnected(env: Environment) -> None:
    user = _pg(env, "shop")
    try:
        with env.clones("pg", fresh=True) as clones, pytest.raises(UserError, match=r"shop is in use.*postgres from \d"):
            clones.take()
        with env.clones("pg", fresh=True, disconnect=True) as clones, clones.clone() as clone:
            assert _asked(clone, "SELECT count(*) FROM seed") == [[100]]
        _pg(env, "shop").close()
    finally:
        user.close()


def test_a_clone_in_mariadb_has_keys_views_triggers_and_routines_and_its_user_may_use_it(env: Environment) -> None:
    with env.clones("my") as clones, clones.clone() as clone:
        assert (clone.user, clone.url) == ("u", f"mysql://u:p@{clone.host}:{clone.port}/{clone.name}")
        with _my(env, clone.name) as connection, connection.cursor() as cursor:

            def asked(statement: str) -> list[Any]:
                cursor.execute(statement)
                return list(cursor.fetchall())

            assert asked("SELECT id, n, g FROM a ORDER BY id") == [(0, "zero", 4), (1, "x", 1), (2, "ü", 1), (3, "z", 1)]
            assert asked("SELECT count(*), count(d) FROM c") == [(2, 1)]
            asked("INSERT INTO a (n) VALUES ('new')")
            assert asked("SELECT n FROM first ORDER BY n")[0] == ("new!",), "the view is the clone's, and the trigger acts in it"
            assert asked("SELECT max(id) FROM a") == [(4,)]
            assert asked("SELECT f(1)") == [(2,)]
            assert asked("CALL p()") == [(5,)]
        with _my(env, clone.name) as connection, connection.cursor() as cursor:
            cursor.execute("DELETE FROM a WHERE id = 1")
            cursor.execute("SELECT id FROM b")
            assert list(cursor.fetchall()) == [(2,)], "what referred to it went with it"
            with pytest.raises(pymysql.err.OperationalError, match="CONSTRAINT"):
                cursor.execute("INSERT INTO a (n, k) VALUES ('', 9)")


def test_what_can_not_be_cloned_exactly_in_mariadb_is_refused_all_at_once(env: Environment) -> None:
    with _my(env, "sh_op").cursor() as cursor:
        cursor.execute("CREATE DATABASE bad")
        cursor.execute("USE bad")
        cursor.execute("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1")
        cursor.execute("CREATE SEQUENCE s")
        cursor.execute("CREATE TABLE t (i int)")
        cursor.execute("CREATE VIEW v AS SELECT t.i, u.User FROM bad.t, mysql.user u")
    with env.clones("my", database="bad") as clones, pytest.raises(UserError) as caught:
        clones.take()
    said = str(caught.value)
    assert all(word in said for word in ("it has events", "s is a sequence", "the view v names its own database")), said


def test_a_database_that_is_not_there_is_told_with_those_that_are(env: Environment) -> None:
    for service, there in ("pg", "shop"), ("my", "sh_op"):
        with env.clones(service, database="nope") as clones, pytest.raises(UserError, match=rf"(?s)no database nope.*{there}"):
            clones.take()


def test_a_server_that_was_started_again_is_found_again(env: Environment, tmp_path: Path) -> None:
    with env.clones("pg", ready=1) as clones:
        clones.give_back(clones.take())
        env.restart("pg", grace=5)
        with clones.clone():
            pass
        with clones.clone() as clone:  # the first may have been ready before
            assert _asked(clone, "SELECT count(*) FROM seed") == [[100]]
