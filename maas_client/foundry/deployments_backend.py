"""Deployments of a Foundry account: created in Resource Manager, and asked through the account's v1 API.

Requests: azure-rest-api-specs, `cognitiveservices/resource-manager`, as azure-mgmt-cognitiveservices 14.1.0 sends them.
The account's key is for the chats alone; Resource Manager gets a token.
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import NoReturn

from ..azure.missing_resources import names_explained
from ..catalog.foundry_lookup import base_of_tuned, is_tuned, known_offer
from ..core.arguments import check_text
from ..core.errors import BadRequest, Conflict, InvalidInput, ServiceError, ServiceUnavailable
from ..core.http_messages import Reply, Request
from ..core.json_fields import Document
from ..core.names import unique_name
from ..core.secret_text import SecretText
from ..core.surfaces import not_offered
from ..core.url_paths import segment
from ..endpoints.backend import EndpointPoll, EndpointSpec
from ..endpoints.endpoint import Endpoint, EndpointKeys
from ..endpoints.operations import EndpointOperations
from ..http.auth import Signer
from ..http.channel import OnAttempt
from ..http.retry import DEFAULT, RetryPolicy, poll_intervals
from ..http.trusted_hosts import Audience
from ..openai_api.chat_completions import ChatDialect
from ..wire import Incoming, Wire
from .connection import ApiKey, FoundryConnection
from .deployment import Deployment
from .deployment_skus import size_of, sku_named
from .model_formats import DeployableModel, ModelFormats
from .token_limits import TokenLimits

LONGEST_NAME = 64

# Assumption: While an account is being changed, it refuses another change with 409 and the code `RequestConflict`.
# Shown wrong by: Another code of a 409 that ends by itself.
# Verified by: create deployment, delete deployment
# If wrong: Conflict at once instead of another attempt for two minutes.
# Also in: mock_server/surfaces/foundry/deployments.py
BUSY = "requestconflict"
"""The code, in lower case, of a request while the account makes another change."""

LONGEST_BUSY = 120.0
"""Seconds in which a creation is attempted again while the account is busy."""

NOT_LOADED = frozenset({"deploymentnotready", "deploymenterror", "deploymentnotfound"})
"""Codes, in lower case, of a deployment that Resource Manager calls Succeeded and that does not answer yet."""

# Assumption: A deployment that answers its first chat with 400, 401, 403 or 422, and none of the codes of one that is
#   being loaded, never answers another one.
# Shown wrong by: One of these statuses with another code for the first chat, where the same chat is answered some
#   minutes later.
# Verified by: create deployment
# If wrong: `endpoints.wait` ends with the service's error while the model is still being loaded.
NEVER_READY = frozenset({400, 401, 403, 422})
"""Statuses of chats that waiting does not help, unless a code says that the deployment is being loaded."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_JOB_AND_SUFFIX = re.compile(r"\.ft-[0-9a-fA-F]{32}-(?P<suffix>.+)$")
_NO_KEYS = "A deployment has no key of its own: use the account's key, or a token."

logger = logging.getLogger("maas_client")


