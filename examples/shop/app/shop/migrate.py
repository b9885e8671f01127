"""Brings both databases to what the code expects, once: a one-shot that everything else waits for."""

from collections.abc import Callable
from pathlib import Path

from shop import connections

MIGRATIONS = Path("migrations")


def apply(database: str, run: Callable[[str], object]) -> None:
    """Every file in order. They may run again: each statement says what should be there, not what to add."""
    for file in sorted((MIGRATIONS / database).glob("*.sql")):
        for statement in filter(None, map(str.strip, file.read_text().split(";"))):
            run(statement)
        print(f"{database}: {file.name}", flush=True)


def main() -> None:
    orders = connections.orders()
    apply("orders", orders.run)
    orders.close()
    with connections.stock() as stock, stock.cursor() as cursor:
        apply("stock", cursor.execute)


if __name__ == "__main__":
    main()
