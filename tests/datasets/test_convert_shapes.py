"""Rows as other tools write them: Anthropic, Bedrock, Gemini, agents, preferences; converted, they pass the check."""

from __future__ import annotations

import json
from typing import Any

import pytest
from converted import convert, convert_or_refuse, said
from hypothesis import given, settings, strategies as st

from maas_client import InvalidInput
from maas_client.datasets.check.checker import CheckOptions
from maas_client.datasets.check.report import CheckReport
from maas_client.datasets.check.rules import RULES
from maas_client.datasets.convert import convert_rows

ASKED, ANSWER = said("How long is the tow rope?", "Four metres.")
GOOD = {"messages": [ASKED, ANSWER]}
SYSTEM = {"role": "system", "content": "Be brief."}
TOOL = {"type": "function", "function": {"name": "length_of", "parameters": {"type": "object"}}}
CALL = {"id": "c1", "type": "function", "function": {"name": "length_of", "arguments": '{"of": "rope"}'}}
CALLING = {"role": "assistant", "content": "", "tool_calls": [CALL]}
RESULT = {"role": "tool", "content": "4 m", "tool_call_id": "c1"}
WHOLE = {"messages": [ASKED, CALLING, RESULT, ANSWER], "tools": [TOOL]}


def check(*rows: dict[str, Any]) -> CheckReport:
    checker = CheckOptions(task="chat", survey=False).checker()
    checker.feed(b"".join(json.dumps(row).encode() + b"\n" for row in rows))
    return checker.finish()


def _named(each: object) -> str:
    return json.dumps(each)[:50]


