"""The shape of a body as it came: the JSON types and the words of enumerations at each place, without any value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..core.json_fields import is_array, is_object
from .json_types import json_type
from .pointers import below, every
from .shapes import Anything, ArrayOf, Either, MapOf, Record, Shape, Text


@dataclass(frozen=True, slots=True)
class BodyShape:
    """What is known of a body without its values.

    Args:
        types: JSON types by JSON pointer; `*` stands for array indices and for names of maps.
        words: words of enumerations by JSON pointer; only where the contract says that there is an enumeration.
    """

    types: Mapping[str, frozenset[str]]
    words: Mapping[str, frozenset[str]]


def shape_of(body: object, shape: Shape | None = None) -> BodyShape:
    """Return the shape of a parsed JSON body.

    Args:
        body: the parsed JSON.
        shape: what the contract says of it; distinguishes maps of names from objects, and enumerations from other
            strings. Without it, every object's keys are taken for fields.
    """
    types: dict[str, set[str]] = {}
    words: dict[str, set[str]] = {}
    for pointer, kind, word in _places(body, shape, ""):
        types.setdefault(pointer, set()).add(kind)
        if word:
            words.setdefault(pointer, set()).add(word)
    return BodyShape(
        {pointer: frozenset(kinds) for pointer, kinds in types.items()},
        {pointer: frozenset(found) for pointer, found in words.items()},
    )


def _places(value: object, shape: Shape | None, pointer: str) -> Iterator[tuple[str, str, str]]:
    """Yield each place of a value with its type, and its word where it is an enumeration's."""
    is_word = isinstance(shape, Text) and bool(shape.words) and isinstance(value, str)
    yield pointer, json_type(value), str(value) if is_word else ""
    if is_array(value):
        item = shape.item if isinstance(shape, ArrayOf) else _of_array(shape)
        for one in value:
            yield from _places(one, item, every(pointer))
    elif is_object(value):
        if isinstance(shape, Anything):
            return
        for name, inner in value.items():
            if isinstance(shape, MapOf):
                yield from _places(inner, shape.item, every(pointer))
            else:
                yield from _places(inner, _of_field(shape, value, name), below(pointer, name))


def _of_field(shape: Shape | None, value: Mapping[str, object], name: str) -> Shape | None:
    if not isinstance(shape, Record):
        return None
    member = shape.members_for(value.get(shape.by)).get(name)
    return None if member is None else member.shape


def _of_array(shape: Shape | None) -> Shape | None:
    """Return the shape of an array's items where the array is one of several possible types, or unread."""
    if isinstance(shape, Anything):
        return shape
    if isinstance(shape, Either):
        return next((one.item for one in shape.shapes if isinstance(one, ArrayOf)), None)
    return None
