"""A list of values as one table: `Table(maas.jobs.list())`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from .html import card, state, table, text

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "Job": ("name", "status", "model", "created_at", "output_model"),
    "Endpoint": ("name", "state", "model", "location", "created_at"),
    "Dataset": ("name", "version", "uri", "created_at"),
}
"""The columns of each kind of value; of any other the text is shown."""

STATES = frozenset({"status", "state"})


class Table:
    """Values below each other, for a notebook or a terminal.

    Args:
        items: jobs, endpoints, data sets or anything else; `limit` of them are read.
        limit: rows at most.
    """

    def __init__(self, items: Iterable[object], *, limit: int = 100) -> None:
        self.items = list(islice(items, limit))

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return "\n".join(str(item) for item in self.items)

    def _repr_html_(self) -> str:
        return table_html(self)


def table_html(shown: Table) -> str:
    """Draw a table."""
    kinds = {type(item).__name__ for item in shown.items}
    titles = COLUMNS.get(kinds.pop(), ()) if len(kinds) == 1 else ()
    if not titles:
        return card(f"{len(shown)} values", table([""], [[text(item)] for item in shown.items]))
    rows = [[_cell(title, getattr(item, title)) for title in titles] for item in shown.items]
    return card(f"{len(rows)} rows", table([title.replace("_", " ") for title in titles], rows))


def _cell(title: str, value: object) -> str:
    return state(value) if title in STATES else text(value)
