"""Which resources a listing shows: active ones, archived ones or all."""

from __future__ import annotations

from typing import Literal

import click

View = Literal["ActiveOnly", "ArchivedOnly", "All"]

ARCHIVED = click.option("--archived", is_flag=True, help="List what is archived instead.")
INCLUDE_ARCHIVED = click.option("--include-archived", is_flag=True, help="List what is archived as well.")


def view_of(*, archived: bool, include_archived: bool) -> View:
    """Return the view that the options ask for."""
    if include_archived:
        return "All"
    return "ArchivedOnly" if archived else "ActiveOnly"
