"""Errors that a service reports in the middle of an answer, in any shape, and characters split over two events."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from hypothesis import given, strategies as st
from support import FakeService

from maas_client import ChatChunk, Endpoint, StreamInterrupted, UnexpectedReply
from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.core.json_fields import is_object
from maas_client.openai_api.chat_completions import TextJoiner, read_chunk, reason_of
from maas_client.wire import Wire

ENDPOINT = Endpoint(name="e", scoring_url="http://127.0.0.1:1/e")
EVENT_STREAM = {"content-type": "text/event-stream"}


def piece(text: str) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": text}}]}


def stream_of(*events: object, end: str = "data: [DONE]\n\n") -> httpx.Response:
    text = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + end
    return httpx.Response(200, headers=EVENT_STREAM, content=text.encode())


@pytest.fixture
def maas(wire: Wire) -> Resources:
    """Every resource, on either wire, with a service that answers as the test says."""
    return Resources(wire, Settings("s", "g", "w", endpoint="http://127.0.0.1:1"), None)


async def said_by(maas: Resources) -> str:
    return "".join([chunk.text async for chunk in maas.chat.stream(ENDPOINT, "hi", key="k" * 20)])


ERRORS: dict[str, tuple[object, str]] = {
    "OpenAI": ({"error": {"message": "overloaded", "code": "x"}}, "overloaded"),
    "TGI": ({"error": "Request failed", "error_type": "generation"}, "Request failed"),
    "vLLM": ({"object": "error", "message": "out of memory", "code": 500}, "out of memory"),
    "a list": ({"error": ["first", {"message": "second"}]}, "first; second"),
    "an empty object": ({"error": {}}, "the service reported an error"),
    "an empty text": ({"error": ""}, "the service reported an error"),
    "true": ({"error": True}, "the service reported an error"),
    "a number": ({"error": 500}, "500"),
    "only a message": ({"message": "not found", "status": 404}, "not found"),
    "only a detail": ({"detail": "too long"}, "too long"),
    "a type": ({"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}, "busy"),
    "beside choices": ({"error": {"message": "broken"}, "choices": []}, "broken"),
    "a finish reason": ({"choices": [{"delta": {}, "finish_reason": "error"}]}, "the service reported an error"),
    "nothing at all": ({}, "the service reported an error"),
    "a list as event": (["x"], "not a JSON object"),
    "a text as event": ("x", "not a JSON object"),
    "null as event": (None, "not a JSON object"),
    "lines": ({"error": "one\ntwo\x1b[2J"}, "one two"),
}


@pytest.mark.parametrize("shape", ERRORS)
async def test_an_error_in_a_stream_keeps_the_text_so_far(maas: Resources, service: FakeService, shape: str) -> None:
    event, words = ERRORS[shape]
    service.answer = lambda _: stream_of(piece("Half an "), piece("answer"), event)
    with pytest.raises(StreamInterrupted) as caught:
        await said_by(maas)
    assert caught.value.text == "Half an answer"
    assert f"({words})" in str(caught.value) or f"{words})" in str(caught.value)


@pytest.mark.parametrize("shape", ERRORS)
async def test_an_error_in_place_of_an_answer_is_reported(maas: Resources, service: FakeService, shape: str) -> None:
    event, words = ERRORS[shape]
    service.answer = lambda _: httpx.Response(200, json=event)
    with pytest.raises(UnexpectedReply) as caught:
        await maas.chat.complete(ENDPOINT, "hi", key="k" * 20)
    assert not is_object(event) or words in str(caught.value)


@pytest.mark.parametrize(
    "event",
    [
        {"choices": []},
        {"choices": [], "prompt_filter_results": [{"message": "x"}]},
        {"choices": [], "usage": {"total_tokens": 3}},
        {"usage": {"total_tokens": 3}},
        {**piece(""), "error": None},
        {**piece(""), "error": False},
        {"choices": [{"delta": {"role": "assistant"}, "finish_reason": "stop"}]},
    ],
)
async def test_a_chunk_without_text_is_not_an_error(maas: Resources, service: FakeService, event: object) -> None:
    service.answer = lambda _: stream_of(piece("whole "), event, piece("answer"))
    assert await said_by(maas) == "whole answer"


NAMES = ("error", "object", "type", "message", "choices", "delta", "content", "usage", "finish_reason", "code")
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(NAMES), anything, max_size=5))
def test_any_event_is_an_error_or_a_piece(document: dict[str, Any]) -> None:
    reason = reason_of(document)
    assert isinstance(read_chunk(document, TextJoiner()), ChatChunk)
    error = document.get("error")
    assert reason or error is None or error is False
    assert "\n" not in reason


def halves(text: str) -> str:
    """Spell characters beyond U+FFFF as the two halves of their surrogate pairs."""
    return (
        text.encode("utf-16-le").decode("utf-16-le", "surrogatepass") if text.isascii() else "".join(map(_pair, text))
    )


def _pair(character: str) -> str:
    code = ord(character) - 0x10000
    return character if code < 0 else chr(0xD800 + (code >> 10)) + chr(0xDC00 + (code & 0x3FF))


def pieces_of(text: str, cuts: Sequence[int]) -> list[str]:
    places = sorted({cut % (len(text) + 1) for cut in cuts})
    return [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]


@given(st.text(st.sampled_from("ab🙂é👩🚀𝄞")), st.lists(st.integers(0, 99), max_size=8))
def test_text_does_not_depend_on_how_it_is_split(text: str, cuts: list[int]) -> None:
    pieces = TextJoiner()
    joined = "".join(pieces.join(each) for each in pieces_of(halves(text), cuts)) + pieces.end()
    assert joined == text


async def test_a_pair_over_two_events_is_one_character(maas: Resources, service: FakeService) -> None:
    service.answer = lambda _: stream_of(piece("a\ud83d"), piece("\ude42b"))
    assert await said_by(maas) == "a🙂b"


async def test_half_a_pair_is_shown_as_such(maas: Resources, service: FakeService) -> None:
    service.answer = lambda _: stream_of(piece("a\ud83d"), piece("b"), piece("\ud83d"))
    assert await said_by(maas) == "a\ufffdb\ufffd"
    service.answer = lambda _: stream_of(piece("a\ud83d"), end="")
    with pytest.raises(StreamInterrupted) as caught:
        await said_by(maas)
    assert caught.value.text == "a\ufffd"
