"""Reading values of a source row as text or plain JSON, or rejecting them with a reason."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TypeGuard

from ..json_recovery.pieces import UNREADABLE
from ..rows.content import is_mapping as is_mapping
from ..rows.excerpt import Json, describe, escape

SourceRow = Mapping[str, object]
"""A source row with string keys."""


class Unconvertible(Exception):
    """A row that cannot be converted; the message is the reason."""


class LeftOut(Exception):
    """A row that is marked as not to be learned; the message is the mark's key (`label`, `messages.weight`)."""


def shown(value: object) -> str:
    """Describe a value of any type in a few words."""
    if is_mapping(value) and not is_row(value):
        return "an object with keys that are not strings"
    return describe(value) if _is_json(value) else f"a value of the type {escape(type(value).__name__)}"


def text(value: object, what: str) -> str:
    """Return a value that must be a string; raise Unconvertible otherwise. `what` names it in the error."""
    if isinstance(value, str):
        return value
    raise Unconvertible(f"{what} is {shown(value)}, not a string")


def plain(value: object, what: str) -> Json:
    """Return a value as plain JSON; raise Unconvertible if a part of it cannot be represented."""
    if value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if is_mapping(value):
        return {text(key, f"a key of {what}"): plain(inner, what) for key, inner in value.items()}
    if is_list(value):
        return [plain(inner, what) for inner in value]
    raise Unconvertible(f"{what} contains {shown(value)}, which JSON cannot represent")


def parsed(value: object, what: str) -> object:
    """Return a value that may be given as JSON text; raise Unconvertible if the text is not valid JSON."""
    if not isinstance(value, str):
        return value
    try:
        found: object = json.loads(value)
    except UNREADABLE as error:
        raise Unconvertible(f"{what} is {shown(value)}, which is not valid JSON") from error
    return found


def is_row(value: object) -> TypeGuard[SourceRow]:
    """Return whether a value is a mapping with string keys."""
    return is_mapping(value) and all(isinstance(key, str) for key in value)


def is_list(value: object) -> TypeGuard[Sequence[object]]:
    """Return whether a value is a list or a tuple, which JSON represents as an array."""
    return isinstance(value, list | tuple)


def _is_json(value: object) -> TypeGuard[Json]:
    """Return whether a value has a type that a JSON parser returns, without looking into it."""
    return value is None or isinstance(value, bool | int | float | str | list | dict)
