"""Source rows of each format become chat rows, or the reason is given why one cannot."""

from __future__ import annotations

from typing import Any

import pytest
from converted import convert, said

from maas_client import InvalidInput
from maas_client.datasets.convert import SourceFormat, convert_rows

SYSTEM = {"role": "system", "content": "Be brief."}
EXCHANGE = said("Hi", "Hello")
TURNS = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]


@pytest.mark.parametrize(
    ("row", "messages"),
    [
        ({"messages": EXCHANGE}, EXCHANGE),
        ({"messages": [SYSTEM, *EXCHANGE]}, [SYSTEM, *EXCHANGE]),
        ({"messages": EXCHANGE, "system": "Be brief."}, [SYSTEM, *EXCHANGE]),
        ({"messages": [SYSTEM, *EXCHANGE], "system": "Be brief."}, [SYSTEM, *EXCHANGE]),
        ({"messages": [{"role": " Human", "content": "Hi"}, {"role": "GPT", "content": "Hello"}]}, EXCHANGE),
        ({"messages": TURNS}, EXCHANGE),
        ({"messages": '[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]'}, EXCHANGE),
        ({"messages": {"role": ["user", "assistant"], "content": ["Hi", "Hello"]}}, EXCHANGE),
        (
            {"messages": ({"role": "ipython", "content": "1"}, EXCHANGE[1])},
            [{"role": "ipython", "content": "1"}, EXCHANGE[1]],
        ),
        ({"conversations": TURNS}, EXCHANGE),
        ({"conversations": EXCHANGE}, EXCHANGE),
        ({"conversations": [{"from": "system", "value": "Be brief."}, *TURNS]}, [SYSTEM, *EXCHANGE]),
        ({"conversations": TURNS, "system": "Be brief.", "tools": ""}, [SYSTEM, *EXCHANGE]),
        ({"conversations": TURNS, "system": " ", "tools": None}, EXCHANGE),
        ({"conversations": [{"from": "user", "value": "Hi"}, {"from": "chatgpt", "value": "Hello"}]}, EXCHANGE),
        ({"instruction": "Hi", "output": "Hello"}, EXCHANGE),
        ({"instruction": "Hi", "input": "", "output": "Hello", "text": "Below is …"}, EXCHANGE),
        ({"instruction": "Add", "input": "1, 2", "output": "3"}, said("Add\n\n1, 2", "3")),
        ({"instruction": "", "input": "1, 2", "output": "3"}, said("1, 2", "3")),
        (
            {"instruction": "c", "output": "d", "history": [["a", "b"]], "system": "Be brief."},
            [SYSTEM, *said("a", "b", "c", "d")],
        ),
        ({"instruction": "c", "output": "d", "history": '[["a", "b"]]'}, said("a", "b", "c", "d")),
        ({"instruction": "c", "output": "d", "history": ""}, said("c", "d")),
        ({"prompt": "Hi", "completion": " Hello"}, EXCHANGE),
        ({"prompt": "Indent", "completion": "   x = 1"}, said("Indent", "  x = 1")),
        ({"text": "Hi", "ground_truth": "Hello", "prompt": None}, EXCHANGE),
        ({"question": "Hi", "answer": "Hello"}, EXCHANGE),
        ({"user": "Hi", "assistant": "Hello", "system": "Be brief."}, [SYSTEM, *EXCHANGE]),
    ],
    ids=str,
)
def test_a_row_becomes_a_conversation(row: dict[str, object], messages: list[dict[str, object]]) -> None:
    assert convert([row]) == [{"messages": messages}]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"messages": EXCHANGE[:1]}, "the conversation has too few messages: 1"),
        ({"messages": said("a", "b")[:1] * 2}, "no message has the role assistant"),
        ({"messages": said("Hi", "")}, "no assistant turn has any text"),
        ({"messages": 5}, "messages is 5, not a list of turns"),
        ({"messages": "Hi"}, 'messages is "Hi", which is not valid JSON'),
        ({"messages": {"role": ["user"], "content": ["Hi", "Hello"]}}, "messages is an object .*, not a list of turns"),
        ({"messages": ["Hi", "Hello"]}, 'turn 1 is "Hi", not an object'),
        ({"messages": [EXCHANGE[0], {"content": "Hello"}]}, "the role of turn 2 is null, not a string"),
        ({"messages": [EXCHANGE[0], {"role": "", "content": "Hello"}]}, 'the role of turn 2 is ""'),
        ({"messages": [{"role": "user"}, EXCHANGE[1]]}, "turn 1 has no content"),
        ({"messages": [{"role": "tool", "tool_call_id": "1"}, EXCHANGE[1]]}, "turn 1 has no content"),
        ({"messages": [{"role": "user", "content": 1.5}, EXCHANGE[1]]}, "the content of turn 1 is 1.5, not a string"),
        (
            {"messages": [{"role": "user", "content": [{1, 2}]}, EXCHANGE[1]]},
            "of the type set, which JSON cannot represent",
        ),
        ({"messages": [{"role": "user", "content": [float("nan")]}, EXCHANGE[1]]}, "nan, which JSON cannot represent"),
        (
            {"messages": [SYSTEM, *EXCHANGE], "system": "Be long."},
            "a system message both in its own column and in",
        ),
        ({"conversations": [{"from": "narrator", "value": "Hi"}, *TURNS]}, 'the role of turn 1 is "narrator"'),
        ({"instruction": 1, "output": "Hello"}, "instruction is 1, not a string"),
        ({"instruction": "Hi", "input": ["a"], "output": "Hello"}, "input is a list of length 1, not a string"),
        (
            {"instruction": "Hi", "output": "Hello", "history": [["a"]]},
            "history contains a list of length 1, not a pair",
        ),
        ({"prompt": "Hi", "completion": " "}, "no assistant turn has any text"),
        ({"prompt": "Hi", "completion": b"x"}, "completion is a value of the type bytes, not a string"),
        ({"question": "Hi", "answer": ["Hello"]}, "answer is a list of length 1, not a string"),
        ({"user": "Hi", "assistant": "Hello", "system": 1}, "system is 1, not a string"),
    ],
    ids=str,
)
def test_an_unconvertible_row_is_rejected_with_number_and_reason(row: dict[str, object], why: str) -> None:
    with pytest.raises(InvalidInput, match=f"the rows: row 1: .*{why}.*--skip-bad"):
        convert([row])


