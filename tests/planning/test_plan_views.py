"""What a reader sees of a plan: amounts, lines, and HTML without markup from names."""

from __future__ import annotations

from pathlib import Path

import pytest

from maas_client.planning.amounts import cost_text, gib_text, share_text, span_text
from maas_client.planning.overview import overview_of
from maas_client.planning.plan_html import plan_html
from tests.planning.plans import HOSTED, MEDIUM, plan_of, rows_in


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (0.2, 0.9, "1 s"),
        (28, 69, "28 to 69 s"),
        (46, 130, "46 s to 2 min"),
        (480, 2100, "8 to 35 min"),
        (5400, 20000, "1.5 to 5.6 h"),
        (40000, 90000, "11 to 25 h"),
        (172800, 2000000, "2.0 to 23 d"),
    ],
)
def test_a_range_of_time_has_its_unit_once(low: float, high: float, shown: str) -> None:
    assert span_text(low, high) == shown


def test_amounts_are_written_briefly() -> None:
    assert cost_text(1, 1.001, "USD") == "1.00 USD"
    assert cost_text(1, 2000, "EUR") == "1.00 to 2,000.00 EUR"
    assert gib_text([3.51, 4.29]) == "3.5-4.3 GiB"
    assert gib_text([3.51]) == "3.5 GiB"
    assert (share_text(0.0066), share_text(0.42)) == ("0.7%", "42%")


def test_ways_that_differ_in_the_tool_only_share_a_row() -> None:
    rows = overview_of(plan_of(gpu="RTX 4090")).rows
    assert [row.tools for row in rows if row.way.method == "lora"] == [("TRL", "axolotl", "Olive")]
    assert len({(row.way.method, row.way.offload) for row in rows}) == len(rows)


def test_the_machine_has_a_column_only_where_there_are_several() -> None:
    one, several = plan_of(gpu="RTX 4090"), plan_of(gpu=("RTX 4090", "A100"))
    assert "on" not in overview_of(one).columns(one)
    assert "on" in overview_of(several).columns(several)


def test_a_hosted_model_has_a_line_and_the_advice() -> None:
    shown = overview_of(plan_of(HOSTED))
    assert dict(shown.elsewhere)["Azure ML, serverless"].startswith("no machine to rent")
    assert shown.advice[0][1].startswith("LoRA with Azure ML, serverless: ")
    assert shown.command == f"maas jobs create --model {HOSTED} --training-data FILE --epochs 3"


def test_a_notebook_shows_the_table_and_no_markup_of_names(tmp_path: Path) -> None:
    folder = tmp_path / "<b>bold</b>"
    folder.mkdir(parents=True)
    plan = plan_of(MEDIUM, gpu="RTX 4090", data=rows_in(folder), need="memory")
    html = plan_html(plan, overview_of(plan))
    assert "<b>bold" not in html
    for part in ("QLoRA", "RTX 4090", "run with", "TRL, axolotl"):
        assert part in html


def test_where_nothing_fits_there_is_no_advice() -> None:
    shown = overview_of(plan_of(MEDIUM, gpu="RTX 3060", platform="trl", method="dora"))
    assert (shown.advice, shown.command) == ((), "")
    assert [row.fits for row in shown.rows] == ["no"]
