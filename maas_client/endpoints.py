"""Serverless endpoints: create, get, list, delete, wait until one answers, and their keys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from .arm import Arm, Operation, operation_of, segment
from .base_models import ModelName, known
from .blocking import Blocking, blocking
from .documents import Document, first, text
from .endpoint import Endpoint, Keys
from .errors import (
    Conflict,
    EndpointFailed,
    InvalidInput,
    MaasError,
    NotFound,
    OperationFailed,
    ServiceError,
    TransportError,
    WaitTimeout,
)
from .job import plain_name
from .messages import Reply, Request
from .names import check_endpoint_name, invent_name
from .policy import poll_intervals
from .scoring import chat_request
from .signing import Bearer, EndpointKey, Signer
from .trust import Audience
from .workspace import AsyncWorkspace

LONGEST_NAME = 32


@dataclass(slots=True)
class KeyRing:
    """The authorization for one endpoint: its primary key, fetched once on first use and again after a 401."""

    fetch: Callable[[], Awaitable[Keys]]
    lock: AbstractAsyncContextManager[None]
    key: str = field(default="", repr=False)

    async def sign(self, request: Request) -> Request:
        """Add the key."""
        if not self.key:
            await self._replace("")
        return await EndpointKey(self.key).sign(request)

    async def renew(self, request: Request, reply: Reply) -> bool:  # noqa: ARG002 -- the protocol's arguments
        """Fetch the keys anew, unless somebody has; say whether there is another one to try."""
        refused = request.headers.get("Authorization", "").removeprefix("Bearer ")
        await self._replace(refused)
        return self.key != refused

    async def _replace(self, refused: str) -> None:
        async with self.lock:
            if self.key == refused:
                self.key = (await self.fetch()).primary


class AsyncEndpoints:
    """Serverless endpoints."""

    def __init__(self, arm: Arm, workspace: AsyncWorkspace) -> None:
        self._arm, self._workspace = arm, workspace

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
        return Endpoint.read(document, reply)

    async def get(self, name: str) -> Endpoint:
        """Return an endpoint; raise NotFound without one."""
        return Endpoint.read(await self._arm.get(_path(name)))

    async def list(self) -> AsyncIterator[Endpoint]:
        """Yield the workspace's serverless endpoints; pages are fetched as they are needed."""
        async for document in self._arm.pages("/serverlessEndpoints"):
            yield Endpoint.read(document)

    async def keys(self, name: str) -> Keys:
        """Return an endpoint's keys."""
        document, _ = await self._arm.request("POST", f"{_path(name)}/listKeys", repeatable=True)
        return _keys(document)

    async def regenerate_key(self, name: str, *, secondary: bool = False, timeout: float = 300.0) -> Keys:
        """Replace the primary key, or the secondary one, and return both as they are now.

        azure-ai-ml 1.35.2 cannot do this (its `begin_regenerate_keys` raises TypeError).
        """
        path = f"{_path(name)}/regenerateKeys"
        body = {"keyType": "Secondary" if secondary else "Primary"}
        document, reply = await self._arm.request("POST", path, body)
        operation = operation_of(reply)
        if operation is not None:
            document = await self._arm.settle(operation, timeout=timeout, resume=f"endpoints.keys({name!r})")
        return _keys(document) if text(document, "primaryKey") else await self.keys(name)

    async def delete(self, name: str, *, timeout: float = 900.0) -> None:
        """Delete an endpoint and wait until it is gone; deleting what is not there is no error.

        `timeout` is in seconds. Raises OperationFailed when the service gives up, WaitTimeout when it takes longer.
        """
        try:
            _, reply = await self._arm.request("DELETE", _path(name))
        except NotFound:
            return
        operation = operation_of(reply)
        if operation is not None:
            await self._arm.settle(operation, timeout=timeout, resume=f"endpoints.delete({name!r})")

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
            WaitTimeout: it is not ready yet.
        """
        endpoint = name if isinstance(name, Endpoint) else await self.get(name)
        clock, started, intervals = self._arm.wire.clock, self._arm.wire.clock(), poll_intervals()
        seen = ""
        while True:
            if seen != (seen := f"{endpoint.provisioning_state} {endpoint.state}") and on_update is not None:
                on_update(endpoint)
            if endpoint.is_lost:
                raise EndpointFailed(endpoint, await self._why(name))
            if endpoint.is_online and await self._answers(endpoint):
                return endpoint
            left = timeout - (clock() - started)
            if left <= 0:
                raise WaitTimeout(
                    f"endpoint {endpoint.name!r} is not ready ({seen})",
                    clock() - started,
                    endpoint,
                    f"endpoints.wait({endpoint.name!r})",
                )
            await self._arm.wire.sleep(min(next(intervals), max(left, 1.0)))
            endpoint = await self.get(endpoint.name)

    def signer(self, endpoint: Endpoint) -> Signer:
        """Return the authorization for chat calls: the endpoint's key, or an Entra token where keys are off."""
        if endpoint.auth_mode.lower() == "aad":
            return Bearer(self._arm.tokens, f"{self._arm.settings.cloud.ml_resource}/.default")
        return KeyRing(lambda: self.keys(endpoint.name), self._arm.wire.lock())

    async def _answers(self, endpoint: Endpoint) -> bool:
        """Whether a small chat call is answered. Up to minutes pass between Online and the first answer."""
        request = chat_request(endpoint.scoring_url, "Hello", options={"max_tokens": 1}, timeout=30.0)
        try:
            await self._arm.channel.send(request, audience=Audience.SCORING, signer=self.signer(endpoint))
        except (ServiceError, TransportError):
            return False
        return True

    async def _why(self, name: str | Endpoint) -> str:
        """What the operation that should have made the endpoint says of its failure."""
        if isinstance(name, str) or name.operation is None:
            return "the service gave no reason; create it again to see one"
        try:
            await self._arm.settle(Operation(name.operation, is_status=True), timeout=0, resume="")
        except OperationFailed as error:
            return ": ".join(part for part in (error.code, error.detail) if part) or "the service gave no reason"
        except MaasError:
            pass
        return "the service gave no reason"

    def _same(self, endpoint: Endpoint, model_id: str) -> Endpoint:
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
        if model.startswith("azureml://registries/"):
            wanted = ModelName.parse(model)
            return f"azureml://registries/{wanted.registry}/models/{wanted.name}"
        if model.startswith("azureml://"):
            return model
        if (facts := known(model)) is not None:
            return facts.registry_id()
        name, _, version = model.removeprefix("azureml:").partition(":")
        workspace = await self._workspace.get()
        base = f"azureml://locations/{workspace.location}/workspaces/{workspace.workspace_id}/models"
        return f"{base}/{segment(name)}/versions/{segment(version or await self._newest(name))}"

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


def _keys(document: Document) -> Keys:
    return Keys(text(document, "primaryKey"), text(document, "secondaryKey"))
