"""On this machine a secret goes to the origin that it is for: other ports are other people's servers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest
from support import FakeService, collect

from maas_client import Endpoint
from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.errors import UntrustedHost
from maas_client.wire import Wire

OWN, OTHER = "http://127.0.0.1:8765", "http://127.0.0.1:9999"
KEYS = {"primaryKey": "k" * 32, "secondaryKey": "s" * 32}
SCORING = {"properties": {"inferenceEndpoint": {"uri": f"{OTHER}/e"}, "authMode": "Key"}, "name": "e"}
COMPLETION = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "ok"}, "finish_reason": "stop"}]}


@pytest.fixture
def maas(wire: Wire) -> Resources:
    """Every resource of an endpoint on this machine."""
    return Resources(wire, Settings("s", "g", "w", endpoint=OWN), None)


def answer(request: httpx.Request) -> httpx.Response:
    """Name another port of this machine wherever the service names an address."""
    path, link = request.url.path, {"Location": f"{OTHER}/operation", "Retry-After": "1"}
    if path.endswith("/listKeys"):
        return httpx.Response(200, json=KEYS)
    if path.endswith("/regenerateKeys"):
        return httpx.Response(202, headers=link)
    if request.method == "DELETE":
        return httpx.Response(202, headers={"Azure-AsyncOperation": f"{OTHER}/operation", **link})
    if "/serverlessEndpoints/" in path:
        return httpx.Response(200, json=SCORING)
    if path.endswith("/discovery"):
        return httpx.Response(200, json={"api": OTHER})
    if "/datastores/" in path:
        place = {"accountName": "acct", "containerName": "c", "endpoint": "x", "protocol": "http"}
        return httpx.Response(200, json={"name": "d", "properties": {**place, "accountName": f"{OTHER[7:]}/acct"}})
    if path.endswith("/jobs"):
        return httpx.Response(200, json={"value": [], "nextLink": f"{OTHER}{path}?api-version=1"})
    return httpx.Response(200, json={"name": "w", "properties": {"discoveryUrl": f"{OWN}/discovery"}})


CALLS: dict[str, Callable[[Resources], Awaitable[object]]] = {
    "the next page of a listing": lambda maas: collect(maas.jobs.list()),
    "the operation of a deletion": lambda maas: maas.endpoints.delete("e", missing_ok=True),
    "the operation of a new key": lambda maas: maas.endpoints.regenerate_key("e"),
    "run history": lambda maas: maas.jobs.details("j"),
    "scoring with a listed key": lambda maas: maas.chat.complete("e", "hi"),
    "a stream with a listed key": lambda maas: collect(maas.chat.stream("e", "hi")),
    "storage with an identity": lambda maas: maas.workspace.storage(),
}


@pytest.mark.parametrize("what", CALLS)
async def test_another_port_gets_no_byte(maas: Resources, service: FakeService, what: str) -> None:
    service.answer = answer
    with pytest.raises(UntrustedHost, match="another origin"):
        await CALLS[what](maas)
    assert service.asked
    assert {request.url.port for request in service.asked} == {8765}


async def test_a_key_goes_where_its_owner_says(maas: Resources, service: FakeService) -> None:
    service.answer = lambda _: httpx.Response(200, json=COMPLETION)
    await maas.chat.complete(Endpoint(name="e", scoring_url=f"{OTHER}/e"), "hi", key="k" * 32)
    assert {request.url.port for request in service.asked} == {9999}


async def test_a_signature_goes_to_the_storage_it_came_for(maas: Resources, service: FakeService) -> None:
    def signed(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/listSecrets"):
            return httpx.Response(200, json={"sasToken": "sv=1&sig=x"})
        if "/datastores/" in request.url.path:
            properties = {"accountName": f"{OTHER[7:]}/acct", "containerName": "c", "protocol": "http"}
            return httpx.Response(200, json={"properties": {**properties, "credentials": {"credentialsType": "Sas"}}})
        return httpx.Response(404)

    service.answer = signed
    await maas.workspace.storage()
    to_other = [request for request in service.asked if request.url.port == 9999]
    assert [request.method for request in to_other] == ["HEAD"]
    assert "authorization" not in to_other[0].headers
