"""Showing a piece of somebody's data: short, on one line, with nothing in it that a terminal would obey."""

from __future__ import annotations

from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""A parsed JSON value."""

LONGEST = 80
"""Characters of an excerpt, before escapes."""

_PLAIN_INTEGER = 10**18
_KEYS_NAMED = 8


def escape(text: str) -> str:
    """Return the text on one line and bounded; whatever does not print becomes an escape."""
    shown = text[:LONGEST]
    if not shown.isprintable():
        shown = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in shown)
    return shown + "…" if len(text) > LONGEST else shown


def escape_bytes(line: bytes) -> str:
    """Return the beginning of a line of any bytes, escaped and bounded."""
    return escape(line[: 4 * LONGEST].decode("utf-8", "backslashreplace"))


def describe(value: Json) -> str:
    """Return a value in a few words: scalars as JSON writes them, the rest by kind. Never walks into it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{escape(value)}"'
        case int():
            # Very long integers cannot be printed, or only slowly.
            return str(value) if -_PLAIN_INTEGER < value < _PLAIN_INTEGER else "a very long integer"
        case float():
            return repr(value)
        case list():
            return f"a list of length {len(value)}"
        case dict():
            return f"an object with {keys(value)}"


def keys(row: dict[str, Json]) -> str:
    """Name an object's first keys."""
    if not row:
        return "no keys"
    named = [escape(key) for key, _ in zip(row, range(_KEYS_NAMED), strict=False)]
    more = ", …" if len(row) > _KEYS_NAMED else ""
    return ("the key " if len(row) == 1 else "the keys ") + ", ".join(named) + more


def pointer(*path: str | int) -> str:
    """Return the JSON pointer (RFC 6901) of a path, each step escaped and bounded."""
    return "".join("/" + escape(str(step)).replace("~", "~0").replace("/", "~1") for step in path)
