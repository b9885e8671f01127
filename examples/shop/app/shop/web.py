"""The front: pages made on the server, from what the API says."""

import os

import requests
from flask import Flask, redirect, render_template, request
from flask.typing import ResponseReturnValue
from waitress import serve

app = Flask(__name__)
API = os.environ["API_URL"]


@app.get("/health")
def health() -> ResponseReturnValue:
    return "ok"


@app.get("/")
def front() -> ResponseReturnValue:
    # the order first: where it says shipped, the shelf that is read after it has the pieces taken
    number = request.args.get("order", type=int)
    order = requests.get(f"{API}/orders/{number}", timeout=5).json() if number else None
    products = requests.get(f"{API}/products", timeout=5).json()
    return render_template("front.html", products=products, order=order)


@app.post("/order")
def order() -> ResponseReturnValue:
    asked = {"product": request.form["product"], "pieces": request.form.get("pieces", type=int)}
    answer = requests.post(f"{API}/orders", json=asked, timeout=5)
    if answer.status_code != 201:
        return answer.json()["error"], 400
    return redirect(f"/?order={answer.json()['id']}")


if __name__ == "__main__":
    serve(app, host="0.0.0.0", port=8080)
