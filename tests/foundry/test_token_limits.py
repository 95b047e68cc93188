"""The name of the token limit in chats: by the base model, and by the service's own refusal."""

from __future__ import annotations

import pytest
from support import collect

from maas_client import BadRequest
from maas_client.endpoints.resource import AsyncEndpoints
from maas_client.foundry.connection import FoundryConnection
from maas_client.foundry.deployments_backend import FoundryDeployments
from maas_client.foundry.token_limits import is_reasoning
from maas_client.inference.chat import AsyncChat
from mock_server.server import Server


@pytest.mark.parametrize(
    ("model", "reasons"),
    [
        ("gpt-5", True),
        ("gpt-5-2025-08-07", True),
        ("gpt-5.4-mini-2026-03-17", True),
        ("gpt-5-nano", True),
        ("o4-mini-2025-04-16.ft-0123456789abcdef0123456789abcdef-x", True),
        ("o3-mini", True),
        ("o1", True),
        ("gpt-4o-mini", False),
        ("gpt-4.1-nano-2025-04-14.ft-0123456789abcdef0123456789abcdef", False),
        ("gpt-oss-20b", False),
        ("Ministral-3B", False),
        ("olmo-2", False),
        ("", False),
    ],
)
def test_reasoning_models_are_known_by_the_names_of_their_bases(model: str, *, reasons: bool) -> None:
    assert is_reasoning(model) is reasons


def limits(server: Server) -> list[dict[str, int]]:
    """The token limits of every chat."""
    chats = [entry for entry in server.requests() if entry["operation"] == "foundry.chat"]
    return [{name: value for name, value in entry["request_body"].items() if "max" in name} for entry in chats]


async def test_a_reasoning_model_gets_the_limit_by_its_name(connection: FoundryConnection, maas_server: Server) -> None:
    backend = FoundryDeployments(connection)
    endpoints, chat = AsyncEndpoints(backend), AsyncChat(backend)
    made = await endpoints.wait(await endpoints.create(model="o4-mini"))
    await chat.complete(made, "Hello", max_tokens=50)
    assert limits(maas_server)[-2:] == [{"max_completion_tokens": 64}, {"max_completion_tokens": 50}]


async def test_a_refused_limit_is_renamed_once_and_remembered(
    connection: FoundryConnection, maas_server: Server
) -> None:
    backend = FoundryDeployments(connection)
    endpoints, chat = AsyncEndpoints(backend), AsyncChat(backend)
    made = await endpoints.wait(await endpoints.create(model="gpt-4.1-mini"))
    before = len(limits(maas_server))
    message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'."
    body = {"error": {"code": "unsupported_parameter", "param": "max_tokens", "message": message}}
    maas_server.fault(operation="foundry.chat", status=400, body=body)
    await chat.complete(made, "Hello", max_tokens=50)
    await chat.complete(made, "Hello", max_tokens=51)
    await collect(chat.stream(made, "Hello", max_tokens=52))
    assert limits(maas_server)[before:] == [
        {"max_tokens": 50},
        {"max_completion_tokens": 50},
        {"max_completion_tokens": 51},
        {"max_completion_tokens": 52},
    ]


async def test_a_refused_limit_of_a_stream_is_renamed_too(connection: FoundryConnection, maas_server: Server) -> None:
    backend = FoundryDeployments(connection)
    endpoints, chat = AsyncEndpoints(backend), AsyncChat(backend)
    made = await endpoints.wait(await endpoints.create(model="gpt-4.1-mini"))
    body = {"error": {"code": "unsupported_parameter", "message": "Use 'max_completion_tokens' instead."}}
    maas_server.fault(operation="foundry.chat", status=400, body=body)
    assert await collect(chat.stream(made, "Hello", max_tokens=50))
    assert limits(maas_server)[-2:] == [{"max_tokens": 50}, {"max_completion_tokens": 50}]
    maas_server.fault(operation="foundry.chat", status=400, body=body)
    with pytest.raises(BadRequest, match="max_completion_tokens"):
        await collect(chat.stream(made, "Hello"))
