"""Rows that end the whole job behind the row filter: by kind, the line, the place and the stage."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from maas_client import CheckReport, find_model
from maas_client.datasets.check.checker import CheckOptions
from maas_client.datasets.rows.schemas import Task

MINI, MEDIUM, SMALL = "Phi-3-mini-4k-instruct", "Phi-3-medium-4k-instruct", "Phi-3-small-8k-instruct"
PHI_4, PHI_4_MINI = "Phi-4", "Phi-4-mini-instruct"
USER = {"role": "user", "content": "How much is a bell?"}
ANSWER = {"role": "assistant", "content": "Twelve euros."}
CALLS = [{"id": "1", "type": "function", "function": {"name": "price", "arguments": "{}"}}]
TEXT, IMAGE = {"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": "x"}}
GOOD: dict[str, Any] = {"messages": [USER, ANSWER]}


def chat(*messages: Any, **columns: Any) -> dict[str, Any]:
    """A chat row."""
    return {"messages": list(messages), **columns}


def check(rows: list[dict[str, Any]], *, model: str | None = None, task: Task | None = None) -> CheckReport:
    """Check rows."""
    facts = None if model is None else find_model(model)
    checker = CheckOptions(model=facts, task=task, survey=False).checker(name="train.jsonl")
    checker.feed(b"".join(json.dumps(row).encode() + b"\n" for row in rows))
    return checker.finish()


def endings(report: CheckReport) -> list[tuple[str | None, int | None, str, str]]:
    """The findings that end the job."""
    found = [finding for finding in report.findings if finding.severity == "fatal"]
    return [(finding.stage, finding.line, finding.rule, finding.pointer) for finding in found]


IN_PARTS: list[tuple[Any, str, str]] = [
    ([TEXT], "chat-content-in-parts", "/messages/0/content"),
    ([{"text": "no type"}, "words"], "chat-content-in-parts", "/messages/0/content"),
    ([], "chat-content-in-parts", "/messages/0/content"),
    ([TEXT, IMAGE], "chat-content-not-text", "/messages/0/content/1"),
    ([{"type": "input_audio", "input_audio": {}}], "chat-content-not-text", "/messages/0/content/0"),
    ([{"type": "text", "text": 5}], "chat-content-not-text", "/messages/0/content/0"),
    ([{"type": [], "text": "x"}], "chat-content-not-text", "/messages/0/content/0"),
]
OF_TWO_TYPES: list[tuple[str, Any, Any, str]] = [
    ("id", "1", 1, "/id"),
    ("id", 1, True, "/id"),
    ("meta", {"a": 1}, "x", "/meta"),
    ("meta", {"a": 1}, {"a": "x"}, "/meta/a"),
    ("meta", {"a": [{"b": 1}]}, {"a": [{"b": None}, {"b": []}]}, "/meta/a/1/b"),
    ("tags", ["a"], ["b", 2], "/tags/1"),
    ("tags", [], {}, "/tags"),
    ("a/b", {"c~d": 1}, {"c~d": ""}, "/a~1b/c~0d"),
]


@pytest.mark.parametrize("model", [None, MINI, MEDIUM, SMALL, PHI_4, PHI_4_MINI])
@pytest.mark.parametrize(("content", "rule", "place"), IN_PARTS)
def test_content_in_parts_ends_the_job(model: str | None, content: Any, rule: str, place: str) -> None:
    report = check([chat({**USER, "content": content}, ANSWER) for _ in range(12)], model=model)
    assert not report.ok
    assert ("render", 1, rule, place) in endings(report)


@pytest.mark.parametrize(
    "turn", [{"role": "assistant", "tool_calls": CALLS}, {"role": "assistant", "content": None, "tool_calls": CALLS}]
)
@pytest.mark.parametrize("model", [None, MINI, PHI_4_MINI])
def test_a_calling_turn_without_content_ends_the_job(model: str | None, turn: dict[str, Any]) -> None:
    rows = [GOOD] * 11 + [chat(USER, turn, ANSWER)]
    assert endings(check(rows, model=model)) == [("render", 12, "chat-content-missing", "/messages/1/content")]
    beside = [*rows[:11], chat(USER, {**turn, "content": ""}, ANSWER)]
    assert check(beside, model=model).ok


@pytest.mark.parametrize(
    ("model", "ends"), [(MINI, False), (MEDIUM, False), (PHI_4, False), (SMALL, True), (PHI_4_MINI, True)]
)
def test_a_turn_that_is_left_out_is_never_rendered(model: str, ends: bool) -> None:
    tool = {"role": "tool", "content": [TEXT], "tool_call_id": "1"}
    rows = [chat(USER, tool, ANSWER) for _ in range(12)]
    assert ("chat-content-in-parts" in check(rows, model=model).counts) == ends


def test_tools_of_a_system_message_are_a_string() -> None:
    system = {"role": "system", "content": "Help.", "tools": [{"name": "price"}]}
    rows = [chat(system, USER, ANSWER) for _ in range(12)]
    assert endings(check(rows, model=PHI_4_MINI))[0] == ("render", 1, "chat-turn-tools-not-string", "/messages/0/tools")
    assert check(rows, model=MINI).ok
    assert check([chat({**system, "tools": "[]"}, USER, ANSWER) for _ in range(12)], model=PHI_4_MINI).ok


def test_a_row_that_teaches_nothing_still_ends_the_job() -> None:
    rows = [GOOD] * 12 + [chat({**USER, "content": [TEXT]}, USER)]
    report = check(rows, model=MINI)
    assert ("render", 13, "chat-content-in-parts", "/messages/0/content") in endings(report)
    assert (report.kept, report.dropped) == (12, {"chat-no-assistant": 1})
    assert check([GOOD] * 12 + [chat({**USER, "content": [TEXT]})], task="chat").ok is False  # it is loaded, too


@pytest.mark.parametrize("text", ["\ud83d", "cut \ude00 off", "\ude00\ud83d"])
def test_half_a_surrogate_pair_ends_the_job(text: str) -> None:
    for row in (chat(USER, {**ANSWER, "content": text}), chat(USER, ANSWER, note=[text]), {**GOOD, text: 1}):
        assert ("load", 12, "lone-surrogate", "") in endings(check([GOOD] * 11 + [row]))
    assert check([GOOD] * 11 + [chat(USER, {**ANSWER, "content": "whole \ud83d\ude00"})]).ok


@pytest.mark.parametrize(("column", "first", "other", "place"), OF_TWO_TYPES)
@pytest.mark.parametrize("task", ["chat", "text"])
def test_a_column_of_two_types_ends_the_job(column: str, first: Any, other: Any, place: str, task: Task) -> None:
    row = GOOD if task == "chat" else {"prompt": "a", "completion": "b"}
    rows = [{**row, column: first}] * 11 + [{**row, column: other}]
    assert endings(check(rows, task=task)) == [("load", 12, "column-type-changed", place)]


SAME_TYPE: list[tuple[Any, Any]] = [
    *[(1, 2.5), (1, None), (None, "x"), ([], ["a"])],
    *[({}, {"a": 1}), (1, 10**30), ([None], [[]])],
]


@pytest.mark.parametrize(("first", "other"), SAME_TYPE)
def test_numbers_are_one_type_and_null_fits_every_type(first: Any, other: Any) -> None:
    assert check([{**GOOD, "x": first}] * 11 + [{**GOOD, "x": other}]).ok


def test_fields_that_training_uses_are_named_apart() -> None:
    arguments: dict[str, Any] = {"id": "1", "type": "function", "function": {"name": "price", "arguments": {}}}
    calling = chat(USER, {**ANSWER, "tool_calls": CALLS})
    rows = [calling] * 11 + [chat(USER, {**ANSWER, "tool_calls": [arguments]})]
    place = "/messages/1/tool_calls/0/function/arguments"
    assert endings(check(rows)) == [("load", 12, "field-type-changed", place)]
    weights = [chat({**USER, "weight": 1}, ANSWER)] * 11 + [chat({**USER, "weight": "1"}, ANSWER)]
    assert endings(check(weights)) == [("load", 12, "column-type-changed", "/messages/0/weight")]


def test_rows_that_the_filter_drops_do_not_count() -> None:
    dropped = [{"question": "a", "id": "x"}, {"messages": "x", "id": "x"}, chat({"role": 1}, id="x")]
    assert check([{**GOOD, "id": 1}] * 12 + dropped).ok


def test_the_types_of_rows_that_the_fast_path_takes_count() -> None:
    tool = {"role": "tool", "content": [TEXT]}
    rows = [{"messages": "x"}] + [GOOD] * 12 + [chat(tool, tool)]
    assert endings(check(rows, model=MINI, task="chat")) == [("load", 14, "field-type-changed", "/messages/0/content")]


def test_rows_of_any_depth_are_read() -> None:
    deep: list[Any] = []
    for _ in range(400):
        deep = [deep]
    assert check([{**GOOD, "x": deep}] * 12, task="chat").ok
    checker = CheckOptions(task="chat", survey=False).checker()
    for depth in (800, 900, 950, 980):
        checker.feed(json.dumps(GOOD)[:-1].encode() + b', "x": ' + b"[" * depth + b"]" * depth + b"}\n")
    assert checker.finish().rows == 4


def test_more_paths_than_are_followed_take_no_more_memory() -> None:
    rows = [{**GOOD, f"k{number}": 1} for number in range(12_000)]
    report = check(rows, task="chat")
    assert len(report.reading.types.paths) == 10_000
    assert report.ok


@given(content=st.binary(max_size=60) | st.text('{}"ab\r\n\u2028\u0085 ', max_size=60).map(str.encode))
def test_lines_are_those_of_a_file_in_text_mode(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "rows.jsonl")
        file.write_bytes(content)
        with file.open("rt", encoding="utf-8-sig", errors="backslashreplace") as opened:
            lines = list(opened)
    checker = CheckOptions(task="chat", survey=False).checker()
    checker.feed(content)
    report = checker.finish()
    # A file of nothing but a byte-order mark has no text, and still one line of bytes.
    assert report.rows == len(lines) or (report.rows, content) == (1, b"\xef\xbb\xbf")


@given(content=st.lists(st.sampled_from([b"{}", b"\r", b"\n", b"\r\n", b"x"]), max_size=30), size=st.integers(1, 5))
def test_line_ends_do_not_depend_on_the_chunks(content: list[bytes], size: int) -> None:
    data = b"".join(content)
    whole, pieces = (CheckOptions(survey=False).checker() for _ in range(2))
    whole.feed(data)
    for start in range(0, len(data), size):
        pieces.feed(data[start : start + size])
    assert pieces.finish() == whole.finish()


@pytest.mark.parametrize(("chats", "texts", "task"), [(12, 1, "chat"), (1, 12, "text"), (6, 6, "text")])
def test_most_rows_decide_the_task(chats: int, texts: int, task: Task) -> None:
    row = {"prompt": "a", "completion": "b"}
    report = check([row] * texts + [GOOD] * chats)
    assert (report.task, report.task_from, report.kept) == (task, "detected", max(chats, texts))
