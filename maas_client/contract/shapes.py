"""The shape of a JSON value: types, fields, which of them the client needs, and the words that are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """A string; `words` are the values known of an enumeration, which may grow. A time is written as ISO 8601 says."""

    words: tuple[str, ...] = ()
    is_time: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """A number, or an integer only."""

    is_integer: bool = False


@dataclass(frozen=True, slots=True)
class Boolean:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Anything:
    """A value that this client does not read."""


@dataclass(frozen=True, slots=True)
class Either:
    """A value of one of several types, such as an integer or the word `auto`."""

    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class ArrayOf:
    """An array whose items have one shape."""

    item: Shape


@dataclass(frozen=True, slots=True)
class MapOf:
    """An object whose keys are names, such as tags, and whose values have one shape."""

    item: Shape


@dataclass(frozen=True, slots=True)
class Member:
    """One field of an object; without `is_needed` it may be absent, or null."""

    shape: Shape
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """An object with known fields.

    `by` names the field whose value chooses more fields from `variants`; the value is compared without regard to case.
    """

    members: Mapping[str, Member]
    by: str = ""
    variants: Mapping[str, Mapping[str, Member]] = field(default_factory=dict[str, Mapping[str, Member]])

    def members_for(self, word: object) -> Mapping[str, Member]:
        """Return the fields of an object whose `by` has this value."""
        same = (
            chosen for value, chosen in self.variants.items() if isinstance(word, str) and value.lower() == word.lower()
        )
        more = next(same, None)
        return {**self.members, **more} if more else self.members


Shape: TypeAlias = Text | Number | Boolean | Anything | Either | ArrayOf | MapOf | Record
"""The shape of a JSON value."""

Fields: TypeAlias = Mapping[str, Shape]

TEXT, INTEGER, NUMBER, BOOLEAN, ANYTHING = Text(), Number(is_integer=True), Number(), Boolean(), Anything()
TIME = Text(is_time=True)
TEXTS, TEXT_MAP, ANY_MAP = ArrayOf(TEXT), MapOf(TEXT), MapOf(ANYTHING)


def words(*known: str) -> Text:
    """Return the shape of a string whose values are known so far."""
    return Text(known)


def record(fields: Fields, *, by: str = "", variants: Mapping[str, Fields] | None = None) -> Record:
    """Return the shape of an object. A name that ends in `!` is a field that the client needs."""
    more = {word: _members(chosen) for word, chosen in (variants or {}).items()}
    return Record(_members(fields), by, more)


def _members(fields: Fields) -> dict[str, Member]:
    return {name.removesuffix("!"): Member(shape, name.endswith("!")) for name, shape in fields.items()}
