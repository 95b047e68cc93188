"""A sketch of a set's rows: which of them stand there more than once, in bounded memory, and in a form that adds up.

Rows are known by checksums. Of a large set only the rows with the smallest checksums are remembered, and of those every
copy is counted; so two sketches add up to the sketch of the whole, whatever the cut.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat
from zlib import crc32

from .findings import Finding, Tallies, Tally

CAPACITY = 65_536
"""Distinct rows that are remembered. Up to so many the counts are exact, beyond they are estimates from as many."""

VARIANTS = 8
"""Variants of one row, equal but for case, white space and punctuation, whose exact copies are told apart."""

_SPACES_AND_MARKS = b" \t\r\n" + string.punctuation.encode()
_LOWER = bytes.maketrans(string.ascii_uppercase.encode(), string.ascii_lowercase.encode())
_CRC_BITS, _LENGTH_BITS = 32, 24  # no line that is read has 16 MiB
_LINE_BITS = 40
_LINE = (1 << _LINE_BITS) - 1


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Rows that are equal to the byte: the first line, the second if there is one, how many there are."""

    first: int
    second: int | None = None
    count: int = 1

    def then(self, later: Duplicates) -> Duplicates:
        """Return these copies and later ones together."""
        return Duplicates(self.first, self.second or later.first, self.count + later.count)

    def after(self, rows: int) -> Duplicates:
        """Return the same copies with so many rows before."""
        return Duplicates(self.first + rows, None if self.second is None else self.second + rows, self.count)


@dataclass(frozen=True, slots=True)
class NearDuplicates:
    """Rows that are equal but for case, white space and punctuation: the first line, how many there are, and of those
    with the smallest exact checksums the copies."""

    first: int
    count: int
    copies: Mapping[int, Duplicates]

    @classmethod
    def of(cls, line: int, exact: int) -> NearDuplicates:
        """Return a row by itself."""
        return cls(line, 1, {exact: Duplicates(line)})

    @property
    def duplicates(self) -> int:
        """How many are copies of an earlier one to the byte."""
        return sum(copies.count - 1 for copies in self.copies.values())

    def then(self, later: NearDuplicates) -> NearDuplicates:
        """Return these rows and later ones together."""
        both = dict(self.copies)
        for exact, copies in later.copies.items():
            both[exact] = both[exact].then(copies) if exact in both else copies
        if len(both) > VARIANTS:
            both = {exact: both[exact] for exact in sorted(both)[:VARIANTS]}
        return NearDuplicates(self.first, self.count + later.count, both)

    def after(self, rows: int) -> NearDuplicates:
        """Return the same rows with so many others before."""
        shifted = {exact: copies.after(rows) for exact, copies in self.copies.items()}
        return NearDuplicates(self.first + rows, self.count, shifted)


@dataclass(frozen=True, slots=True)
class Sketch:
    """The rows with the smallest checksums.

    `single` has what stands there once: by the checksum of the row without case, white space and punctuation, its
    exact checksum and its line. `several` has what stands there more than once. `complete` says that no row is missing.
    """

    single: Mapping[int, int] = field(default_factory=dict[int, int], repr=False)
    several: Mapping[int, NearDuplicates] = field(default_factory=dict[int, NearDuplicates], repr=False)
    complete: bool = True
    capacity: int = CAPACITY

    @property
    def scale(self) -> float:
        """How many rows each remembered one stands for."""
        if self.complete:
            return 1.0
        return ((1 << (_CRC_BITS + _LENGTH_BITS)) - 1) / max(self._largest, 1)

    @property
    def duplicates(self) -> int:
        """How many rows are copies of an earlier one, to the byte."""
        return round(self.scale * sum(likes.duplicates for likes in self.several.values()))

    @property
    def near_duplicates(self) -> int:
        """How many rows differ from an earlier one in case, white space and punctuation only."""
        return round(self.scale * sum(likes.count - 1 - likes.duplicates for likes in self.several.values()))

    def after(self, rows: int) -> Sketch:
        """Return the same sketch with so many rows before."""
        if not rows:
            return self
        single = {key: _pack(_line(value) + rows, _exact(value)) for key, value in self.single.items()}
        several = {key: likes.after(rows) for key, likes in self.several.items()}
        return replace(self, single=single, several=several)

    def __add__(self, later: Sketch) -> Sketch:
        """Return the sketch of both, the later one's lines counted from the same beginning already."""
        growing = GrowingSketch(self)
        for key, value in later.single.items():
            growing.put(key, NearDuplicates.of(_line(value), _exact(value)))
        for key, likes in later.several.items():
            growing.put(key, likes)
        both = growing.result()
        return replace(both, complete=both.complete and later.complete)

    def tallies(self, *, keep: int) -> Tallies:
        """Return how often the rules on duplicates were met, and the first findings."""
        pairs: list[tuple[str, int, int, int]] = []
        for likes in self.several.values():
            each = likes.copies.values()
            pairs += [("duplicate-row", one.second, one.first, one.count) for one in each if one.second is not None]
            pairs += [("near-duplicate-row", one.first, likes.first, 0) for one in each if one.first != likes.first]
        counts = {"duplicate-row": self.duplicates, "near-duplicate-row": self.near_duplicates}
        return tuple(
            Tally(rule, count, tuple(_finding(*pair) for pair in sorted(p for p in pairs if p[0] == rule)[:keep]))
            for rule, count in counts.items()
            if count
        )

    def shared_with(self, other: Sketch) -> list[tuple[int, int]]:
        """Return the lines here whose rows stand in another set too, with the line there, by line."""
        there = other.lines()
        return sorted((line, there[key]) for key, line in self.lines().items() if key in there)

    def lines(self) -> dict[int, int]:
        """Return the first line of each remembered row, by its checksum."""
        several = {key: likes.first for key, likes in self.several.items()}
        return {key: _line(value) for key, value in self.single.items()} | several

    @property
    def _largest(self) -> int:
        return max((*self.single, *self.several), default=0)


