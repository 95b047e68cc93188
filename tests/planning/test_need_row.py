"""The row of a need: what each dated version of the table says, and what was found otherwise."""

from __future__ import annotations

import json

import pytest

from maas_client.planning.need_row import need_row
from maas_client.planning.needs import NEEDS, TABLE_METHODS, Need


def test_a_row_says_what_each_version_says_and_what_was_found() -> None:
    assert need_row("memory").lines() == (
        "2024: yes to QLoRA, DeepSpeed, ZeRO, DoRA; no to LoRA, PEFT",
        "current: yes to all six methods",
        "found: LoRA yes, PEFT yes, DeepSpeed partly, ZeRO partly; `maas plan --table` says why",
    )


def test_a_row_that_names_a_task_says_that_it_decides_nothing() -> None:
    assert need_row("chat").lines() == (
        "2024 and current: yes to all six methods",
        "found: the task does not decide; the rows, the GPU and its price do",
    )
    assert need_row("chat").findings == ()


@pytest.mark.parametrize("need", NEEDS)
def test_every_need_has_its_row_as_data(need: Need) -> None:
    row = json.loads(need_row(need).to_json())
    assert row["title"] == NEEDS[need].title
    assert [list(cells) for cells in row["cells"].values()] == [list(TABLE_METHODS)] * 2
    assert need_row(need).findings or NEEDS[need].is_task
