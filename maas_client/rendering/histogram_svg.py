"""Counts as an inline SVG bar chart in the colour of the surrounding text."""

from __future__ import annotations

from collections.abc import Sequence

from .html import escaped

WIDTH, LINE = 480, 20
"""Width of the drawing and height of a bar's line, in units that a page may scale."""

LEFT, RIGHT = 110, 70
"""Width reserved for the names, and for the counts."""


def histogram(pairs: Sequence[tuple[str, int]], *, title: str) -> str:
    """Draw counts by name, scaled so that the longest bar fills the width; empty if there are none.

    Args:
        pairs: names and counts, from top to bottom.
        title: what is counted, for screen readers.
    """
    if not pairs:
        return ""
    most = max(1, *(count for _, count in pairs))
    lines = "".join(_line(row, name, count, count / most) for row, (name, count) in enumerate(pairs))
    size = f'width="{WIDTH}" height="{LINE * len(pairs)}" viewBox="0 0 {WIDTH} {LINE * len(pairs)}"'
    label = f'role="img" aria-label="{escaped(title)}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="maas-bars" {size} {label} fill="currentColor" font-size="13">'
        f"{lines}</svg>"
    )


def _line(row: int, name: str, count: int, share: float) -> str:
    """Draw a line: the name before its bar, the count after it."""
    top, wide = row * LINE, max(share * (WIDTH - LEFT - RIGHT), 1.0)
    return (
        f'<text x="{LEFT - 8}" y="{top + 15}" text-anchor="end">{escaped(name)}</text>'
        f'<rect x="{LEFT}" y="{top + 4}" width="{wide:.1f}" height="{LINE - 8}" rx="2" opacity=".55"/>'
        f'<text x="{LEFT + wide + 6:.1f}" y="{top + 15}">{count:,}</text>'
    )
