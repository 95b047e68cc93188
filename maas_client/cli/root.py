"""Where every command ends: an error becomes a few lines on stderr and an exit code, never a traceback."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

import click

from ..errors import MaasError
from .exits import INTERRUPTED, Failed, advice, code_of, words_of
from .lazy import LazyGroup


class Root(LazyGroup):
    """The whole command line."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command line; on its own, end the process with the exit code."""
        words = list(sys.argv[1:] if args is None else args)
        run = partial(super().main, words, prog_name, complete_var, standalone_mode=False, **extra)
        if not standalone_mode:
            return run()
        try:
            code: object = run()
        except Exception as error:
            if "--debug" in words:
                _show_traceback()
            failed = _failed(error)
            click.echo(f"error: {failed}", err=True)
            if failed.hint:
                click.echo(failed.hint, err=True)
            sys.exit(failed.code)
        sys.exit(code if isinstance(code, int) else 0)


def _failed(error: Exception) -> Failed:
    """Say in words, and as an exit code, what an exception comes to."""
    if isinstance(error, Failed):
        return error
    if isinstance(error, MaasError):
        return Failed(words_of(error), code=code_of(error), hint=advice(error))
    if isinstance(error, click.Abort):
        return Failed("interrupted", code=INTERRUPTED)
    if isinstance(error, click.ClickException):
        return Failed(error.format_message(), code=error.exit_code, hint=_help_of(error))
    if isinstance(error, OSError):
        return Failed(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    return Failed(f"{type(error).__name__}: {error}", hint="This is a bug; --debug shows where it came from.")


def _help_of(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"try: {context.command_path} --help" if context is not None else ""


def _show_traceback() -> None:
    """Write the exception that is being handled to stderr, without its secrets."""
    import traceback

    from ..trust import redact

    click.echo(redact(traceback.format_exc()), err=True, nl=False)
