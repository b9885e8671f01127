"""Variables that remember which of them were asked for.

Only while files are read is it known which of a process's variables count: `${NAME}`, a variable without a value, a secret's
`environment`, what `.env` and env files take from outside. Whoever writes down how a run is repeated needs just these, and must not write
the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Asked(dict[str, str]):
    """A copy of `variables`. What is looked up by name gets into `names`, there or not; going through all of them is not asking."""

    def __init__(self, variables: Mapping[str, str], names: set[str] | None = None) -> None:
        super().__init__(variables)
        self.names: set[str] = set() if names is None else names

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.names.add(str(name))
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)

    def above(self, variables: Mapping[str, str]) -> Asked:
        """These over others, for what is read with more variables: an included file. What is asked there is asked here."""
        return Asked({**variables, **self}, self.names)

    def quietly(self, name: str) -> str | None:
        """A look that no file asked for."""
        return super().get(name)