def text(words: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": words}]


ANTHROPIC: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"system": "Be brief.", "messages": [ASKED, ANSWER]}, {"messages": [SYSTEM, ASKED, ANSWER]}),
    (
        {
            "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
            "messages": [
                {"role": "user", "content": text("How long is the tow rope?")},
                {"role": "assistant", "content": [{"type": "thinking", "thinking": "…"}, *text("Four metres.")]},
            ],
        },
        {"messages": [SYSTEM, ASKED, ANSWER]},
    ),
    (
        {
            "messages": [
                ASKED,
                {
                    "role": "assistant",
                    "content": [{"type": "tool_use", "id": "c1", "name": "length_of", "input": {"of": "rope"}}],
                },
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": text("4 m")}]},
                {"role": "assistant", "content": text("Four metres.")},
            ],
            "tools": [{"name": "length_of", "input_schema": {"type": "object"}}],
        },
        WHOLE,
    ),
    (
        {
            "messages": [
                ASKED,
                {
                    "role": "assistant",
                    "content": [
                        *text("Let me look."),
                        {"type": "tool_use", "id": "c1", "name": "length_of", "input": {"of": "rope"}},
                    ],
                },
                {
                    "role": "user",
                    "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "4 m"}, *text("And now?")],
                },
                ANSWER,
            ]
        },
        {
            "messages": [
                ASKED,
                {**CALLING, "content": "Let me look."},
                RESULT,
                {"role": "user", "content": "And now?"},
                ANSWER,
            ]
        },
    ),
]
BEDROCK: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {
            "schemaVersion": "bedrock-conversation-2024",
            "system": [{"text": "Be brief."}],
            "messages": [
                {"role": "user", "content": [{"text": "How long is the tow rope?"}]},
                {"role": "assistant", "content": [{"text": "Four metres."}]},
            ],
        },
        {"messages": [SYSTEM, ASKED, ANSWER]},
    ),
    (
        {"messages": [ASKED, {"role": "assistant", "content": [{"text": "Four "}, {"text": "metres."}]}]},
        {"messages": [ASKED, ANSWER]},
    ),
    (
        {
            "messages": [
                {"role": "user", "content": [{"text": "How long is the tow rope?"}]},
                {
                    "role": "assistant",
                    "content": [{"toolUse": {"toolUseId": "c1", "name": "length_of", "input": {"of": "rope"}}}],
                },
                {"role": "user", "content": [{"toolResult": {"toolUseId": "c1", "content": [{"text": "4 m"}]}}]},
                {"role": "assistant", "content": [{"text": "Four metres."}]},
            ],
            "toolConfig": {"tools": [{"toolSpec": {"name": "length_of", "inputSchema": {"json": {"type": "object"}}}}]},
        },
        WHOLE,
    ),
    (
        {
            "messages": [
                ASKED,
                CALLING,
                {"role": "user", "content": [{"toolResult": {"toolUseId": "c1", "content": [{"json": {"m": 4}}]}}]},
                ANSWER,
            ]
        },
        {"messages": [ASKED, CALLING, {**RESULT, "content": '{"m": 4}'}, ANSWER]},
    ),
]
GEMINI: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {
            "contents": [
                {"role": "user", "parts": [{"text": "How long is the tow rope?"}]},
                {"role": "model", "parts": [{"text": "Four "}, {"text": "metres."}]},
            ]
        },
        GOOD,
    ),
    (
        {
            "systemInstruction": {"role": "system", "parts": [{"text": "Be brief."}]},
            "contents": [
                {"role": "user", "parts": [{"text": "How long is the tow rope?"}]},
                {"role": "model", "parts": [{"text": "hm", "thought": True}, {"text": "Four metres."}]},
            ],
            "generationConfig": {"temperature": 0},
        },
        {"messages": [SYSTEM, ASKED, ANSWER]},
    ),
    (
        {
            "contents": [
                {"role": "user", "parts": [{"text": "How long is the tow rope?"}]},
                {"role": "model", "parts": [{"functionCall": {"name": "length_of", "args": {"of": "rope"}}}]},
                {
                    "role": "function",
                    "parts": [{"functionResponse": {"name": "length_of", "response": {"metres": 4}}}],
                },
                {"role": "model", "parts": [{"text": "Four metres."}]},
            ],
            "tools": [{"functionDeclarations": [{"name": "length_of", "parameters": {"type": "object"}}]}],
        },
        {
            "messages": [
                ASKED,
                {**CALLING, "tool_calls": [{**CALL, "id": "call_1"}]},
                {"role": "tool", "content": '{"metres": 4}', "tool_call_id": "call_1"},
                ANSWER,
            ],
            "tools": [TOOL],
        },
    ),
]
AGENTS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"query": "How long is the tow rope?", "response": "Four metres.", "context": "shop"}, GOOD),
    (
        {
            "query": [SYSTEM, {"role": "user", "createdAt": "2025", "content": text("How long is the tow rope?")}],
            "response": [{"role": "assistant", "run_id": "r", "content": text("Four metres.")}],
        },
        {"messages": [SYSTEM, ASKED, ANSWER]},
    ),
    (
        {
            "query": [ASKED],
            "response": [
                {
                    "role": "assistant",
                    "content": [
                        {
                            "type": "tool_call",
                            "tool_call_id": "c1",
                            "name": "length_of",
                            "arguments": {"of": "rope"},
                        }
                    ],
                },
                {
                    "role": "tool",
                    "tool_call_id": "c1",
                    "content": [{"type": "tool_result", "tool_result": "4 m"}],
                },
                {"role": "assistant", "content": text("Four metres.")},
            ],
            "tool_definitions": [{"name": "length_of", "parameters": {"type": "object"}}],
        },
        WHOLE,
    ),
    (
        {
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": {"value": ASKED["content"], "annotations": []}}]},
                {"role": "assistant", "content": [{"type": "text", "text": {"value": "Four metres."}}]},
            ]
        },
        GOOD,
    ),
]
PREFERENCES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {
            "input": {"messages": [SYSTEM, ASKED], "tools": [], "parallel_tool_calls": True},
            "preferred_output": [ANSWER],
            "non_preferred_output": said("", "No.")[1:],
        },
        {"messages": [SYSTEM, ASKED, ANSWER]},
    ),
    ({"prompt": "How long is the tow rope?", "chosen": "Four metres.", "rejected": "No."}, GOOD),
    ({"prompt": [ASKED], "chosen": [ANSWER], "rejected": said("", "No.")[1:]}, GOOD),
    ({"prompt": ASKED["content"], "chosen": [ASKED, ANSWER], "rejected": [ASKED]}, GOOD),
    ({"chosen": [ASKED, ANSWER], "rejected": [ASKED], "messages": [ASKED, ANSWER]}, GOOD),
    (
        {"system": "Be brief.", "question": ASKED["content"], "chosen": "Four metres.", "rejected": "No."},
        {"messages": [SYSTEM, ASKED, ANSWER]},
    ),
    (
        {
            "conversations": [{"from": "human", "value": "How long is the tow rope?"}],
            "chosen": {"from": "gpt", "value": "Four metres."},
            "rejected": {"from": "gpt", "value": "No."},
        },
        GOOD,
    ),
    (
        {"instruction": "How long", "input": "is it?", "chosen": "4", "rejected": "No.", "history": [["a", "b"]]},
        {"messages": said("a", "b", "How long\n\nis it?", "4")},
    ),
    (
        {
            "chosen": "\n\nHuman: How long is the tow rope?\n\nAssistant: Four metres.",
            "rejected": "\n\nHuman: How long is the tow rope?\n\nAssistant: No.",
        },
        GOOD,
    ),
    ({"chosen_messages": [ASKED, ANSWER], "rejected_messages": [ASKED]}, GOOD),
    ({"prompt": "How long is the tow rope?", "chosen": json.dumps([ASKED, ANSWER]), "rejected": "[]"}, GOOD),
    ({"prompt": "An array?", "chosen": '[{"a": 1}]', "rejected": "No."}, {"messages": said("An array?", '[{"a": 1}]')}),
    ({"input": "How long is the tow rope?", "preferred_output": "Four metres.", "non_preferred_output": "No."}, GOOD),
]
OTHERS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {
            "messages": [
                {
                    "role": "user",
                    "content": [{"type": "text", "value": "How long is the tow rope?"}],
                    "loss_weight": 0.0,
                },
                {
                    "role": "assistant",
                    "content": [
                        {
                            "type": "tool_call",
                            "value": json.dumps({"name": "length_of", "arguments": {"of": "rope"}}),
                        }
                    ],
                    "loss_weight": 1.0,
                },
                {"role": "tool", "content": [{"type": "text", "value": "4 m"}]},
                {"role": "assistant", "content": {"type": "text", "text": "Four metres."}},
            ],
        },
        {
            "messages": [
                ASKED,
                {**CALLING, "tool_calls": [{**CALL, "id": "call_1"}]},
                {**RESULT, "tool_call_id": "call_1"},
                ANSWER,
            ]
        },
    ),
    ({"prompt": [ASKED], "completion": [ANSWER]}, GOOD),
    ({"prompt": [SYSTEM, ASKED], "completion": [ANSWER], "label": True}, {"messages": [SYSTEM, ASKED, ANSWER]}),
    ({"messages": [{"role": "user", "content": ["How long ", {"text": "is the tow rope?"}]}, ANSWER]}, GOOD),
    ({"messages": [ASKED, {"role": "assistant", "content": [{"type": "output_text", "text": "Four metres."}]}]}, GOOD),
]
SHAPES = [*ANTHROPIC, *BEDROCK, *GEMINI, *AGENTS, *PREFERENCES, *OTHERS]


