"""Quoting text for URLs: a name stays a single segment of a path, and cannot point to another path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlencode, urlsplit

from .errors import InvalidInput
from .text import printable

_INVALID_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff/\\]|%[0-9A-Fa-f]{2}")
"""Separators, control characters, lone surrogates, and percent-encoding that a server might decode again."""

_INVALID_BLOB = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_SEPARATORS = re.compile(r"[/\\]")
_LONGEST_SHOWN = 80


def segment(name: str) -> str:
    """Quote a name as one path segment; raise InvalidInput if it is empty or would not stay one segment.

    HTTP clients resolve `.` and `..` before they send a request (RFC 3986, section 5.2.4).
    """
    if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance] -- callers without a type checker
        raise InvalidInput(f"a name must be a string, not {type(name).__name__}; nothing was sent")
    if not name.strip() or _has_dots(name) or _INVALID_NAME.search(name):
        raise InvalidInput(
            f"{_shown(name)} is not a valid name: it is empty, '.' or '..', or contains a slash, a backslash, "
            "a percent-encoded character or a control character. Nothing was sent; use the name that the service lists."
        )
    return quote(name, safe="-._~")


def blob_path(path: str) -> str:
    """Quote a blob name and keep its slashes; raise InvalidInput for one that would point outside its container."""
    if _INVALID_BLOB.search(path) or _has_dots(path):
        raise InvalidInput(
            f"{_shown(path)} is not a valid blob name: it contains '.', '..' or a control character. Nothing was sent."
        )
    return quote(path, safe="/-._~")


def query_string(query: Mapping[str, str]) -> str:
    """Return a query; raise InvalidInput for half a surrogate pair, which UTF-8 cannot encode."""
    try:
        return urlencode(query, quote_via=quote)
    except UnicodeEncodeError:
        raise InvalidInput("a query parameter contains half a surrogate pair; nothing was sent") from None


def has_dot_segments(url: str) -> bool:
    """Return whether a URL's path has a `.` or `..` segment, in any encoding."""
    path = urlsplit(url).path
    for _ in range(3):
        if _has_dots(path):
            return True
        path = unquote(path)
    return False


def _has_dots(path: str) -> bool:
    """Return whether a path segment is `.` or `..`; some servers also treat `..;x` as one."""
    return not {".", ".."}.isdisjoint(part.partition(";")[0] for part in _SEPARATORS.split(path))


def _shown(name: str) -> str:
    return repr(printable(name)[:_LONGEST_SHOWN])
