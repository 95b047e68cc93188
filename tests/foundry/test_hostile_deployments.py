"""Whatever an account answers about deployments and webhooks, a call ends with a value or one of our errors."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from random import Random
from typing import Any

import httpx
import pytest
from support import FakeService, collect

from maas_client.azure.credentials import Tokens, default_credential
from maas_client.core.values import Value
from maas_client.endpoints.resource import AsyncEndpoints
from maas_client.errors import MaasError
from maas_client.foundry.connection import FoundryConnection
from maas_client.foundry.deployments_backend import FoundryDeployments
from maas_client.foundry.settings import resolve_foundry
from maas_client.foundry.webhook_endpoints import FoundryWebhooks
from maas_client.http.channel import Channel
from maas_client.webhook_endpoints.resource import AsyncWebhooks
from maas_client.wire import Wire
from tests.promises.test_hostile_answers import DRIVING, WRONG, paths, with_value

JOB = "0123456789abcdef0123456789abcdef"
MODEL = f"gpt-4.1-mini-2025-04-14.ft-{JOB}"
DEPLOYMENT = {
    "id": "/subscriptions/s/x",
    "name": "shop",
    "sku": {"name": "DeveloperTier", "capacity": 50},
    "properties": {
        "model": {"format": "OpenAI", "name": MODEL, "version": "1"},
        "provisioningState": "Succeeded",
        "capabilities": {"chatCompletion": "true"},
    },
    "systemData": {"createdAt": "2026-11-01T10:00:00Z"},
    "tags": {"a": "b"},
}
CHECKPOINT = {"id": "ftchkpt-1", "fine_tuned_model_checkpoint": f"{MODEL}:ckpt-step-10"}
DOCUMENTS: dict[str, Any] = {
    f"/jobs/ftjob-{JOB}": {"id": f"ftjob-{JOB}", "metadata": {"deployment_options": [{"format": "OpenAI"}]}},
    "/checkpoints": {"data": [CHECKPOINT], "has_more": False},
    "/jobs": {"data": [{"id": f"ftjob-{JOB}", "model": "gpt-4.1-mini"}], "has_more": False},
    "/models": {
        "value": [
            {
                "name": "gpt-4.1-mini",
                "version": "2025-04-14",
                "format": "OpenAI",
                "isDefaultVersion": True,
                "finetuneCapabilities": {"fineTune": "true"},
            }
        ]
    },
    "/deployments": {"value": [DEPLOYMENT]},
    "/deployments/shop": DEPLOYMENT,
    "/webhook_endpoints": {
        "id": "wh_1",
        "name": "n",
        "url": "https://example.com",
        "event_types": ["fine_tuning.job.failed"],
        "created_at": 1,
        "signing_secret": "whsec_0123456789",
        "data": [{"id": "wh_1", "name": "n", "event_types": ["x"], "created_at": 1}],
        "has_more": False,
    },
}
Call = Callable[[FoundryConnection], Awaitable[Sequence[Value | None]]]


async def create(connection: FoundryConnection) -> Sequence[Value | None]:
    return [await AsyncEndpoints(FoundryDeployments(connection)).create(model=MODEL, name="new")]


async def create_of_checkpoint(connection: FoundryConnection) -> Sequence[Value | None]:
    return [await AsyncEndpoints(FoundryDeployments(connection)).create(model="ftchkpt-1")]


async def create_of_base(connection: FoundryConnection) -> Sequence[Value | None]:
    return [await AsyncEndpoints(FoundryDeployments(connection)).create(model="gpt-4.1-mini", name="new")]


async def read(connection: FoundryConnection) -> Sequence[Value | None]:
    endpoints = AsyncEndpoints(FoundryDeployments(connection))
    return [await endpoints.get("shop"), await endpoints.serving(MODEL), *await collect(endpoints.list())]


async def webhooks(connection: FoundryConnection) -> Sequence[Value | None]:
    hooks = AsyncWebhooks(FoundryWebhooks(connection))
    return [(await hooks.register("https://example.com")).endpoint, *await collect(hooks.list())]


CALLS: dict[str, tuple[Call, str]] = {
    "the job of a model": (create, f"/jobs/ftjob-{JOB}"),
    "jobs": (create_of_checkpoint, "/jobs"),
    "checkpoints": (create_of_checkpoint, "/checkpoints"),
    "the list of models": (create_of_base, "/models"),
    "a new deployment": (create, "PUT"),
    "a deployment": (read, "/deployments/shop"),
    "the list of deployments": (read, "/deployments"),
    "webhooks": (webhooks, "/webhook_endpoints"),
}


def answers(path: str, document: Any) -> Callable[[httpx.Request], httpx.Response]:
    """An account that answers one request with this document, and the others as it should."""

    def answer(request: httpx.Request) -> httpx.Response:
        where = request.url.path
        if request.method == "PUT":
            return httpx.Response(201, content=json.dumps(document if path == "PUT" else DEPLOYMENT).encode())
        known = next((each for each in DOCUMENTS if where.endswith(each)), None)
        if known is None:
            return httpx.Response(404, json={"error": {"code": "NotFound"}})
        return httpx.Response(200, content=json.dumps(document if known == path else DOCUMENTS[known]).encode())

    return answer


def broken(path: str) -> Iterator[Any]:
    """Yield the document of a path with some of the wrong values in each place."""
    good = DOCUMENTS.get(path, DEPLOYMENT)
    for place in paths(good):
        for value in Random(f"{path} {place}").sample(WRONG, 6):
            yield with_value(good, place, value)


@pytest.mark.parametrize("what", CALLS)
async def test_a_wrong_value_anywhere_ends_a_call_well(what: str, wire: Wire, service: FakeService) -> None:
    call, path = CALLS[what]
    settings = resolve_foundry(foundry_endpoint="http://127.0.0.1:9", environ={})
    tokens = Tokens(wire, lambda: default_credential(settings))
    connection = FoundryConnection(Channel(wire, settings.trust), settings, tokens)
    shown: list[str] = []
    for document in broken(path):
        service.answer = answers(path, document)
        try:
            found = await call(connection)
            shown += [str(found), repr(found)]
            assert all(each is None or each.to_json() for each in found)
        except MaasError as error:
            shown.append(str(error))
    assert not any(set(each) & set(DRIVING) for each in shown)
