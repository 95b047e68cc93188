"""The geometry of a job's loss curves: thinning of many points to few columns, and positions of ticks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..core.metrics import LOSSES, MetricPoint

LARGEST = 1e300
"""Larger values are not drawn, like NaN."""

_SMALLEST = 1e-300

_LAST_STEP = 2**53
"""Largest step that a float represents exactly."""

Point = tuple[float, float]
"""A step and a value."""


@dataclass(frozen=True, slots=True)
class AxisRange:
    """A range: minimum and maximum, never equal."""

    low: float
    high: float

    def share(self, value: float) -> float:
        """Return the relative position of a value, from 0 at the minimum to 1 at the maximum."""
        return (value - self.low) / (self.high - self.low)


@dataclass(frozen=True, slots=True)
class Curve:
    """One thinned metric: unbroken segments, each a sequence of points in order of steps."""

    name: str
    pieces: tuple[tuple[Point, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """All curves of a job, and the ranges that contain them."""

    curves: tuple[Curve, ...]
    steps: AxisRange
    values: AxisRange


def picture(metrics: Mapping[str, Sequence[MetricPoint]], *, columns: int) -> Picture | None:
    """Return the loss curves of a job on this many columns; None if there is no finite loss.

    Of the points in one column the lowest and the highest are kept, so that no spike is lost. A value that is not
    finite interrupts its curve.
    """
    return overlaid({name: metrics.get(metric, ()) for metric, name in LOSSES.items()}, columns=columns)


def overlaid(series: Mapping[str, Sequence[MetricPoint]], *, columns: int) -> Picture | None:
    """Return curves with any names on this many columns, thinned as in `picture`."""
    found = {name: _places(points) for name, points in series.items()}
    finite = [place for places in found.values() for place in places if abs(place[1]) <= LARGEST]
    if not finite:
        return None
    reached, measured = [step for step, _ in finite], [value for _, value in finite]
    steps = _range(min(reached), max(reached), pad=0.0)
    values = _range(min(measured), max(measured), pad=0.05)
    curves = [Curve(name, _thinned(places, steps, columns)) for name, places in found.items()]
    return Picture(tuple(curve for curve in curves if curve.pieces), steps, values)


def ticks(span: AxisRange, *, most: int, whole: bool = False) -> list[float]:
    """Return about this many round numbers within a range, in equal steps of 1, 2 or 5 times a power of ten."""
    least = (span.high - span.low) / most
    if least < max(_SMALLEST, max(abs(span.low), abs(span.high)) * 1e-12):  # below float precision
        return [span.low]
    power = 10.0 ** math.floor(math.log10(least))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * (1 - 1e-9))
    step = max(step, 1.0) if whole else step
    first, last = math.ceil(span.low / step - 1e-9), math.floor(span.high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def _places(points: Sequence[MetricPoint]) -> list[Point]:
    return [(float(point.step), point.value) for point in points if abs(point.step) <= _LAST_STEP]


def _range(low: float, high: float, *, pad: float) -> AxisRange:
    """Return a range that contains both and is wide enough to divide by."""
    margin = (high - low) * pad
    if high - low <= max(abs(low), abs(high)) * 1e-12:
        margin = max(abs(low) * 0.05, 0.5)
    return AxisRange(low - margin, high + margin)


@dataclass(slots=True)
class _Column:
    """The lowest and the highest point of a column, each with its index, and whether a gap precedes it."""

    lowest: tuple[int, Point]
    highest: tuple[int, Point]
    after_gap: bool

    def places(self) -> list[Point]:
        """Return both in their original order; only one if they are the same."""
        return [place for _, place in sorted({self.lowest, self.highest})]


def _thinned(places: Sequence[Point], steps: AxisRange, columns: int) -> tuple[tuple[Point, ...], ...]:
    found: dict[int, _Column] = {}
    gap, last = False, columns - 1
    scale = columns / (steps.high - steps.low)
    for number, place in enumerate(places):
        step, value = place
        if not abs(value) <= LARGEST:  # NaN compares as False
            gap = True
            continue
        at = min(int((step - steps.low) * scale), last)
        column = found.get(at)
        if column is None:
            found[at] = _Column((number, place), (number, place), gap)
        elif value < column.lowest[1][1]:
            column.lowest = (number, place)
        elif value > column.highest[1][1]:
            column.highest = (number, place)
        gap = False
    pieces: list[list[Point]] = []
    for column in found.values():
        if column.after_gap or not pieces:
            pieces.append([])
        pieces[-1] += column.places()
    return tuple(tuple(piece) for piece in pieces)
