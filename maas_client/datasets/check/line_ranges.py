"""Which lines have a finding: the first ranges of them, and how many lines there are; adds up over parts of a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

MOST_RANGES = 20
"""Ranges that are kept."""


@dataclass(frozen=True, slots=True)
class LineRanges:
    """The first ranges of lines (first and last line, counted from 1), and the number of lines in all."""

    ranges: tuple[tuple[int, int], ...] = ()
    lines: int = 0

    def beyond(self, most: int = MOST_RANGES) -> int:
        """Return how many lines are in none of the first ranges."""
        return self.lines - sum(last - first + 1 for first, last in self.ranges[:most])

    def after(self, rows: int) -> LineRanges:
        """Return the same ranges with line numbers shifted by `rows`."""
        return replace(self, ranges=tuple((first + rows, last + rows) for first, last in self.ranges))

    def then(self, later: LineRanges) -> LineRanges:
        """Return these ranges and those of a later part, whose line numbers are shifted already."""
        if self.beyond():
            return replace(self, lines=self.lines + later.lines)
        joined = list(self.ranges)
        for first, last in later.ranges:
            if joined and joined[-1][1] == first - 1:
                joined[-1] = joined[-1][0], last
            else:
                joined.append((first, last))
        return LineRanges(tuple(joined[:MOST_RANGES]), self.lines + later.lines)

    def shown(self, most: int = MOST_RANGES) -> str:
        """Write the first ranges as a person does: `3-18, 20`, without what is not listed."""
        return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in self.ranges[:most])


NO_LINES = LineRanges()


def ranges_of(lines: Iterable[int], *, unlisted: int = 0) -> LineRanges:
    """Return the ranges of sorted lines; `unlisted` more have a finding."""
    growing = GrowingRanges()
    for line in lines:
        growing.add(line)
    found = growing.result()
    return replace(found, lines=found.lines + unlisted)


class GrowingRanges:
    """Collects lines in ascending order; a line may occur several times."""

    def __init__(self) -> None:
        self._ranges: list[list[int]] = []
        self._lines = self._last = 0
        self._full = False

    def add(self, line: int) -> None:
        """Add a line."""
        if line != self._last:
            self.add_range(line, line)

    def add_range(self, first: int, last: int) -> None:
        """Add lines, of which none was added before."""
        self._lines += last - first + 1
        is_next, self._last = first == self._last + 1, last
        if self._full:
            return
        if is_next and self._ranges:
            self._ranges[-1][1] = last
        elif len(self._ranges) < MOST_RANGES:
            self._ranges.append([first, last])
        else:
            self._full = True

    def result(self) -> LineRanges:
        """Return the ranges of all lines added so far."""
        return LineRanges(tuple((first, last) for first, last in self._ranges), self._lines)
