"""A plan as HTML, for notebooks."""

from __future__ import annotations

from ..rendering.html import card, escaped, table
from .overview import Overview
from .ranked_ways import RankedWays

_COLOURS = {"yes": "good", "just": "so-so", "no": "bad"}


def plan_html(plan: RankedWays, shown: Overview) -> str:
    """Return the same as a terminal shows: the ways on machines, what to take, and the other platforms."""
    parts = [f"<p>{escaped(shown.facts)}</p>"]
    if shown.rows:
        parts.append(f"<p>On {escaped(shown.where)}:</p>")
        parts.append(_ways(shown.columns(plan)))
    if shown.advice:
        parts.append(
            table(("", ""), [(escaped(start) if start else "", escaped(text)) for start, text in shown.advice])
        )
    if shown.elsewhere:
        parts.append(f"<p>{'Elsewhere' if shown.rows else 'Ways'}:</p>")
        parts.append(table(("", ""), [(escaped(platform), escaped(text)) for platform, text in shown.elsewhere]))
    parts += [f"<p>{escaped(line)}</p>" for line in (*shown.quoted, *plan.remarks)]
    if shown.command:
        parts.append(f"<pre>{escaped(shown.command)}</pre>")
    return card(shown.title, *parts)


def _ways(columns: dict[str, tuple[str, ...]]) -> str:
    coloured = {title: [_cell(title, cell) for cell in cells] for title, cells in columns.items()}
    return table(list(columns), list(zip(*coloured.values(), strict=True)))


def _cell(title: str, text: str) -> str:
    return f'<span class="{_COLOURS.get(text, "")}">{escaped(text)}</span>' if title == "fits" else escaped(text)
