"""The check of a parsed JSON value against its shape."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..core.json_fields import is_array, is_object
from ..core.timestamps import parse_timestamp
from .differences import DifferenceKind
from .json_types import json_type
from .pointers import below, every
from .shapes import Anything, ArrayOf, Boolean, Either, MapOf, Member, Number, Record, Shape, Text
from .similar_names import similar_name

_WORD = re.compile(r"\A[A-Za-z][A-Za-z0-9_.-]{0,39}\Z")
_TIME = re.compile(
    r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]{1,12})?)?(?:Z|[+-][0-9:]{5})?\Z"
)
_MOST_ITEMS = 1_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference within a body, without the operation that it belongs to."""

    kind: DifferenceKind
    pointer: str
    expected: str
    found: str


def compare(shape: Shape, value: object, pointer: str = "") -> Iterator[Finding]:
    """Yield where a value differs from its shape, each place once for all items of an array or map."""
    seen: set[Finding] = set()
    for finding in _walk(shape, value, pointer):
        if finding not in seen:
            seen.add(finding)
            yield finding


def type_name(shape: Shape) -> str:
    """Return the JSON type that a shape has, in JSON Schema's words."""
    match shape:
        case Text():
            return "string"
        case Number():
            return "integer" if shape.is_integer else "number"
        case Boolean():
            return "boolean"
        case ArrayOf():
            return "array"
        case MapOf() | Record():
            return "object"
        case Either():
            return " or ".join(type_name(one) for one in shape.shapes)
        case Anything():
            return "anything"


def _walk(shape: Shape, value: object, pointer: str) -> Iterator[Finding]:
    if not _fits(shape, value):
        yield Finding(DifferenceKind.WRONG_TYPE, pointer, type_name(shape), json_type(value))
        return
    match shape:
        case Text(is_time=True) if isinstance(value, str) and not _is_time(value):
            yield Finding(DifferenceKind.WRONG_TYPE, pointer, "a time in ISO 8601", "another string")
        case Text() if shape.words and isinstance(value, str) and not _is_known(value, shape.words):
            yield Finding(DifferenceKind.UNKNOWN_VALUE, pointer, ", ".join(shape.words), _shown(value))
        case Either():
            yield from _walk(next(one for one in shape.shapes if _fits(one, value)), value, pointer)
        case ArrayOf() if is_array(value):
            for item in value[:_MOST_ITEMS]:
                yield from _walk(shape.item, item, every(pointer))
        case MapOf() if is_object(value):
            for item in value.values():
                if item is not None:
                    yield from _walk(shape.item, item, every(pointer))
        case Record() if is_object(value):
            yield from _fields(shape.members_for(value.get(shape.by)), value, pointer)
        case _:
            pass


def _fields(members: Mapping[str, Member], value: Mapping[str, object], pointer: str) -> Iterator[Finding]:
    for name, member in members.items():
        found = value.get(name)
        if found is not None:
            yield from _walk(member.shape, found, below(pointer, name))
        elif member.is_needed:
            what = "null" if name in value else "nothing"
            yield Finding(DifferenceKind.MISSING_FIELD, below(pointer, name), type_name(member.shape), what)
    absent = {name: one.shape for name, one in members.items() if not one.is_needed and value.get(name) is None}
    for name, unknown in value.items():
        if name not in members:
            kind = json_type(unknown)
            yield Finding(DifferenceKind.UNKNOWN_FIELD, below(pointer, name), "no such field", kind)
            known = similar_name(
                name, (each for each, shape in absent.items() if unknown is None or _fits(shape, unknown))
            )
            if known:
                yield Finding(DifferenceKind.RENAMED_FIELD, below(pointer, known), known, f"{_shown(name)} instead")


def _fits(shape: Shape, value: object) -> bool:
    match shape:
        case Text():
            return isinstance(value, str)
        case Number():
            return isinstance(value, int if shape.is_integer else int | float) and not isinstance(value, bool)
        case Boolean():
            return isinstance(value, bool)
        case ArrayOf():
            return is_array(value)
        case MapOf() | Record():
            return is_object(value)
        case Either():
            return any(_fits(one, value) for one in shape.shapes)
        case Anything():
            return True


def _is_time(value: str) -> bool:
    return bool(_TIME.match(value)) and parse_timestamp(value) is not None


def _is_known(value: str, words: tuple[str, ...]) -> bool:
    return value.lower() in {word.lower() for word in words}


def _shown(value: str) -> str:
    """Return a word of an enumeration; anything else could be a name or a secret."""
    return value if _WORD.match(value) else "another string"
