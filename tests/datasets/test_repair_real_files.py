"""Real data sets, where the folder of shared material exists: what is repaired in each, and that nothing is left."""

from __future__ import annotations

from pathlib import Path

import pytest
from repaired import checked, repaired

from maas_client.catalog.lookup import find_model
from maas_client.catalog.model_facts import ModelFacts
from maas_client.datasets.check.rules import RULES

MEDIUM = find_model("Phi-3-medium-4k-instruct")

REPAIRED: dict[str, tuple[int, dict[str, int], int]] = {
    "bom_advertising_multiturn": (9, {"bom": 1}, 9),
    "chartqa_multimodal_content_list": (20, {}, 0),
    "distill_conversation_multiturn_system": (100, {}, 100),
    "distill_math_no_assistant": (41, {"duplicate-row": 1}, 0),
    "glan_japanese_qa_wrong_schema": (13, {}, 0),
    "gsm8k_chat_train": (449, {}, 449),
    "gsm8k_chat_validation": (50, {}, 50),
    "malformed_pretty_printed": (25, {"crlf": 400, "json-pretty-printed": 25}, 25),
    "mslearn_travel_hotel": (10, {}, 10),
    "mslearn_travel_validation_no_assistant": (5, {}, 0),
    "prompt_completion_408": (408, {}, 0),
    "stock_toolcall_training": (86, {"chat-content-missing": 36}, 86),
    "taskmaster_multiturn_crlf": (128, {"crlf": 128}, 0),
}
"""Rows written, changes, and system messages merged for a model without a system role."""


def test_every_real_file_is_expected(shared: Path) -> None:
    assert {path.stem for path in (shared / "data").glob("*.jsonl")} == set(REPAIRED)


@pytest.mark.parametrize("model", [None, MEDIUM], ids=["any model", "medium"])
@pytest.mark.parametrize(("name", "expected"), REPAIRED.items(), ids=list(REPAIRED))
def test_a_real_file_is_repaired_to_the_last_finding(
    shared: Path, tmp_path: Path, name: str, expected: tuple[int, dict[str, int], int], model: ModelFacts | None
) -> None:
    written, counts, merged = expected
    merges = {"chat-system-omitted": merged} if model is not None and merged else {}

    out, repair = repaired(tmp_path, (shared / "data" / f"{name}.jsonl").read_bytes(), model=model)

    assert (repair.rows_written, repair.left, repair.counts) == (written, 0, counts | merges)
    assert not {rule for rule in checked(out, model=model).counts if RULES[rule].repairable}
    assert repaired(tmp_path, out, model=model)[0] == out


def test_the_pretty_printed_file_becomes_valid_for_the_service(shared: Path, tmp_path: Path) -> None:
    data = (shared / "data" / "malformed_pretty_printed.jsonl").read_bytes()

    assert not checked(data).ok
    assert checked(repaired(tmp_path, data)[0]).ok
