"""A job's loss curves as a PNG, drawn by matplotlib (the extra `plot`)."""

# matplotlib leaves the types of its keyword arguments open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..core.errors import InvalidInput
from ..core.extras import install_command
from ..core.text import printable
from .curves import picture

if TYPE_CHECKING:
    from ..core.metrics import MetricPoint

WIDTH, HEIGHT, DPI = 7.2, 4.0, 150
"""Size in inches, and pixels per inch."""


def curve_png(metrics: Mapping[str, Sequence[MetricPoint]], *, title: str) -> bytes:
    """Draw `loss` and `eval_loss` over the optimizer's steps, 1080 by 600 pixels.

    Args:
        metrics: points in order of steps by metric, as returned by `jobs.metrics`.
        title: the title above the chart, such as the job's name.

    Returns:
        The bytes of a PNG.

    Raises:
        InvalidInput: matplotlib is not installed; `curve_svg` needs nothing.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise InvalidInput(
            f"drawing a PNG requires matplotlib; an SVG requires nothing (--output svg). Try: {install_command('plot')}"
        ) from None
    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(printable(title), parse_math=False)
    axes.set_xlabel("step")
    axes.grid(visible=True, alpha=0.3)
    shown = picture(metrics, columns=int(WIDTH * DPI))
    if shown is None:
        axes.text(0.5, 0.5, "no loss has been measured", ha="center", transform=axes.transAxes)
    else:
        axes.set_xlim(shown.steps.low, shown.steps.high)
        axes.set_ylim(shown.values.low, shown.values.high)
        for curve in shown.curves:
            style = "--" if curve.name == "eval loss" else "-"
            colour = "tab:orange" if curve.name == "eval loss" else "tab:blue"
            for number, piece in enumerate(curve.pieces):
                label = None if number else curve.name
                marker = "o" if len(piece) == 1 else None
                steps, values = zip(*piece, strict=True)
                axes.plot(steps, values, style, color=colour, linewidth=1.2, marker=marker, label=label)
        axes.legend()
    drawn = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a character of the title that the font lacks
        figure.savefig(drawn, format="png")
    return drawn.getvalue()
