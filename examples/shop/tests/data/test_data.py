"""The shop's databases, each test on clones of its own: none sees what another has done, and they may run at once."""

import pg8000.native
import pymysql
import pytest


@pytest.fixture
def orders(dockyard_clone):
    db = dockyard_clone("orders-db")
    connection = pg8000.native.Connection(db.user, host=db.host, port=db.port, password=db.password, database=db.name)
    connection.run("DELETE FROM orders")  # of the clone: whoever has ordered in the shop meanwhile
    yield connection
    connection.close()


@pytest.fixture
def stock(dockyard_clone):
    db = dockyard_clone("stock-db")
    with pymysql.connect(host=db.host, port=db.port, user=db.user, password=db.password, database=db.name) as connection:
        yield connection.cursor()


def test_an_order_is_new_until_somebody_has_seen_it(orders):
    orders.run("INSERT INTO orders (product, pieces) VALUES ('anchor', 1)")
    assert orders.run("SELECT count(*), min(state) FROM orders") == [[1, "new"]]


def test_an_order_of_nothing_is_refused_by_the_database_too(orders):
    with pytest.raises(pg8000.native.DatabaseError, match="orders_pieces_check"):
        orders.run("INSERT INTO orders (product, pieces) VALUES ('anchor', 0)")
    assert orders.run("SELECT count(*) FROM orders") == [[0]]


@pytest.mark.parametrize("product", ["anchor", "compass", "lantern"])
def test_a_product_can_be_sold_out(stock, product):
    stock.execute("SELECT count(*) FROM products WHERE pieces > 0")
    assert stock.fetchone() == (2,)
    stock.execute("UPDATE products SET pieces = 0 WHERE name = %s", (product,))
    stock.execute("SELECT pieces FROM products WHERE name = %s", (product,))
    assert stock.fetchone() == (0,)
