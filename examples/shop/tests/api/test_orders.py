"""The shop through its API."""

import os
import time

import requests

API = os.environ["API_URL"]


def order(product: str, pieces: int) -> requests.Response:
    return requests.post(f"{API}/orders", json={"product": product, "pieces": pieces}, timeout=5)


def settled(number: int) -> str:
    """The order's state once the worker has seen it."""
    for _ in range(100):
        state = requests.get(f"{API}/orders/{number}", timeout=5).json()["state"]
        if state != "new":
            return state
        time.sleep(0.05)
    return "new"


def test_an_order_is_shipped_and_stock_goes_down():
    before = {p["name"]: p["pieces"] for p in requests.get(f"{API}/products", timeout=5).json()}
    made = order("compass", 2)
    assert made.status_code == 201
    assert settled(made.json()["id"]) == "shipped"
    after = {p["name"]: p["pieces"] for p in requests.get(f"{API}/products", timeout=5).json()}
    assert after["compass"] == before["compass"] - 2


def test_an_order_beyond_the_stock_is_refused():
    assert settled(order("lantern", 1).json()["id"]) == "refused"


def test_an_order_of_nothing_is_an_error():
    assert order("compass", 0).status_code == 400


def test_an_unknown_order_is_not_found():
    assert requests.get(f"{API}/orders/999999", timeout=5).status_code == 404