def test_a_row_without_the_columns_of_the_format_is_refused() -> None:
    rows: list[dict[str, object]] = [{"question": "Hi", "answer": "Hello"}, {"question": "Hi", "reply": "Hello"}]

    with pytest.raises(InvalidInput, match=r"row 2: question_answer rows need answer, but the row has .*reply"):
        convert(rows)


def test_skipped_rows_are_counted_and_the_first_of_them_listed() -> None:
    bad: list[dict[str, object]] = [{"question": "Hi", "answer": number} for number in range(30)]
    rows = convert_rows([{"question": "Hi", "answer": "Hello", "level": 1, "none": None}, *bad], on_bad="skip")

    assert list(rows) == [{"messages": EXCHANGE}]
    conversion = rows.conversion
    assert (conversion.rows_read, conversion.rows_written, conversion.rows_skipped) == (31, 1, 30)
    assert (conversion.source_format, conversion.columns) == ("question_answer", ("question", "answer"))
    assert conversion.dropped_keys == {"level": 1}
    assert [each.number for each in conversion.bad] == list(range(2, 22))
    assert conversion.to_dict()["bad"][0] == {"row": 2, "reason": "answer is 0, not a string"}


def test_a_value_that_is_not_an_object_is_not_a_row() -> None:
    odd: list[Any] = [{"question": "Hi", "answer": "Hello"}, ["Hi"], {1: "Hi", "answer": "Hello"}, "Hi", None]
    rows = convert_rows(odd, on_bad="skip")

    assert len(list(rows)) == 1
    assert [each.reason for each in rows.conversion.bad] == [
        f"this is {what}, not an object with string keys"
        for what in ("a list of length 1", "an object with keys that are not strings", '"Hi"', "null")
    ]


