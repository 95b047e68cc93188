"""A job's loss curves as an SVG of a few kilobytes, however many points there are, for light and dark themes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from ..core.metrics import LOSSES
from ..core.text import printable
from .curves import AxisRange, Curve, Picture, Point, picture, ticks

if TYPE_CHECKING:
    from ..core.metrics import MetricPoint

WIDTH, HEIGHT = 720, 400
"""Size of the view box in pixels; a page may scale it."""

LEFT, RIGHT, TOP, BOTTOM = 72, 32, 40, 48
"""Margins of the grid in pixels."""

PLOT_WIDTH, PLOT_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
"""Size of the grid in pixels."""

_MARKED = 60
"""Maximum number of points at which each one has a marker, since a curve of a few points is hard to see."""

STYLE = """\
.maas-curve{--paper:#fff;--ink:#1f2328;--faint:#59636e;--grid:#d8dee4;--first:#0969da;--second:#bc4c00;\
font:12px system-ui,sans-serif}
@media(prefers-color-scheme:dark){.maas-curve{--paper:#0d1117;--ink:#e6edf3;--faint:#9198a1;--grid:#30363d;\
--first:#58a6ff;--second:#f0883e}}
.maas-curve .paper{fill:var(--paper)}
.maas-curve text{fill:var(--faint)}
.maas-curve .title{fill:var(--ink);font-weight:600;font-size:14px}
.maas-curve .grid{stroke:var(--grid)}
.maas-curve .line{fill:none;stroke-width:1.5;stroke-linejoin:round;stroke-linecap:round}
.maas-curve .first{stroke:var(--first);--mark:var(--first)}
.maas-curve .second{stroke:var(--second);--mark:var(--second);stroke-width:2.5;stroke-dasharray:6 3}
.maas-curve circle{fill:var(--mark);stroke-dasharray:none}"""
"""The style sheet, for light and dark backgrounds."""


def curve_svg(metrics: Mapping[str, Sequence[MetricPoint]], *, title: str) -> str:
    """Draw `loss` and `eval_loss` over the optimizer's steps.

    Args:
        metrics: points in order of steps by metric, as returned by `jobs.metrics`.
        title: the title above the chart, such as the job's name.

    Returns:
        An SVG document of 720 by 400, which can be embedded in HTML as it is. Its colours follow the viewer's light or
        dark theme. If there is no finite loss, the chart shows a note.
    """
    shown = picture(metrics, columns=PLOT_WIDTH)
    name = escape(printable(title))
    described = _described(shown)
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    label = f"{name}: {described}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="maas-curve" {size} role="img" aria-label="{label}">',
        f"<title>{name}</title><desc>{described}</desc>",
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text class="title" x="{LEFT}" y="24">{name}</text>',
        *(_drawn(shown) if shown else [text_label(LEFT + PLOT_WIDTH / 2, TOP + PLOT_HEIGHT / 2, described, "middle")]),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _described(shown: Picture | None) -> str:
    if shown is None:
        return "no loss has been measured"
    last = [f"{curve.name} {curve.pieces[-1][-1][1]:.4g}" for curve in shown.curves]
    return f"{' and '.join(last)} at the end"


def axes(shown: Picture) -> list[str]:
    """Draw the grid and its labels; the curves are drawn on top."""
    across, up = shown.steps, shown.values
    parts: list[str] = []
    for tick in ticks(up, most=7):
        y = _y(up, tick)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(text_label(LEFT - 8, y + 4, f"{tick:.6g}", "end"))
    for tick in ticks(across, most=8, whole=True):
        x = _x(across, tick)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{TOP + PLOT_HEIGHT}"/>')
        parts.append(text_label(x, TOP + PLOT_HEIGHT + 18, f"{tick:.10g}", "middle"))
    parts.append(text_label(LEFT + PLOT_WIDTH / 2, HEIGHT - 10, "step", "middle"))
    middle = f"{TOP + PLOT_HEIGHT / 2:.0f}"
    parts.append(f'<text x="16" y="{middle}" text-anchor="middle" transform="rotate(-90 16 {middle})">loss</text>')
    return parts


def _drawn(shown: Picture) -> list[str]:
    parts = axes(shown)
    for curve in shown.curves:
        parts += polyline(curve, _kind(curve), shown)
    end = WIDTH - RIGHT
    for curve in reversed(shown.curves):
        parts.append(text_label(end, 24, curve.name, "end"))
        end -= 8 * len(curve.name) + 4
        parts.append(f'<line class="line {_kind(curve)}" x1="{end - 20}" x2="{end}" y1="20" y2="20"/>')
        end -= 36
    return parts


def _kind(curve: Curve) -> str:
    """Return the CSS class that colours a curve; a metric's colour does not depend on which others are shown."""
    return "second" if curve.name == LOSSES["eval_loss"] else "first"


def polyline(curve: Curve, kind: str, shown: Picture) -> list[str]:
    """Draw a curve in its CSS class: a path of its segments, and a marker at each point if there are few."""
    places = [
        [f"{_x(shown.steps, step):.1f} {_y(shown.values, value):.1f}" for step, value in piece]
        for piece in curve.pieces
    ]
    count = sum(len(piece) for piece in places)
    # A segment of one point is drawn as a line to itself, or it would be invisible.
    path = "".join("M" + "L".join(piece if len(piece) > 1 else piece * 2) for piece in places)
    parts = [f'<path class="line {kind}" d="{path}"/>']
    if count <= _MARKED:
        marks = "".join(
            '<circle cx="{}" cy="{}" r="2.5"/>'.format(*place.split()) for piece in places for place in piece
        )
        parts.append(f'<g class="{kind}">{marks}</g>')
    return parts


def text_label(x: float, y: float, text: str, anchor: str = "start") -> str:
    """Draw a text at a position."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def position_of(shown: Picture, step: float, value: float) -> Point:
    """Return the position of a step and a value in the drawing."""
    return _x(shown.steps, step), _y(shown.values, value)


def _x(across: AxisRange, step: float) -> float:
    return LEFT + across.share(step) * PLOT_WIDTH


def _y(up: AxisRange, value: float) -> float:
    return TOP + (1 - up.share(value)) * PLOT_HEIGHT
