"""The creation of an online endpoint that answers, in one call: endpoint, deployment, traffic, each waited for.

Each step reads what is there first, so the same call again continues where the last one was interrupted, and makes
nothing twice: names are chosen by the client, and what a lost reply leaves unknown is read back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..azure.arm import Operation, operation_of
from ..azure.workspace import AsyncWorkspace
from ..catalog.lookup import known
from ..catalog.model_id import REGISTRY, ModelName
from ..core.errors import BadRequest, Conflict, NotFound, OperationFailed, ServiceError
from ..core.http_messages import Reply
from ..core.json_fields import Document, text
from ..http.polling import Elapsed
from ..http.retry import poll_intervals
from .backend import EndpointSpec
from .errors import EndpointFailed
from .online_endpoint import OnlineEndpoint
from .online_plan import WantedDeployment, deployment_step, endpoint_step, first_traffic
from .online_requests import deployment_body, endpoint_body, traffic_body
from .online_store import OnlineStore, deployment_path, endpoint_path, reason_of_operation

# Assumption: A change of an online endpoint that is being changed is refused with 400 or 409, and a text that contains
#   `provisioning state`.
# Shown wrong by: Another status or text of a refusal where the deployment is created.
# Verified by: deploy on own compute
# If wrong: The change is not asked for again, and the call fails; the same call continues where it ended.
# Also in: mock_server/surfaces/online_deployments.py
BUSY = "provisioning state"
"""What the service says of an endpoint that is being changed, for which it takes no other change meanwhile."""

LONGEST_BUSY = 600.0
"""Seconds in which a change is asked for again while the endpoint is busy with another one."""

logger = logging.getLogger("maas_client")


@dataclass(slots=True)
class OnlineCreation:
    """One call that makes an endpoint, or continues with one: what it has read of the endpoint so far."""

    store: OnlineStore
    workspace: AsyncWorkspace
    spec: EndpointSpec
    name: str
    wanted: WantedDeployment
    auth_mode: str
    elapsed: Elapsed
    _document: Document = field(default_factory=dict[str, object])
    _deployments: dict[str, Document] = field(default_factory=dict[str, Document])

    async def run(self) -> OnlineEndpoint:
        """Return the endpoint once its deployment is provisioned and gets traffic; it has not answered yet."""
        existing = await self.store.find(self.name)
        if not self.spec.force and (existing is None or existing.deployment(self.wanted.name) is None):
            await self._check_fit()  # first: an endpoint without its deployment would be left otherwise
        endpoint = await self._endpoint(existing)
        endpoint = await self._deployment(endpoint)
        if (traffic := first_traffic(endpoint, self.wanted.name)) is not None:
            endpoint = await set_traffic(
                self.store, self.name, traffic, timeout=self._left(), resume=self._resume, on_document=self._saw
            )
        is_main = endpoint.traffic.get(self.wanted.name, 0) == 100
        return endpoint if is_main else endpoint.pinned_to(self.wanted.name)

    async def _check_fit(self) -> None:
        """Raise DoesNotFit if the size cannot serve the model, or the quota is too small for this many instances."""
        from ..computes.fitting import check_serving  # here: an endpoint that exists does not need it
        from ..computes.resource import AsyncComputes

        arm = self.store.arm
        wanted = ModelName.parse(self.wanted.model_id)
        await check_serving(
            AsyncComputes(arm, self.workspace),
            arm.wire,
            self.wanted.instance_type,
            instances=self.wanted.instance_count,
            model=known(wanted.name) if wanted.registry == REGISTRY else None,
        )

    async def _endpoint(self, existing: OnlineEndpoint | None) -> OnlineEndpoint:
        """Return the endpoint, created if it does not exist."""
        step = endpoint_step(existing, auth_mode=self.auth_mode, replace_failed=self.spec.replace_failed)
        if existing is not None and step == "keep":
            return existing
        operation: Operation | None = None
        if step in {"create", "replace"}:
            if step == "replace":
                await self.store.delete(endpoint_path(self.name), timeout=self._left(), resume=self._resume)
            location = (await self.workspace.get()).location
            body = endpoint_body(location=location, auth_mode=self.auth_mode, tags=self.spec.tags)
            document, reply = await self.store.arm.create(endpoint_path(self.name), body)
            made = OnlineEndpoint.read(document, reply)
            if reply is None:  # it was read back, and may be another client's
                endpoint_step(made, auth_mode=self.auth_mode, replace_failed=False)
            self._saw(document)
            operation = None if reply is None else operation_of(reply)
        await self._provisioned(endpoint_path(self.name), f"endpoint {self.name!r}", operation, self._saw)
        return await self._read()

    async def _deployment(self, endpoint: OnlineEndpoint) -> OnlineEndpoint:
        """Return the endpoint with the deployment, created if it does not exist; raise EndpointFailed if it fails."""
        step = deployment_step(endpoint, self.wanted, replace_failed=self.spec.replace_failed)
        path = deployment_path(self.name, self.wanted.name)
        existing = endpoint.deployment(self.wanted.name)
        if existing is not None and step == "failed":
            raise await self.store.failure(endpoint, existing)
        if existing is not None and step == "keep":
            if existing.instance_count != self.wanted.instance_count:
                logger.warning(
                    "deployment %s of endpoint %s has %d instances, and is left as it is; `maas endpoints scale %s %d` "
                    "changes that",
                    existing.name,
                    self.name,
                    existing.instance_count,
                    self.name,
                    self.wanted.instance_count,
                )
            return endpoint
        operation: Operation | None = None
        if step in {"create", "replace"}:
            if step == "replace":
                await self.store.delete(path, timeout=self._left(), resume=self._resume)
            reply = await self._put_deployment(endpoint, path)
            operation = None if reply is None else operation_of(reply)
        what = f"deployment {self.wanted.name!r} of endpoint {self.name!r}"
        await self._provisioned(path, what, operation, self._saw_deployment)
        return await self._read()

    async def _put_deployment(self, endpoint: OnlineEndpoint, path: str) -> Reply | None:
        """Create the deployment; while the endpoint is busy with another change, wait and ask again."""
        body = deployment_body(
            location=endpoint.location or (await self.workspace.get()).location,
            model_id=self.wanted.model_id,
            instance_type=self.wanted.instance_type,
            instance_count=self.wanted.instance_count,
            tags=self.spec.tags,
        )
        intervals, waited = poll_intervals(5.0, 30.0), 0.0
        while True:
            try:
                document, reply = await self.store.arm.create(path, body)
            except (BadRequest, Conflict) as refused:
                pause = max(next(intervals), refused.retry_after or 0.0)
                if not is_busy(refused) or waited + pause > min(LONGEST_BUSY, self._left()):
                    raise
                waited += pause
                logger.info("endpoint %s is busy with another change; next attempt in %.0f s", self.name, pause)
                await self.store.arm.wire.sleep(pause)
                continue
            self._saw_deployment(document)
            if reply is None:  # it was read back, and may be another client's
                deployment_step(self._now(), self.wanted, replace_failed=False)
            return reply

    async def _provisioned(
        self, path: str, what: str, operation: Operation | None, on_document: Callable[[Document], object]
    ) -> None:
        try:
            await self.store.settled(
                path,
                what=what,
                resume=self._resume,
                timeout=self._left(),
                operation=operation,
                on_document=on_document,
            )
        except OperationFailed as failed:
            why = reason_of_operation(failed)
            endpoint = await self.store.find(self.name) or self._now()
            if (deployment := endpoint.deployment(self.wanted.name)) is not None:
                raise await self.store.failure(endpoint, deployment, why) from None
            raise EndpointFailed(endpoint, why or "the service gave no reason") from None

    async def _read(self) -> OnlineEndpoint:
        found = await self.store.find(self.name)
        if found is None:
            raise NotFound(f"endpoint {self.name!r}", status=404, detail="it was deleted while it was being created")
        return found

    def _saw(self, document: Document) -> None:
        self._report(document, self._deployments)

    def _saw_deployment(self, document: Document) -> None:
        self._report(self._document, {**self._deployments, text(document, "name").lower(): document})

    def _report(self, document: Document, deployments: Mapping[str, Document]) -> None:
        """Keep what was read, and report it if a state has changed."""
        before = _states(self._now())
        self._document, self._deployments = document, dict(deployments)
        now = self._now()
        if _states(now) != before and self.spec.on_update is not None:
            self.spec.on_update(now)

    def _now(self) -> OnlineEndpoint:
        document = self._document or {"name": self.name}
        return OnlineEndpoint.read(document, deployments=list(self._deployments.values()))

    @property
    def _resume(self) -> str:
        return f"the same call and name={self.name!r}"

    def _left(self) -> float:
        """Return the seconds that are left of the call's time."""
        wire = self.store.arm.wire
        self.elapsed.advance(wire.now(), wire.clock())
        return max(self.spec.timeout - self.elapsed.seconds, 1.0)


