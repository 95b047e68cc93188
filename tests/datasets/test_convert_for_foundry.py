"""Rows of any format as rows for Azure AI Foundry: every converted row is one that its check calls valid."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from maas_client.catalog.tuning_methods import TuningMethod
from maas_client.datasets.check.checker import CheckOptions
from maas_client.datasets.convert import convert_file, convert_rows
from maas_client.errors import InvalidInput

USER = {"role": "user", "content": "What does a bell cost?"}
ASSISTANT = {"role": "assistant", "content": "Nine euros."}
WRONG = {"role": "assistant", "content": "No idea."}
TOOLS = [{"type": "function", "function": {"name": "price", "parameters": {"type": "object"}}}]
CALLS = [{"id": "a", "type": "function", "function": {"name": "price", "arguments": "{}"}}]
ANSWER = {"role": "tool", "content": "9", "tool_call_id": "a"}
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.org/bell.png"}}


def converted(*rows: Any, method: TuningMethod | None = None, **options: Any) -> list[Any]:
    made = list(convert_rows(list(rows), surface="foundry", method=method, **options))
    checker = CheckOptions(surface="foundry", survey=False, role="validation").checker()
    checker.feed("".join(json.dumps(row) + "\n" for row in made).encode())
    assert not [each for each in checker.finish().findings if each.severity == "refused"]
    return made


def test_calls_of_tools_have_no_content() -> None:
    turns = [USER, {"role": "assistant", "content": "", "tool_calls": CALLS}, ANSWER, ASSISTANT]

    [row] = converted({"messages": turns, "tools": TOOLS})

    assert row == {"messages": [USER, {"role": "assistant", "tool_calls": CALLS}, ANSWER, ASSISTANT], "tools": TOOLS}


def test_functions_of_2023_become_tools() -> None:
    calling = {"role": "assistant", "content": None, "function_call": {"name": "price", "arguments": "{}"}}
    functions = [TOOLS[0]["function"]]

    [row] = converted({"messages": [USER, calling], "functions": functions})

    assert row["tools"] == TOOLS
    assert row["messages"][1]["tool_calls"][0]["function"] == {"name": "price", "arguments": "{}"}
    assert "content" not in row["messages"][1]


def test_images_weights_and_developer_messages_are_kept() -> None:
    turns: list[dict[str, Any]] = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [IMAGE]},
        {**ASSISTANT, "weight": 0},
        USER,
        {**ASSISTANT, "weight": 1},
    ]

    assert converted({"messages": turns}) == [{"messages": turns}]


def test_keys_that_are_null_are_not_written() -> None:
    turns = [{**turn, "name": None, "tool_calls": None, "weight": None} for turn in (USER, ASSISTANT)]

    assert converted({"messages": turns, "tools": None, "source": "shop"}) == [{"messages": [USER, ASSISTANT]}]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param({"prompt": "What does a bell cost?", "completion": " Nine euros."}, id="prompt"),
        pytest.param({"question": "What does a bell cost?", "answer": "Nine euros."}, id="question"),
        pytest.param({"instruction": "What does a bell cost?", "output": "Nine euros."}, id="alpaca"),
        pytest.param(
            {"conversations": [{"from": "human", "value": USER["content"]}, {"from": "gpt", "value": "Nine euros."}]},
            id="sharegpt",
        ),
    ],
)
def test_other_formats_become_messages(source: dict[str, Any]) -> None:
    assert converted(source) == [{"messages": [USER, ASSISTANT]}]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param({"prompt": USER["content"], "chosen": "Nine euros.", "rejected": "No idea."}, id="texts"),
        pytest.param({"chosen": [USER, ASSISTANT], "rejected": [USER, WRONG]}, id="whole conversations"),
        pytest.param({"prompt": [USER], "chosen": [ASSISTANT], "rejected": [WRONG]}, id="turns"),
        pytest.param(
            {"input": {"messages": [USER]}, "preferred_output": [ASSISTANT], "non_preferred_output": [WRONG]},
            id="Foundry's own",
        ),
    ],
)
def test_rejected_answers_make_rows_of_preferences(source: dict[str, Any]) -> None:
    rows = convert_rows([source], surface="foundry")

    assert list(rows) == [
        {"input": {"messages": [USER]}, "preferred_output": [ASSISTANT], "non_preferred_output": [WRONG]}
    ]
    assert rows.conversion.rejected_answers_left_out == 0


def test_preferences_may_be_learned_as_examples() -> None:
    rows = convert_rows(
        [{"prompt": USER["content"], "chosen": "Nine euros.", "rejected": "No idea."}],
        surface="foundry",
        method="supervised",
    )

    assert list(rows) == [{"messages": [USER, ASSISTANT]}]
    assert rows.conversion.rejected_answers_left_out == 1


def test_tools_of_preferences_stand_in_their_input() -> None:
    given = {"messages": [USER], "tools": TOOLS}
    calling = {"role": "assistant", "content": "", "tool_calls": CALLS}

    [row] = converted({"input": given, "preferred_output": [calling], "non_preferred_output": [WRONG]})

    assert row == {
        "input": given,
        "preferred_output": [{"role": "assistant", "tool_calls": CALLS}],
        "non_preferred_output": [WRONG],
    }


def test_for_reinforcement_the_last_answer_is_the_reference() -> None:
    [row] = converted({"question": USER["content"], "answer": "Nine euros."}, method="reinforcement")

    assert row == {"messages": [USER], "reference_answer": "Nine euros."}


def test_rows_for_graders_keep_every_key() -> None:
    source = {"messages": [USER], "reference_answer": 9, "hint": {"currency": "EUR"}}

    assert converted(source, method="reinforcement") == [source]


@pytest.mark.parametrize(
    ("method", "source", "why"),
    [
        ("dpo", {"messages": [USER, ASSISTANT]}, "the row has no rejected answer"),
        ("supervised", {"messages": [USER]}, "no message has the role assistant"),
        (
            "reinforcement",
            {"messages": [USER, {"role": "assistant", "content": "", "tool_calls": CALLS}], "tools": TOOLS},
            "the row does not end with an answer in text",
        ),
        (None, {"messages": [USER, {"role": "assistant", "tool_calls": CALLS}]}, "the row's tools have no price"),
    ],
)
def test_a_row_that_foundry_would_refuse_is_not_written(method: TuningMethod | None, source: Any, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        converted(source, method=method)


def test_converting_again_changes_nothing() -> None:
    sources: Sequence[tuple[Any, TuningMethod | None]] = [
        ({"prompt": "a", "chosen": "b", "rejected": "c"}, None),
        ({"question": "a", "answer": "b"}, "reinforcement"),
        ({"messages": [USER, {"role": "assistant", "tool_calls": CALLS}], "tools": TOOLS}, None),
    ]
    for source, method in sources:
        made = converted(source, method=method)

        assert converted(*made, method=method) == made


def test_a_file_is_converted_for_foundry(tmp_path: Path) -> None:
    source, target = tmp_path / "pairs.csv", tmp_path / "train.jsonl"
    source.write_text("prompt,chosen,rejected\n" + "".join(f"{n} bells?,{9 * n},no\n" for n in range(10)), "utf-8")

    conversion = convert_file(source, target, surface="foundry")

    assert (conversion.rows_written, conversion.source_format) == (10, "preference")
    report = CheckOptions(surface="foundry", survey=False).checker()
    report.feed(target.read_bytes())
    assert (report.finish().method, report.finish().ok) == ("dpo", True)
