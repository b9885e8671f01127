"""Brings both databases to what the code expects, once: a one-shot that everything else waits for."""

from pathlib import Path

from shop import connections

MIGRATIONS = Path("migrations")


def statements(folder: str) -> list[str]:
    texts = (path.read_text() for path in sorted((MIGRATIONS / folder).glob("*.sql")))
    return [s.strip() for text in texts for s in text.split(";") if s.strip()]


def main() -> None:
    orders = connections.orders()
    for statement in statements("orders"):
        orders.run(statement)
    print("orders: migrated", flush=True)
    with connections.stock() as stock, stock.cursor() as cursor:
        for statement in statements("stock"):
            cursor.execute(statement)
    print("stock: migrated", flush=True)


if __name__ == "__main__":
    main()
