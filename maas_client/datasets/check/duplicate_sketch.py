"""A mergeable sketch of a dataset's rows that finds duplicates in bounded memory.

Rows are identified by checksums. Of a large dataset only the rows with the smallest checksums are kept, and every copy
of those is counted; so two sketches add up to the sketch of the whole, wherever the file was divided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import NamedTuple
from zlib import crc32

from .findings import Finding, Tallies, Tally
from .line_batch import LineBatch
from .line_ranges import ranges_of
from .near_duplicate_text import near_duplicate_texts

CAPACITY = 65_536
"""Distinct rows kept. Up to this number the counts are exact, beyond it they are estimates from this many rows."""

VARIANTS = 8
"""Variants of one row (near duplicates) whose exact copies are counted separately."""

_CRC_BITS, _LENGTH_BITS = 32, 24  # every line that is checked is shorter than 16 MiB
_ALL = 1 << (_CRC_BITS + _LENGTH_BITS)
"""The limit that every checksum is below."""

_LINE_BITS = 40
_LINE = (1 << _LINE_BITS) - 1


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Byte-identical rows: the first line, the second if any, and their number."""

    first: int
    second: int | None = None
    count: int = 1

    def then(self, later: Duplicates) -> Duplicates:
        """Return these copies merged with later ones."""
        return Duplicates(self.first, self.second or later.first, self.count + later.count)

    def after(self, rows: int) -> Duplicates:
        """Return the same copies with line numbers shifted by `rows`."""
        return Duplicates(self.first + rows, None if self.second is None else self.second + rows, self.count)


@dataclass(frozen=True, slots=True)
class NearDuplicates:
    """Rows that are near duplicates of each other: the first line, their number, and exact copies.

    Copies are counted for the variants with the smallest exact checksums.
    """

    first: int
    count: int
    copies: Mapping[int, Duplicates]

    @classmethod
    def of(cls, line: int, exact: int) -> NearDuplicates:
        """Return a row by itself."""
        return cls(line, 1, {exact: Duplicates(line)})

    @property
    def duplicates(self) -> int:
        """Number of byte-identical copies of an earlier row."""
        return sum(copies.count - 1 for copies in self.copies.values())

    def then(self, later: NearDuplicates) -> NearDuplicates:
        """Return these rows merged with later ones."""
        both = dict(self.copies)
        for exact, copies in later.copies.items():
            both[exact] = both[exact].then(copies) if exact in both else copies
        if len(both) > VARIANTS:
            both = {exact: both[exact] for exact in sorted(both)[:VARIANTS]}
        return NearDuplicates(self.first, self.count + later.count, both)

    def after(self, rows: int) -> NearDuplicates:
        """Return the same rows with line numbers shifted by `rows`."""
        shifted = {exact: copies.after(rows) for exact, copies in self.copies.items()}
        return NearDuplicates(self.first + rows, self.count, shifted)


class SharedRow(NamedTuple):
    """A row of two datasets: its line, the line in the other, and whether they are copies or near duplicates."""

    line: int
    other: int
    is_copy: bool


@dataclass(frozen=True, slots=True)
class Sketch:
    """The rows with the smallest checksums.

    `single` maps the checksum of each row that has no near duplicate to its exact checksum and line. `several` has the
    rows that occur more than once. Checksums are below `limit`, which is halved whenever there are too many.
    """

    single: Mapping[int, int] = field(default_factory=dict[int, int], repr=False)
    several: Mapping[int, NearDuplicates] = field(default_factory=dict[int, NearDuplicates], repr=False)
    limit: int = _ALL
    capacity: int = CAPACITY

    @property
    def scale(self) -> float:
        """How many rows each kept one represents."""
        return _ALL / self.limit

    @property
    def complete(self) -> bool:
        """Whether no row was left out."""
        return self.limit == _ALL

    @property
    def duplicates(self) -> int:
        """Number of rows that are byte-identical copies of an earlier one."""
        return round(self.scale * sum(likes.duplicates for likes in self.several.values()))

    @property
    def near_duplicates(self) -> int:
        """Number of rows that are near duplicates of an earlier one, but no copies."""
        return round(self.scale * sum(likes.count - 1 - likes.duplicates for likes in self.several.values()))

    def after(self, rows: int) -> Sketch:
        """Return the same sketch with line numbers shifted by `rows`."""
        if not rows:
            return self
        single = {key: value + rows for key, value in self.single.items()}  # the line is in the low bits
        several = {key: likes.after(rows) for key, likes in self.several.items()}
        return replace(self, single=single, several=several)

    def __add__(self, later: Sketch) -> Sketch:
        """Return the sketch of both; the later one's line numbers must already be shifted."""
        growing = GrowingSketch(self)
        growing.put_rows(list(later.single), list(later.single.values()))
        for key, likes in later.several.items():
            growing.put(key, likes)
        growing.lower(later.limit)
        return growing.result()

    def tallies(self, *, keep: int) -> Tallies:
        """Return the counts and first findings of the duplicate rules."""
        pairs: list[tuple[str, int, int, int]] = []
        for likes in self.several.values():
            each = likes.copies.values()
            pairs += [("duplicate-row", one.second, one.first, one.count) for one in each if one.second is not None]
            pairs += [("near-duplicate-row", one.first, likes.first, 0) for one in each if one.first != likes.first]
        counts = {"duplicate-row": self.duplicates, "near-duplicate-row": self.near_duplicates}
        return tuple(
            _tally(rule, count, sorted(pair for pair in pairs if pair[0] == rule), keep=keep)
            for rule, count in counts.items()
            if count
        )

    def shared_with(self, other: Sketch) -> list[SharedRow]:
        """Return the rows that another dataset has too, copies or near duplicates of each once, by line."""
        mine, theirs = self._likes(), other._likes()
        return sorted(_shared(mine[key], theirs[key]) for key in mine.keys() & theirs.keys())

    def _likes(self) -> dict[int, NearDuplicates]:
        single = {key: NearDuplicates.of(_line(value), _exact(value)) for key, value in self.single.items()}
        return {**single, **self.several}


