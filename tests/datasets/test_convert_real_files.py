"""Real data sets, where the folder of shared material exists, are converted whole, and the check keeps every row."""

from __future__ import annotations

from pathlib import Path

import pytest
from converted import kept, read_rows

from maas_client import InvalidInput
from maas_client.datasets.convert import convert_file


@pytest.mark.parametrize(
    ("name", "source_format", "rows"),
    [
        ("bom_advertising_multiturn", "chat", 9),
        ("distill_conversation_multiturn_system", "chat", 100),
        ("glan_japanese_qa_wrong_schema", "question_answer", 13),
        ("gsm8k_chat_train", "chat", 449),
        ("malformed_pretty_printed", "chat", 25),
        ("prompt_completion_408", "prompt_completion", 408),
        ("stock_toolcall_training", "chat", 86),
        ("taskmaster_multiturn_crlf", "chat", 128),
    ],
)
def test_a_real_file_is_converted_whole_and_then_stays_as_it_is(
    shared: Path, tmp_path: Path, name: str, source_format: str, rows: int
) -> None:
    target, again = tmp_path / "train.jsonl", tmp_path / "again.jsonl"

    conversion = convert_file(shared / "data" / f"{name}.jsonl", target)

    assert (conversion.source_format, conversion.rows_written, conversion.rows_skipped) == (source_format, rows, 0)
    assert kept(read_rows(target)) == rows
    convert_file(target, again)
    assert again.read_bytes() == target.read_bytes()


def test_pictures_are_refused(shared: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match='a part of the content is "image_url"'):
        convert_file(shared / "data" / "chartqa_multimodal_content_list.jsonl", tmp_path / "train.jsonl")


def test_what_the_service_would_drop_is_refused(shared: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="line 1: no message has the role assistant, only system, user"):
        convert_file(shared / "data" / "distill_math_no_assistant.jsonl", tmp_path / "train.jsonl")


def test_unmapped_columns_of_japanese_questions_are_counted(shared: Path, tmp_path: Path) -> None:
    conversion = convert_file(shared / "data" / "glan_japanese_qa_wrong_schema.jsonl", tmp_path / "train.jsonl")

    assert conversion.dropped_keys == {"subject": 13, "level": 13, "subtopics": 13}


def test_tool_calls_and_definitions_of_a_real_file_are_unchanged(shared: Path, tmp_path: Path) -> None:
    source, target = shared / "data" / "stock_toolcall_training.jsonl", tmp_path / "train.jsonl"

    convert_file(source, target)

    rows = read_rows(source)
    for turn in (turn for row in rows for turn in row["messages"] if turn.get("content") is None):
        turn["content"] = ""
    assert read_rows(target) == rows
