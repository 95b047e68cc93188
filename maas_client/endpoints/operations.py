"""The operations of Resource Manager that create and delete endpoints, followed until they have ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..azure.arm import Operation, ResourceManager, operation_of
from ..azure.deletion import delete_resource
from ..core.errors import NotFound, OperationFailed
from ..core.http_messages import Reply
from ..core.json_fields import Document
from ..http.polling import POLL_TIMEOUT
from ..http.retry import NO_RETRY, retry_after
from .backend import EndpointPoll
from .endpoint import Endpoint
from .errors import EndpointFailed


@dataclass(frozen=True, slots=True)
class Creation:
    """The operation that creates an endpoint, and when on the wire's clock it may first be polled."""

    operation: Operation
    due: float = 0.0


class EndpointOperations:
    """Follows the creation and the deletion of endpoints, which have a path in Resource Manager each.

    `path` is the path of an endpoint's name, and `read` reads its document. With `until_gone`, a deletion has ended
    once the endpoint is not found any more, and not before.
    """

    def __init__(
        self,
        arm: ResourceManager,
        path: Callable[[str], str],
        read: Callable[[Document], Endpoint],
        *,
        until_gone: bool = False,
    ) -> None:
        self._arm, self._path, self._read, self._until_gone = arm, path, read, until_gone
        self._creations: dict[str, Creation] = {}

    def started(self, name: str, reply: Reply) -> None:
        """Remember the operation that creates an endpoint, if the response names one."""
        operation = operation_of(reply)
        if operation is not None and operation.is_status:
            self._creations[name] = Creation(operation, self._arm.wire.clock() + operation.pause)

    def poll_delay(self, endpoint: Endpoint) -> float:
        """Return the seconds until an endpoint that is being created may first be polled."""
        if endpoint.operation is not None and endpoint.name not in self._creations:
            self._creations[endpoint.name] = Creation(Operation(endpoint.operation, is_status=True))
        creation = self._creations.get(endpoint.name)
        return 0.0 if creation is None else max(creation.due - self._arm.wire.clock(), 0.0)

    async def poll(self, name: str) -> tuple[EndpointPoll, float | None]:
        """Poll the endpoint, and its operation while that runs; raise EndpointFailed if it cannot become ready.

        An endpoint that is being created may not exist yet: that error is returned and not raised.
        """
        creation = self._creations.get(name)
        why, asked = await self._poll_creation(name)
        try:
            document, reply = await self._arm.request("GET", self._path(name), policy=NO_RETRY, timeout=POLL_TIMEOUT)
        except NotFound as missing:
            if why:
                raise EndpointFailed(self._read({"name": name}), why) from None
            if creation is None:
                raise
            return EndpointPoll(self._read({"name": name}), missing), asked
        endpoint = self._read(document)
        if endpoint.is_lost and not why:
            why, _ = await self._poll_creation(name)  # it may have failed between the two requests; only it knows why
        if why or endpoint.is_lost:
            hint = f"the service gave no reason; `maas endpoints delete {name}`, then create it again"
            raise EndpointFailed(endpoint, why or hint)
        return EndpointPoll(endpoint), max(asked, retry_after(reply) or 0.0)

    async def _poll_creation(self, name: str) -> tuple[str, float]:
        """Poll the operation that creates an endpoint, if it runs; return why it failed, and the pause it asks for."""
        creation = self._creations.get(name)
        if creation is None:
            return "", 0.0
        why, asked = "", 0.0
        try:
            (_, done), pause = await self._arm.poll_operation(creation.operation)
            asked = 0.0 if done else pause or 0.0
        except OperationFailed as failed:
            done, why = True, ": ".join(part for part in (failed.code, failed.detail) if part)
        except NotFound:
            # Assumption: The address of an operation answers 404 only once the operation has ended.
            # Shown wrong by: 404 from the address that the creation named, while the resource is still being created.
            # Verified by: deploy, create deployment
            # If wrong: The operation is not asked again; if the creation fails, its reason is not known.
            # Also in: maas_client/computes/resource.py, maas_client/endpoints/online_store.py
            done = True  # operations are forgotten after a day or so
        if done:
            self._creations.pop(name, None)
        return why, asked

    async def delete(self, name: str, *, timeout: float) -> bool:
        """Delete an endpoint and wait until it is gone; return whether the service knew of one."""
        what, resume = f"endpoint {name!r}", f"endpoints.delete({name!r})"
        return await delete_resource(
            self._arm, self._path(name), what=what, resume=resume, timeout=timeout, until_gone=self._until_gone
        )