def test_keys_within_turns_are_dropped_and_counted_by_name() -> None:
    turns = [{"role": "user", "content": "Hi", "name": "Ann"}, {**EXCHANGE[1], "weight": 1, "refusal": None}]
    rows = convert_rows([{"messages": turns, "parallel_tool_calls": False}] * 2)

    assert list(rows) == [{"messages": EXCHANGE}] * 2
    assert rows.conversion.dropped_keys == {"parallel_tool_calls": 2, "messages.name": 2, "messages.weight": 2}


def test_only_the_first_hundred_dropped_keys_are_counted_by_name() -> None:
    rows = convert_rows({"question": "Hi", "answer": "Hello", f"id-{number}": 1} for number in range(150))

    assert len(list(rows)) == 150
    assert len(rows.conversion.dropped_keys) == 101
    assert rows.conversion.dropped_keys["(others)"] == 50


@pytest.mark.parametrize(
    "parts", [[{"type": "text", "text": "Hi"}], [{"text": "H"}, "i"], [{"type": "text", "value": "Hi"}]]
)
def test_content_in_parts_of_text_is_joined(parts: list[Any]) -> None:
    assert convert([{"messages": [{"role": "user", "content": parts}, EXCHANGE[1]]}]) == [{"messages": EXCHANGE}]


def test_content_that_no_template_renders_is_refused() -> None:
    parts = [{"type": "text", "text": "Hi"}, {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]
    with pytest.raises(InvalidInput, match='a part of the content is "image_url"'):
        convert([{"messages": [{"role": "user", "content": parts}, EXCHANGE[1]]}])


def test_half_a_surrogate_pair_is_replaced() -> None:
    [row] = convert([{"question": "Hi \ud83d", "answer": "Hello"}])
    assert row["messages"][0] == {"role": "user", "content": "Hi \ufffd"}


def test_columns_are_mapped_to_roles() -> None:
    row: dict[str, object] = {"Q": "Hi", "A": "Hello", "S": "Be brief.", "messages": []}

    assert convert([row], columns={"user": "Q", "assistant": "A"}) == [{"messages": EXCHANGE}]
    assert convert([row], columns={"user": "Q", "assistant": "A", "system": "S"}) == [{"messages": [SYSTEM, *EXCHANGE]}]


@pytest.mark.parametrize(
    ("source_format", "columns", "why"),
    [
        ("auto", {"user": "Q"}, "no column is mapped to assistant"),
        (
            "auto",
            {"user": "Q", "assistant": "A", "tool": "T"},
            "can be mapped to system, user, assistant, not to 'tool'",
        ),
        ("alpaca", {"user": "Q", "assistant": "A"}, "the source format alpaca exclude each other"),
        ("vicuna", None, "there is no source format 'vicuna'; the formats are auto, chat, "),
        ("csv", None, "csv is a file format"),
    ],
)
def test_an_invalid_mapping_is_rejected_at_once(
    source_format: SourceFormat, columns: dict[str, str] | None, why: str
) -> None:
    with pytest.raises(InvalidInput, match=why):
        convert_rows([], source_format=source_format, columns=columns)


def test_an_unknown_way_with_bad_rows_is_refused() -> None:
    ignore: Any = "ignore"

    with pytest.raises(InvalidInput, match="on_bad is 'ignore'; it can be refuse or skip"):
        convert_rows([], on_bad=ignore)


def test_rows_are_converted_as_they_are_asked_for() -> None:
    taken: list[int] = []

    def endless() -> Any:
        while True:
            taken.append(1)
            yield {"question": "Hi", "answer": "Hello"}

    rows = convert_rows(endless())
    for _ in range(50):
        next(rows)

    assert len(taken) == rows.conversion.rows_written == 50
