"""Reading untrusted JSON: each lookup returns a value of the requested type, or an empty value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeGuard

from .text import printable

Document = Mapping[str, Any]
"""A JSON object as received, untrusted."""


NOTHING: Document = {}


def is_object(value: object) -> TypeGuard[Document]:
    """Return whether a parsed JSON value is an object (JSON's keys are always strings)."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[Sequence[Any]]:
    """Return whether a parsed JSON value is an array."""
    return isinstance(value, list)


def dig(value: object, *keys: str) -> object:
    """Follow keys into nested objects; None where the path ends early."""
    for key in keys:
        if not is_object(value):
            return None
        value = value.get(key)
    return value


def part(value: object, *keys: str) -> Document:
    """Return the object at a path, or an empty one."""
    found = dig(value, *keys)
    return found if is_object(found) else {}


def items(value: object, *keys: str) -> Sequence[Any]:
    """Return the array at a path, or an empty one."""
    found = dig(value, *keys)
    return found if is_array(found) else ()


def first(value: object, *keys: str) -> Document:
    """Return the first object in the array at a path, or an empty one."""
    objects = (item for item in items(value, *keys) if is_object(item))
    return next(objects, NOTHING)


def text(value: object, *keys: str) -> str:
    """Return the string at a path without terminal control sequences, or an empty one."""
    found = dig(value, *keys)
    return printable(found) if isinstance(found, str) else ""


def day(value: object) -> date | None:
    """Parse an ISO 8601 date, with or without a time; return None for anything else."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
