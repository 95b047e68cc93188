"""What a platform offers for endpoints: the operations that waits, chat, evaluations and workflows are built on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from ..core.errors import MaasError, ServiceError
from ..core.http_messages import Reply, Request
from ..core.secret_text import SecretText
from ..http.auth import Signer
from ..http.channel import OnAttempt
from ..http.retry import DEFAULT, RetryPolicy
from ..openai_api.chat_completions import ChatDialect
from ..wire import Incoming, Wire
from .endpoint import Endpoint, EndpointKeys, EndpointToken
from .online_endpoint import OnlineEndpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSpec:
    """An endpoint to create; each field is the argument of `endpoints.create` that has its name."""

    model: str
    name: str | None = None
    content_safety: bool | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    sku: str | None = None
    capacity: int | None = None
    model_format: str | None = None
    allow_unlisted: bool = False
    instance_type: str | None = None
    instance_count: int = 1
    deployment: str = "main"
    auth_mode: str = "key"
    replace_failed: bool = False
    force: bool = False
    timeout: float = 7200.0
    on_update: Callable[[Endpoint], object] | None = None


@dataclass(frozen=True, slots=True)
class EndpointPoll:
    """The result of one poll of an endpoint: its state, and the error that stands for it while it does not exist."""

    endpoint: Endpoint
    error: MaasError | None = None


class OnlineBackend(Protocol):
    """The operations that only online endpoints have, on the user's own compute."""

    async def scale(self, name: str, instance_count: int, *, deployment: str | None, timeout: float) -> OnlineEndpoint:
        """Change a deployment's number of instances, wait until that is done, and return the endpoint."""
        ...

    async def traffic(self, name: str, traffic: Mapping[str, int], *, timeout: float) -> OnlineEndpoint:
        """Set an endpoint's traffic, wait until that is done, and return the endpoint."""
        ...

    async def logs(self, name: str, *, deployment: str | None, container: str, tail: int) -> str:
        """Return the last lines of a container's log."""
        ...

    async def token(self, name: str) -> EndpointToken:
        """Return a token for an endpoint that is called with tokens of the workspace."""
        ...

    async def delete_deployment(self, name: str, deployment: str, *, missing_ok: bool, timeout: float) -> None:
        """Delete one deployment of an endpoint and wait until it is gone."""
        ...


class EndpointBackend(Protocol):
    """The operations on endpoints of one platform. Errors are those of `maas_client.errors`."""

    @property
    def wire(self) -> Wire:
        """The I/O: it sends requests, sleeps and has the clock."""
        ...

    def online(self, operation: str) -> OnlineBackend:
        """Return the operations of online endpoints; raise NotOffered, naming the operation, where there are none."""
        ...

    def check_name(self, name: str) -> None:
        """Raise InvalidInput for a name that the platform does not take."""
        ...

    async def create(self, spec: EndpointSpec) -> Endpoint:
        """Create an endpoint; return one of this name and model as it is, raise Conflict for a different one."""
        ...

    async def get(self, name: str) -> Endpoint:
        """Return an endpoint; raise NotFound without one."""
        ...

    async def find(self, name: str) -> Endpoint | None:
        """Return an endpoint, or None."""
        ...

    async def serving(self, model: str) -> Endpoint | None:
        """Return an endpoint of any name that serves a tuned model (`NAME:VERSION`), or None."""
        ...

    def list(self) -> AsyncIterator[Endpoint]:
        """Yield the endpoints."""
        ...

    async def delete(self, name: str, *, timeout: float) -> None:
        """Delete an endpoint and wait until it is gone; do nothing without one."""
        ...

    async def keys(self, name: str) -> EndpointKeys:
        """Return an endpoint's keys."""
        ...

    async def regenerate_key(self, name: str, *, secondary: bool, timeout: float) -> EndpointKeys:
        """Replace a key, at most once, and return both as they are now."""
        ...

    def poll_delay(self, endpoint: Endpoint) -> float:
        """Return the seconds until an endpoint that is being created may first be polled."""
        ...

    async def poll(self, name: str) -> tuple[EndpointPoll, float | None]:
        """Poll an endpoint, without retries; return its state and the seconds to wait that the service asks for.

        Raises EndpointFailed if it cannot become ready, NotFound without one that is being created.
        """
        ...

    def dialect(self, endpoint: Endpoint) -> ChatDialect:
        """Return how chat requests to an endpoint are written."""
        ...

    def can_become_ready(self, error: ServiceError) -> bool:
        """Return whether an endpoint whose first chat call failed with this error may answer later."""
        ...

    def signer(self, endpoint: Endpoint, policy: RetryPolicy = DEFAULT) -> Signer:
        """Return the authorization of chat requests to an endpoint."""
        ...

    def key_signer(self, key: SecretText) -> Signer:
        """Return the authorization of chat requests by a key that the caller has."""
        ...

    async def send_chat(
        self,
        request: Request,
        signer: Signer,
        *,
        policy: RetryPolicy = DEFAULT,
        on_attempt: OnAttempt | None = None,
    ) -> Reply:
        """Send a chat request and return its response."""
        ...

    def open_chat(self, request: Request, signer: Signer) -> AbstractAsyncContextManager[Incoming]:
        """Send a chat request and return its response as a stream."""
        ...
