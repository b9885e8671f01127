"""The API: products, and orders that go into the database and the queue."""

from contextlib import closing

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from waitress import serve

from shop import connections

app = Flask(__name__)


@app.get("/health")
def health() -> ResponseReturnValue:
    connections.orders().close()
    connections.stock().close()
    connections.queue().ping()
    return "ok"


@app.get("/products")
def products() -> ResponseReturnValue:
    with connections.stock() as stock, stock.cursor() as cursor:
        cursor.execute("SELECT name, pieces, cents FROM products ORDER BY name")
        return jsonify([{"name": name, "pieces": pieces, "cents": cents} for name, pieces, cents in cursor.fetchall()])


@app.post("/orders")
def order() -> ResponseReturnValue:
    asked = request.get_json(silent=True) or {}
    product, pieces = asked.get("product"), asked.get("pieces")
    if not isinstance(product, str) or not isinstance(pieces, int) or pieces < 1:
        return jsonify(error="product and a number of pieces are needed"), 400
    with closing(connections.orders()) as orders:
        ((number,),) = orders.run("INSERT INTO orders (product, pieces) VALUES (:p, :n) RETURNING id", p=product, n=pieces)
    connections.queue().rpush("orders", number)
    return jsonify(id=number, state="new"), 201


@app.get("/orders/<int:number>")
def one(number: int) -> ResponseReturnValue:
    with closing(connections.orders()) as orders:
        rows = orders.run("SELECT product, pieces, state FROM orders WHERE id = :n", n=number)
    if not rows:
        return jsonify(error="no such order"), 404
    product, pieces, state = rows[0]
    return jsonify(id=number, product=product, pieces=pieces, state=state)


if __name__ == "__main__":
    serve(app, host="0.0.0.0", port=8000)
