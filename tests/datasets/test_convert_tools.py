"""Tool calls and tool definitions, in the spellings of OpenAI's files and of ShareGPT's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from converted import convert, kept

from maas_client import InvalidInput
from maas_client.datasets.convert import convert_rows

FUNCTION: dict[str, Any] = {
    "name": "price",
    "description": "The price of a share",
    "parameters": {"type": "object", "properties": {}},
}
TOOL: dict[str, Any] = {"type": "function", "function": FUNCTION}
ASK = {"role": "user", "content": "How is MSFT?"}
ANSWER = {"role": "assistant", "content": "At 400."}
SYMBOL = '{"symbol": "MSFT"}'


def call(identity: str = "call_1", *, name: str = "price", arguments: str = SYMBOL) -> dict[str, Any]:
    return {"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}


def calling(*calls: dict[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "content": "", "tool_calls": list(calls)}


def result(identity: str = "call_1", content: str = "400") -> dict[str, Any]:
    return {"role": "tool", "content": content, "tool_call_id": identity}


WHOLE: dict[str, Any] = {"messages": [ASK, calling(call()), result(), ANSWER], "tools": [TOOL]}


def test_todays_rows_stay_as_they_are() -> None:
    assert convert([WHOLE]) == [WHOLE]


def test_a_calling_turn_gets_the_content_that_templates_need() -> None:
    bare = {key: value for key, value in calling(call()).items() if key != "content"}
    for turn in (bare, {**bare, "content": None}):
        assert convert([{**WHOLE, "messages": [ASK, turn, result(), ANSWER]}]) == [WHOLE]


def test_functions_of_2023_become_tools() -> None:
    messages = [
        ASK,
        {"role": "assistant", "content": None, "function_call": {"name": "price", "arguments": SYMBOL}},
        {"role": "function", "name": "price", "content": "400"},
        {**ANSWER, "function_call": None},
    ]
    rows = convert_rows([{"messages": messages, "functions": [FUNCTION]}])

    assert list(rows) == [WHOLE]
    assert rows.conversion.dropped_keys == {"messages.name": 1}
    assert rows.conversion.columns == ("messages", "functions")


@pytest.mark.parametrize("tools", [[FUNCTION], json.dumps([FUNCTION]), [TOOL], [{"type": "function", **FUNCTION}]])
def test_sharegpt_calls_and_observations_become_tool_calls(tools: object) -> None:
    turns = [
        {"from": "human", "value": "How is MSFT?"},
        {"from": "function_call", "value": json.dumps({"name": "price", "arguments": {"symbol": "MSFT"}})},
        {"from": "observation", "value": "400"},
        {"from": "gpt", "value": "At 400."},
    ]

    assert convert([{"conversations": turns, "tools": tools}]) == [WHOLE]


def test_several_calls_at_once_are_answered_in_their_order() -> None:
    both = [{"name": "price", "arguments": {"symbol": "MSFT"}}, {"name": "price", "arguments": '{"symbol": "AAPL"}'}]
    turns = [
        {"from": "human", "value": "How is MSFT?"},
        {"from": "function_call", "value": json.dumps(both)},
        {"from": "observation", "value": "400"},
        {"from": "observation", "value": "200"},
        {"from": "observation", "value": "nobody asked"},
        {"from": "gpt", "value": "At 400."},
    ]
    [row] = convert([{"conversations": turns}])

    assert row["messages"] == [
        ASK,
        calling(call(), call("call_2", arguments='{"symbol": "AAPL"}')),
        result(),
        result("call_2", "200"),
        {"role": "tool", "content": "nobody asked"},
        ANSWER,
    ]
    assert "tools" not in row
    assert kept([row]) == 1


def test_consecutive_call_turns_become_parallel_calls() -> None:
    turns = [
        {"role": "user", "content": "How is MSFT?"},
        {"role": "tool_call", "content": json.dumps({"name": "price", "arguments": SYMBOL})},
        {"role": "tool_call", "content": json.dumps({"name": "news", "arguments": "{}"})},
        {"role": "tool_response", "content": "400"},
        {"role": "tool_response", "content": "none"},
        {"role": "tool_call", "content": json.dumps({"name": "price", "arguments": SYMBOL})},
        {"role": "tool_response", "content": "400"},
        {"role": "assistant", "content": "At 400."},
    ]

    [row] = convert([{"messages": turns}])

    assert row["messages"] == [
        ASK,
        calling(call(), call("call_2", name="news", arguments="{}")),
        result(),
        result("call_2", "none"),
        calling(call("call_3")),
        result("call_3"),
        ANSWER,
    ]


@pytest.mark.parametrize(
    ("turn", "why"),
    [
        ({"from": "function", "value": "400"}, 'the role of turn 2 is "function", which is unknown'),
        ({"from": "function_call", "value": "[]"}, "turn 2 has no call"),
        ({"from": "function_call"}, "the call of turn 2 is null, not an object with name and arguments"),
    ],
)
def test_a_turn_that_is_neither_call_nor_result_is_rejected(turn: dict[str, str], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        convert([{"conversations": [ASK, turn, ANSWER]}])


def test_a_function_is_answered_by_its_name() -> None:
    calls = [call("call_9", name="price"), call("x", name="news")]
    messages = [ASK, calling(*calls), {"role": "function", "name": "news", "content": "none"}, result("call_9"), ANSWER]

    [row] = convert([{"messages": messages}])

    assert row["messages"][2] == result("x", "none")


def test_a_made_up_id_is_not_one_that_is_taken() -> None:
    functions = {"role": "assistant", "tool_calls": [call("call_2"), {"name": "price", "arguments": None}]}

    [row] = convert([{"messages": [ASK, functions]}])

    assert row["messages"][1] == calling(call("call_2"), call("call_3", arguments="{}"))


def test_unsupported_keys_of_calls_are_dropped_and_counted() -> None:
    made: dict[str, Any] = {**call(), "index": 0, "function": {**call()["function"], "parsed": {}, "strict": None}}
    rows = convert_rows([{"messages": [ASK, calling(made)]}])

    assert list(rows) == [{"messages": [ASK, calling(call())]}]
    assert rows.conversion.dropped_keys == {"tool_calls.index": 1, "tool_calls.parsed": 1}


def test_tools_of_other_types_and_of_both_columns_are_kept() -> None:
    row: dict[str, Any] = {"messages": [ASK, ANSWER], "tools": [{"type": "web_search"}], "functions": [FUNCTION]}

    assert convert([row])[0]["tools"] == [{"type": "web_search"}, TOOL]


@pytest.mark.parametrize(
    ("calls", "why"),
    [
        ("price", 'a call of turn 2 is "price", which is not valid JSON'),
        (["price"], 'a call of turn 2 is "price", not an object with name and arguments'),
        ([{"type": "custom", "custom": {"name": "price"}}], 'a call of turn 2 has the type "custom", not function'),
        ([{"function": {"arguments": "{}"}}], "the name of a call of turn 2 is null, not a string"),
        (
            [{"name": "price", "arguments": [1]}],
            "the arguments of a call of turn 2 are a list of length 1, not an object",
        ),
        ([{"name": "price", "arguments": {"n": 10**5000}}], "the arguments of a call of turn 2 cannot be written"),
        ([{"name": "price", "id": 7}], "the id of a call of turn 2 is 7, not a string"),
    ],
)
def test_a_call_that_cannot_be_read_is_refused(calls: object, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        convert([{"messages": [ASK, {"role": "assistant", "tool_calls": calls}]}])


@pytest.mark.parametrize(
    ("tools", "why"),
    [
        ({"name": "price"}, "tools is an object with the key name, not a list of tool definitions"),
        ("price", 'tools is "price", which is not valid JSON'),
        ([5], "a tool definition in tools is 5, not an object"),
        ([{"name": {1: 2}}], "a key of tools is 1, not a string"),
        ([{"name": 10**5000}], "the row cannot be written"),
    ],
)
def test_tool_definitions_that_cannot_be_read_are_refused(tools: object, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        convert([{"messages": [ASK, ANSWER], "tools": tools}])


def test_a_turn_that_gives_no_id_but_a_number_is_refused() -> None:
    with pytest.raises(InvalidInput, match="the tool_call_id of turn 3 is 1, not a string"):
        convert([{"messages": [ASK, calling(call()), {**result(), "tool_call_id": 1}, ANSWER]}])


def test_definitions_that_are_nested_too_deeply_are_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"inner": deep}

    with pytest.raises(InvalidInput, match="nested too deeply"):
        convert([{"messages": [ASK, ANSWER], "tools": [deep]}])
