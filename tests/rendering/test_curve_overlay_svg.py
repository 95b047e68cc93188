"""The curves of several jobs in one picture: each has a letter, a colour and a dash, and none drives the page."""

from __future__ import annotations

import math
from xml.etree import ElementTree as ET

from hypothesis import given, strategies as st

from maas_client.core.metrics import MetricPoint
from maas_client.rendering.curve_overlay_svg import LETTERS, overlay_svg

SVG = "{http://www.w3.org/2000/svg}"


def curve(*values: float) -> tuple[MetricPoint, ...]:
    return tuple(MetricPoint(step, value) for step, value in enumerate(values))


def written(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def test_each_job_has_a_curve_its_letter_and_a_legend_line() -> None:
    root = ET.fromstring(overlay_svg({"ft-a": curve(3, 2, 1), "ft-b": curve(3, 2.5)}, title="loss"))
    assert [path.get("class") for path in root.iter(f"{SVG}path")] == ["line c0", "line c1"]
    assert {"loss", "A", "B", "A  ft-a", "B  ft-b", "step"} <= set(written(root))


def test_a_job_without_a_loss_is_in_the_legend_and_letters_stay() -> None:
    root = ET.fromstring(overlay_svg({"ft-a": (), "ft-b": curve(math.nan), "ft-c": curve(2, 1)}, title="loss"))
    assert [path.get("class") for path in root.iter(f"{SVG}path")] == ["line c2"]
    assert {"A  ft-a", "B  ft-b", "C  ft-c", "C"} <= set(written(root))
    assert "B" not in written(root)


def test_no_two_jobs_look_alike_up_to_the_number_of_letters() -> None:
    svg = overlay_svg({f"ft-{letter}": curve(2, 1) for letter in LETTERS}, title="loss")
    style = ET.fromstring(svg).findtext(f"{SVG}style") or ""
    rules = [line.partition("{")[2] for line in style.splitlines() if line.startswith(".maas-curve .c")]
    assert len(rules) == len(set(rules)) == len(LETTERS)


def test_names_are_text_whatever_they_contain() -> None:
    root = ET.fromstring(overlay_svg({'</text><script a="b">\x1b[2J': curve(2, 1)}, title="<b>&"))
    assert not list(root.iter(f"{SVG}script"))
    assert root.findtext(f"{SVG}title") == "<b>&"


def test_an_empty_drawing_states_that_it_is_empty() -> None:
    assert "no loss has been measured" in written(ET.fromstring(overlay_svg({"a": (), "b": ()}, title="x")))


@given(st.dictionaries(st.text(max_size=5), st.lists(st.floats(), max_size=20), max_size=len(LETTERS)))
def test_any_curves_make_a_picture(series: dict[str, list[float]]) -> None:
    root = ET.fromstring(overlay_svg({name: curve(*values) for name, values in series.items()}, title="x"))
    drawn = {name for name, values in series.items() if any(abs(value) <= 1e300 for value in values)}
    assert len(list(root.iter(f"{SVG}path"))) == len(drawn)
