"""What is marked as not to be learned is reported by the check, and never becomes a target by conversion."""

from __future__ import annotations

import json
from typing import Any

import pytest
from converted import convert_or_refuse, said
from hypothesis import given, strategies as st

from maas_client import InvalidInput
from maas_client.datasets.check.checker import CheckOptions
from maas_client.datasets.check.report import CheckReport
from maas_client.datasets.convert import convert_rows
from maas_client.datasets.rows.marks import MARKS, is_mark

ASKED, ANSWER = said("Which oil for the chain?", "Dry wax.")
GOOD: dict[str, Any] = {"messages": [ASKED, ANSWER]}


def check(*rows: dict[str, Any]) -> CheckReport:
    checker = CheckOptions(survey=False).checker()
    checker.feed(b"".join(json.dumps(row).encode() + b"\n" for row in [*[GOOD] * 10, *rows]))
    return checker.finish()


MARKED = [
    ({"messages": [ASKED, {**ANSWER, "weight": 0}]}, "/messages/1/weight", "turn", "weight 0"),
    ({"messages": [ASKED, {**ANSWER, "weight": 0.0}]}, "/messages/1/weight", "turn", "weight 0.0"),
    ({"messages": [ASKED, {**ANSWER, "train": False}]}, "/messages/1/train", "turn", "train false"),
    ({"messages": [ASKED, {**ANSWER, "train": 0}]}, "/messages/1/train", "turn", "train 0"),
    ({"messages": [ASKED, {**ANSWER, "training": False}]}, "/messages/1/training", "turn", "training false"),
    ({"messages": [ASKED, {**ANSWER, "loss": False}]}, "/messages/1/loss", "turn", "loss false"),
    ({"messages": [ASKED, {**ANSWER, "role": "gpt", "weight": 0}, ANSWER]}, "/messages/1/weight", "turn", "weight 0"),
    ({**GOOD, "label": False}, "/label", "row", "label false"),
    ({**GOOD, "kto_tag": False}, "/kto_tag", "row", "kto_tag false"),
    ({**GOOD, "train": False}, "/train", "row", "train false"),
    ({**GOOD, "weight": 0}, "/weight", "row", "weight 0"),
    ({**GOOD, "label": "False"}, "/label", "row", "label False"),
]


@pytest.mark.parametrize(("row", "where", "what", "mark"), MARKED, ids=lambda each: str(each)[-30:])
def test_a_mark_is_reported_as_trained_on(row: dict[str, Any], where: str, what: str, mark: str) -> None:
    report = check(row)

    [finding] = [each for each in report.findings if each.rule == "mark-ignored"]
    assert (finding.line, finding.pointer, finding.found) == (11, where, mark)
    assert finding.message == f"the {what} is trained on although it has {mark}"
    assert not {"chat-key-ignored", "column-ignored"} & report.counts.keys()
    assert report.ok


@pytest.mark.parametrize(("row", "where", "what", "mark"), MARKED, ids=lambda each: str(each)[-30:])
def test_conversion_leaves_a_marked_row_out_and_counts_it(
    row: dict[str, Any], where: str, what: str, mark: str
) -> None:
    rows = convert_rows([GOOD, row, GOOD])

    assert list(rows) == [GOOD, GOOD]
    name = mark.split()[0] if what == "row" else f"messages.{mark.split()[0]}"
    found = rows.conversion
    assert found.left_out == {name: 1}
    assert (found.rows_read, found.rows_written, found.rows_left_out, found.rows_skipped) == (3, 2, 1, 0)
    assert found.to_dict()["left_out"] == {name: 1}


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [ASKED, {**ANSWER, "weight": 1}]},
        {"messages": [{**ASKED, "weight": 0}, ANSWER]},
        {"messages": [ASKED, {**ANSWER, "train": True}]},
        {"messages": [ASKED, {**ANSWER, "weight": None}]},
        {**GOOD, "label": True},
        {**GOOD, "label": 0},
        {**GOOD, "label": "refund"},
        {**GOOD, "weight": 0.5},
    ],
    ids=str,
)
def test_a_harmless_value_is_an_ignored_key(row: dict[str, Any]) -> None:
    assert "mark-ignored" not in check(row).counts
    assert list(convert_rows([row])) == [GOOD]


def test_every_marked_turn_of_a_row_is_counted() -> None:
    bad = {**ANSWER, "weight": 0}

    assert check({"messages": [ASKED, bad, ASKED, bad, ASKED, ANSWER]}).counts["mark-ignored"] == 2


def test_rows_of_text_completion_have_marks_too() -> None:
    rows: list[dict[str, object]] = [
        {"prompt": f"{number}?", "completion": "Yes.", "label": bool(number % 2)} for number in range(20)
    ]
    checker = CheckOptions(survey=False).checker()
    checker.feed(b"".join(json.dumps(row).encode() + b"\n" for row in rows))
    converted = convert_rows(rows)

    assert checker.finish().counts == {"column-ignored": 10, "mark-ignored": 10}
    assert len(list(converted)) == converted.conversion.rows_left_out == 10


@pytest.mark.parametrize(
    "row",
    [
        {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Go away."}], "label": False},
        {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Go.", "weight": 0}]},
        {"instruction": "Hi", "output": "Go away.", "kto_tag": False},
        {"question": "Hi", "answer": "Go away.", "train": 0},
        {"prompt": "Hi", "completion": "Go away.", "label": False},
        {"conversations": [{"from": "human", "value": "Hi"}, {"from": "function_call", "value": "{}", "train": False}]},
    ],
    ids=str,
)
def test_marked_rows_of_other_formats_are_left_out(row: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="1 of 1 are marked as not to be learned"):
        list(convert_rows([row]))


def test_a_column_that_is_mapped_to_a_role_is_no_mark() -> None:
    rows = convert_rows([{"Q": "Right?", "label": "false"}], columns={"user": "Q", "assistant": "label"})

    assert list(rows) == [{"messages": said("Right?", "false")}]


values: st.SearchStrategy[Any] = st.sampled_from(
    [0, 0.0, False, "false", " FALSE ", "0", 1, True, None, "yes", 0.5, [], {}]
)


@given(keys=st.dictionaries(st.sampled_from(sorted(MARKS)), values, max_size=2), on_turn=st.booleans())
def test_no_marked_answer_is_ever_a_target(keys: dict[str, Any], on_turn: bool) -> None:
    row = {"messages": [ASKED, {**ANSWER, **keys}]} if on_turn else {**GOOD, **keys}
    marked = any(is_mark(key, value) for key, value in keys.items())

    assert convert_or_refuse([row]) == ([] if marked else [GOOD])
    assert ("mark-ignored" in check(row).counts) == marked
