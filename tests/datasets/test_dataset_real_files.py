"""Real data sets, where the folder of shared material exists: the check keeps the rows that its manifest says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from maas_client.datasets.check.checker import CheckOptions
from maas_client.datasets.check.rules import RULES
from maas_client.datasets.parts import check_file
from maas_client.datasets.rows.schemas import Task

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("MAAS_SHARED", ROOT.parent / "shared")) / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data sets in {DATA}")

KEPT: dict[str, tuple[int, int, set[str]]] = {
    "bom_advertising_multiturn": (9, 9, {"bom"}),
    "chartqa_multimodal_content_list": (20, 20, {"chat-content-not-text"}),
    "distill_conversation_multiturn_system": (100, 100, {"personal-data"}),
    "distill_math_no_assistant": (42, 0, {"chat-no-assistant", "duplicate-row"}),
    "glan_japanese_qa_wrong_schema": (13, 0, {"schema-of-other-tool"}),
    "gsm8k_chat_train": (449, 449, set()),
    "gsm8k_chat_validation": (50, 50, set()),
    "malformed_pretty_printed": (400, 0, {"json-pretty-printed", "crlf"}),
    "mslearn_travel_hotel": (10, 10, set()),
    "mslearn_travel_validation_no_assistant": (5, 0, {"chat-no-assistant"}),
    "prompt_completion_408": (408, 0, {"schema-mismatch"}),
    "stock_toolcall_training": (86, 86, {"chat-tool-calls", "chat-content-missing"}),
    "taskmaster_multiturn_crlf": (128, 128, {"crlf", "personal-data"}),
}


@pytest.mark.parametrize(("name", "expected"), KEPT.items(), ids=list(KEPT))
def test_a_real_file_keeps_the_rows_of_its_manifest(name: str, expected: tuple[int, int, set[str]]) -> None:
    rows, kept, rules = expected

    report = check_file(DATA / f"{name}.jsonl", CheckOptions(task="chat"))

    ends = any(RULES[rule].severity == "fatal" for rule in rules)
    assert (report.rows, report.kept, report.ok) == (rows, kept, kept >= 10 and not ends)
    assert set(report.counts) - {"rows-too-few", "json-invalid"} == rules


def test_every_real_file_is_expected() -> None:
    assert {path.stem for path in DATA.glob("*.jsonl")} == set(KEPT)


@pytest.mark.parametrize("task", [None, "text"])
def test_the_prompt_and_completion_file_is_kept_whole_as_text(task: Task | None) -> None:
    report = check_file(DATA / "prompt_completion_408.jsonl", CheckOptions(task=task))

    assert (report.kept, report.task, report.counts) == (408, "text", {"special-token": 408})
