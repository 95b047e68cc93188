"""One type per column: what the service's JSON loader reads every column as, nested fields included.

The rows that pass the row filter are read with one type per column and per nested field (`datasets` over Arrow). Where
a value has another type than an earlier row's, loading stops and the job fails. Null fits every type. Seen with
`datasets` 2.21.0; 5.2.0 reads columns of mixed types.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import repeat
from types import NoneType
from typing import NamedTuple

from .excerpt import Json, pointer
from .schemas import CHAT, MESSAGE_KEYS, Problem, Row, Schema

FIRST_BATCH = 10 << 20
"""Bytes after which the loader's columns and fields are settled: it reads so much at once, and the rest likewise."""

MOST_PATHS = 10_000
"""Paths that are followed; a set with more has keys of its own in every row, and the first ones show as much."""

_TYPES: Mapping[type, str] = {
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
_SAME_TYPE: Mapping[str, frozenset[type]] = {
    name: frozenset(kind for kind, other in _TYPES.items() if other == name) for name in _TYPES.values()
}
_SHOWN = {"boolean": "a boolean", "number": "a number", "string": "a string", "array": "a list", "object": "an object"}

ColumnPath = tuple[str | None, ...]
"""The keys to a value; None is any element of a list."""


class Sighting(NamedTuple):
    """The first value of one type at one path; `loaded` are the bytes of the rows that are loaded before it."""

    kind: str
    line: int
    byte: int
    pointer: str
    loaded: int = 0


@dataclass(frozen=True, slots=True)
class ColumnTypes:
    """The types that each path has, in the order of the rows that have them first; adds up over the parts of a file."""

    paths: Mapping[ColumnPath, tuple[Sighting, ...]] = field(default_factory=dict[ColumnPath, tuple[Sighting, ...]])

    def then(self, later: ColumnTypes, *, rows: int, size: int, loaded: int) -> ColumnTypes:
        """Return the types of this part, of `rows` rows and `size` bytes (`loaded` of them), and of a later one."""
        found = dict(self.paths)
        for path, sightings in later.paths.items():
            known = found.get(path, ())
            if not known and len(found) >= MOST_PATHS:
                continue
            kinds = {sighting.kind for sighting in known}
            found[path] = known + tuple(
                each._replace(line=each.line + rows, byte=each.byte + size, loaded=each.loaded + loaded)
                for each in sightings
                if each.kind not in kinds
            )
        return ColumnTypes(found)

    def problems(self, schema: Schema) -> Iterator[tuple[Problem, Sighting]]:
        """Yield a problem for each path of several types, with the value that loading stops at; the first one first."""
        changed = [(path, seen[0], seen[1]) for path, seen in self.paths.items() if len(seen) > 1]
        for path, first, other in sorted(changed, key=lambda each: each[2].line):
            there = "in the same row" if first.line == other.line else f"in line {first.line}"
            message = f"{shown(path)} is {_SHOWN[other.kind]} here and {_SHOWN[first.kind]} {there}"
            rule = "field-type-changed" if ignored_part(path, schema) is None else "column-type-changed"
            yield Problem(rule, other.pointer, other.kind, message), other
        late = {path: seen[0] for path, seen in self.paths.items() if seen[0].loaded >= FIRST_BATCH}
        for path, first in sorted(late.items(), key=lambda each: each[1].line):
            if path[:-1] not in late:
                message = f"{shown(path)} has no value in the first {FIRST_BATCH >> 20} MiB"
                yield Problem("field-appears-late", first.pointer, first.kind, message), first


NO_TYPES = ColumnTypes()
"""The types of no rows."""


def ignored_part(path: ColumnPath, schema: Schema) -> ColumnPath | None:
    """Return the column or message key that a path is in, if training ignores it; else None."""
    if path[0] not in schema.columns and path[0] not in schema.also:
        return path[:1]
    if schema is CHAT and len(path) > 2 and path[:2] == ("messages", None) and path[2] not in MESSAGE_KEYS:
        return path[:3]
    return None


def shown(path: ColumnPath) -> str:
    """Write a path as a person reads it: `messages[].content`."""
    parts = ("[]" if key is None else pointer(key).replace("/", ".", 1) for key in path)
    return "".join(parts).removeprefix(".")


class _Node:
    """One path: the Python types that were seen, and the paths below it."""

    __slots__ = ("keys", "types")

    def __init__(self) -> None:
        self.types: frozenset[type] = frozenset()
        self.keys: dict[str | None, _Node] = {}


def _is_known(value: Json, node: _Node, *, full: bool) -> bool:
    """Return whether an object or a list has no type and no path that were not seen before.

    If no more paths are followed (`full`), unknown ones are ignored. Raises RecursionError for a value that
    is nested too deeply. Recursion is cheaper than a stack here.
    """
    for key, item in _items(value):
        kind = type(item)
        if kind is NoneType:
            continue
        below = node.keys.get(key)
        if below is None:
            if full:
                continue
            return False
        if kind not in below.types:
            return False
        if (kind is dict or kind is list) and item and not _is_known(item, below, full=full):
            return False
    return True


class GrowingColumnTypes:
    """The types of the columns while rows are read."""

    def __init__(self) -> None:
        self._root = _Node()
        self._size = 0
        self._found: dict[ColumnPath, tuple[Sighting, ...]] = {}

    def add(self, row: Row, *, line: int, byte: int, loaded: int = 0) -> None:
        """Record the types in a row that passes the row filter; `loaded` are the bytes of such rows before it."""
        if not self.knows(row):
            self._record(row, line, byte, loaded)

    def knows(self, row: Row) -> bool:
        """Return whether a row, or some columns of it, have no type that was not seen before."""
        try:
            return _is_known(row, self._root, full=self._size >= MOST_PATHS)
        except RecursionError:  # its outer levels were recorded with the first such row
            return bool(self._found)

    def result(self) -> ColumnTypes:
        """Return what was seen so far."""
        return ColumnTypes(dict(self._found))

    def _record(self, row: Row, line: int, byte: int, loaded: int) -> None:
        """Record every new type in a row, in the order in which it is written."""
        stack: list[tuple[Json, _Node, ColumnPath, tuple[str | int, ...]]] = [(row, self._root, (), ())]
        while stack:
            value, node, path, place = stack.pop()
            if path and type(value) not in node.types:
                node.types |= _SAME_TYPE[_TYPES[type(value)]]
                sighting = Sighting(_TYPES[type(value)], line, byte, pointer(*place), loaded)
                self._found[path] = (*self._found.get(path, ()), sighting)
            inner: list[tuple[Json, _Node, ColumnPath, tuple[str | int, ...]]] = []
            for index, (key, item) in enumerate(_items(value)):
                below = node.keys.get(key)
                if item is None or (below is None and self._size >= MOST_PATHS):
                    continue
                if below is None:
                    below = node.keys[key] = _Node()
                    self._size += 1
                inner.append((item, below, (*path, key), (*place, index if key is None else key)))
            stack += reversed(inner)


def _items(value: Json) -> Iterable[tuple[str | None, Json]]:
    """Return what is in an object or a list; of a list without keys."""
    if type(value) is dict:
        return value.items()
    return zip(repeat(None), value) if type(value) is list else ()
