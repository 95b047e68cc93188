"""Chat: whole answers and streamed ones, and what is said when one breaks off."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from support import FakeService, collect

from maas_client import (
    AuthenticationFailed,
    BadRequest,
    ChatChunk,
    Endpoint,
    InvalidInput,
    Job,
    NotFound,
    StreamInterrupted,
    UnexpectedReply,
)
from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.openai_api.chat_completions import chat_request
from maas_client.openai_api.system_message import merge_system
from maas_client.wire import Wire
from mock_server.server import Server


@pytest.fixture
def endpoint(maas: Resources, tuned: Callable[[], Awaitable[Job]]) -> Callable[[], Awaitable[Endpoint]]:
    """Train on the rows, deploy, wait."""

    async def deploy() -> Endpoint:
        job = await tuned()
        return await maas.endpoints.wait((await maas.endpoints.create(model=job.output_model)).name)

    return deploy


Ready = Callable[[], Awaitable[Endpoint]]


async def test_a_tuned_endpoint_answers_from_its_training_data(maas: Resources, endpoint: Ready) -> None:
    ready = await endpoint()
    answer = await maas.chat.complete(ready.name, "question 7", system="Be brief.", max_tokens=50, temperature=0)
    assert answer.text == "answer 7"
    assert answer.finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0


async def test_model_extras_are_passed_to_the_model(maas: Resources, endpoint: Ready) -> None:
    ready, extras = await endpoint(), {"n": 1, "max_completion_tokens": 1}
    assert (await maas.chat.complete(ready, "question 7", model_extras=extras)).finish_reason == "length"
    pieces = await collect(maas.chat.stream(ready, "question 7", model_extras=extras))
    assert pieces[-1].finish_reason == "length"
    for name in ("temperature", "messages", "stream"):
        with pytest.raises(InvalidInput, match=f"model_extras cannot contain {name}"):
            await maas.chat.complete(ready, "question 7", model_extras={name: 1})


@pytest.mark.parametrize(
    ("options", "header"), [({"n": 1}, "pass-through"), ({"n": None}, None), ({"seed": 1, "temperature": 0}, None)]
)
def test_only_extra_parameters_set_their_header(options: dict[str, object], header: str | None) -> None:
    request = chat_request("https://e.models.ai.azure.com", "Hi", options=options, timeout=1.0)
    assert request.headers.get("extra-parameters") == header


async def test_a_chat_without_messages_is_not_sent(maas: Resources, endpoint: Ready, maas_server: Server) -> None:
    ready = await endpoint()
    before = len(maas_server.requests())
    with pytest.raises(InvalidInput, match="messages has no message; nothing was sent"):
        await maas.chat.complete(ready, [])
    assert len(maas_server.requests()) == before


async def test_what_the_service_refuses_is_a_bad_request(maas: Resources, endpoint: Ready) -> None:
    ready = await endpoint()
    with pytest.raises(BadRequest, match="temperature must be a number from 0 to 1"):
        await maas.chat.complete(ready, "question 7", temperature=5)
    with pytest.raises(BadRequest, match=r"maximum context length is 4096 tokens.* context_length_exceeded"):
        await collect(maas.chat.stream(ready, "word " * 5_000))


async def test_a_base_model_does_not_know_the_training_data(maas: Resources, endpoint: Ready) -> None:
    await endpoint()
    base = await maas.endpoints.wait((await maas.endpoints.create(model="Phi-3-mini-4k-instruct")).name)
    assert (await maas.chat.complete(base, "question 7")).text != "answer 7"


async def test_a_conversation_is_passed_as_messages(maas: Resources, endpoint: Ready) -> None:
    turns = [
        {"role": "user", "content": "question 1"},
        {"role": "assistant", "content": "answer 1"},
        {"role": "user", "content": "question 2"},
    ]
    assert (await maas.chat.complete(await endpoint(), turns)).text == "answer 2"


async def test_a_streamed_answer_comes_in_chunks_and_marks_its_end(maas: Resources, endpoint: Ready) -> None:
    pieces = await collect(maas.chat.stream(await endpoint(), "question 7"))
    assert "".join(piece.text for piece in pieces) == "answer 7"
    assert len(pieces) > 1
    assert [piece.finish_reason for piece in pieces if piece.finish_reason] == ["stop"]


async def test_the_endpoint_and_its_key_are_looked_up_once(
    maas: Resources, maas_server: Server, endpoint: Ready
) -> None:
    name = (await endpoint()).name
    await maas.chat.complete(name, "question 1")
    before = len(maas_server.requests())
    await maas.chat.complete(name, "question 2")
    await collect(maas.chat.stream(name, "question 3"))
    assert [entry["operation"] for entry in maas_server.requests()[before:]] == ["chat.complete", "chat.complete"]


async def test_a_key_that_was_replaced_is_looked_up_again(maas: Resources, endpoint: Ready) -> None:
    name = (await endpoint()).name
    await maas.chat.complete(name, "question 1")
    await maas.endpoints.regenerate_key(name)
    assert (await maas.chat.complete(name, "question 1")).text == "answer 1"


async def test_a_wrong_key_is_distinguished_from_a_missing_endpoint(maas: Resources, endpoint: Ready) -> None:
    name = (await endpoint()).name
    with pytest.raises(AuthenticationFailed):
        await maas.chat.complete(name, "question 1", key="wrong")
    with pytest.raises(NotFound):
        await maas.chat.complete("nope", "question 1")


async def test_an_endpoint_that_is_not_ready_is_reported(maas: Resources) -> None:
    created = await maas.endpoints.create(model="Phi-4")
    with pytest.raises(UnexpectedReply, match=r"no scoring URL yet .* Wait for it"):
        await maas.chat.complete(created, "Hello")


def stream_body(text: str) -> bytes:
    """What a server streams for a text of few characters."""
    events = [f'data: {{"choices":[{{"delta":{{"content":"{letter}"}}}}]}}\n\n' for letter in text]
    end = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    return ("".join(events) + end).encode()


async def test_a_stream_cut_at_any_byte_is_an_error_with_its_text(
    maas: Resources, maas_server: Server, endpoint: Ready
) -> None:
    ready = await endpoint()
    whole = stream_body("abc")
    events = whole.split(b"\n\n")
    for cut in range(0, len(whole) - 1, 7):
        headers = {"content-type": "text/event-stream"}
        maas_server.fault(operation="chat.complete", status=200, headers=headers, body=whole[:cut].decode())
        said: list[str] = []
        with pytest.raises(StreamInterrupted) as caught:
            await read_into(said, maas.chat.stream(ready, "x"))
        assert caught.value.text == "".join(said)
        arrived = sum(len(b"\n\n".join(events[: n + 1])) + 2 <= cut for n in range(3))
        assert "".join(said) == "abc"[:arrived]


async def read_into(said: list[str], pieces: AsyncIterator[ChatChunk]) -> None:
    """Keep each piece's text as it comes."""
    async for piece in pieces:
        said += [piece.text]


