"""The options `--wait`, `--no-wait` and `--timeout` of every command that creates something and can wait for it."""

from __future__ import annotations

from collections.abc import Callable

import click

from .duration_option import DURATION
from .options import F


def wait_options(until: str, *, default: bool) -> Callable[[F], F]:
    """Return a decorator that adds the options; `until` says what is waited for.

    The command gets `wait`, None where neither option is given, and `timeout`.
    """
    usual = "waits" if default else "does not wait"
    wait = click.option("--wait/--no-wait", default=None, help=f"Wait until {until}; {usual} by default.")
    timeout = click.option("--timeout", type=DURATION, metavar="TIME", help="Stop waiting after this time, such as 2h.")
    return lambda command: wait(timeout(command))


def refuse_timeout_without_wait(wait: bool, timeout: float | None) -> None:
    """Raise a usage error for a timeout of a command that does not wait."""
    if timeout is not None and not wait:
        raise click.UsageError("--timeout requires --wait", click.get_current_context())
