"""The endpoints of a workspace, of both kinds: serverless ones, and online ones on the user's own compute.

A name is looked up among the serverless endpoints first, and among the online ones only if that has none; what is known
to be online is asked for there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

from ..azure.arm import Arm
from ..azure.missing_resources import names_explained
from ..azure.workspace import AsyncWorkspace
from ..core.errors import Conflict, NotFound, ServiceError
from ..core.http_messages import Reply, Request
from ..core.names import check_endpoint_name
from ..core.secret_text import SecretText
from ..http.auth import Signer
from ..http.channel import OnAttempt
from ..http.retry import DEFAULT, RetryPolicy
from ..openai_api.chat_completions import ChatDialect
from ..wire import Incoming, Wire
from .azure_ml_backend import AzureMLEndpoints
from .backend import EndpointPoll, EndpointSpec
from .endpoint import Endpoint, EndpointKeys
from .online_backend import OnlineEndpoints
from .online_endpoint import OnlineEndpoint
from .online_store import ENDPOINTS

ANSWERED = 200
"""Status of an answer that is a failure nevertheless: it comes from the container itself, so waiting does not help."""


class WorkspaceEndpoints:
    """Implements EndpointBackend."""

    def __init__(self, arm: Arm, workspace: AsyncWorkspace) -> None:
        self._arm = arm
        self._serverless, self._online = AzureMLEndpoints(arm, workspace), OnlineEndpoints(arm, workspace)
        self._names: dict[str, bool] = {}

    @property
    def wire(self) -> Wire:
        """The I/O: it sends requests, sleeps and has the clock."""
        return self._arm.wire

    def online(self, operation: str) -> OnlineEndpoints:
        """Return the operations of online endpoints."""
        del operation
        return self._online

    def check_name(self, name: str) -> None:
        """Raise InvalidInput for a name that cannot be part of the endpoint's host name."""
        check_endpoint_name(name)

    async def create(self, spec: EndpointSpec) -> Endpoint:
        """Create an endpoint of the kind that the spec asks for; raise Conflict for a name that the other kind has."""
        if spec.instance_type is None:
            existing = await self._online.find(check_endpoint_name(spec.name)) if spec.name else None
            if existing is not None:
                raise _other_kind(existing)
            return self._is(await self._serverless.create(spec))
        serverless = await self._serverless.find(check_endpoint_name(spec.name)) if spec.name else None
        if serverless is not None:
            raise _other_kind(serverless)
        return self._is(await self._online.create(spec))

    async def get(self, name: str) -> Endpoint:
        """Return an endpoint; raise NotFound without one."""
        async with self._names_explained(name):
            return self._is(await self._find_first(name))

    async def find(self, name: str) -> Endpoint | None:
        """Return an endpoint, or None."""
        try:
            return self._is(await self._find_first(name))
        except NotFound:
            return None

    async def _find_first(self, name: str) -> Endpoint:
        """Return the endpoint of a name; raise the NotFound of the serverless ones where there is none."""
        if self._is_known_online(name) and (known := await self._online.find(name)) is not None:
            return known
        try:
            return await self._serverless.get(name)
        except NotFound:
            if (found := await self._online.find(name)) is None:
                raise
            return found

    async def serving(self, model: str) -> Endpoint | None:
        """Return an endpoint of any name that serves a tuned model (`NAME:VERSION`), or None."""
        if ":" not in model:
            return None
        serverless = await self._serverless.serving(model)
        found = await self._online.serving(model) if serverless is None else serverless
        return None if found is None else self._is(found)

    async def list(self) -> AsyncIterator[Endpoint]:
        """Yield the workspace's endpoints: serverless ones, then online ones with their deployments."""
        async for serverless in self._serverless.list():
            yield self._is(serverless)
        async for online in self._online.list():
            yield self._is(online)

    async def delete(self, name: str, *, timeout: float) -> None:
        """Delete an endpoint and wait until it is gone; do nothing without one.

        An online endpoint is deleted where the name is known to be one, or the service knows of no serverless one.
        """
        is_online = self._names.pop(name.lower(), None)
        if is_online or (not await self._serverless.delete(name, timeout=timeout) and is_online is None):
            await self._online.delete(name, timeout=timeout)

    async def keys(self, name: str) -> EndpointKeys:
        """Return an endpoint's keys."""
        async with self._names_explained(name):
            if not self._is_known_online(name):
                try:
                    return await self._serverless.keys(name)
                except NotFound:
                    if await self._is_missing(name):
                        raise
            return await self._online.keys(name)

    async def regenerate_key(self, name: str, *, secondary: bool, timeout: float) -> EndpointKeys:
        """Replace a key, at most once, and return both as they are now."""
        async with self._names_explained(name):
            if not self._is_known_online(name):
                try:
                    return await self._serverless.regenerate_key(name, secondary=secondary, timeout=timeout)
                except NotFound:
                    if await self._is_missing(name):
                        raise
            return await self._online.regenerate_key(name, secondary=secondary, timeout=timeout)

    async def _is_missing(self, name: str) -> bool:
        """Return whether a name that no serverless endpoint has is no online endpoint's, either."""
        found = await self._online.find(name)
        if found is not None:
            self._is(found)
        return found is None

    def poll_delay(self, endpoint: Endpoint) -> float:
        """Return the seconds until an endpoint that is being created may first be polled."""
        return 0.0 if self._is_known_online(endpoint.name) else self._serverless.poll_delay(endpoint)

    async def poll(self, name: str) -> tuple[EndpointPoll, float | None]:
        """Poll an endpoint; raise EndpointFailed if it cannot become ready.

        A serverless endpoint that is being created may not exist yet: that error is returned and not raised.
        """
        if self._is_known_online(name):
            return await self._online.poll(name)
        try:
            return await self._serverless.poll(name)
        except NotFound as missing:
            try:
                polled = await self._online.poll(name)
            except NotFound:
                raise missing from None
            self._is(polled[0].endpoint)
            return polled

    def dialect(self, endpoint: Endpoint) -> ChatDialect:
        """Return how chat requests to an endpoint are written."""
        if isinstance(endpoint, OnlineEndpoint):
            return self._online.chat.dialect(endpoint)
        return self._serverless.dialect(endpoint)

    def can_become_ready(self, error: ServiceError) -> bool:
        """Return whether an endpoint whose first chat call failed with this error may answer later."""
        return error.status != ANSWERED and self._serverless.can_become_ready(error)

    def signer(self, endpoint: Endpoint, policy: RetryPolicy = DEFAULT) -> Signer:
        """Return the authorization of chat requests to an endpoint."""
        if isinstance(endpoint, OnlineEndpoint):
            return self._online.signer(endpoint, policy)
        return self._serverless.signer(endpoint, policy)

    def key_signer(self, key: SecretText) -> Signer:
        """Return the authorization of chat requests by a key that the caller has."""
        return self._serverless.key_signer(key)

    async def send_chat(
        self,
        request: Request,
        signer: Signer,
        *,
        policy: RetryPolicy = DEFAULT,
        on_attempt: OnAttempt | None = None,
    ) -> Reply:
        """Send a chat request to a scoring URL and return its response."""
        if self._online.chat.serves(request):
            return await self._online.chat.send(request, signer, policy=policy, on_attempt=on_attempt)
        return await self._serverless.send_chat(request, signer, policy=policy, on_attempt=on_attempt)

    def open_chat(self, request: Request, signer: Signer) -> AbstractAsyncContextManager[Incoming]:
        """Send a chat request to a scoring URL and return its response as a stream."""
        if self._online.chat.serves(request):
            return self._online.chat.open(request, signer)
        return self._serverless.open_chat(request, signer)

    def _names_explained(self, name: str) -> AbstractAsyncContextManager[None]:
        """Add the names of the endpoints that there are to an error about one that does not exist."""
        return names_explained(self._arm, name, "/serverlessEndpoints", ENDPOINTS)

    def _is_known_online(self, name: str) -> bool:
        return self._names.get(name.lower(), False)

    def _is(self, endpoint: Endpoint) -> Endpoint:
        """Remember of which kind an endpoint is, and return it."""
        self._names[endpoint.name.lower()] = isinstance(endpoint, OnlineEndpoint)
        return endpoint


def _other_kind(existing: Endpoint) -> Conflict:
    return Conflict(
        f"create endpoint {existing.name!r}",
        status=409,
        detail=f"this is the name of the {existing.noun} {existing.name}; choose a new name, or delete it: `maas "
        f"endpoints delete {existing.name}`",
    )
