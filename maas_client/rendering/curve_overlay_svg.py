"""The loss curves of several jobs in one SVG, distinguished by letters, colours and dashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from ..core.text import printable
from .curve_svg import HEIGHT, LEFT, PLOT_HEIGHT, PLOT_WIDTH, STYLE, TOP, WIDTH, axes, polyline, position_of, text_label
from .curves import Picture, overlaid

if TYPE_CHECKING:
    from ..core.metrics import MetricPoint

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Labels of the curves in order, here and in a terminal."""

_LIGHT = ("#0969da", "#bc4c00", "#1a7f37", "#8250df", "#cf222e", "#0a7ea4", "#9a6700", "#57606a")
_DARK = ("#58a6ff", "#f0883e", "#3fb950", "#bc8cff", "#ff7b72", "#39c5cf", "#d29922", "#8b949e")
_DASHES = ("none", "6 3", "2 3", "8 3 2 3")
_ROW = 20
"""Height of a legend line in pixels."""


def overlay_svg(series: Mapping[str, Sequence[MetricPoint]], *, title: str) -> str:
    """Draw one curve per job over the optimizer's steps.

    Args:
        series: points in order of steps by job name, for at most 26 jobs.
        title: the title above the chart.

    Returns:
        An SVG document of 720 by 400, plus 20 per job, which can be embedded in HTML as it is. Its colours follow the
        viewer's light or dark theme. If there is no finite value, the chart shows a note.
    """
    shown = overlaid(series, columns=PLOT_WIDTH)
    letters = dict(zip(series, LETTERS, strict=False))
    height, name = HEIGHT + _ROW * len(series) + _ROW // 2, escape(printable(title))
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    label = escape(printable(", ".join(series)))
    nothing = text_label(LEFT + PLOT_WIDTH / 2, TOP + PLOT_HEIGHT / 2, "no loss has been measured", "middle")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="maas-curve" {size} role="img" aria-label="{name}: {label}">',
        f"<title>{name}</title><desc>{label}</desc>",
        f"<style>{STYLE}\n{_colours(len(series))}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{height}"/>',
        f'<text class="title" x="{LEFT}" y="24">{name}</text>',
        *(_curves(shown, letters) if shown else [nothing]),
        *_legend(letters),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _colours(count: int) -> str:
    """Return the CSS that colours this many curves on light and dark backgrounds."""
    rules, dark = [".maas-curve .end{font-weight:600}"], list[str]()
    for number in range(count):
        dash = _DASHES[(number + number // len(_LIGHT)) % len(_DASHES)]
        colour, other = _LIGHT[number % len(_LIGHT)], _DARK[number % len(_DARK)]
        rules.append(f".maas-curve .c{number}{{stroke:{colour};--mark:{colour};stroke-dasharray:{dash}}}")
        dark.append(f".maas-curve .c{number}{{stroke:{other};--mark:{other}}}")
    return "\n".join([*rules, f"@media(prefers-color-scheme:dark){{{''.join(dark)}}}"])


def _curves(shown: Picture, letters: Mapping[str, str]) -> list[str]:
    """Draw the curves, each with its letter at its end."""
    parts, ends = axes(shown), list[str]()
    for curve in shown.curves:
        parts += polyline(curve, _kind(letters[curve.name]), shown)
        x, y = position_of(shown, *curve.pieces[-1][-1])
        ends.append(f'<text class="end" x="{x + 4:.1f}" y="{y + 4:.1f}">{letters[curve.name]}</text>')
    return [*parts, *ends]


def _legend(letters: Mapping[str, str]) -> list[str]:
    parts = list[str]()
    for number, (name, letter) in enumerate(letters.items()):
        y = HEIGHT + _ROW * number + _ROW / 2
        parts.append(f'<line class="line {_kind(letter)}" x1="{LEFT}" x2="{LEFT + 28}" y1="{y - 4:g}" y2="{y - 4:g}"/>')
        parts.append(text_label(LEFT + 36, y, f"{letter}  {printable(name)}"))
    return parts


def _kind(letter: str) -> str:
    """Return the CSS class that colours a curve."""
    return f"c{LETTERS.index(letter)}"
