"""The fields of a list that a user chooses with --fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import TypeVar

import click

T = TypeVar("T")


def field_name(title: str) -> str:
    """Return the name by which --fields takes a column."""
    return title.lower().replace(" ", "_").replace("-", "_")


def chosen_columns(
    names: Sequence[str],
    columns: Mapping[str, Callable[[T], object]],
    more: Mapping[str, Callable[[T], object]],
) -> dict[str, Callable[[T], object]]:
    """Return the columns with these names, in their order.

    Raises:
        click.UsageError: there is no column with such a name; the message lists the names.
    """
    by_name = {field_name(title): (title, get) for title, get in columns.items()}
    by_name |= {field_name(title): (title, get) for title, get in more.items() if field_name(title) not in by_name}
    chosen: dict[str, Callable[[T], object]] = {}
    for name in names:
        found = by_name.get(field_name(name))
        if found is None:
            nearest = get_close_matches(field_name(name), by_name, 1)
            hint = f"; did you mean {nearest[0]!r}?" if nearest else "."
            raise click.UsageError(
                f"--fields: no field {name!r}{hint} The fields are {', '.join(by_name)}",
                click.get_current_context(silent=True),
            )
        chosen[found[0]] = found[1]
    return chosen


def chosen_document(
    chosen: Mapping[str, Callable[[T], object]], item: T, document: Mapping[str, object]
) -> dict[str, object]:
    """Return the chosen fields of an item for JSON: as its document has them, or else as the column shows them."""
    names = {field_name(title): get for title, get in chosen.items()}
    return {name: document[name] if name in document else get(item) for name, get in names.items()}
