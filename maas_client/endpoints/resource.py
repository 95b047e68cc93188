"""Serverless endpoints: create, get, list, delete, wait until one answers, and their keys."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from ..azure.arm import Arm, Operation, operation_of
from ..azure.signers import Bearer, EndpointKey, refused_secret
from ..azure.workspace import AsyncWorkspace
from ..catalog.lookup import known
from ..catalog.model_id import REGISTRY, ModelName, plain_name
from ..core.arguments import SECONDS, takes_numbers
from ..core.blocking import Blocking, blocking
from ..core.errors import (
    Conflict,
    InvalidInput,
    MaasError,
    NotFound,
    OperationFailed,
    PermissionDenied,
    ServiceError,
    TransportError,
)
from ..core.http_messages import Reply, Request
from ..core.json_fields import Document, first, text
from ..core.names import check_endpoint_name, invent_name
from ..core.secret_text import SecretText, remember
from ..core.url_paths import segment
from ..http.auth import Signer
from ..http.polling import POLL_TIMEOUT, Polling, Wait, resume_note, retry_after_of, start_clock
from ..http.retry import DEFAULT, NO_RETRY, NON_IDEMPOTENT, RetryPolicy, poll_intervals, retry_after
from ..http.trusted_hosts import Audience
from ..openai_api.chat_completions import chat_request
from .endpoint import Endpoint, EndpointKeys
from .errors import EndpointFailed

LONGEST_NAME = 32

PROBE_PAUSE = 6.0
"""Seconds, at the least, between two chat calls that find out whether an endpoint answers: it takes minutes to."""

NEVER_READY = frozenset({400, 422})
"""Statuses with which a service refuses what it has understood; no waiting mends that."""

logger = logging.getLogger("maas_client")


@dataclass(slots=True)
class KeyRing:
    """The authorization for one endpoint: its primary key, fetched once on first use and again after a 401."""

    fetch: Callable[[], Awaitable[EndpointKeys]]
    lock: AbstractAsyncContextManager[None]
    key: SecretText = field(default=SecretText(""), repr=False)

    @property
    def any_port(self) -> bool:
        """The key is for the service that gave it."""
        return False

    async def sign(self, request: Request) -> Request:
        """Add the key."""
        if not self.key:
            await self._replace(SecretText(""))
        return await EndpointKey(self.key).sign(request)

    async def renew(self, request: Request, reply: Reply) -> bool:  # noqa: ARG002 -- the protocol's arguments
        """Fetch the keys anew, unless somebody has; say whether there is another one to try."""
        old = refused_secret(request)
        await self._replace(old)
        return self.key != old

    async def _replace(self, old: SecretText) -> None:
        async with self.lock:
            if self.key == old:
                self.key = SecretText((await self.fetch()).primary)


@dataclass(frozen=True, slots=True)
class Making:
    """The operation that makes an endpoint, and when on the wire's clock it may first be asked."""

    operation: Operation
    due: float = 0.0


@dataclass(frozen=True, slots=True)
class Look:
    """The result of one poll of an endpoint: its state, and why it is not there yet."""

    endpoint: Endpoint
    last_error: MaasError | None = None


