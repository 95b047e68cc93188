"""The format of rows and files is detected only where it is certain."""

from __future__ import annotations

from pathlib import Path

import pytest
from converted import convert, convert_bytes, said

from maas_client import InvalidInput
from maas_client.datasets.convert import SourceFormat, convert_rows

CHAT: dict[str, object] = {"messages": said("Hi", "Hello")}
PROMPT: dict[str, object] = {"prompt": "Hi", "completion": "Hello"}
ALPACA: dict[str, object] = {"instruction": "Hi", "output": "Hello"}
OTHER: dict[str, object] = {"topic": "greetings", "body": "Hello"}


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([CHAT], "chat"),
        ([{**CHAT, "prompt": "Hi", "prompt_id": "1"}], "chat"),
        ([{"conversations": said("Hi", "Hello")}], "sharegpt"),
        ([{**ALPACA, "text": "Below is …"}], "alpaca"),
        ([PROMPT], "prompt_completion"),
        ([{"text": "Hi", "ground_truth": "Hello"}], "text_ground_truth"),
        ([{"question": "Hi", "answer": "Hello"}], "question_answer"),
        ([{"user": "Hi", "assistant": "Hello"}], "columns"),
        ([{**PROMPT, "messages": None}], "prompt_completion"),
        ([OTHER] * 19 + [PROMPT], "prompt_completion"),
        ([PROMPT] * 20 + [CHAT], "prompt_completion"),
    ],
)
def test_the_first_twenty_rows_determine_the_format(rows: list[dict[str, object]], found: str) -> None:
    converted = convert_rows(rows, on_bad="skip")

    assert len(list(converted)) >= 1
    assert converted.conversion.source_format == found


@pytest.mark.parametrize(
    "rows", [[{**CHAT, **PROMPT}], [CHAT, PROMPT], [PROMPT, CHAT], [PROMPT] * 19 + [CHAT]], ids=["row", "1", "2", "20"]
)
def test_two_formats_that_fit_are_named_with_how_to_choose(rows: list[dict[str, object]]) -> None:
    with pytest.raises(InvalidInput) as refused:
        convert(rows, on_bad="skip")

    said_so = str(refused.value)
    assert "fit chat (messages) and prompt_completion (prompt, completion)" in said_so
    assert "`--from chat` or `--from prompt_completion` (source_format=)" in said_so


def test_the_format_that_is_asked_for_is_taken() -> None:
    both: dict[str, object] = {**CHAT, "prompt": "Bye", "completion": "See you"}

    assert convert([both], source_format="chat") == [CHAT]
    assert convert([both], source_format="prompt_completion") == [{"messages": said("Bye", "See you")}]


def test_unknown_rows_are_rejected_with_the_formats_and_keys() -> None:
    with pytest.raises(InvalidInput) as refused:
        convert([OTHER] * 20 + [CHAT])

    for part in ("the keys topic, body", "chat (messages)", "alpaca (instruction, output)", "--map user=COLUMN"):
        assert part in str(refused.value)


def test_a_format_without_any_row_is_rejected_even_with_skip() -> None:
    with pytest.raises(InvalidInput, match="no row can be converted: row 1: alpaca rows need instruction"):
        convert([CHAT] * 50, source_format="alpaca", on_bad="skip")


def test_without_rows_there_is_nothing_to_convert() -> None:
    with pytest.raises(InvalidInput, match="the rows: there are no rows"):
        convert([])
    with pytest.raises(InvalidInput, match="the rows: there are no rows"):
        convert([], source_format="chat")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl", b'{"question": "Hi", "answer": "Hello"}'),
        ("a.JSON", b'[{"question": "Hi", "answer": "Hello"}]'),
        ("a.ndjson", b'{"question": "Hi",\n "answer": "Hello"}'),
        ("a.txt", b'\xef\xbb\xbf\n {"question": "Hi", "answer": "Hello"}'),
        ("a", b'[{"question": "Hi", "answer": "Hello"}]'),
        ("a.csv", b"question,answer\nHi,Hello\n"),
        ("a.tsv", b"question\tanswer\nHi\tHello\n"),
        ("a.tab", b"question\tanswer\nHi\tHello\n"),
    ],
)
def test_the_file_name_or_the_first_byte_determines_the_type(tmp_path: Path, name: str, data: bytes) -> None:
    rows, conversion = convert_bytes(tmp_path, name, data)

    assert rows == [{"messages": said("Hi", "Hello")}]
    assert conversion.source_format == "question_answer"


@pytest.mark.parametrize(
    ("source_format", "data"),
    [
        ("csv", b"question,answer\nHi,Hello\n"),
        ("tsv", b"question\tanswer\nHi\tHello\n"),
        ("json", b'{"question": "Hi", "answer": "Hello"}'),
    ],
)
def test_a_requested_type_overrides_the_file_name(tmp_path: Path, source_format: SourceFormat, data: bytes) -> None:
    rows, _ = convert_bytes(tmp_path, "data.parquet", data, source_format=source_format)

    assert rows == [{"messages": said("Hi", "Hello")}]


def test_an_ambiguous_file_is_rejected_with_how_to_choose(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="choose with `--from json`, `--from csv`, `--from tsv`, `--from parquet`"):
        convert_bytes(tmp_path, "data.txt", b"question,answer\nHi,Hello\n")
    assert [file.name for file in tmp_path.iterdir()] == ["data.txt"]
