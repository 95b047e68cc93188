"""A list of values as one table: `Table(maas.jobs.list())`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from ..core.redaction import redact
from ..core.text import printable
from ..rendering.html import card, redacted, rows_of, state, table

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "Job": ("name", "status", "model", "created_at", "output_model"),
    "Endpoint": ("name", "state", "model", "location", "created_at"),
    "RunningCost": ("kind", "label", "state", "hourly_price", "currency", "idle", "reason"),
    "Dataset": ("name", "version", "uri", "created_at"),
    "Finding": ("severity", "rule", "line", "message"),
}
"""The columns of each kind of value; other values are shown as text."""

STATES = frozenset({"status", "state", "severity"})


class Table:
    """A table of values, for a notebook or a terminal.

    Args:
        items: jobs, endpoints, data sets, findings or anything else; `limit` of them are read, and one more to know
            whether there is one.
        limit: rows at most.
    """

    def __init__(self, items: Iterable[object], *, limit: int = 100) -> None:
        found = list(islice(items, limit + 1))
        self.items, self.is_cut = found[:limit], len(found) > limit

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        lines = [redact(printable(str(item))) for item in self.items]
        return "\n".join([*lines, "…"] if self.is_cut else lines)

    def _repr_html_(self) -> str:
        return table_html(self)


def table_html(shown: Table) -> str:
    """Draw a table."""
    kinds = {type(item).__name__ for item in shown.items}
    titles = COLUMNS.get(kinds.pop(), ()) if len(kinds) == 1 else ()
    names = [title.replace("_", " ").removesuffix(" at") for title in titles]
    rows = [[_cell(title, getattr(item, title)) for title in titles] or [redacted(item)] for item in shown.items]
    return card(("the first " if shown.is_cut else "") + rows_of(len(shown)), table(names, rows))


def _cell(title: str, value: object) -> str:
    if title == "created_at":
        return redacted(str(value)[:19].replace("T", " "))
    return state(value) if title in STATES else redacted(value)
