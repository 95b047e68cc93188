"""Loss curves: nothing that matters is lost on few columns, and any numbers at all make a picture."""

from __future__ import annotations

import math
import re
import sys
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, strategies as st

from maas_client import InvalidInput, MetricPoint
from maas_client.rendering.curve_png import curve_png
from maas_client.rendering.curve_svg import HEIGHT, WIDTH, curve_svg
from maas_client.rendering.curves import AxisRange, picture, ticks

SVG = "{http://www.w3.org/2000/svg}"
MANY = 100_000


def curve(*values: float) -> tuple[MetricPoint, ...]:
    """Return points of a metric, a step apart."""
    return tuple(MetricPoint(step, value) for step, value in enumerate(values, 1))


def falling(count: int) -> tuple[MetricPoint, ...]:
    """Return a loss that falls and trembles."""
    return curve(*(0.5 + 2 * math.exp(-5 * n / count) + 0.1 * math.sin(n) for n in range(count)))


def coordinates(svg: str) -> list[float]:
    """Return every coordinate of the curves."""
    paths = [path.get("d", "") for path in ET.fromstring(svg).iter(f"{SVG}path")]
    return [float(number) for path in paths for number in re.findall(r"-?[\d.]+(?:e[-+]?\d+)?", path)]


def texts(svg: str) -> list[str]:
    """Return what is written in the picture."""
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]


def test_a_spike_of_one_step_in_a_hundred_thousand_is_drawn() -> None:
    points = [*falling(MANY)]
    points[70_001] = MetricPoint(70_002, 9.0)
    points[30_001] = MetricPoint(30_002, -3.0)
    shown = picture({"loss": points}, columns=600)
    assert shown is not None
    places = [place for curve in shown.curves for piece in curve.pieces for place in piece]
    assert {(70_002.0, 9.0), (30_002.0, -3.0)} <= set(places)
    assert len(places) <= 2 * 600
    assert places == sorted(places)


def test_both_losses_have_their_own_colour_axes_and_labels() -> None:
    svg = curve_svg({"loss": curve(3, 2, 1), "eval_loss": curve(2, 1.5)}, title="ft-1")
    kinds = [path.get("class") for path in ET.fromstring(svg).iter(f"{SVG}path")]
    assert kinds == ["line first", "line second"]
    written = texts(svg)
    assert {"ft-1", "step", "loss", "eval loss", "1", "2", "3"} <= set(written)
    alone = curve_svg({"eval_loss": curve(2, 1.5)}, title="ft-1")
    assert [path.get("class") for path in ET.fromstring(alone).iter(f"{SVG}path")] == ["line second"]


def test_colours_follow_the_theme_and_affect_only_the_drawing() -> None:
    style = ET.fromstring(curve_svg({"loss": curve(1)}, title="x")).findtext(f"{SVG}style") or ""
    assert "@media(prefers-color-scheme:dark)" in style
    rules = re.findall(r"([^{}]+)\{", style.replace("@media(prefers-color-scheme:dark){", ""))
    assert all(rule.strip().startswith(".maas-curve") for rule in rules)


def test_a_title_is_text_whatever_it_contains() -> None:
    title = '</title><script>alert("x")</script>\x1b[2J & ${x}'
    svg = curve_svg({"loss": curve(1, 2)}, title=title)
    root = ET.fromstring(svg)
    assert not list(root.iter(f"{SVG}script"))
    assert root.findtext(f"{SVG}title") == '</title><script>alert("x")</script> & ${x}'


def test_a_nan_or_infinite_value_breaks_only_the_curve() -> None:
    shown = picture({"loss": curve(3, 2, math.nan, 2, math.inf, 1e301)}, columns=600)
    assert shown is not None
    assert [len(piece) for piece in shown.curves[0].pieces] == [2, 1]


@pytest.mark.parametrize("metrics", [{}, {"loss": ()}, {"loss": curve(math.nan)}, {"epoch": curve(1)}])
def test_an_empty_picture_states_that_it_is_empty(metrics: dict[str, tuple[MetricPoint, ...]]) -> None:
    assert "no loss has been measured" in texts(curve_svg(metrics, title="x"))


POINTS = st.lists(st.builds(MetricPoint, st.integers(-(10**18), 10**400), st.floats()), max_size=30).map(
    lambda points: tuple(sorted(points, key=lambda point: point.step))
)


@given(POINTS, POINTS)
def test_any_points_at_all_make_a_picture_within_its_frame(
    loss: tuple[MetricPoint, ...], eval_loss: tuple[MetricPoint, ...]
) -> None:
    numbers = coordinates(curve_svg({"loss": loss, "eval_loss": eval_loss}, title="x"))
    assert all(0 <= number <= max(WIDTH, HEIGHT) for number in numbers)


@given(st.floats(-1e200, 1e200), st.floats(1e-200, 1e200), st.integers(2, 10), st.booleans())
def test_ticks_are_few_and_within_their_range(low: float, span: float, most: int, whole: bool) -> None:
    found = ticks(AxisRange(low, low + span), most=most, whole=whole)
    assert len(found) <= most + 1
    slack = span * 1e-6 + abs(low) * 1e-12 + 1e-8 * whole
    assert all(low - slack <= tick <= low + span + slack for tick in found)


@pytest.mark.parametrize(
    ("low", "high", "whole", "expected"),
    [
        (0.0, 10.0, False, [0, 2, 4, 6, 8, 10]),
        (0.31, 2.5, False, [0.5, 1.0, 1.5, 2.0, 2.5]),
        (1.0, 3.0, True, [1, 2, 3]),
        (0.0, 100_000.0, True, [0, 20_000, 40_000, 60_000, 80_000, 100_000]),
    ],
)
def test_ticks_are_round(low: float, high: float, whole: bool, expected: list[float]) -> None:
    assert ticks(AxisRange(low, high), most=5, whole=whole) == pytest.approx(expected)


def test_a_hundred_thousand_points_make_a_small_svg() -> None:
    metrics = {"loss": falling(MANY), "eval_loss": falling(MANY)}
    svg = curve_svg(metrics, title="ft-1")
    assert len(svg) < 100_000


def test_a_png_is_drawn_of_as_many_points() -> None:
    pytest.importorskip("matplotlib")
    curve_png({"loss": curve(1, 2)}, title="the first one finds the machine's fonts")
    metrics = {"loss": falling(MANY), "eval_loss": falling(1000)}
    png = curve_png(metrics, title="$x_1$ \u4e2d")
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert png[16:24] == (1080).to_bytes(4) + (600).to_bytes(4)


def test_a_png_without_matplotlib_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(InvalidInput, match=r'pip install "matplotlib>='):
        curve_png({"loss": curve(1)}, title="x")