class GrowingSketch:
    """Builds a sketch."""

    def __init__(self, begun: Sketch | None = None, *, capacity: int = CAPACITY) -> None:
        begun = begun or Sketch(capacity=capacity)
        self._capacity = begun.capacity
        self._single, self._several = dict(begun.single), dict(begun.several)
        self._limit = begun.limit

    def add(self, batch: LineBatch, *, line: int) -> None:
        """Add rows; the first of them is line `line`, counted from 1."""
        if batch.has(b"\r") or not batch.text.endswith(b"\n"):
            batch = LineBatch([each.strip() + b"\n" for each in batch.lines])
        rows: Sequence[bytes] = batch.lines
        texts = near_duplicate_texts(batch)
        keys = [near << _LENGTH_BITS | size for near, size in zip(map(crc32, texts), map(len, texts), strict=True)]
        numbers: Sequence[int] = range(line, line + len(rows))
        if self._limit < _ALL:
            small = [key < self._limit for key in keys]
            rows, keys, numbers = (
                list(compress(rows, small)),
                list(compress(keys, small)),
                list(compress(numbers, small)),
            )
        values = [exact << _LINE_BITS | number for exact, number in zip(map(crc32, rows), numbers, strict=True)]
        self.put_rows(keys, values)
        if len(self._single) + len(self._several) > self._capacity * 5 // 4:
            self._shrink()

    def put_rows(self, keys: Sequence[int], values: Sequence[int]) -> None:
        """Add single rows, all at once if none of them has a near duplicate."""
        single, several = self._single, self._several
        if single.keys().isdisjoint(keys) and several.keys().isdisjoint(keys):
            before = len(single)
            single.update(zip(keys, values, strict=True))
            if len(single) == before + len(keys):
                return
            for key in set(keys):
                del single[key]
        for key, value in zip(keys, values, strict=True):
            if key in single or key in several:
                self.put(key, NearDuplicates.of(_line(value), _exact(value)))
            else:
                single[key] = value

    def put(self, key: int, likes: NearDuplicates) -> None:
        """Add rows that follow all rows added so far."""
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
        """Return the sketch of all rows added so far."""
        self._shrink()
        return Sketch(dict(self._single), dict(self._several), self._limit, self._capacity)

    def lower(self, limit: int) -> None:
        """Drop rows whose checksums are not below a limit."""
        if limit >= self._limit:
            return
        self._limit = limit
        for key in [key for key in self._single if key >= limit]:  # in place: two tables would need more memory
            del self._single[key]
        for key in [key for key in self._several if key >= limit]:
            del self._several[key]

    def _shrink(self) -> None:
        """Halve the limit until few enough rows are left."""
        while len(self._single) + len(self._several) > self._capacity:
            self.lower(self._limit // 2)


def _tally(rule: str, count: int, pairs: Sequence[tuple[str, int, int, int]], *, keep: int) -> Tally:
    lines = [line for _, line, _, _ in pairs]
    return Tally(
        rule,
        count,
        tuple(_finding(*pair) for pair in pairs[:keep]),
        ranges_of(lines, unlisted=max(count - len(lines), 0)),
    )


def _finding(rule: str, line: int, original: int, count: int) -> Finding:
    if rule == "duplicate-row":
        more = f"; {count} copies in total" if count > 2 else ""
        message = f"the row is a duplicate of line {original}{more}"
    else:
        message = f"the row is a near duplicate of line {original}"
    return Finding(rule=rule, line=line, found=f"line {original}", message=message)


def _shared(mine: NearDuplicates, theirs: NearDuplicates) -> SharedRow:
    copies = [(mine.copies[exact].first, theirs.copies[exact].first) for exact in mine.copies.keys() & theirs.copies]
    return SharedRow(*min(copies), True) if copies else SharedRow(mine.first, theirs.first, False)


def _pack(line: int, exact: int) -> int:
    return exact << _LINE_BITS | line


def _line(value: int) -> int:
    return value & _LINE


def _exact(value: int) -> int:
    return value >> _LINE_BITS