def _states(endpoint: OnlineEndpoint) -> tuple[object, ...]:
    return endpoint.provisioning_state, *((each.name, each.provisioning_state) for each in endpoint.deployments)


def is_busy(refused: ServiceError) -> bool:
    """Return whether a change was refused because the endpoint is being changed already."""
    return BUSY in refused.detail.lower()


async def set_traffic(
    store: OnlineStore,
    name: str,
    traffic: Mapping[str, int],
    *,
    timeout: float,
    resume: str,
    on_document: Callable[[Document], object] | None = None,
) -> OnlineEndpoint:
    """Set an endpoint's traffic once it takes changes, wait until that is done, and return the endpoint."""
    path, what = endpoint_path(name), f"endpoint {name!r}"
    wire = store.arm.wire
    elapsed = Elapsed(wire.now(), wire.clock())
    document = await store.settled(path, what=what, resume=resume, timeout=timeout)
    _, reply = await store.arm.request("PUT", path, traffic_body(document, traffic))
    elapsed.advance(wire.now(), wire.clock())
    document = await store.settled(
        path,
        what=what,
        resume=resume,
        timeout=max(timeout - elapsed.seconds, 1.0),
        operation=operation_of(reply),
        on_document=on_document,
    )
    return await store.with_deployments(document)
