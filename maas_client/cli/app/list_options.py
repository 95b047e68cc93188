"""The options that every list command has: which fields to show, and whether a narrow terminal hides columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from .options import store_in_session

F = TypeVar("F", bound=Callable[..., Any])


def _parse_fields(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    """Store the names of --fields in the session."""
    names = tuple(name.strip() for name in (value or "").split(",") if name.strip())
    if value is not None and not names:
        raise click.BadParameter("names at least one field, such as --fields name", ctx, param)
    store_in_session(ctx, param, names)


def list_options(command: F) -> F:
    """Add --fields and --no-truncate, which reach `printer.listing` through the session."""
    fields = click.option(
        "--fields",
        metavar="A,B,…",
        expose_value=False,
        callback=_parse_fields,
        help="Show only these fields; an unknown name lists all.",
    )
    no_truncate = click.option(
        "--no-truncate",
        is_flag=True,
        expose_value=False,
        callback=store_in_session,
        help="Show all columns, however narrow the terminal is.",
    )
    return fields(no_truncate(command))
