"""Local file errors that name the file and say what to do, and validation of file names and paths."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from .errors import InvalidInput, LocalFileError
from .redaction import redact
from .text import printable

P = ParamSpec("P")
R = TypeVar("R")

LONGEST_NAME = 255
"""Longest file name in bytes that common file systems accept."""

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def reports_file_errors(method: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Decorate a method so that its OSErrors become LocalFileError; network errors have types of their own."""

    @wraps(method)
    async def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await method(*args, **kwargs)
        except BrokenPipeError:  # from a callback that prints to a closed pipe
            raise
        except OSError as error:
            failure = local_file_error(error)
        raise failure

    return call


def local_file_error(error: OSError) -> LocalFileError:
    """Return the error for an OSError about a file."""
    what = redact(printable(os.fsdecode(error.filename))) if isinstance(error.filename, str | bytes) else "a local file"
    why = printable(error.strerror or str(error)) or type(error).__name__
    hint = "Repeat the call to resume."
    if error.errno in _NO_SPACE:
        hint = "Free some disk space, then repeat the call to resume."
    elif error.errno in _FORBIDDEN:
        hint = "Check its permissions or choose another location, then repeat the call to resume."
    return LocalFileError(f"{what}: {why}. {hint}", number=error.errno or 0)


def check_file_name(name: str) -> str:
    """Return the name, or raise InvalidInput if it is not valid for a file and a blob."""
    fits = name not in {"", ".", ".."} and not any(separator in name for separator in "/\\")
    if fits and name.isprintable():
        try:
            if len(name.encode()) <= LONGEST_NAME:
                return name
        except UnicodeEncodeError:
            pass
    raise InvalidInput(
        f"{printable(name)[:80]!r} is not a valid file name: use at most {LONGEST_NAME} bytes of printable characters, "
        "no folders, and neither '.' nor '..'"
    )


def check_path(path: str | os.PathLike[str]) -> str:
    """Return a path as a string; raise InvalidInput if it is not valid."""
    try:
        text: object = os.fspath(path)
    except TypeError:  # callers without a type checker may pass anything
        text = None
    if not isinstance(text, str):
        raise InvalidInput(f"a path must be a string or a path object, not {type(path).__name__}")
    if not text or "\0" in text:
        raise InvalidInput(f"{printable(text)!r} is not a valid path: it is empty or contains a NUL character")
    return text
