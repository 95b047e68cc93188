"""Safe excerpts of data: short, on one line, without control sequences for terminals."""

from __future__ import annotations

from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""A parsed JSON value."""

LONGEST = 80
"""Maximum characters of an excerpt, before escaping."""

_PLAIN_INTEGER = 10**18
_KEYS_NAMED = 8


def escape(text: str) -> str:
    """Return the text shortened, on one line, with non-printable characters escaped."""
    shown = text[:LONGEST]
    if not shown.isprintable():
        shown = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in shown)
    return shown + "…" if len(text) > LONGEST else shown


def escape_bytes(line: bytes) -> str:
    """Return the start of a line of any bytes, escaped and shortened."""
    return escape(line[: 4 * LONGEST].decode("utf-8", "backslashreplace"))


def describe(value: Json) -> str:
    """Describe a value in a few words: scalars as JSON, the rest by type. Never traverses it."""
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
    """Describe an object by its first keys."""
    if not row:
        return "no keys"
    named = [escape(key) for key, _ in zip(row, range(_KEYS_NAMED), strict=False)]
    more = ", …" if len(row) > _KEYS_NAMED else ""
    return ("the key " if len(row) == 1 else "the keys ") + ", ".join(named) + more


def pointer(*path: str | int) -> str:
    """Return the JSON pointer (RFC 6901) of a path, each step escaped and shortened."""
    return "".join("/" + escape(str(step)).replace("~", "~0").replace("/", "~1") for step in path)
