"""Text that becomes part of a URL's path: always as whole segments, which can lead nowhere else."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urlsplit

from .errors import InvalidInput
from .text import printable

_NO_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff/\\]|%[0-9A-Fa-f]{2}")
"""Separators, control characters, half surrogate pairs, and what a server might decode once more."""

_NO_BLOB = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_SEPARATORS = re.compile(r"[/\\]")
_LONGEST_SHOWN = 80


def segment(name: str) -> str:
    """Quote a name as one segment of a path; raise InvalidInput for one that would not stay one, or is none.

    `.` and `..` walk up a path, and HTTP clients resolve them before they send anything (RFC 3986, section 5.2.4).
    """
    if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance] -- callers without a type checker
        raise InvalidInput(f"a name is text, and this is {type(name).__name__}; nothing was sent")
    if not name.strip() or _has_dots(name) or _NO_NAME.search(name):
        raise InvalidInput(
            f"{_shown(name)} cannot be a name: it is empty, '.' or '..', or holds a slash, a backslash, '%' and a "
            "code, or what cannot be printed. Nothing was sent; use the name that the service lists."
        )
    return quote(name, safe="-._~")


def blob_path(path: str) -> str:
    """Quote a blob's name, whose slashes stay; raise InvalidInput for one that would lead out of its container."""
    if _NO_BLOB.search(path) or _has_dots(path):
        raise InvalidInput(
            f"{_shown(path)} cannot be a blob's name: it holds '.', '..' or what cannot be printed. Nothing was sent."
        )
    return quote(path, safe="/-._~")


def walks(url: str) -> bool:
    """Say whether a URL's path has a segment `.` or `..`, in any encoding."""
    path = urlsplit(url).path
    for _ in range(3):
        if _has_dots(path):
            return True
        path = unquote(path)
    return False


def _has_dots(path: str) -> bool:
    """Say whether a segment of a path is `.` or `..`, which some servers see before a semicolon, too."""
    return not {".", ".."}.isdisjoint(part.partition(";")[0] for part in _SEPARATORS.split(path))


def _shown(name: str) -> str:
    return repr(printable(name)[:_LONGEST_SHOWN])
