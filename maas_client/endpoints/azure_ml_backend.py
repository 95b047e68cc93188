"""Serverless endpoints of an Azure Machine Learning workspace: Resource Manager, and their scoring URLs."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from ..azure.arm import Arm, operation_of
from ..azure.signers import Bearer, EndpointKey
from ..azure.workspace import AsyncWorkspace
from ..catalog.lookup import known
from ..catalog.model_id import REGISTRY, ModelName, plain_name
from ..core.errors import Conflict, ServiceError
from ..core.http_messages import Reply, Request
from ..core.names import check_endpoint_name, unique_name
from ..core.secret_text import SecretText
from ..core.surfaces import not_offered
from ..core.url_paths import segment
from ..http.auth import Signer
from ..http.channel import OnAttempt
from ..http.retry import DEFAULT, NON_IDEMPOTENT, RetryPolicy
from ..http.trusted_hosts import Audience
from ..openai_api.chat_completions import SERVERLESS, ChatDialect
from ..wire import Incoming, Wire
from .backend import EndpointPoll, EndpointSpec
from .endpoint import Endpoint, EndpointKeys
from .key_ring import KeyRing, read_keys
from .model_versions import newest_version
from .operations import EndpointOperations

LONGEST_NAME = 32

# Assumption: A serverless endpoint that answers its first chat with 400 or 422 never answers another one.
# Shown wrong by: A 400 or 422 for the first chat, where the same chat is answered some minutes later.
# Verified by: deploy
# If wrong: `endpoints.wait` ends with the service's error while the model is still being loaded.
# Also in: maas_client/endpoints/workspace_backend.py
NEVER_READY = frozenset({400, 422})
"""Statuses of requests that the service has understood and refuses; waiting does not help."""

logger = logging.getLogger("maas_client")


class AzureMLEndpoints:
    """Serverless endpoints; implements most of EndpointBackend."""

    def __init__(self, arm: Arm, workspace: AsyncWorkspace) -> None:
        self._arm, self._workspace = arm, workspace
        self._operations = EndpointOperations(arm, _path, Endpoint.read)

    @property
    def wire(self) -> Wire:
        """The I/O: it sends requests, sleeps and has the clock."""
        return self._arm.wire

    def check_name(self, name: str) -> None:
        """Raise InvalidInput for a name that cannot be part of the endpoint's host name."""
        check_endpoint_name(name)

    async def create(self, spec: EndpointSpec) -> Endpoint:
        """Create an endpoint; return one of this name and model as it is, raise Conflict for a different one."""
        _refuse_options_of_deployments(spec)
        name = check_endpoint_name(spec.name) if spec.name else unique_name(f"e-{plain_name(spec.model)}", LONGEST_NAME)
        model_id = await self._model_id(spec.model)
        existing = await self.find(name) if spec.name else None
        if existing is not None:
            return _same(existing, model_id)
        properties: dict[str, object] = {"modelSettings": {"modelId": model_id}, "authMode": "Key"}
        if spec.content_safety is not None:
            properties["contentSafety"] = {"contentSafetyStatus": "Enabled" if spec.content_safety else "Disabled"}
        location = (await self._workspace.get()).location
        body = {
            "properties": properties,
            "sku": {"name": "Consumption"},
            "location": location,
            "tags": dict(spec.tags),
        }
        document, reply = await self._arm.create(_path(name), body)
        endpoint = Endpoint.read(document, reply)
        if reply is None:
            return _same(endpoint, model_id)
        self._operations.started(endpoint.name, reply)
        return endpoint

    async def get(self, name: str) -> Endpoint:
        """Return an endpoint; raise NotFound without one."""
        return Endpoint.read(await self._arm.get(_path(name)))

    async def find(self, name: str) -> Endpoint | None:
        """Return an endpoint, or None."""
        document = await self._arm.find(_path(name))
        return None if document is None else Endpoint.read(document)

    async def serving(self, model: str) -> Endpoint | None:
        """Return an endpoint of any name that serves a tuned model (`NAME:VERSION`), or None."""
        name, _, version = model.partition(":")
        if not version:
            return None
        path = f"/models/{segment(name)}/versions/{segment(version)}"
        end = f"/workspaces/{(await self._workspace.get()).workspace_id}{path}".lower()
        async for endpoint in self.list():
            if endpoint.model_id.lower().endswith(end) and not endpoint.is_lost:
                return endpoint
        return None

    async def list(self) -> AsyncIterator[Endpoint]:
        """Yield the workspace's serverless endpoints; pages are fetched as they are needed."""
        async for document in self._arm.pages("/serverlessEndpoints"):
            yield Endpoint.read(document)

    async def delete(self, name: str, *, timeout: float) -> bool:
        """Delete an endpoint and wait until it is gone; return whether the service knew of one."""
        # Assumption: A serverless endpoint is gone as soon as the operation of its deletion has ended.
        # Shown wrong by: 200 for a GET of the endpoint after the operation.
        # Verified by: delete endpoint
        # If wrong: `endpoints.delete` returns early, and creating the name again is a Conflict.
        return await self._operations.delete(name, timeout=timeout)

    async def keys(self, name: str) -> EndpointKeys:
        """Return an endpoint's keys."""
        return await self._list_keys(name)

    async def _list_keys(self, name: str, policy: RetryPolicy = DEFAULT) -> EndpointKeys:
        document, _ = await self._arm.request(
            "POST", f"{_path(name)}/listKeys", repeatable=True, policy=policy, secret_reply=True
        )
        return read_keys(document)

    async def regenerate_key(self, name: str, *, secondary: bool, timeout: float) -> EndpointKeys:
        """Replace a key, at most once, and return both as they are now.

        azure-ai-ml 1.35.2 cannot do this (its `begin_regenerate_keys` raises TypeError).
        """
        path = f"{_path(name)}/regenerateKeys"
        # Assumption: Without `keyValue` the service makes a new key, and answers with both keys or with a `Location`
        #   that leads to them.
        # Shown wrong by: 400 for the request, or the same key after it.
        # Verified by: endpoint keys
        # If wrong: The key is not replaced; the keys that `endpoints.regenerate_key` returns are read once more.
        body = {"keyType": "Secondary" if secondary else "Primary"}
        document, reply = await self._arm.request("POST", path, body, policy=NON_IDEMPOTENT, secret_reply=True)
        found = read_keys(document)
        del document  # it holds the keys, and a traceback may show the locals of its frames
        if (operation := operation_of(reply)) is not None:
            operation = replace(operation, secret_reply=True)
            found = read_keys(
                await self._arm.wait_for_operation(operation, timeout=timeout, resume=f"endpoints.keys({name!r})")
            )
        return found if found.primary else await self.keys(name)

    def poll_delay(self, endpoint: Endpoint) -> float:
        """Return the seconds until an endpoint that is being created may first be polled."""
        return self._operations.poll_delay(endpoint)

    async def poll(self, name: str) -> tuple[EndpointPoll, float | None]:
        """Poll the endpoint, and its operation while that runs; raise EndpointFailed if it cannot become ready.

        An endpoint that is being created may not exist yet: that error is returned and not raised.
        """
        return await self._operations.poll(name)

    def dialect(self, endpoint: Endpoint) -> ChatDialect:
        """Return how chat requests are written: the URL is the endpoint's own."""
        del endpoint
        return SERVERLESS

    def can_become_ready(self, error: ServiceError) -> bool:
        """Return whether an endpoint whose first chat call failed with this error may answer later."""
        return error.status not in NEVER_READY

    def signer(self, endpoint: Endpoint, policy: RetryPolicy = DEFAULT) -> Signer:
        """Return the authorization for chat requests: the endpoint's key, or an Entra token where keys are off."""
        # Assumption: A serverless endpoint that takes no keys takes a token for https://ml.azure.com.
        # Shown wrong by: 401 for the chat with an endpoint whose `authMode` is AAD, as a policy of the workspace may
        #   make it.
        # Verified by: deploy, chat
        # If wrong: Chats with such an endpoint fail.
        if endpoint.auth_mode.lower() == "aad":
            return Bearer(self._arm.tokens, f"{self._arm.settings.cloud.ml_resource}/.default")
        return KeyRing(partial(self._list_keys, endpoint.name, policy), self._arm.wire.lock())

    def key_signer(self, key: SecretText) -> Signer:
        """Return the authorization of chat requests by a key that the caller has."""
        return EndpointKey(key)

    async def send_chat(
        self,
        request: Request,
        signer: Signer,
        *,
        policy: RetryPolicy = DEFAULT,
        on_attempt: OnAttempt | None = None,
    ) -> Reply:
        """Send a chat request to a scoring URL and return its response."""
        return await self._arm.channel.send(
            request, audience=Audience.SCORING, signer=signer, policy=policy, on_attempt=on_attempt
        )

    def open_chat(self, request: Request, signer: Signer) -> AbstractAsyncContextManager[Incoming]:
        """Send a chat request to a scoring URL and return its response as a stream."""
        return self._arm.channel.open(request, audience=Audience.SCORING, signer=signer)

    async def _model_id(self, model: str) -> str:
        """The id that an endpoint is given: a base model's has no version, a tuned model's names region and workspace.

        azure-ai-ml 1.35.2 `_serverless_endpoint_operations.py`.
        """
        wanted = ModelName.parse(model)
        facts = known(wanted.name) if wanted.registry == REGISTRY else None
        if facts is not None and facts.is_retired(today := datetime.fromtimestamp(self._arm.wire.now(), UTC).date()):
            logger.warning("%s", facts.status_line(today))
        if wanted.registry is not None and (facts is not None or not wanted.is_plain):
            return facts.registry_id() if facts is not None else wanted.registry_id
        if model.startswith("azureml://locations/"):
            return model
        name = segment(wanted.name)
        version = segment(wanted.version or await newest_version(self._arm, wanted.name))
        workspace = await self._workspace.get()
        base = f"azureml://locations/{workspace.location}/workspaces/{workspace.workspace_id}/models"
        return f"{base}/{name}/versions/{version}"


