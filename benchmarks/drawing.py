"""Curves of 100,000 points, drawn for a page and for a terminal, against writing the same points as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from functools import partial
from time import perf_counter

from benchmarks.harness import Plan, Row, interleave
from maas_client import MetricPoint
from maas_client.rendering.curve_overlay_svg import overlay_svg
from maas_client.rendering.curve_svg import curve_svg
from maas_client.rendering.curve_text import drawn
from maas_client.rendering.curves import picture

MANY = 100_000


def rows(plan: Plan) -> Iterator[Row]:
    """Yield a row for each form of drawing."""
    points = tuple(MetricPoint(step, 2 + math.sin(step / 9000)) for step in range(MANY))
    plain = [[point.step, point.value] for point in points]
    forms: dict[str, Callable[[], object]] = {
        "SVG of a curve": lambda: curve_svg({"loss": points}, title="job"),
        "SVG of two jobs' curves": lambda: overlay_svg({"a": points, "b": points}, title="loss"),
        "curve in a terminal": lambda: _in_a_terminal(points),
    }
    for what, form in forms.items():
        (ours, peer), rounds = interleave(
            plan, partial(_milliseconds, form), partial(_milliseconds, partial(json.dumps, plain))
        )
        yield Row(
            what=f"{what}, {MANY:,} points",
            ours=ours,
            peer=peer,
            peer_is="json.dumps of the points",
            target=4,
            rounds=rounds,
        )


def _in_a_terminal(points: tuple[MetricPoint, ...]) -> object:
    shown = picture({"loss": points}, columns=100)
    assert shown is not None
    return drawn(shown, "*", width=100, height=14)


def _milliseconds(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return (perf_counter() - began) * 1000
