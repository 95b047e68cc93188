"""Values of a source row, which may come from any program: taken as text or as plain JSON, or refused with a reason."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TypeGuard

from ..json_recovery.pieces import UNREADABLE
from ..rows.excerpt import Json, describe, escape

SourceRow = Mapping[str, object]
"""A row as it came, its keys being strings."""


class Unconvertible(Exception):
    """A row that cannot be converted; the message is the reason."""


def shown(value: object) -> str:
    """Return a value in a few words, whatever its type."""
    if is_mapping(value) and not is_row(value):
        return "an object with keys that are not strings"
    return describe(value) if _is_json(value) else f"a value of the type {escape(type(value).__name__)}"


def text(value: object, what: str) -> str:
    """Return a value that must be a string; raise Unconvertible for any other, which `what` names."""
    if isinstance(value, str):
        return value
    raise Unconvertible(f"{what} is {shown(value)}, not a string")


def plain(value: object, what: str) -> Json:
    """Return a value as JSON can write it; raise Unconvertible if there is a part of it that JSON cannot write."""
    if value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if is_mapping(value):
        return {text(key, f"a key of {what}"): plain(inner, what) for key, inner in value.items()}
    if is_list(value):
        return [plain(inner, what) for inner in value]
    raise Unconvertible(f"{what} contains {shown(value)}, which JSON cannot represent")


def parsed(value: object, what: str) -> object:
    """Return a value that may be given as JSON text; raise Unconvertible for text that is none."""
    if not isinstance(value, str):
        return value
    try:
        found: object = json.loads(value)
    except UNREADABLE as error:
        raise Unconvertible(f"{what} is {shown(value)}, which is not valid JSON") from error
    return found


def is_mapping(value: object) -> TypeGuard[Mapping[object, object]]:
    """Say whether a value is an object of any keys."""
    return isinstance(value, Mapping)


def is_row(value: object) -> TypeGuard[SourceRow]:
    """Say whether a value is an object whose keys are strings."""
    return is_mapping(value) and all(isinstance(key, str) for key in value)


def is_list(value: object) -> TypeGuard[Sequence[object]]:
    """Say whether a value is a list, or a tuple, which JSON writes like one."""
    return isinstance(value, list | tuple)


def _is_json(value: object) -> TypeGuard[Json]:
    """Say whether a value is of one of the types that a parser of JSON returns; what is within it is not looked at."""
    return value is None or isinstance(value, bool | int | float | str | list | dict)
