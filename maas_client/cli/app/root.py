"""The root command: turns every error into a message on stderr and an exit code, never a traceback."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import click

from ...core.errors import MaasError
from ...core.redaction import redact
from ...core.text import printable
from ..output.streams import discard, is_broken_pipe, is_of_output, prepare_streams, write_note
from .exit_codes import BROKEN_PIPE, INTERRUPTED, Failed
from .lazy_group import LazyGroup


class Root(LazyGroup):
    """The root command group."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command line; in standalone mode, exit the process with its exit code."""
        if os.environ.get("_MAAS_COMPLETE", "").startswith("powershell"):
            from .powershell import register

            register()
        args_given = list(sys.argv[1:] if args is None else args)
        run = partial(super().main, args_given, prog_name, complete_var, standalone_mode=False, **extra)
        if not standalone_mode:
            return run()
        prepare_streams()
        try:
            code: object = run()
        except Exception as error:
            failed = _to_failed(error)
            if failed.code != BROKEN_PIPE:  # then stdout was closed by its reader, who wants nothing more
                _print_error(failed, traceback="--debug" in args_given)
            sys.exit(failed.code)
        sys.exit(code if isinstance(code, int) else 0)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Parse the command line; this may print a help page."""
        with _errors_before_click():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _errors_before_click():
            return super().invoke(ctx)


@contextmanager
def _errors_before_click() -> Generator[None]:
    """Convert errors that click misinterprets: it treats EOFError as Ctrl-C and exits with 1 on a closed pipe."""
    try:
        yield
    except (EOFError, BrokenPipeError) as error:
        raise _to_failed(error) from error


def _print_error(failed: Failed, *, traceback: bool) -> None:
    """Print the error and its hint to stderr."""
    if traceback:
        _print_traceback()
    write_note(printable(f"error: {failed}"))
    if failed.hint:
        write_note(printable(failed.hint))


def _failed_output(error: OSError) -> Failed:
    """Return the failure of a command whose stdout cannot be written, and discard what is still to be written."""
    discard(sys.stdout)
    if is_broken_pipe(error):
        return Failed("broken pipe", code=BROKEN_PIPE)
    hint = "try: the same command after freeing disk space" if error.errno == errno.ENOSPC else ""
    return Failed(f"cannot write the output: {error.strerror or error}", hint=hint)


def _to_failed(error: Exception) -> Failed:
    """Convert an exception to a message, an exit code and a hint."""
    if isinstance(error, Failed):
        return error
    if isinstance(error, MaasError):
        from .error_messages import exit_code_of, hint_for, message_of  # here: only failures need it

        return Failed(message_of(error), code=exit_code_of(error), hint=hint_for(error))
    if isinstance(error, click.Abort) and isinstance(error.__context__, EOFError):
        return Failed("end of input before an answer")
    if isinstance(error, click.Abort):
        return Failed("interrupted", code=INTERRUPTED)
    if isinstance(error, click.ClickException):
        return Failed(error.format_message(), code=error.exit_code, hint=_help_hint(error))
    if isinstance(error, BrokenPipeError) or (isinstance(error, OSError) and is_of_output(error)):
        return _failed_output(error)
    if isinstance(error, OSError):
        return Failed(f"{error.filename}: {error.strerror or error}" if error.filename else str(error))
    detail = f": {error}" if str(error) else ""
    return Failed(f"{type(error).__name__}{detail}", hint="This is a bug; --debug shows the traceback.")


def _help_hint(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"try: {context.command_path} --help" if context is not None else ""


def _print_traceback() -> None:
    """Print the traceback of the current exception to stderr, with secrets redacted."""
    import traceback

    write_note(printable(redact(traceback.format_exc())).rstrip("\n"))