class GrowingSketch:
    """A sketch while it grows."""

    def __init__(self, begun: Sketch | None = None, *, capacity: int = CAPACITY) -> None:
        begun = begun or Sketch(capacity=capacity)
        self._capacity = begun.capacity
        self._single, self._several = dict(begun.single), dict(begun.several)
        self._complete = begun.complete
        self._limit = 1 << (_CRC_BITS + _LENGTH_BITS)

    def add(self, lines: Sequence[bytes], *, line: int) -> None:
        """Take note of rows; the first of them is line `line`, counted from 1."""
        rows = list(map(_strip, lines))
        bare = list(map(bytes.translate, rows, repeat(_LOWER), repeat(_SPACES_AND_MARKS)))
        single, limit = self._single, self._limit
        sums = zip(map(crc32, bare), map(len, bare), map(crc32, rows), strict=True)
        for number, (near, size, exact) in enumerate(sums, line):
            key = near << _LENGTH_BITS | size
            if key >= limit:
                continue
            if key in single or key in self._several:
                self.put(key, NearDuplicates.of(number, exact))
            else:
                single[key] = exact << _LINE_BITS | number
        if len(single) + len(self._several) > self._capacity * 5 // 4:
            self._shrink()

    def put(self, key: int, likes: NearDuplicates) -> None:
        """Take note of rows that come after all that are known."""
        if key in self._several:
            self._several[key] = self._several[key].then(likes)
        elif key in self._single:
            known = self._single.pop(key)
            self._several[key] = NearDuplicates.of(_line(known), _exact(known)).then(likes)
        elif likes.count == 1:
            self._single[key] = _pack(likes.first, *likes.copies)
        else:
            self._several[key] = likes

    def result(self) -> Sketch:
        """Return what is remembered."""
        self._shrink()
        return Sketch(dict(self._single), dict(self._several), self._complete, self._capacity)

    def _shrink(self) -> None:
        """Forget all but the smallest checksums."""
        if len(self._single) + len(self._several) <= self._capacity:
            return
        self._complete = False
        self._limit = sorted((*self._single, *self._several))[self._capacity]
        self._single = {key: value for key, value in self._single.items() if key < self._limit}
        self._several = {key: likes for key, likes in self._several.items() if key < self._limit}


_strip: Callable[[bytes], bytes] = bytes.strip


def _finding(rule: str, line: int, original: int, count: int) -> Finding:
    if rule == "duplicate-row":
        more = f"; {count} copies in total" if count > 2 else ""
        message = f"the row is a duplicate of line {original}{more}"
    else:
        message = f"the row is a near duplicate of line {original}"
    return Finding(rule=rule, line=line, found=f"line {original}", message=message)


def _pack(line: int, exact: int) -> int:
    return exact << _LINE_BITS | line


def _line(value: int) -> int:
    return value & _LINE


def _exact(value: int) -> int:
    return value >> _LINE_BITS
