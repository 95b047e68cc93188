"""What is sent for deployments is what Microsoft's SDK sends: the recorded requests of its client are the measure."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from support import FakeService, collect

from maas_client.azure.credentials import Tokens
from maas_client.endpoints.backend import EndpointSpec
from maas_client.foundry.connection import FoundryConnection
from maas_client.foundry.deployments_backend import FoundryDeployments
from maas_client.foundry.settings import resolve_foundry
from maas_client.http.channel import Channel
from maas_client.wire import Wire

Recorded = Callable[[int], dict[str, Any]]


class Scopes:
    """A credential that answers with the scope it was asked for."""

    def get_token(self, *scopes: str, **_options: object) -> Any:
        return type("Token", (), {"token": f"<token scope={scopes[0]}>".replace(" ", "_"), "expires_on": 1 << 40})()


@pytest.fixture
def recorded(shared: Path) -> Recorded:
    """The recorded requests by their number."""
    lines = (shared / "wire" / "foundry-requests.jsonl").read_text("utf-8").splitlines()
    requests = {entry["n"]: entry for entry in map(json.loads, lines)}
    return lambda number: requests[number]


@pytest.fixture
def deployments(wire: Wire, service: FakeService) -> FoundryDeployments:
    """The deployments of the recording's account, where every document is empty."""
    place = {
        "AZURE_SUBSCRIPTION_ID": "00000000-0000-0000-0000-000000000001",
        "AZURE_RESOURCE_GROUP": "rg",
        "FOUNDRY_ENDPOINT": "https://acct.services.ai.azure.com",
    }
    settings = resolve_foundry(environ=place)
    service.answer = lambda _: httpx.Response(200, json={"name": "d-lro", "properties": {"provisioningState": "x"}})
    return FoundryDeployments(FoundryConnection(Channel(wire, settings.trust), settings, Tokens(wire, Scopes)))


def same(request: httpx.Request, theirs: dict[str, Any]) -> bool:
    """Whether a request is the recorded one: method, path, query, body, authorization and media types."""
    ours = {
        "method": request.method,
        "path": request.url.path,
        "query": dict(request.url.params),
        "body": json.loads(request.content) if request.content else None,
    }
    named = ("Accept", "Content-Type", "Authorization")
    headers = {name: request.headers.get(name, "").replace("_", " ") for name in named}
    wanted = {name: theirs["headers"].get(name, "").replace("_", " ") for name in named}
    assert ours == {name: theirs.get(name) for name in ours}
    assert headers == wanted
    return True


async def test_a_deployment_is_put_as_by_the_sdk(
    deployments: FoundryDeployments, recorded: Recorded, service: FakeService
) -> None:
    theirs = recorded(272)
    wanted = theirs["body"]["properties"]["model"]
    spec = EndpointSpec(model=wanted["name"], name="d-lro", capacity=100, model_format=wanted["format"])
    service.script(httpx.Response(404), httpx.Response(201, json={"name": "d-lro"}))
    await deployments.create(spec)
    assert [request.method for request in service.asked] == ["GET", "PUT"]
    assert same(service.asked[1], theirs)


async def test_a_deployment_is_read_listed_and_deleted_as_by_the_sdk(
    deployments: FoundryDeployments, recorded: Recorded, service: FakeService
) -> None:
    await deployments.get("d-lro")
    await collect(deployments.list())
    service.script(httpx.Response(204), httpx.Response(404))
    await deployments.delete("d-lro", timeout=60)
    assert same(service.asked[0], recorded(284))
    assert same(service.asked[1], recorded(286))
    assert same(service.asked[2], recorded(292))
