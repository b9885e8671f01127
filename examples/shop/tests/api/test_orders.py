"""The shop through its API."""

import time

import requests


def order(api: str, product: str, pieces: int) -> requests.Response:
    return requests.post(f"{api}/orders", json={"product": product, "pieces": pieces}, timeout=5)


def stock(api: str) -> dict[str, int]:
    return {p["name"]: p["pieces"] for p in requests.get(f"{api}/products", timeout=5).json()}


def settled(api: str, number: int) -> str:
    """The order's state once the worker has seen it."""
    for _ in range(100):
        state = requests.get(f"{api}/orders/{number}", timeout=5).json()["state"]
        if state != "new":
            return state
        time.sleep(0.05)
    return "new"


def test_an_order_is_shipped_and_stock_goes_down(api: str):
    before = stock(api)
    made = order(api, "compass", 2)
    assert made.status_code == 201
    assert settled(api, made.json()["id"]) == "shipped"
    assert stock(api)["compass"] == before["compass"] - 2


def test_an_order_beyond_the_stock_is_refused(api: str):
    assert settled(api, order(api, "lantern", 1).json()["id"]) == "refused"


def test_an_order_of_nothing_is_an_error(api: str):
    assert order(api, "compass", 0).status_code == 400


def test_an_unknown_order_is_not_found(api: str):
    assert requests.get(f"{api}/orders/999999", timeout=5).status_code == 404
