"""Which fields that the contract knows were seen in an answer, and which never were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache

from ..contract.operation import Operation
from ..contract.pointers import below, every
from ..contract.shape_of import shape_of
from ..contract.shapes import ArrayOf, Either, MapOf, Member, Record, Shape
from ..contract.table import OPERATIONS
from ..core.http_messages import parse_json
from ..core.plain_values import PlainValue


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCoverage(PlainValue):
    """How many known fields the objects in an operation's answers had, and those that none of them had.

    Fields of an object that was in no answer are not counted: the object itself is.
    """

    operation: str
    seen: int
    unseen: tuple[str, ...] = ()


def fields_in(operation: Operation, status: int, body: object) -> frozenset[str]:
    """Return the known fields that an answer has, as JSON pointers; none for what is no JSON."""
    shape = operation.shape_for(status)
    if shape is None or not isinstance(body, bytes):
        return frozenset()
    try:
        document: object = parse_json(body)
    except ValueError:
        return frozenset()
    return frozenset(shape_of(document, shape).types.keys() & known_fields(operation.name))


@cache
def known_fields(operation: str) -> frozenset[str]:
    """Return every field that the contract knows of an operation's answers, as JSON pointers."""
    shapes = (answer.shape for answer in OPERATIONS[operation].answers.values())
    return frozenset(pointer for shape in shapes if shape is not None for pointer in _fields(shape, ""))


def coverage_of(seen: Mapping[str, Set[str]]) -> tuple[FieldCoverage, ...]:
    """Return the coverage of each operation that was answered with JSON; `seen` are the fields by operation."""
    found: list[FieldCoverage] = []
    for name, fields in sorted(seen.items()):
        if fields:
            unseen = (one for one in known_fields(name) - fields if _had_its_object(one, fields))
            found.append(FieldCoverage(operation=name, seen=len(fields), unseen=tuple(sorted(unseen))))
    return tuple(found)


def _had_its_object(pointer: str, fields: Set[str]) -> bool:
    """Return whether the object that a field belongs to was in an answer; items of an array have to have a field."""
    parent = pointer.rpartition("/")[0]
    if parent.endswith("/*"):
        return any(one.startswith(f"{parent}/") for one in fields)
    return not parent or parent in fields


def _fields(shape: Shape, pointer: str) -> Iterator[str]:
    """Yield the pointer of each field of a shape; shapes do not contain themselves."""
    match shape:
        case Record():
            for members in (shape.members, *shape.variants.values()):
                yield from _members(members, pointer)
        case ArrayOf() | MapOf():
            yield from _fields(shape.item, every(pointer))
        case Either():
            for one in shape.shapes:
                yield from _fields(one, pointer)
        case _:
            return


def _members(members: Mapping[str, Member], pointer: str) -> Iterator[str]:
    for name, member in members.items():
        yield below(pointer, name)
        yield from _fields(member.shape, below(pointer, name))