async def test_a_connection_lost_in_a_stream_is_an_error_with_its_text(
    maas: Resources, maas_server: Server, endpoint: Ready
) -> None:
    ready = await endpoint()
    maas_server.fault(operation="chat.complete", truncate=300)
    with pytest.raises(StreamInterrupted):
        await collect(maas.chat.stream(ready, "question 7"))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('data: {"error": {"message": "the model is gone"}}\n\n', "the model is gone"),
        ("data: {broken\n\n", "not a JSON object"),
        ("data: [1]\n\n", "not a JSON object"),
    ],
)
async def test_a_stream_that_goes_wrong_says_how(
    maas: Resources, maas_server: Server, endpoint: Ready, body: str, why: str
) -> None:
    ready = await endpoint()
    headers = {"content-type": "text/event-stream"}
    maas_server.fault(operation="chat.complete", status=200, headers=headers, body=body)
    with pytest.raises(StreamInterrupted, match=why):
        await collect(maas.chat.stream(ready, "x"))


@pytest.mark.parametrize("kind_of_body", ["text/html", "application/json"])
async def test_an_answer_that_is_not_a_stream_is_a_typed_error(
    maas: Resources, maas_server: Server, endpoint: Ready, kind_of_body: str
) -> None:
    ready = await endpoint()
    headers = {"content-type": kind_of_body}
    maas_server.fault(operation="chat.complete", status=200, headers=headers, body="<html>")
    with pytest.raises(UnexpectedReply, match=kind_of_body):
        await collect(maas.chat.stream(ready, "x"))


@pytest.mark.parametrize("body", ["", "<html>", "[]", "{}", '{"choices": []}', '{"choices": "x"}'])
async def test_an_invalid_answer_is_a_typed_error(
    maas: Resources, maas_server: Server, endpoint: Ready, body: str
) -> None:
    ready = await endpoint()
    maas_server.fault(operation="chat.complete", status=200, body=body)
    with pytest.raises(UnexpectedReply):
        await maas.chat.complete(ready, "x")