class AsyncEndpoints:
    """Serverless endpoints."""

    def __init__(self, arm: Arm, workspace: AsyncWorkspace) -> None:
        self._arm, self._workspace = arm, workspace
        self._making: dict[str, Making] = {}

    async def create(
        self,
        *,
        model: str | None,
        name: str | None = None,
        content_safety: bool | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> Endpoint:
        """Create a serverless endpoint for a tuned or a base model; it is not up yet (see `wait`).

        Args:
            model: a tuned model as `job.output_model` names it (`NAME:VERSION`, or `NAME` for its newest version),
                or a base model by name or registry id. None, as of a job that names no output, is InvalidInput.
            name: the endpoint's name, unique in its region; invented when left out.
            content_safety: whether answers are filtered; None for the service's choice.
            tags: labels.

        Returns:
            The endpoint as the service accepted it. An endpoint of this name and model is returned as it is.

        Raises:
            Conflict: the name is taken.
            NotFound, BadRequest: there is no such model, or it is not offered in the workspace's region.
        """
        if not model:
            raise InvalidInput("there is no model to deploy; a job names its output model once it is created")
        path = _path(check_endpoint_name(name) if name else invent_name(f"e-{plain_name(model)}", LONGEST_NAME))
        model_id = await self._model_id(model)
        existing = await self._arm.find(path) if name else None
        if existing is not None:
            return self._same(Endpoint.read(existing), model_id)
        properties: dict[str, object] = {"modelSettings": {"modelId": model_id}, "authMode": "Key"}
        if content_safety is not None:
            properties["contentSafety"] = {"contentSafetyStatus": "Enabled" if content_safety else "Disabled"}
        location = (await self._workspace.get()).location
        body = {
            "properties": properties,
            "sku": {"name": "Consumption"},
            "location": location,
            "tags": dict(tags or {}),
        }
        document, reply = await self._arm.create(path, body)
        endpoint = Endpoint.read(document, reply)
        if reply is None:
            return self._same(endpoint, model_id)
        operation = operation_of(reply)
        if operation is not None and operation.is_status:
            self._making[endpoint.name] = Making(operation, self._arm.wire.clock() + operation.pause)
        return endpoint

    async def get(self, name: str) -> Endpoint:
        """Return an endpoint; raise NotFound without one."""
        return Endpoint.read(await self._arm.get(_path(name)))

    async def list(self) -> AsyncIterator[Endpoint]:
        """Yield the workspace's serverless endpoints; pages are fetched as they are needed."""
        async for document in self._arm.pages("/serverlessEndpoints"):
            yield Endpoint.read(document)

    async def keys(self, name: str) -> EndpointKeys:
        """Return an endpoint's keys."""
        return await self._list_keys(name)

    async def _list_keys(self, name: str, policy: RetryPolicy = DEFAULT) -> EndpointKeys:
        document, _ = await self._arm.request(
            "POST", f"{_path(name)}/listKeys", repeatable=True, policy=policy, secret_reply=True
        )
        return _keys(document)

    @takes_numbers(timeout=SECONDS)
    async def regenerate_key(self, name: str, *, secondary: bool = False, timeout: float = 300.0) -> EndpointKeys:
        """Replace the primary key, or the secondary one, and return both as they are now.

        It is done once, or not at all: after a lost reply nothing is sent again, and `keys` tells. azure-ai-ml 1.35.2
        cannot do this (its `begin_regenerate_keys` raises TypeError).
        """
        path = f"{_path(name)}/regenerateKeys"
        body = {"keyType": "Secondary" if secondary else "Primary"}
        document, reply = await self._arm.request("POST", path, body, policy=NON_IDEMPOTENT, secret_reply=True)
        found = _keys(document)
        del document  # it holds the keys, and a traceback may show the locals of its frames
        if (operation := operation_of(reply)) is not None:
            operation = replace(operation, secret_reply=True)
            found = _keys(
                await self._arm.wait_for_operation(operation, timeout=timeout, resume=f"endpoints.keys({name!r})")
            )
        return found if found.primary else await self.keys(name)

    @takes_numbers(timeout=SECONDS)
    async def delete(self, name: str, *, timeout: float = 900.0) -> None:
        """Delete an endpoint and wait until it is gone; deleting what is not there is no error.

        `timeout` is in seconds. Raises OperationFailed when the service gives up, WaitTimeout when it takes longer.
        """
        try:
            _, reply = await self._arm.request("DELETE", _path(name))
        except NotFound:
            return
        resume = f"endpoints.delete({name!r})"
        if (operation := operation_of(reply)) is not None:
            await self._arm.wait_for_operation(operation, timeout=timeout, resume=resume)
        elif reply.status == 202:
            await self._gone(name, timeout, resume)

    async def _gone(self, name: str, timeout: float, resume: str) -> None:
        """Wait until there is no endpoint of this name, where the service names no operation to poll."""
        wire, intervals = self._arm.wire, poll_intervals()
        wait = Wait(f"endpoint {name!r}", resume, start_clock(wire), timeout, seen=True)

        def pause(asked: float | None) -> float:
            return wait.next_pause("is still there", next(intervals), asked)

        with resume_note(f"the deletion of {wait.what}", resume):
            async for is_gone in Polling(wire, wait, partial(self._is_gone, name), pause):
                if is_gone:
                    return

    async def _is_gone(self, name: str) -> tuple[bool, float | None]:
        document, reply = await self._arm.get_or_none(_path(name), policy=NO_RETRY, timeout=POLL_TIMEOUT)
        return document is None, retry_after(reply)

    @takes_numbers(timeout=SECONDS)
    async def wait(
        self,
        name: str | Endpoint,
        *,
        timeout: float = 3600.0,
        on_update: Callable[[Endpoint], object] | None = None,
    ) -> Endpoint:
        """Wait until an endpoint is ready, which means that it answered a chat call.

        Args:
            name: the endpoint's name, or what `create` returned, which also knows why a creation fails.
            timeout: seconds to wait in all.
            on_update: called with the endpoint whenever its state has changed.

        Returns:
            The endpoint that answers.

        Raises:
            EndpointFailed: it will not come up.
            NotFound: there is no such endpoint.
            PermissionDenied: this identity may not use its keys.
            WaitTimeout: it is not ready yet; the message tells the last trouble.
        """
        segment(name.name if isinstance(name, Endpoint) else name)
        endpoint = name if isinstance(name, Endpoint) else Endpoint(name=name)
        if endpoint.operation is not None and endpoint.name not in self._making:
            self._making[endpoint.name] = Making(Operation(endpoint.operation, is_status=True))
        wire, intervals, state = self._arm.wire, poll_intervals(), ""
        resume = f"endpoints.wait({endpoint.name!r})"
        wait = Wait(f"endpoint {endpoint.name!r}", resume, start_clock(wire), timeout)

        def pause(asked: float | None) -> float:
            how = f"is not ready ({endpoint.provisioning_state} {endpoint.state})"
            least = max(asked or 0.0, retry_after_of(wait.last_error) or 0.0, PROBE_PAUSE if is_probed else 0.0)
            return wait.next_pause(how, next(intervals), least, endpoint)

        making, is_probed = self._making.get(endpoint.name), False
        with resume_note(wait.what, resume):
            delay = 0.0 if making is None else max(making.due - wire.clock(), 0.0)
            if delay > wait.left():
                raise wait.timed_out(f"is not ready ({endpoint.provisioning_state} {endpoint.state})", endpoint)
            async for look in Polling(wire, wait, partial(self._look, endpoint.name), pause, delay=delay):
                is_probed = False
                if look is None:
                    continue
                endpoint, wait.last_error = look.endpoint, look.last_error
                before, state = state, f"{endpoint.provisioning_state} {endpoint.state}"
                if state != before and look.last_error is None and on_update is not None:
                    on_update(endpoint)
                if endpoint.is_online and look.last_error is None:
                    is_probed = True
                    with wire.within(wait.longest_poll()):
                        wait.last_error = await self._unready(endpoint)
                    wait.tick(wire.now(), wire.clock())
                    if wait.last_error is None:
                        return endpoint
        raise AssertionError("unreachable: polling ends with a result or an error")

    async def _look(self, name: str) -> tuple[Look, float | None]:
        """Poll the endpoint, and its operation while that goes on; raise EndpointFailed when it will not come up.

        An endpoint that is being created may not be there yet: that error is returned and not raised.
        """
        making = self._making.get(name)
        why, asked = "", 0.0
        if making is not None:
            try:
                (_, done), pause = await self._arm.poll_operation(making.operation)
                asked = 0.0 if done else pause or 0.0
            except OperationFailed as failed:
                done, why = True, ": ".join(part for part in (failed.code, failed.detail) if part)
            except NotFound:
                done = True  # operations are forgotten after a day or so
            if done:
                self._making.pop(name, None)
        try:
            document, reply = await self._arm.request("GET", _path(name), policy=NO_RETRY, timeout=POLL_TIMEOUT)
        except NotFound as missing:
            if why:
                raise EndpointFailed(Endpoint(name=name), why) from None
            if making is None:
                raise
            return Look(Endpoint(name=name), missing), asked
        endpoint = Endpoint.read(document)
        if why or endpoint.is_lost:
            hint = f"the service gave no reason; `maas endpoints delete {name}`, then create it again"
            raise EndpointFailed(endpoint, why or hint)
        return Look(endpoint), max(asked, retry_after(reply) or 0.0)

    def signer(self, endpoint: Endpoint, policy: RetryPolicy = DEFAULT) -> Signer:
        """Return the authorization for chat calls: the endpoint's key, or an Entra token where keys are off."""
        if endpoint.auth_mode.lower() == "aad":
            return Bearer(self._arm.tokens, f"{self._arm.settings.cloud.ml_resource}/.default")
        return KeyRing(partial(self._list_keys, endpoint.name, policy), self._arm.wire.lock())

    async def _unready(self, endpoint: Endpoint) -> MaasError | None:
        """Why a small chat call is not answered, or None when it is. Minutes pass between Online and the first answer.

        What no waiting mends is raised: this identity may not list the keys, or the call is refused as it is.
        """
        request = chat_request(endpoint.scoring_url, "Hello", options={"max_tokens": 1}, timeout=30.0)
        try:
            signer = self.signer(endpoint, NO_RETRY)
            await self._arm.channel.send(request, audience=Audience.SCORING, signer=signer, policy=NO_RETRY)
        except PermissionDenied:
            raise
        except (ServiceError, TransportError) as trouble:
            if isinstance(trouble, ServiceError) and trouble.status in NEVER_READY:
                raise
            return trouble
        return None

    def _same(self, endpoint: Endpoint, model_id: str) -> Endpoint:
        if endpoint.is_lost:
            raise Conflict(
                f"create endpoint {endpoint.name!r}",
                status=409,
                detail=f"an endpoint of this name is {endpoint.state}; delete it first: `maas endpoints delete "
                f"{endpoint.name}`",
            )
        if endpoint.model_id.lower() == model_id.lower():
            return endpoint
        raise Conflict(
            f"create endpoint {endpoint.name!r}",
            status=409,
            detail=f"an endpoint of this name serves {endpoint.model_id}; choose a new name, or delete it",
        )

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
        version = segment(wanted.version or await self._newest(wanted.name))
        workspace = await self._workspace.get()
        base = f"azureml://locations/{workspace.location}/workspaces/{workspace.workspace_id}/models"
        return f"{base}/{name}/versions/{version}"

    async def _newest(self, name: str) -> str:
        query = {"$orderBy": "createdtime desc", "$top": "1"}
        document = await self._arm.get(f"/models/{segment(name)}/versions", query)
        newest = first(document, "value")
        if not newest:
            raise NotFound(f"model {name!r}", status=404, detail="the workspace has no model of this name")
        return text(newest, "name")


class Endpoints(Blocking[AsyncEndpoints]):
    """Serverless endpoints."""

    create = blocking(AsyncEndpoints.create)
    get = blocking(AsyncEndpoints.get)
    list = blocking(AsyncEndpoints.list)
    keys = blocking(AsyncEndpoints.keys)
    regenerate_key = blocking(AsyncEndpoints.regenerate_key)
    delete = blocking(AsyncEndpoints.delete)
    wait = blocking(AsyncEndpoints.wait)


def _path(name: str) -> str:
    return f"/serverlessEndpoints/{segment(name)}"


def _keys(document: Document) -> EndpointKeys:
    keys = EndpointKeys(text(document, "primaryKey"), text(document, "secondaryKey"))
    remember(keys.primary)
    remember(keys.secondary)
    return keys