class FoundryDeployments:
    """Implements EndpointBackend."""

    def __init__(self, connection: FoundryConnection) -> None:
        self._connection, self._formats = connection, ModelFormats(connection)
        self._limits = TokenLimits()
        self._operations = EndpointOperations(connection.arm, _path, self._read, until_gone=True)

    @property
    def wire(self) -> Wire:
        """The I/O: it sends requests, sleeps and has the clock."""
        return self._connection.wire

    def online(self, operation: str) -> NoReturn:
        """Raise NotOffered: an account has no compute of its own."""
        raise not_offered(operation, "foundry", offered_by="azureml")

    def check_name(self, name: str) -> None:
        """Raise InvalidInput for a name that is not valid for a deployment."""
        check_deployment_name(name)

    async def create(self, spec: EndpointSpec) -> Deployment:
        """Create a deployment; return one of this name and model as it is, raise Conflict for a different one."""
        if spec.content_safety is not None:
            instead = "A deployment has a content filter, which is chosen in the portal."
            raise not_offered("content_safety (of an endpoint)", "foundry", offered_by="azureml", instead=instead)
        if spec.instance_type is not None:
            instead = "A deployment's size is its SKU and capacity."
            raise not_offered("instance_type (of an endpoint)", "foundry", offered_by="azureml", instead=instead)
        name = check_deployment_name(spec.name) if spec.name else _new_name(spec.model)
        self._connection.settings.resource_path  # noqa: B018 -- raises SettingsError before anything is sent
        existing = await self.find(name) if spec.name else None
        if existing is not None and existing.is_being_deleted:
            existing = None  # its name is free in some seconds
        if existing is not None and _names_same(existing, spec.model):
            return _as_it_is(existing, spec)
        model = await self._formats.find(spec.model, spec.model_format)
        if existing is not None:
            return _as_it_is(_same(existing, model), spec)
        size = size_of(
            spec.model,
            known_offer(model.base),
            is_open=model.is_open,
            sku=spec.sku,
            capacity=spec.capacity,
            allow_unlisted=spec.allow_unlisted,
        )
        body: dict[str, object] = {
            "sku": {"name": size.sku, "capacity": size.capacity},
            "properties": {"model": {"format": model.format, "name": model.name, "version": model.version}},
        }
        if spec.tags:
            body["tags"] = dict(spec.tags)
        try:
            document, reply = await self._put(name, body)
        except ServiceUnavailable as error:
            if error.status != 500 or error.detail or error.code not in {"", "InternalServerError"}:
                raise
            raise await self._wrong_format(error, model) from error
        deployment = self._read(document, reply)
        if reply is None:
            return _same(deployment, model)
        self._operations.started(deployment.name, reply)
        return deployment

    async def _put(self, name: str, body: object) -> tuple[Document, Reply | None]:
        """Send the request that creates a deployment, as `arm.create` does, and again while the account is busy.

        An account makes one change at a time, and a name is free some 20 seconds after its deployment was deleted.
        """
        wire, intervals, waited = self.wire, poll_intervals(5.0, 30.0), 0.0
        while True:
            try:
                document, reply = await self._connection.arm.create(_path(name), body)
                if reply is not None or not (found := self._read(document)).is_being_deleted:
                    return document, reply
                busy = Conflict(
                    f"create deployment {found.name!r}",
                    status=409,
                    detail="a deployment of this name is being deleted; try again in a minute",
                )
            except Conflict as error:
                if error.code.lower() != BUSY:
                    raise
                busy = error
            pause = max(next(intervals), busy.retry_after or 0.0)
            if waited + pause > LONGEST_BUSY:
                raise busy
            waited += pause
            logger.info("deployment %s: the account is busy with another change; next attempt in %.0f s", name, pause)
            await wire.sleep(pause)

    async def _wrong_format(self, error: ServiceUnavailable, model: DeployableModel) -> BadRequest:
        """Return what an empty error 500 of the creation stands for, with the formats that the account lists."""
        listed = ", ".join(map(repr, await self._formats.formats_of(model.base))) or "no such model"
        return BadRequest(
            error.request,
            status=500,
            detail=f"the service gave no reason, as it does for a wrong model format; {model.format!r} was sent for "
            f"{model.name}, and the account's list of models has {listed}",
            request_id=error.request_id,
            hint="Give the format as model_format (--model-format); upper and lower case count",
        )

    async def get(self, name: str) -> Deployment:
        """Return a deployment; raise NotFound without one."""
        arm = self._connection.arm
        async with names_explained(arm, name, "/deployments"):
            return self._read(await arm.get(_path(name)))

    async def find(self, name: str) -> Deployment | None:
        """Return a deployment, or None."""
        document = await self._connection.arm.find(_path(name))
        return None if document is None else self._read(document)

    async def serving(self, model: str) -> Deployment | None:
        """Return a deployment of any name that serves a tuned model or a checkpoint, or None."""
        if not is_tuned(model):
            return None
        async for deployment in self.list():
            if deployment.model.lower() == model.strip().lower() and not deployment.is_lost:
                return deployment
        return None

    async def list(self) -> AsyncIterator[Deployment]:
        """Yield the account's deployments; pages are fetched as they are needed."""
        async for document in self._connection.arm.pages("/deployments"):
            yield self._read(document)

    async def delete(self, name: str, *, timeout: float) -> None:
        """Delete a deployment and wait until it is gone; do nothing without one."""
        await self._operations.delete(name, timeout=timeout)

    async def keys(self, name: str) -> EndpointKeys:
        """Raise NotOffered: a deployment has no keys."""
        _refuse_keys("endpoints.keys", name)

    async def regenerate_key(self, name: str, *, secondary: bool, timeout: float) -> EndpointKeys:
        """Raise NotOffered: a deployment has no keys."""
        del secondary, timeout
        _refuse_keys("endpoints.regenerate_key", name)

    def poll_delay(self, endpoint: Endpoint) -> float:
        """Return the seconds until a deployment that is being created may first be polled."""
        return self._operations.poll_delay(endpoint)

    async def poll(self, name: str) -> tuple[EndpointPoll, float | None]:
        """Poll the deployment, and its operation while that runs; raise EndpointFailed if it cannot become ready."""
        return await self._operations.poll(name)

    def dialect(self, endpoint: Endpoint) -> ChatDialect:
        """Return how chat requests are written: the account has one URL, and the deployment's name is the model."""
        return self._limits.dialect(endpoint)

    def can_become_ready(self, error: ServiceError) -> bool:
        """Return whether a deployment whose first chat call failed with this error may answer later."""
        return error.code.lower() in NOT_LOADED or error.status not in NEVER_READY

    def signer(self, endpoint: Endpoint, policy: RetryPolicy = DEFAULT) -> Signer:
        """Return the authorization for chat requests: the account's key, or a token."""
        del endpoint, policy
        return self._connection.signer

    def key_signer(self, key: SecretText) -> Signer:
        """Return the authorization of chat requests by a key of the account that the caller has."""
        return ApiKey(key)

    async def send_chat(
        self,
        request: Request,
        signer: Signer,
        *,
        policy: RetryPolicy = DEFAULT,
        on_attempt: OnAttempt | None = None,
    ) -> Reply:
        """Send a chat request and return its response; a refused name of the token limit is replaced once."""
        send = partial(
            self._connection.channel.send,
            audience=Audience.FOUNDRY,
            signer=signer,
            policy=policy,
            on_attempt=on_attempt,
        )
        request = self._limits.known(request)
        try:
            return await send(request)
        except BadRequest as refused:
            if (renamed := self._limits.renamed(request, refused)) is None:
                raise
        return await send(renamed)

    @asynccontextmanager
    async def open_chat(self, request: Request, signer: Signer) -> AsyncGenerator[Incoming]:
        """Send a chat request and return its response as a stream, as `send_chat` does."""
        channel, request = self._connection.channel, self._limits.known(request)
        async with AsyncExitStack() as stack:
            try:
                opened = channel.open(request, audience=Audience.FOUNDRY, signer=signer)
                incoming = await stack.enter_async_context(opened)
            except BadRequest as refused:
                if (renamed := self._limits.renamed(request, refused)) is None:
                    raise
                opened = channel.open(renamed, audience=Audience.FOUNDRY, signer=signer)
                incoming = await stack.enter_async_context(opened)
            yield incoming

    def _read(self, document: Document, reply: Reply | None = None) -> Deployment:
        return Deployment.read(document, reply).reached_at(f"{self._connection.settings.account_url}/openai")


