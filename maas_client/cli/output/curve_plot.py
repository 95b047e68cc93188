"""Text plots with rich: one colour per curve and a legend."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.text import Text

from ...rendering.curve_text import TextCell, drawn
from ...rendering.curves import Picture

MARKS = "•o×+#@%&"
COLOURS = ("cyan", "yellow", "green", "magenta", "red", "blue", "white", "bright_black")


def plot(picture: Picture, *, width: int, height: int, marks: str = MARKS) -> Text:
    """Draw curves in `width` characters and `height` lines, including the legend."""
    repeated = marks * (1 + len(picture.curves) // len(marks))
    shown = Text(overflow="ellipsis", no_wrap=True)
    for number, curve in enumerate(picture.curves):
        shown.append(f"{repeated[number]} {curve.name}   ", style=_style(number))
    for row in drawn(picture, repeated, width=width, height=height - 1):
        shown.append("\n")
        _append(shown, row)
    return shown


def _append(shown: Text, row: Sequence[TextCell]) -> None:
    for curve, cells in groupby(row, key=lambda cell: cell.curve):
        shown.append("".join(cell.character for cell in cells), style=_style(curve))


def _style(curve: int) -> str:
    return "dim" if curve < 0 else COLOURS[curve % len(COLOURS)]
