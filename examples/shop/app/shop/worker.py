"""Takes orders from the queue, and ships those for which there is stock."""

from contextlib import closing

from shop import connections


def ship(number: int) -> str:
    with closing(connections.orders()) as orders:
        ((product, pieces),) = orders.run("SELECT product, pieces FROM orders WHERE id = :n", n=number)
        with connections.stock() as stock, stock.cursor() as cursor:
            take = "UPDATE products SET pieces = pieces - %s WHERE name = %s AND pieces >= %s"
            state = "shipped" if cursor.execute(take, (pieces, product, pieces)) else "refused"
        orders.run("UPDATE orders SET state = :s WHERE id = :n", s=state, n=number)
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