def check_deployment_name(name: str) -> str:
    """Return the name, or raise InvalidInput if it is not valid for a deployment."""
    check_text("the name of a deployment", name)
    if _NAME.fullmatch(name):
        return name
    raise InvalidInput(
        f"{name!r} is not a valid name for a deployment: use up to {LONGEST_NAME} letters, digits and '-'; nothing was "
        "sent"
    )


def _path(name: str) -> str:
    return f"/deployments/{segment(name)}"


def _new_name(model: str) -> str:
    """Return a name for a deployment: the base model, and the suffix of a tuned one."""
    base = base_of_tuned(model)
    suffix = _JOB_AND_SUFFIX.search(model)
    return unique_name(f"{base or model} {suffix['suffix'] if base and suffix else ''}", LONGEST_NAME)


def _names_same(existing: Deployment, model: str) -> bool:
    """Return whether a deployment serves the tuned model of this very name: its format does not matter then."""
    return is_tuned(model) and existing.model.lower() == model.strip().lower() and not existing.is_lost


def _same(existing: Deployment, model: DeployableModel) -> Deployment:
    """Return a deployment that serves a model; raise Conflict for one that serves another, or that is broken."""
    subject = f"create deployment {existing.name!r}"
    if existing.is_lost:
        state, delete = existing.provisioning_state, f"maas endpoints delete {existing.name}"
        detail = f"a deployment of this name is {state}; delete it first: `{delete}`"
        raise Conflict(subject, status=409, detail=detail)
    version = existing.model_version
    if existing.model.lower() == model.name.lower() and version in {"", model.version}:
        return existing
    serves = f"{existing.model} (version {version})" if existing.model == model.name else existing.model
    detail = f"a deployment of this name serves {serves}; choose a new name, or delete it"
    raise Conflict(subject, status=409, detail=detail)


def _as_it_is(existing: Deployment, spec: EndpointSpec) -> Deployment:
    """Return a deployment that exists; warn if it is smaller or larger than the one that was asked for."""
    sku = sku_named(spec.sku, allow_unlisted=spec.allow_unlisted) if spec.sku is not None else existing.sku
    if (sku, spec.capacity or existing.capacity) != (existing.sku, existing.capacity):
        logger.warning(
            "deployment %s exists with the SKU %s and a capacity of %d, and is left as it is; delete it to change that",
            existing.name,
            existing.sku,
            existing.capacity,
        )
    return existing


def _refuse_keys(operation: str, name: str) -> NoReturn:
    raise not_offered(f"{operation}({name!r})", "foundry", offered_by="azureml", instead=_NO_KEYS)
