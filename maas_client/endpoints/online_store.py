"""Online endpoints and deployments in Resource Manager: read, followed until they are provisioned, deleted, logged."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass

from ..azure.arm import Arm, Operation
from ..azure.deletion import delete_resource
from ..core.errors import MaasError, NotFound, OperationFailed
from ..core.json_fields import Document, text
from ..core.redaction import redact
from ..core.text import printable
from ..core.url_paths import segment
from ..http.polling import POLL_TIMEOUT, Polling, Wait, resume_note, start_clock
from ..http.retry import NO_RETRY, RetryPolicy, poll_intervals, retry_after
from .endpoint import ProvisioningState, provisioning_of
from .errors import EndpointFailed
from .online_endpoint import OnlineDeployment, OnlineEndpoint
from .online_requests import logs_body, operation_in

ENDPOINTS = "/onlineEndpoints"

LAST_LINES = 20
"""Lines of a container's log that an error shows."""

_ENDED_BADLY = frozenset({ProvisioningState.FAILED, ProvisioningState.CANCELED})


def endpoint_path(name: str) -> str:
    """Return the path of an endpoint below the workspace."""
    return f"{ENDPOINTS}/{segment(name)}"


def deployments_path(endpoint: str) -> str:
    """Return the path of an endpoint's deployments."""
    return f"{endpoint_path(endpoint)}/deployments"


def deployment_path(endpoint: str, name: str) -> str:
    """Return the path of a deployment."""
    return f"{deployments_path(endpoint)}/{segment(name)}"


@dataclass(frozen=True, slots=True)
class OnlineStore:
    """Reads and follows online endpoints of a workspace."""

    arm: Arm

    async def find(self, name: str) -> OnlineEndpoint | None:
        """Return an endpoint with its deployments, or None."""
        document = await self.arm.find(endpoint_path(name))
        return None if document is None else await self.with_deployments({"name": name, **document})

    async def with_deployments(self, document: Document) -> OnlineEndpoint:
        """Return the endpoint of a document with its deployments; without them if it is deleted meanwhile."""
        found: list[Document] = []
        if not (name := text(document, "name")):
            return OnlineEndpoint.read(document)
        with suppress(NotFound):
            async for each in self.arm.pages(deployments_path(name)):
                found.append(each)  # noqa: PERF401 -- what was read before a NotFound counts
        return OnlineEndpoint.read(document, deployments=found)

    async def list(self) -> AsyncIterator[OnlineEndpoint]:
        """Yield the endpoints with their deployments; pages are fetched as they are needed."""
        async for document in self.arm.pages(ENDPOINTS):
            yield await self.with_deployments(document)

    async def settled(
        self,
        path: str,
        *,
        what: str,
        resume: str,
        timeout: float,
        operation: Operation | None = None,
        on_document: Callable[[Document], object] | None = None,
    ) -> Document:
        """Wait until a resource is provisioned, and return its document.

        Args:
            path: the resource's path.
            what: what it is called in errors.
            resume: how to resume the wait.
            timeout: seconds to wait.
            operation: the operation that creates or changes it, if it is known; it has the reason of a failure.
            on_document: called with each document that is read.

        Raises:
            OperationFailed: it cannot be provisioned.
            WaitTimeout: it takes longer; it continues.
        """
        wire, intervals, states = self.arm.wire, poll_intervals(1.0, 30.0), [""]
        wait = Wait(what, resume, start_clock(wire), timeout, seen=True)
        polled = _Provisioning(self.arm, path, operation)

        def pause(asked: float | None) -> float:
            return wait.next_pause(f"is not provisioned ({states[-1] or 'not there yet'})", next(intervals), asked)

        delay = 0.0 if operation is None else min(operation.pause, max(wait.left(), 0.0))
        with resume_note(what, resume):
            async for document in Polling(wire, wait, polled.poll, pause, delay=delay):
                if document is None:
                    continue
                states.append(text(document, "properties", "provisioningState"))
                if document and on_document is not None:
                    on_document(document)
                if polled.is_done:
                    return document
        raise AssertionError("unreachable: polling ends with a result or an error")

    async def delete(self, path: str, *, timeout: float, resume: str) -> bool:
        """Delete an endpoint or deployment and wait until it is gone; return whether there was one."""
        what = f"online endpoint {path.removeprefix(f'{ENDPOINTS}/')}"
        return await delete_resource(self.arm, path, what=what, resume=resume, timeout=timeout, until_gone=True)

    async def logs(self, endpoint: str, deployment: str, *, container: str, tail: int, policy: RetryPolicy) -> str:
        """Return the last lines of a container's log, without the secrets that this client knows."""
        path, body = f"{deployment_path(endpoint, deployment)}/getLogs", logs_body(container, tail)
        document, _ = await self.arm.request("POST", path, body, repeatable=True, policy=policy)
        return redact(printable(text(document, "content")))

    async def failure(self, endpoint: OnlineEndpoint, deployment: OnlineDeployment, why: str = "") -> EndpointFailed:
        """Return the error for a deployment that failed: the service's reason, and the containers' last lines."""
        if not why:
            with suppress(MaasError):
                why = await self.reason_in(await self.arm.get(deployment_path(endpoint.name, deployment.name)))
        lines: list[str] = []
        for container in ("inference-server", "storage-initializer"):
            with suppress(MaasError):  # the reason is reported without them
                content = await self.logs(
                    endpoint.name, deployment.name, container=container, tail=LAST_LINES, policy=NO_RETRY
                )
                lines = [line for line in content.splitlines() if line.strip()][-LAST_LINES:]
            if lines:
                break
        delete = f"maas endpoints delete {endpoint.name} --deployment {deployment.name}"
        reason = why or "the service gave no reason"
        ended = reason if reason.endswith((".", "!", "?")) else f"{reason}."
        return EndpointFailed(
            endpoint,
            f"deployment {deployment.name!r} is {deployment.provisioning_state}: {ended} It continues to cost money "
            f"until it is deleted: `{delete}`",
            log_tail=lines,
        )

    async def reason_in(self, document: Document) -> str:
        """Return why the last operation on a resource failed, which its document names; empty if it cannot be read."""
        if not (url := operation_in(document)):
            return ""
        try:
            await self.arm.poll_operation(Operation(url, is_status=True))
        except OperationFailed as failed:
            return reason_of_operation(failed)
        except MaasError:  # operations are forgotten after a day or so
            pass
        return ""