async def test_a_stream_can_be_left_early(maas: Resources, endpoint: Ready) -> None:
    stream = maas.chat.stream(await endpoint(), "question 7")
    async for piece in stream:
        assert isinstance(piece, ChatChunk)
        break
    await close(stream)
    assert await collect(stream) == []


async def close(stream: object) -> None:
    """Close an asynchronous generator, whose signature says iterator."""
    assert isinstance(stream, AsyncGenerator)
    await stream.aclose()


SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "Hello"}
MERGED = {"role": "user", "content": "Be brief.\n\nHello"}
REGISTRY = "azureml://registries/azureml/models"
TUNED = "azureml://locations/eastus2/workspaces/w/models/Phi-3-medium-4k-instruct/versions/1"


@pytest.fixture
def alone(wire: Wire) -> Resources:
    """Every resource, on either wire, with a service that only keeps what it is asked."""
    return Resources(wire, Settings("sub-1", "group-1", "work-1", endpoint="http://127.0.0.1:1"), None)


def serving(model_id: str) -> Endpoint:
    """An endpoint of a model."""
    properties = {"modelSettings": {"modelId": model_id}, "inferenceEndpoint": {"uri": "http://127.0.0.1:1/x"}}
    return Endpoint.read({"name": "support", "properties": properties})


def asked(service: FakeService) -> list[dict[str, Any]]:
    """The messages that were sent last."""
    sent: list[dict[str, Any]] = json.loads(service.asked[-1].content)["messages"]
    return sent


def answer(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"choices": [{"message": {"content": "Hi"}}]})


def answer_in_pieces(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=stream_body("Hi"))


@pytest.mark.parametrize(
    ("model_id", "sent"),
    [
        (f"{REGISTRY}/Phi-3-medium-4k-instruct", [MERGED]),
        (f"{REGISTRY}/Phi-3-medium-128k-instruct/versions/7", [MERGED]),
        (f"{REGISTRY}/Phi-3-mini-4k-instruct", [SYSTEM, USER]),
        (f"{REGISTRY}/Phi-3-small-8k-instruct", [SYSTEM, USER]),
        (f"{REGISTRY}/Unheard-Of", [SYSTEM, USER]),
        (TUNED, [SYSTEM, USER]),
        ("", [SYSTEM, USER]),
    ],
)
async def test_a_system_message_is_merged_without_a_system_role(
    alone: Resources, service: FakeService, model_id: str, sent: list[dict[str, Any]]
) -> None:
    service.answer = answer
    await alone.chat.complete(serving(model_id), "Hello", system="Be brief.", key="k")
    assert asked(service) == sent
    service.answer = answer_in_pieces
    assert await collect(alone.chat.stream(serving(model_id), [SYSTEM, USER], key="k"))
    assert asked(service) == sent


async def test_the_caller_decides_on_merging_if_the_model_is_unknown(alone: Resources, service: FakeService) -> None:
    service.answer = answer
    await alone.chat.complete(serving(TUNED), "Hello", system="Be brief.", merge_system=True, key="k")
    assert asked(service) == [MERGED]
    medium = serving(f"{REGISTRY}/Phi-3-medium-4k-instruct").model_copy(update={"name": "medium"})
    await alone.chat.complete(medium, "Hello", system="Be brief.", merge_system=False, key="k")
    assert asked(service) == [SYSTEM, USER]
    service.answer = answer_in_pieces
    assert await collect(alone.chat.stream(serving(TUNED), [SYSTEM, USER], merge_system=True, key="k"))
    assert asked(service) == [MERGED]
    assert await collect(alone.chat.stream(medium, [SYSTEM, USER], merge_system=False, key="k"))
    assert asked(service) == [SYSTEM, USER]


async def test_what_is_sent_is_what_training_data_is_repaired_to(alone: Resources, service: FakeService) -> None:
    service.answer = answer
    parts = [{"type": "text", "text": "Hello"}]
    turns: list[dict[str, Any]] = [SYSTEM, {"role": "user", "content": parts}, {**USER, "role": "assistant"}]
    await alone.chat.complete(serving(TUNED), turns, merge_system=True, key="k")
    assert asked(service) == merge_system(turns)


async def test_a_conversation_that_cannot_be_merged_is_sent_as_it_is(alone: Resources, service: FakeService) -> None:
    service.answer = answer
    for turns in ([USER], [USER, SYSTEM], [SYSTEM, {**USER, "role": "assistant"}], [SYSTEM, USER, SYSTEM]):
        await alone.chat.complete(serving(TUNED), turns, merge_system=True, key="k")
        assert asked(service) == turns
