"""The chat endpoint refuses what the service refuses: extra parameters, invalid values, prompts that are too long."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.core.errors import ServiceError
from mock_server.resources.chat_requests import PARAMETERS, accepted, check_length
from tests.mock_server.driver import Azure, events

USER = {"role": "user", "content": "Hello"}
INVALID: list[tuple[str, Any]] = [
    *(("temperature", 5), ("temperature", 1.01), ("temperature", -0.1), ("temperature", "0.5"), ("top_p", 1.5)),
    *(("top_p", True), ("frequency_penalty", 2.1), ("presence_penalty", -3), ("presence_penalty", [])),
    *(("max_tokens", 0), ("max_tokens", -1), ("max_tokens", 1.5), ("max_tokens", "10"), ("seed", 1.5)),
    *(
        ("stop", 5),
        ("stop", ["a", 1]),
        ("model", 7),
        ("response_format", "json"),
        ("response_format", {"type": "x"}),
    ),
    *(("tools", {}), ("tools", [{"type": "function", "function": {}}]), ("tool_choice", "sometimes")),
    *(("tool_choice", {"type": "x"}), ("messages", []), ("messages", "Hello")),
]


@pytest.fixture
def ready(azure: Azure) -> Azure:
    """A server with the endpoint `ep`, which serves Phi-4."""
    azure.endpoint()
    azure.server.advance(60)
    return azure


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("extra", [None, "error", "Error"])
@pytest.mark.parametrize(
    "more", [{"n": 2}, {"logprobs": True}, {"top_k": 5}, {"stream_options": {}}, {"no_such_parameter": None}]
)
def test_extra_parameters_are_refused(ready: Azure, more: dict[str, Any], extra: str | None, stream: bool) -> None:
    sent: dict[str, Any] = {**more, "stream": stream}
    answer = ready.chat("Hello", extra=extra, **sent)
    assert answer.status_code == 400
    assert answer.json() == {
        "detail": f"Extra parameters {list(more)} are not allowed when extra-parameters is not set or set to be "
        "'error'. Set extra-parameters to 'pass-through' to pass to the model."
    }


@pytest.mark.parametrize("extra", ["drop", "pass-through"])
def test_extra_parameters_are_dropped_or_passed_on(ready: Azure, extra: str) -> None:
    assert ready.chat("Hello", extra=extra, n=1, no_such_parameter=1).status_code == 200
    chunks = list(events(ready.chat("Hello", extra=extra, stream=True, stream_options={"include_usage": True})))
    assert ("usage" in chunks[-1]) == (extra == "pass-through")
    cut = ready.chat("Hello", extra=extra, max_completion_tokens=1).json()["choices"][0]
    assert cut["finish_reason"] == ("length" if extra == "pass-through" else "stop")


def test_another_value_of_the_header_is_refused(ready: Azure) -> None:
    assert ready.chat("Hello", extra="allow").status_code == 422


@pytest.mark.parametrize(("name", "value"), INVALID)
def test_values_of_wrong_type_or_range_are_refused(ready: Azure, name: str, value: object) -> None:
    for stream in (False, True):
        more: dict[str, Any] = {"message": "Hello", "stream": stream, name: value}
        answer = ready.chat(**more)
        assert (answer.status_code, answer.json()["error"]["type"]) == (422, "invalid_request_error")
        assert answer.json()["error"]["message"].startswith(f"{name} must be ")


def test_values_within_their_ranges_are_accepted(ready: Azure) -> None:
    tools = [{"type": "function", "function": {"name": "f"}}]
    full: dict[str, Any] = {
        "temperature": 1,
        "top_p": 0,
        "frequency_penalty": -2,
        "presence_penalty": 2.0,
        "max_tokens": 1,
        "seed": 7,
        "stop": ["end"],
        "stream": False,
        "response_format": {"type": "json_object"},
        "model": "any",
        "tools": tools,
        "tool_choice": {"type": "function", "function": {"name": "f"}},
    }
    assert {"messages", *full} == set(PARAMETERS)
    nulls: dict[str, Any] = dict.fromkeys(full)
    assert ready.chat("Hello", **full).status_code == 200
    assert ready.chat("Hello", **nulls).status_code == 200


TOOL = {"type": "function", "function": {"name": "f"}}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tools": [TOOL, TOOL]}, "tools must have different names"),
        ({"tool_choice": "auto"}, "only allowed when tools are specified"),
        ({"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "g"}}}, "must name a function"),
        ({"response_format": {"type": "json_schema"}}, "must have a schema"),
        ({"tools": [{"type": "function", "function": {"name": ""}}]}, "tools must be"),
        ({"tools": [{"type": "function", "function": {"name": "f", "parameters": 5}}]}, "tools must be"),
    ],
)
def test_tools_and_formats_that_do_not_fit_are_refused(ready: Azure, options: dict[str, Any], words: str) -> None:
    for stream in (False, True):
        answer = ready.chat("Hello", stream=stream, **options)
        assert answer.status_code == 422
        assert words in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "message",
    [
        {"role": "function", "content": "a"},
        {"role": "User", "content": "a"},
        {"role": "user", "content": None},
        {"role": "user", "content": 5},
        {"role": "user", "content": ["a"]},
        {"role": "user", "content": [{"type": "video", "text": "a"}]},
        {"role": "user", "content": [{"type": "text", "text": 1}]},
        {"role": "tool", "content": "a"},
        "Hello",
    ],
)
def test_messages_that_are_not_a_conversation_are_refused(ready: Azure, message: object) -> None:
    answer = ready.chat([USER, message])
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith("messages[1]")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("text", ["word " * 17_000, "a" * 70_000, "語" * 22_000])
def test_a_prompt_beyond_the_context_is_refused(ready: Azure, text: str, stream: bool) -> None:
    split = [{"role": "user", "content": text[: len(text) // 2]}, {"role": "user", "content": text[len(text) // 2 :]}]
    for messages in (text, split, [{"role": "user", "content": [{"type": "text", "text": text}]}]):
        answer = ready.chat(messages, stream=stream)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "context_length_exceeded")
        assert "This model's maximum context length is 16384 tokens" in answer.json()["error"]["message"]
    assert ready.chat("word " * 12_000).status_code == 200


def test_the_answer_counts_towards_the_context(ready: Azure) -> None:
    answer = ready.chat("Hello", max_tokens=16_384)
    assert answer.json()["error"]["code"] == "context_length_exceeded"
    assert "(1 in the messages, 16384 in the completion)" in answer.json()["error"]["message"]
    assert ready.chat("Hello", max_tokens=16_383).status_code == 200


def test_a_tuned_model_has_the_context_of_its_base(azure: Azure) -> None:
    azure.endpoint("tuned", azure.tuned())
    azure.server.advance(60)
    answer = azure.chat("word " * 200_000, "tuned")
    assert answer.json()["error"]["code"] == "context_length_exceeded"


@pytest.mark.parametrize(("words", "fits"), [(4096, True), (4097, False)])
def test_a_prompt_of_exactly_the_context_fits(words: int, fits: bool) -> None:
    messages = [{"role": "user", "content": "a " * words}]
    if fits:
        check_length(messages, None, context=4096)
        return
    with pytest.raises(ServiceError, match="4097 tokens"):
        check_length(messages, None, context=4096)


def test_only_what_reaches_the_model_is_kept() -> None:
    body = {"messages": [USER], "top_k": 5}
    assert accepted(body, "drop") == {"messages": [USER]}
    assert accepted(body, " Pass-Through ") == body
