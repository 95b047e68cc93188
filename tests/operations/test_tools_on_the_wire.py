"""Tools and formats of answers in chat, whole and streamed, on both wires; and what is refused before it is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support import collect

from maas_client import ChatChunk, Completion, Endpoint, InvalidInput, ToolCall, UnexpectedReply
from maas_client.client import Resources
from mock_server.server import Server

WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}, "unit": {"enum": ["C", "F"]}},
            "required": ["city", "days", "unit"],
        },
    },
}
TIME: dict[str, Any] = {"type": "function", "function": {"name": "get_time"}}
SCHEMA: dict[str, Any] = {
    "type": "json_schema",
    "json_schema": {"name": "s", "schema": {"type": "object", "properties": {"city": {"type": "string"}}}},
}
BY_NAME: dict[str, Any] = {"type": "function", "function": {"name": "get_time"}}


async def online(maas: Resources) -> Endpoint:
    return await maas.endpoints.wait((await maas.endpoints.create(model="Phi-4-mini-instruct")).name)


async def asked(maas: Resources, endpoint: Endpoint, messages: Any, stream: bool, **options: Any) -> Completion:
    """Ask, whole or streamed, and return the answer with its calls joined."""
    if not stream:
        return await maas.chat.complete(endpoint, messages, **options)
    chunks: list[ChatChunk] = await collect(maas.chat.stream(endpoint, messages, **options))
    joined: dict[int, ToolCall] = {}
    for piece in (piece for chunk in chunks for piece in chunk.tool_calls):
        known = joined.get(piece.index, ToolCall("", "", "", piece.index))
        arguments = known.arguments + piece.arguments
        joined[piece.index] = ToolCall(known.id or piece.id, known.name or piece.name, arguments, piece.index)
    return Completion.model_construct(
        text="".join(chunk.text for chunk in chunks),
        finish_reason=next(chunk.finish_reason for chunk in chunks if chunk.finish_reason),
        tool_calls=tuple(joined.values()),
    )


@pytest.mark.parametrize("stream", [False, True])
async def test_a_model_calls_a_tool_and_uses_its_answer(maas: Resources, stream: bool) -> None:
    endpoint = await online(maas)
    messages: list[dict[str, Any]] = [{"role": "user", "content": "get weather of Oslo"}]
    reply = await asked(maas, endpoint, messages, stream, tools=[TIME, WEATHER])
    (call,) = reply.tool_calls
    assert (reply.finish_reason, reply.text, call.name) == ("tool_calls", "", "get_weather")
    assert call.parsed() == {"city": "get weather of Oslo", "days": 1, "unit": "C"}
    messages += [reply.message, {"role": "tool", "tool_call_id": call.id, "content": "12 degrees"}]
    reply = await asked(maas, endpoint, messages, stream, tools=[TIME, WEATHER])
    assert (reply.text, reply.tool_calls) == ("The tool answered: 12 degrees", ())
    assert reply.message == {"role": "assistant", "content": "The tool answered: 12 degrees"}


@pytest.mark.parametrize("stream", [False, True])
async def test_a_choice_decides_which_tool_is_called(maas: Resources, stream: bool) -> None:
    endpoint = await online(maas)
    tools = [WEATHER, TIME]
    for choice, name in (("required", "get_weather"), (BY_NAME, "get_time")):
        reply = await asked(maas, endpoint, "Hello", stream, tools=tools, tool_choice=choice)
        assert [call.name for call in reply.tool_calls] == [name]
    for left in ("none", "auto", None):
        reply = await asked(maas, endpoint, "Hello", stream, tools=tools, tool_choice=left)
        assert reply.tool_calls == ()
        assert reply.text


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("wanted", ["json_object", {"type": "json_object"}, SCHEMA])
async def test_an_answer_is_json_where_that_is_asked_for(maas: Resources, wanted: Any, stream: bool) -> None:
    reply = await asked(maas, await online(maas), "Hello", stream, response_format=wanted)
    assert list(json.loads(reply.text)) == (["city"] if wanted is SCHEMA else ["answer"])
    assert (await asked(maas, await online(maas), "Hello", stream, response_format="text")).text.startswith("I am")


WRONG: list[dict[str, Any]] = [
    {"tools": 5},
    {"tools": WEATHER},
    {"tools": "get_weather"},
    {"tools": [{"name": "f"}]},
    {"tools": [{"type": "function", "function": {}}]},
    {"tools": [{"type": "function", "function": {"name": "f", "parameters": []}}]},
    {"tools": [TIME, TIME]},
    {"tool_choice": "auto"},
    {"tools": [TIME], "tool_choice": "sometimes"},
    {"tools": [TIME], "tool_choice": {"type": "function", "function": {"name": "get_weather"}}},
    {"tools": [TIME], "tool_choice": 5},
    {"response_format": "json"},
    {"response_format": 5},
    {"response_format": {"type": "json_schema"}},
    {"response_format": {"type": "json_schema", "json_schema": {"schema": 5}}},
    {"model_extras": {"tools": [TIME]}},
]


@pytest.mark.parametrize("options", WRONG, ids=str)
async def test_a_malformed_tool_or_format_is_refused_unsent(
    maas: Resources, maas_server: Server, options: dict[str, Any]
) -> None:
    for stream in (False, True):
        with pytest.raises(InvalidInput):
            await asked(maas, Endpoint(name="e"), "Hello", stream, **options)
    assert maas_server.requests() == []


def test_arguments_that_are_not_an_object_are_a_typed_error() -> None:
    assert ToolCall("c", "f", "").parsed() == {}
    for broken in ("{", "[1]", "null", '"text"'):
        with pytest.raises(UnexpectedReply, match="not a JSON object"):
            ToolCall("c", "f", broken).parsed()


def test_calls_that_a_service_writes_badly_count_as_empty() -> None:
    from maas_client.openai_api.tools import tool_calls_in

    assert tool_calls_in({"tool_calls": "text"}) == ()
    assert tool_calls_in({"tool_calls": [5, {"function": {"arguments": {"a": 1}}, "index": True}]}) == (
        ToolCall("", "", "", 0),
        ToolCall("", "", '{"a": 1}', 1),
    )
