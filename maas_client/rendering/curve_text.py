"""Loss curves as text: a grid of characters with axes, for terminals of any size and without colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .curves import AxisRange, Picture, Point, ticks

LEAST_WIDTH, LEAST_HEIGHT = 24, 4
"""Minimum width and height, in characters and lines, of a readable curve."""


@dataclass(frozen=True, slots=True)
class TextCell:
    """A character of a drawing, and the index of its curve, or -1 for an axis."""

    character: str = " "
    curve: int = -1


Row = tuple[TextCell, ...]


def drawn(picture: Picture, marks: Sequence[str], *, width: int, height: int) -> list[Row]:
    """Draw curves; later ones are drawn on top.

    Args:
        picture: the curves.
        marks: a character for each curve.
        width: characters, including axis and labels.
        height: lines, including the step axis.
    """
    values = ticks(picture.values, most=max(height // 2, 1))
    labels = {_line(picture.values, value, height - 1): f"{value:.4g}" for value in values}
    margin = max(map(len, labels.values()), default=1) + 1
    across, down = max(width - margin - 1, 1), max(height - 1, 1)
    grid = [[TextCell() for _ in range(across)] for _ in range(down)]
    for number in range(len(picture.curves)):
        for piece in picture.curves[number].pieces:
            for x, y in _path(piece, picture, across, down):
                grid[y][x] = TextCell(marks[number], number)
    rows = [
        tuple(TextCell(character) for character in f"{labels.get(y, ''):>{margin - 1}} ┤"[: margin + 1]) + tuple(cells)
        for y, cells in enumerate(grid)
    ]
    return [*rows, tuple(TextCell(character) for character in _steps(picture.steps, margin, across))]


def _path(piece: Sequence[Point], picture: Picture, across: int, down: int) -> set[tuple[int, int]]:
    """Return the cells that a segment covers: its points, and the cells between them."""
    places = [(_column(picture.steps, step, across), _line(picture.values, value, down)) for step, value in piece]
    cells = set(places)
    for (x, y), (to_x, to_y) in pairwise(places):
        for column in range(x + 1, to_x):
            cells.add((column, round(y + (to_y - y) * (column - x) / (to_x - x))))
        if to_x - x <= 1:
            low, high = sorted((y, to_y))
            cells |= {(to_x, line) for line in range(low + 1, high)}
    return cells


def _column(steps: AxisRange, step: float, across: int) -> int:
    return min(int(steps.share(step) * across), across - 1)


def _line(values: AxisRange, value: float, down: int) -> int:
    return min(int((1 - values.share(value)) * down), down - 1)


def _steps(steps: AxisRange, margin: int, across: int) -> str:
    """Draw the step axis; a label that would overlap another is omitted."""
    line = [" "] * (margin + 1 + across)
    end = 0
    for tick in ticks(steps, most=max(across // 12, 1), whole=True):
        label = f"{tick:.10g}"
        begin = min(margin + 1 + _column(steps, tick, across), len(line) - len(label))
        if begin >= end:
            line[begin : begin + len(label)] = label
            end = begin + len(label) + 1
    return "".join(line)
