"""Numbers with their nouns, as every message says them."""

from __future__ import annotations


def count(number: int, noun: str) -> str:
    """`1 network`, `2 networks`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
