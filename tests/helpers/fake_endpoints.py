"""An endpoint backend in memory."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

from maas_client import Endpoint, EndpointKeys, EndpointState, NotFound
from maas_client.core.http_messages import Reply, Request
from maas_client.core.names import check_endpoint_name
from maas_client.core.secret_text import SecretText
from maas_client.endpoints.backend import EndpointPoll, EndpointSpec
from maas_client.errors import NotOffered, ServiceError
from maas_client.openai_api.chat_completions import SERVERLESS, ChatDialect
from maas_client.wire import Incoming, Wire


@dataclass
class FakeEndpoints:
    """Implements EndpointBackend: an endpoint comes online at its second poll, and repeats what it is asked."""

    wire: Wire
    endpoints: dict[str, Endpoint] = field(default_factory=dict[str, Endpoint])

    def online(self, operation: str) -> NoReturn:
        raise NotOffered(operation, "a backend in memory")

    def check_name(self, name: str) -> None:
        check_endpoint_name(name)

    async def create(self, spec: EndpointSpec) -> Endpoint:
        endpoint = Endpoint(name=spec.name or "e-1", model=spec.model, tags=dict(spec.tags))
        return self.endpoints.setdefault(endpoint.name, endpoint)

    async def find(self, name: str) -> Endpoint | None:
        return self.endpoints.get(name)

    async def get(self, name: str) -> Endpoint:
        if name not in self.endpoints:
            raise NotFound(f"GET {name}", status=404)
        return self.endpoints[name]

    async def serving(self, model: str) -> Endpoint | None:
        return next((each for each in self.endpoints.values() if each.model == model), None)

    async def list(self) -> AsyncIterator[Endpoint]:
        for endpoint in list(self.endpoints.values()):
            yield endpoint

    async def delete(self, name: str, *, timeout: float) -> None:
        self.endpoints.pop(name, None)

    async def keys(self, name: str) -> EndpointKeys:
        return EndpointKeys("first", "second")

    async def regenerate_key(self, name: str, *, secondary: bool, timeout: float) -> EndpointKeys:
        return await self.keys(name)

    def poll_delay(self, endpoint: Endpoint) -> float:
        return 0.0

    async def poll(self, name: str) -> tuple[EndpointPoll, float | None]:
        endpoint = await self.get(name)
        online = {"state": EndpointState.ONLINE, "provisioning_state": "Succeeded", "scoring_url": "memory://chat"}
        self.endpoints[name] = endpoint.model_copy(update=online)
        return EndpointPoll(endpoint), None

    def dialect(self, endpoint: Endpoint) -> ChatDialect:
        return SERVERLESS

    def can_become_ready(self, error: ServiceError) -> bool:
        return error.status != 400

    def signer(self, endpoint: Endpoint, policy: object = None) -> Unsigned:
        return Unsigned()

    def key_signer(self, key: SecretText) -> Unsigned:
        return Unsigned()

    async def send_chat(
        self, request: Request, signer: object, *, policy: object = None, on_attempt: object = None
    ) -> Reply:
        said = last_message(request)
        return Reply(200, {}, json.dumps({"choices": [{"message": {"content": said}}]}).encode())

    @asynccontextmanager
    async def open_chat(self, request: Request, signer: object) -> AsyncGenerator[Incoming]:
        async def chunks(_: bool) -> AsyncIterator[bytes]:
            delta = {"choices": [{"delta": {"content": last_message(request)}}]}
            yield f"data: {json.dumps(delta)}\n\ndata: [DONE]\n\n".encode()

        yield Incoming(200, {"content-type": "text/event-stream"}, chunks)


class Unsigned:
    """Implements Signer for requests that nothing authorizes."""

    any_port = True

    async def sign(self, request: Request) -> Request:
        return request

    async def renew(self, request: Request, reply: Reply) -> bool:
        return False


def last_message(request: Request) -> str:
    """The last message of a chat request."""
    body: Any = json.loads(b"".join([request.body] if isinstance(request.body, bytes) else request.body))
    return str(body["messages"][-1]["content"])
