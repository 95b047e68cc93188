"""Exit codes, error messages and hints of failed commands."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

JOB_FAILED, DATASET_REFUSED, CONTRADICTED, INTERRUPTED = 5, 6, 7, 130

BROKEN_PIPE = 141
"""Stdout was closed (`maas jobs logs j | head -1`): no message, and the code that a shell reports for a process killed
by SIGPIPE. Not 0, because the reader of `jobs watch` may have missed the outcome."""


class Failed(Exception):
    """A failed command: message, exit code and, optionally, a hint such as a command to try next."""

    def __init__(self, message: str, *, code: int = 1, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.hint = code, hint


@contextmanager
def resume_hint_on_interrupt(command: str, status: str = "the operation continues") -> Generator[None]:
    """On Ctrl-C, raise Failed with the status and the command that resumes."""
    try:
        yield
    except KeyboardInterrupt:
        raise Failed(f"interrupted; {status}", code=INTERRUPTED, hint=f"resume with: {command}") from None


@contextmanager
def file_names_in_errors(*files: str | Path) -> Generator[None]:
    """Add the file name to an OSError that has none; a failed read carries only the reason."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or " or ".join(map(str, files))
        raise
