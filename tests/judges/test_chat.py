"""openai and azure-ai-inference chat with an endpoint, whole and streamed."""

from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import ChatRequestMessage, SystemMessage, UserMessage
from azure.ai.ml.entities import ServerlessEndpoint
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from openai.types.chat import ChatCompletionMessageParam

from tests.judges.sdk import Microsoft

QUESTION = "What is the capital of country 7?"
ANSWER = "City number 7."
MESSAGES: list[ChatCompletionMessageParam] = [{"role": "user", "content": QUESTION}]
ASKED: list[ChatRequestMessage] = [UserMessage(QUESTION)]


@pytest.fixture
def key(microsoft: Microsoft, train: Path) -> str:
    """Deploy a tuned model; gives the endpoint's key."""
    microsoft.submit(str(microsoft.upload(train).id))
    microsoft.server.advance(3600)
    model = str(microsoft.ml.models.get("tuned", version="1").properties["model_id"])
    endpoint = ServerlessEndpoint(name="endpoint", model_id=model)
    microsoft.ml.serverless_endpoints.begin_create_or_update(endpoint).result()
    return str(microsoft.ml.serverless_endpoints.get_keys("endpoint").primary_key)


@pytest.fixture
def client(microsoft: Microsoft, key: str) -> Iterator[openai.OpenAI]:
    """Give openai's client of the endpoint."""
    url = f"{microsoft.server.endpoint}/maas/endpoint/v1"
    with openai.OpenAI(api_key=key, base_url=url, max_retries=0) as client:
        yield client


@pytest.fixture
def inference(microsoft: Microsoft, key: str) -> Iterator[ChatCompletionsClient]:
    """Give azure-ai-inference's client of the endpoint."""
    url = f"{microsoft.server.endpoint}/maas/endpoint"
    with ChatCompletionsClient(url, AzureKeyCredential(key)) as client:
        yield client


def test_openai_gets_a_whole_answer(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="tuned", messages=MESSAGES)
    (choice,) = answer.choices
    assert (choice.message.role, choice.message.content, choice.finish_reason) == ("assistant", ANSWER, "stop")
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_openai_gets_the_same_answer_in_pieces(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model="tuned",
        messages=MESSAGES,
        stream=True,
        stream_options={"include_usage": True},
        extra_headers={"extra-parameters": "pass-through"},
    )
    chunks = list(stream)
    pieces = [choice.delta.content or "" for chunk in chunks for choice in chunk.choices]
    assert "".join(pieces) == ANSWER
    assert len([piece for piece in pieces if piece]) > 1
    assert [choice.finish_reason for chunk in chunks for choice in chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None


@pytest.mark.parametrize("stream", [False, True])
def test_openai_is_refused_parameters_that_the_service_lacks(client: openai.OpenAI, stream: bool) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="tuned", messages=MESSAGES, n=2, logprobs=True, stream=stream)
    assert caught.value.response.json()["detail"].startswith("Extra parameters ['logprobs', 'n'] are not allowed")


def test_openai_gets_the_error_of_a_prompt_that_is_too_long(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="tuned", messages=[{"role": "user", "content": "word " * 200_000}])
    assert caught.value.code == "context_length_exceeded"


def test_openai_stops_at_the_number_of_tokens_it_asked_for(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="tuned", messages=MESSAGES, max_tokens=1)
    assert answer.choices[0].finish_reason == "length"


def test_openai_lists_the_endpoint_s_model(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["tuned:1"]


def test_openai_raises_its_own_exceptions(client: openai.OpenAI) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match="messages must be a list"):
        client.chat.completions.create(model="tuned", messages=[])
    with pytest.raises(openai.AuthenticationError, match="invalid key"):
        client.with_options(api_key="wrong").chat.completions.create(model="tuned", messages=MESSAGES)


def test_azure_ai_inference_gets_a_whole_answer(inference: ChatCompletionsClient) -> None:
    answer = inference.complete(messages=[SystemMessage("Be brief."), UserMessage(QUESTION)])
    assert answer.choices[0].message.content == ANSWER
    assert answer.usage.completion_tokens > 0


def test_azure_ai_inference_gets_the_same_answer_in_pieces(inference: ChatCompletionsClient) -> None:
    stream = inference.complete(messages=ASKED, stream=True)
    pieces = [choice.delta.content or "" for update in stream for choice in update.choices]
    assert "".join(pieces) == ANSWER


def test_azure_ai_inference_passes_model_extras_through(inference: ChatCompletionsClient) -> None:
    answer = inference.complete(messages=ASKED, model_extras={"n": 1, "top_k": 5})
    assert answer.choices[0].message.content == ANSWER


@pytest.mark.parametrize("stream", [False, True])
def test_azure_ai_inference_is_refused_what_is_out_of_range(inference: ChatCompletionsClient, stream: bool) -> None:
    with pytest.raises(HttpResponseError, match="temperature must be a number from 0 to 1") as caught:
        inference.complete(messages=ASKED, temperature=5, stream=stream)
    assert caught.value.status_code == 422


def test_azure_ai_inference_asks_what_the_endpoint_serves(inference: ChatCompletionsClient) -> None:
    info = inference.get_model_info()
    assert (info.model_name, info.model_type, info.model_provider_name) == ("tuned:1", "chat-completion", "Microsoft")


def test_azure_ai_inference_raises_on_a_wrong_key(microsoft: Microsoft, key: str) -> None:
    url = f"{microsoft.server.endpoint}/maas/endpoint"
    with (
        ChatCompletionsClient(url, AzureKeyCredential(key[::-1])) as client,
        pytest.raises(ClientAuthenticationError, match="invalid key"),
    ):
        client.complete(messages=ASKED)
