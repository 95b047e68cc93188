"""Mergeable statistics of a dataset: row lengths and duplicates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ..rows.schemas import Problem
from .duplicate_sketch import GrowingSketch, Sketch
from .findings import Tallies
from .line_batch import LineBatch
from .secret_scan import SecretScan

_STEP_BITS = 6
STEP = 1 << _STEP_BITS
"""The histogram's bucket width for row lengths, in bytes."""

_MOST_SIZES = 4096
"""Distinct sizes counted before they are sorted into buckets."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Statistics of a dataset. `lengths` counts rows by length, in steps of 64 bytes; `longest` is in bytes."""

    lengths: tuple[tuple[int, int], ...] = ()
    longest: int = 0
    sketch: Sketch = field(default_factory=Sketch, repr=False)

    def after(self, rows: int) -> Statistics:
        """Return the same survey with line numbers shifted by `rows`."""
        return replace(self, sketch=self.sketch.after(rows))

    def __add__(self, later: Statistics) -> Statistics:
        """Return the survey of both; the later one's line numbers must already be shifted."""
        lengths = Counter(dict(self.lengths)) + Counter(dict(later.lengths))
        longest = max(self.longest, later.longest)
        return Statistics(tuple(sorted(lengths.items())), longest, self.sketch + later.sketch)

    def tallies(self, *, keep: int) -> Tallies:
        """Return the counts and first findings of the duplicate rules."""
        return self.sketch.tallies(keep=keep)

    def histogram(self) -> list[tuple[int, int]]:
        """Return how many rows are shorter than 64, 128, 256, … bytes, each row in the first bucket that fits."""
        bars: Counter[int] = Counter()
        for step, count in self.lengths:
            bars[max(STEP, 1 << ((step << _STEP_BITS) + STEP - 1).bit_length())] += count
        return sorted(bars.items())

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "longest": self.longest,
            "lengths": [{"below": below, "rows": count} for below, count in self.histogram()],
            "duplicates": self.sketch.duplicates,
            "near_duplicates": self.sketch.near_duplicates,
            "duplicates_are_exact": self.sketch.complete,
        }


Note = Callable[[int, Problem], None]
"""Takes the index of a line in the given batch, and the problem found in it."""


class GrowingStatistics:
    """Builds a survey; likely secrets and personal data are reported to `note`."""

    def __init__(self, *, leaks: SecretScan | None) -> None:
        self._leaks = leaks
        self._sketch = GrowingSketch()
        self._sizes: Counter[int] = Counter()
        self._lengths: Counter[int] = Counter()
        self._longest = 0

    def add(self, batch: LineBatch, *, note: Note) -> None:
        """Add lines, whether or not they are rows."""
        self._sizes.update(map(len, batch.lines))
        if len(self._sizes) > _MOST_SIZES:
            self._sort_sizes()
        if self._leaks is not None:
            for index, problem in self._leaks.find(batch):
                note(index, problem)

    def add_rows(self, batch: LineBatch, *, line: int) -> None:
        """Add lines that are JSON objects; the first of them is line `line`, counted from 1."""
        self._sketch.add(batch, line=line)

    def _sort_sizes(self) -> None:
        """Move exact sizes into the buckets of the histogram."""
        self._longest = max(self._longest, *self._sizes)
        for size, count in self._sizes.items():
            self._lengths[size >> _STEP_BITS] += count
        self._sizes.clear()

    def result(self) -> Statistics:
        """Return the survey of all lines added so far."""
        if self._sizes:
            self._sort_sizes()
        return Statistics(tuple(sorted(self._lengths.items())), self._longest, self._sketch.result())
