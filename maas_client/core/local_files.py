"""What goes wrong with files of this machine, as errors that say which file and what to do."""

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
"""Bytes of a file's name that the usual file systems take."""

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def reports_file_errors(method: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Return the method, whose OSErrors become LocalFileError: what it awaits of the network has errors of its own."""

    @wraps(method)
    async def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await method(*args, **kwargs)
        except BrokenPipeError:  # of who reads our output, in a callback
            raise
        except OSError as error:
            failure = local_file_error(error)
        raise failure

    return call


def local_file_error(error: OSError) -> LocalFileError:
    """Return the error for what the system said of a file."""
    what = redact(printable(os.fsdecode(error.filename))) if isinstance(error.filename, str | bytes) else "a local file"
    why = printable(error.strerror or str(error)) or type(error).__name__
    hint = "The same call again goes on from there."
    if error.errno in _NO_SPACE:
        hint = "Free some space; the same call again goes on from there."
    elif error.errno in _FORBIDDEN:
        hint = "Check its permissions, or name another place; then the same call again."
    return LocalFileError(f"{what}: {why}. {hint}", number=error.errno or 0)


def check_file_name(name: str) -> str:
    """Return the name, or raise InvalidInput for one that no file and no blob can have."""
    fits = name not in {"", ".", ".."} and not any(separator in name for separator in "/\\")
    if fits and name.isprintable():
        try:
            if len(name.encode()) <= LONGEST_NAME:
                return name
        except UnicodeEncodeError:
            pass
    raise InvalidInput(
        f"{printable(name)[:80]!r} is no file name: leave out folders, '.', '..' and what cannot be printed, and use "
        f"{LONGEST_NAME} bytes at the most"
    )


def check_path(path: str | os.PathLike[str]) -> str:
    """Return a path as text; raise InvalidInput for one that no file can have."""
    text = os.fspath(path)
    if not text or "\0" in text:
        raise InvalidInput(f"{printable(text)!r} is no path: it is empty or holds a NUL character")
    return text
