"""Confirmation of what cannot be undone: asked on a terminal, and `--yes` elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from .exit_codes import Failed

YES = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


def confirm(verb: str, what: str, each: Sequence[str], *, done: str) -> None:
    """Ask whether to do something to one thing or several.

    Args:
        verb: what would be done, such as `Delete`.
        what: what the things are, in the plural.
        each: a description of each of them.
        done: what has not been done if the answer is no, such as `deleted`.

    Raises:
        UsageError: there is no terminal to ask on.
        Failed: the answer is no.
    """
    _require_terminal()
    if len(each) == 1:
        question = f"{verb} {each[0]}?"
    else:
        for one in each:
            click.echo(f"  {one}", err=True)
        question = f"{verb} these {len(each)} {what}?"
    if not click.confirm(question, err=True):
        raise Failed(f"nothing was {done}")


def confirm_each(verb: str, each: Sequence[str]) -> list[str]:
    """Ask for each of several things whether to do something to it, and return those for which the answer is yes.

    Args:
        verb: what would be done, such as `Delete`.
        each: a description of each of them.

    Raises:
        UsageError: there is no terminal to ask on.
    """
    _require_terminal()
    return [one for one in each if click.confirm(f"{verb} {one}?", err=True)]


def _require_terminal() -> None:
    """Raise UsageError where the user cannot be asked: stdin is not a terminal."""
    if not sys.stdin.isatty():
        raise click.UsageError("not a terminal: pass --yes to confirm", click.get_current_context())