@pytest.mark.parametrize(("row", "converted"), SHAPES, ids=_named)
def test_a_row_of_another_tool_is_converted_without_loss(row: dict[str, Any], converted: dict[str, Any]) -> None:
    assert convert([row]) == [converted]
    report = check(converted)
    assert not [rule for rule in report.counts if RULES[rule].severity in {"dropped", "fatal"}]


ALSO_CHAT = PREFERENCES[4][0]
FOREIGN = [row for row, _ in SHAPES if row is not ALSO_CHAT]


@pytest.mark.parametrize("row", FOREIGN, ids=_named)
def test_the_check_says_that_conversion_is_the_remedy(row: dict[str, Any]) -> None:
    """Each such row is dropped, ends the job or loses text as it is, and the finding names `maas convert` or --fix."""
    found = [each for each in check(row).findings if each.rule != "rows-too-few"]

    assert any(each.severity in {"dropped", "fatal", "changed"} for each in found)
    assert not {"chat-content-empty", "chat-answer-empty"} & {each.rule for each in found}
    assert any("maas convert" in each.message + each.remedy or RULES[each.rule].repairable for each in found)


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (GEMINI[0][0], "schema-of-other-tool"),
        (PREFERENCES[0][0], "schema-of-other-tool"),
        (AGENTS[0][0], "schema-of-other-tool"),
        (ANTHROPIC[2][0], "chat-content-of-other-tool"),
        (BEDROCK[2][0], "chat-content-of-other-tool"),
        ({"messages": [ASKED], "reference_answer": "4"}, "chat-graded-row"),
        (
            {"messages": [ASKED, {"role": "assistant", "function_call": {"name": "f", "arguments": "{}"}}]},
            "chat-function-call",
        ),
    ],
)
def test_a_shape_is_named_once_for_the_file(row: dict[str, Any], rule: str) -> None:
    report = check(*[row] * 30)

    assert [each.line for each in report.findings if each.rule == rule] == [1]
    assert report.counts[rule] == 30


def test_rejected_answers_are_counted_and_not_used() -> None:
    rows = convert_rows([PREFERENCES[1][0]] * 3)

    assert list(rows) == [GOOD] * 3
    assert rows.conversion.rejected_answers_left_out == 3
    assert rows.conversion.to_dict()["rejected_answers_left_out"] == 3
    assert rows.conversion.columns == ("chosen", "prompt")
    assert rows.conversion.source_format == "preference"
    assert not rows.conversion.dropped_keys


@pytest.mark.parametrize("column", ["rejected_response", "rejected_messages", "rejected", "non_preferred_output"])
def test_rejected_answers_beside_messages_are_counted(column: str) -> None:
    rows = convert_rows([{**GOOD, column: "No."}])

    assert list(rows) == [GOOD]
    assert (rows.conversion.rejected_answers_left_out, rows.conversion.dropped_keys) == (1, {})


