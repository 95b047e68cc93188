"""Which columns of a table fit a terminal, and how wide each is: nothing is ever cut or broken within a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

GAP = 2
"""Spaces between two columns."""

READABLE = 24
"""A longer text may be wrapped between words; a shorter one, such as a number with its unit, stays on one line."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The widths of the leading columns that are shown, and the number of columns that are not."""

    widths: tuple[int, ...]
    hidden: int = 0


def fit_columns(rows: Sequence[Sequence[str]], width: int | None) -> Fit:
    """Return the columns that fit; the last columns are dropped first, the first column never is.

    Args:
        rows: the table, with its header; each column's order is its priority.
        width: the terminal's width, or None to show every column at its full width.
    """
    columns = list(zip(*rows, strict=True))
    full = [max(map(cell_len, column)) for column in columns]
    if width is None or not full:
        return Fit(tuple(full))
    least = [full[0], *(_least_width(column, natural) for column, natural in zip(columns[1:], full[1:], strict=True))]
    shown = len(least)
    while shown > 1 and sum(least[:shown]) + GAP * (shown - 1) > width:
        shown -= 1
    spare = max(width - sum(least[:shown]) - GAP * (shown - 1), 0)
    widths: list[int] = []
    for narrow, natural in zip(least[:shown], full[:shown], strict=True):
        more = min(natural - narrow, spare)
        widths.append(narrow + more)
        spare -= more
    return Fit(tuple(widths), len(least) - shown)


def wrap_words(text: str, width: int) -> list[str]:
    """Split a text between words into lines of a width; a longer word, such as an id, has a line of its own."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _least_width(column: Sequence[str], natural: int) -> int:
    """Return the width below which a column is dropped."""
    longest_word = max(cell_len(word) for cell in column for word in cell.split(" "))
    return min(natural, max(longest_word, READABLE))
