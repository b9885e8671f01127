"""Takes orders from the queue, and ships those for which there is stock."""

from shop import connections


def ship(number: int) -> str:
    orders = connections.orders()
    ((product, pieces),) = orders.run("SELECT product, pieces FROM orders WHERE id = :n", n=number)
    with connections.stock() as stock, stock.cursor() as cursor:
        taken = cursor.execute("UPDATE products SET pieces = pieces - %s WHERE name = %s AND pieces >= %s", (pieces, product, pieces))
    state = "shipped" if taken else "refused"
    orders.run("UPDATE orders SET state = :s WHERE id = :n", s=state, n=number)
    orders.close()
    return state


def main() -> None:
    queue = connections.queue()
    queue.ping()
    print("waiting for orders")
    while True:
        _, number = queue.blpop(["orders"])
        print(f"order {number}: {ship(int(number))}")


if __name__ == "__main__":
    main()
