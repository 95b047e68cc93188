"""Options that take a time: a duration such as 2h or 1d12h, or plain seconds; and a point in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import click

from ...core.timestamps import parse_timestamp
from ..output.durations import parse_duration, parse_seconds

F = TypeVar("F", bound=Callable[..., Any])


class Duration(click.types.FloatParamType):
    """A duration, which the command receives as seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the seconds, or fail."""
        if isinstance(value, int | float):
            return float(value)
        seconds = parse_seconds(str(value))
        if seconds is None:
            self.fail(f"{value!r} is not a duration such as 90s, 30m, 2h or 1d12h, or a number of seconds", param, ctx)
        return seconds


DURATION = Duration()


def _parse_since(ctx: click.Context, param: click.Parameter, since: str | None) -> datetime | None:
    """Parse --since: a duration before now, or a time."""
    if since is None:
        return None
    if (span := parse_duration(since)) is not None:
        try:
            return datetime.now(UTC) - span
        except OverflowError:
            return datetime.min.replace(tzinfo=UTC)
    if (found := parse_timestamp(since)) is not None:
        return found
    message = f"{since!r} is not a duration such as 30m or 1d12h, or a time such as 2026-01-31T12:00:00Z"
    raise click.BadParameter(message, ctx, param)


def since_option(what: str) -> Callable[[F], F]:
    """Return the option `--since`, passed to the command as a datetime; `what` are the things that it selects."""
    return click.option(
        "--since",
        metavar="WHEN",
        callback=_parse_since,
        help=f"Only {what} newer than a duration (90s, 30m, 1d12h) or a time (ISO 8601).",
    )
