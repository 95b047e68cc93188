"""A plan as HTML, for notebooks."""

from __future__ import annotations

from ..rendering.html import card, escaped, table
from .overview import Overview, Row, cost_of, parts_of, time_of
from .ranked_ways import RankedWays

_COLOURS = {"fits": "good", "tight": "so-so", "no": "bad"}


def plan_html(plan: RankedWays, shown: Overview) -> str:
    """Return the same as a terminal shows: the ways on machines, the other platforms, and what to take."""
    parts = [f"<p>{escaped(fact)}</p>" for fact in shown.facts]
    if shown.rows:
        parts.append(f"<p>On {escaped(shown.where)}:</p>")
        parts.append(_ways(plan, shown.rows))
    if shown.elsewhere:
        parts.append(f"<p>{'Elsewhere' if shown.rows else 'Ways'}:</p>")
        parts.append(table(("", ""), [(escaped(platform), escaped(text)) for platform, text in shown.elsewhere]))
    for start, text in shown.advice:
        parts.append(f"<p><b>{escaped(start.capitalize())}</b> {escaped(text)}</p>")
    best = plan.recommended
    if best is not None:
        gib = parts_of(best)
        parts += [f"<p>its GiB: {escaped(gib)}</p>"] if gib else []
        parts.append(f"<pre>{escaped(best.command)}</pre>")
    parts += [f"<p>{escaped(text)}</p>" for text in (*shown.quoted, *plan.remarks)]
    return card(shown.title, *parts)


def _ways(plan: RankedWays, rows: tuple[Row, ...]) -> str:
    epochs = f"{plan.epochs} epoch{'s' * (plan.epochs != 1)}"
    costs = any(row.way.cost for row in rows)
    titles = ["way", "on", "fits", "GPU memory", epochs, *(["cost"] if costs else []), "run with"]
    return table(titles, [_cells(row, costs=costs) for row in rows])


def _cells(row: Row, *, costs: bool) -> list[str]:
    way = row.way
    fits = f'<span class="{_COLOURS.get(way.verdict, "")}">{escaped(row.fits)}</span>'
    cost = [escaped(cost_of(way))] if costs else []
    tools = escaped(", ".join(row.tools))
    return [
        escaped(way.method_title),
        escaped(way.machine),
        fits,
        escaped(row.memory),
        escaped(time_of(way)),
        *cost,
        tools,
    ]