def _refuse_options_of_deployments(spec: EndpointSpec) -> None:
    """Raise NotOffered for the options that only deployments of Foundry have."""
    for option, value in (("sku", spec.sku), ("capacity", spec.capacity), ("model_format", spec.model_format)):
        if value is not None:
            raise not_offered(f"{option} (of an endpoint)", "azureml", offered_by="foundry")


def _path(name: str) -> str:
    return f"/serverlessEndpoints/{segment(name)}"


def _same(endpoint: Endpoint, model_id: str) -> Endpoint:
    if endpoint.is_lost:
        raise Conflict(
            f"create endpoint {endpoint.name!r}",
            status=409,
            detail=f"an endpoint of this name is {endpoint.state}; delete it first: `maas endpoints delete "
            f"{endpoint.name}`",
        )
    # Assumption: A serverless endpoint shows the id of its model as it was sent, apart from upper and lower case.
    # Shown wrong by: Another `modelSettings.modelId` than the one in the request.
    # Verified by: deploy
    # If wrong: Creating the same endpoint again is a Conflict instead of the endpoint that there is.
    if endpoint.model_id.lower() == model_id.lower():
        return endpoint
    raise Conflict(
        f"create endpoint {endpoint.name!r}",
        status=409,
        detail=f"an endpoint of this name serves {endpoint.model_id}; choose a new name, or delete it",
    )
