"""The front: pages made on the server, from what the API says."""

import os

import requests
from flask import Flask, redirect, render_template_string, request
from waitress import serve

app = Flask(__name__)
API = os.environ["API_URL"]
PAGE = """<!doctype html>
<title>The Shop</title>
<h1>The Shop</h1>
<ul>{% for p in products %}<li class="product">{{ p.name }}: {{ p.pieces }}</li>{% endfor %}</ul>
<form method="post" action="/order">
  <input name="product" placeholder="product"> <input name="pieces" value="1"> <button id="order">Order</button>
</form>
{% if order %}<p id="state">Order {{ order.id }}: {{ order.state }}</p>{% endif %}
"""


@app.get("/health")
def health():
    return "ok"


@app.get("/")
def front():
    products = requests.get(f"{API}/products", timeout=5).json()
    number = request.args.get("order", type=int)
    order = requests.get(f"{API}/orders/{number}", timeout=5).json() if number else None
    return render_template_string(PAGE, products=products, order=order)


@app.post("/order")
def order():
    asked = {"product": request.form["product"], "pieces": int(request.form["pieces"])}
    made = requests.post(f"{API}/orders", json=asked, timeout=5).json()
    return redirect(f"/?order={made['id']}")


if __name__ == "__main__":
    serve(app, host="0.0.0.0", port=8080)