def test_what_chat_rows_do_not_have_is_counted() -> None:
    rows = convert_rows([ANTHROPIC[1][0], GEMINI[1][0]], source_format="chat", on_bad="skip")
    other = convert_rows([GEMINI[1][0]])

    assert len(list(rows)) == len(list(other)) == 1
    assert rows.conversion.dropped_keys == {"content.reasoning": 1}
    assert other.conversion.dropped_keys == {"content.reasoning": 1, "generationConfig": 1}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"contents": [{"role": "user", "parts": [{"inlineData": "a"}]}, {"role": "model", "parts": []}]}, "a part of"),
    ({"chosen": "Four metres.", "rejected": "No."}, "chosen is a string, and there is no prompt beside it"),
    ({"prompt": "Other?", "chosen": [ASKED, ANSWER], "rejected": []}, "the prompt beside it is not a part of it"),
    ({"input": {"messages": [ASKED]}, "preferred_output": [], "non_preferred_output": []}, "no preferred answer"),
    (
        {"input": {"messages": None}, "preferred_output": [ANSWER], "non_preferred_output": []},
        "input.messages is null, not a list",
    ),
    ({"query": 5, "response": "a"}, "query is 5, not a list of turns"),
    ({"system": [{"image": "a"}], "messages": [ASKED, ANSWER]}, "system is a list of length 1, not a string"),
    (
        {"messages": [{"role": "user", "content": [{"toolUse": {"name": "f"}}]}, ANSWER]},
        "turn 1 calls a tool, and its role is user",
    ),
    ({"messages": [ASKED], "reference_answer": "4"}, "reference_answer is for a grader"),
    (
        {"messages": [ASKED, {"role": "tool", "content": [{"type": "image"}]}, ANSWER]},
        "the content of message 2 is a list",
    ),
    ({"messages": [ASKED, {"role": "assistant", "content": [{"type": "image"}]}]}, 'the content is "image"'),
    ({"messages": [ASKED, {"role": "assistant", "content": [{"type": "thinking"}]}]}, "no assistant turn has any"),
]


@pytest.mark.parametrize(("row", "why"), REFUSED, ids=_named)
def test_what_cannot_be_converted_is_refused(row: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        convert([row])


def test_a_marked_answer_of_a_preference_is_left_out() -> None:
    bad = {"prompt": [ASKED], "chosen": [{**ANSWER, "weight": 0}], "rejected": []}
    with pytest.raises(InvalidInput, match="marked as not to be learned"):
        convert([bad])


EMPTY: list[Any] = [[], {}]
words = st.sampled_from(["Hi", "", " ", "<|end|>", "é"])
values: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers(0, 3) | words | st.sampled_from(EMPTY)
parts: st.SearchStrategy[Any] = st.one_of(
    words,
    st.fixed_dictionaries({"text": words | values}, optional={"type": st.just("text"), "thought": st.booleans()}),
    st.fixed_dictionaries({"type": st.sampled_from(["text", "output_text", "image", "thinking"]), "value": values}),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["tool_use", "tool_call", "tool_result", "function_call"])},
        optional={
            "id": words,
            "tool_use_id": words,
            "tool_call_id": values,
            "name": words,
            "input": values,
            "arguments": values,
            "content": values,
            "tool_result": values,
        },
    ),
    st.fixed_dictionaries({"toolUse": st.fixed_dictionaries({"name": words, "input": values})}),
    st.fixed_dictionaries({"functionResponse": st.fixed_dictionaries({"name": words, "response": values})}),
    st.fixed_dictionaries({"toolResult": st.fixed_dictionaries({"content": st.just([{"text": "a"}])})}),
)
turns: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "model", "tool", "system"])},
    optional={"content": words | st.lists(parts, max_size=3), "parts": st.lists(parts, max_size=3)},
)
ended = st.lists(turns, max_size=4).map(lambda many: [*many, ASKED, ANSWER])
shapes: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({"messages": ended}, optional={"system": words | st.lists(parts, max_size=2)}),
    st.fixed_dictionaries({"contents": ended}, optional={"systemInstruction": st.fixed_dictionaries({"parts": ended})}),
    st.fixed_dictionaries({"query": ended | words, "response": ended | words}),
    st.fixed_dictionaries({"chosen": ended | words, "rejected": values}, optional={"prompt": ended | words}),
    st.fixed_dictionaries(
        {"input": st.fixed_dictionaries({"messages": ended}) | ended, "preferred_output": ended | words}
    ),
    st.fixed_dictionaries({"prompt": ended, "completion": ended}),
)


@given(row=shapes)
@settings(max_examples=200)
def test_no_converted_row_is_dropped_or_ends_a_job(row: dict[str, Any]) -> None:
    for converted in convert_or_refuse([row]):
        report = check(converted)

        assert not [rule for rule in report.counts if RULES[rule].severity in {"dropped", "fatal"}]
        assert convert([converted]) == [converted]
