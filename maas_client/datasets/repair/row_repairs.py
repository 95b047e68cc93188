"""What a rewriting pass needs of the repair of rows."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from ..rows.schemas import Row


class Edit(NamedTuple):
    """One change in a row: the rule, the location, and what was done."""

    rule: str
    pointer: str
    done: str


class RowRepairs(Protocol):
    """Repairs rows in the order of a file."""

    @property
    def followed(self) -> str | None:
        """The task or method of the first row that fits one, None before there is one."""
        ...

    def repair(self, row: Row, *, suspicious: bool = False) -> tuple[Row, list[Edit]]:
        """Return the repaired row and its changes; the same row if nothing was changed.

        `suspicious` says that the row may hold half of a surrogate pair.
        """
        ...

    def is_row(self, value: Row) -> bool:
        """Return whether an object is a row."""
        ...