def reason_of_operation(failed: OperationFailed) -> str:
    """Return the service's reason for a failed operation, in a sentence."""
    return ": ".join(part for part in (failed.code, failed.detail) if part)


class _Provisioning:
    """Polls a resource, and the operation on it while that runs."""

    def __init__(self, arm: Arm, path: str, operation: Operation | None) -> None:
        self._arm, self._path, self._operation = arm, path, operation
        self.is_done = False

    async def poll(self) -> tuple[Document, float | None]:
        """Return the resource's document, empty while it does not exist; raise OperationFailed if it has failed."""
        asked = await self._poll_operation()
        document, reply = await self._arm.get_or_none(self._path, policy=NO_RETRY, timeout=POLL_TIMEOUT)
        asked = max(asked, retry_after(reply) or 0.0)
        if document is None:
            return {}, asked
        state = provisioning_of(text(document, "properties", "provisioningState"))
        if state in _ENDED_BADLY:
            await self._poll_operation()  # it may have failed between the two requests; only it knows why
            why = await OnlineStore(self._arm).reason_in(document)
            raise OperationFailed(f"GET {self._path}", status=state.lower(), detail=why)
        self.is_done = self._operation is None and state == ProvisioningState.SUCCEEDED
        return document, asked

    async def _poll_operation(self) -> float:
        if self._operation is None:
            return 0.0
        try:
            (_, done), asked = await self._arm.poll_operation(self._operation)
        except NotFound:
            done, asked = True, None
        if done:
            self._operation = None
        return asked or 0.0
