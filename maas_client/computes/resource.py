"""The user's own compute: sizes and quota of the region, and clusters: create, get, list, scale, wait, delete."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from functools import partial

from ..azure.arm import Arm, Operation, operation_of
from ..azure.deletion import delete_resource, wait_until_gone
from ..azure.missing_resources import names_explained
from ..azure.workspace import AsyncWorkspace
from ..core.api_versions import MACHINE_LEARNING_PROVIDER
from ..core.arguments import COUNT, OFFSET, SECONDS, check_mapping, check_text, takes_numbers
from ..core.blocking import Blocking, blocking
from ..core.errors import BadRequest, Conflict, NotFound, OperationFailed
from ..core.json_fields import is_object, items, text
from ..core.names import check_cluster_name
from ..core.url_paths import segment
from ..http.polling import POLL_TIMEOUT, Polling, Wait, resume_note, start_clock
from ..http.retry import NO_RETRY, poll_intervals, retry_after
from .cluster import Cluster, ClusterNode, ClusterState, is_cluster
from .compute_size import ComputeSize
from .errors import ClusterFailed
from .quota import Quota, quotas_in
from .request import IDLE_SECONDS, ClusterRequest, Scale, identities_of

SETTLED = frozenset({ClusterState.SUCCEEDED, ClusterState.FAILED, ClusterState.CANCELED})

SCALE_ATTEMPTS = 3
"""How often a change of scale is sent that was accepted, and then is not to be seen in the cluster."""

OnUpdate = Callable[[Cluster], object]


class AsyncComputes:
    """The user's own compute: what the region offers, and the workspace's clusters."""

    def __init__(self, arm: Arm, workspace: AsyncWorkspace) -> None:
        self._arm, self._workspace = arm, workspace

    async def sizes(self, *, gpus_only: bool = True) -> tuple[ComputeSize, ...]:
        """Return the VM sizes that the workspace's region offers, with GPUs and prices, cheapest first.

        Args:
            gpus_only: leave out sizes without GPUs, on which no model is trained.

        Raises:
            NotFound: there is no such workspace.
        """
        today = datetime.fromtimestamp(self._arm.wire.now(), UTC).date()
        pages = self._arm.pages(f"{await self._region()}/vmSizes")
        found = [ComputeSize.of(document, today) async for document in pages]
        shown = [size for size in found if size.gpus or not gpus_only]
        return tuple(sorted(shown, key=lambda size: (size.hourly_price is None, size.hourly_price or 0.0, size.name)))

    async def quota(self) -> tuple[Quota, ...]:
        """Return how many vCPUs each family may use in the workspace's region, and does.

        Machines at low priority share one quota: that of all families with `low_priority`.

        Raises:
            NotFound: there is no such workspace.
        """
        documents = [document async for document in self._arm.pages(f"{await self._region()}/usages")]
        return quotas_in(documents)

    async def _region(self) -> str:
        subscription, region = self._arm.settings.subscription_id, (await self._workspace.get()).location
        return (
            f"/subscriptions/{segment(subscription)}/providers/{MACHINE_LEARNING_PROVIDER}/locations/{segment(region)}"
        )

    @takes_numbers(max_nodes=COUNT, min_nodes=OFFSET, idle_seconds=SECONDS, timeout=SECONDS)
    async def create(
        self,
        name: str,
        *,
        size: str,
        max_nodes: int = 1,
        min_nodes: int = 0,
        idle_seconds: float = IDLE_SECONDS,
        low_priority: bool = False,
        identity: str | Sequence[str] | None = None,
        tags: Mapping[str, str] | None = None,
        replace_failed: bool = False,
        timeout: float = 900.0,
    ) -> Cluster:
        """Create a cluster and wait until it accepts jobs; without a job it has no nodes and costs nothing.

        Args:
            name: 3 to 24 letters, digits and '-', starting with a letter.
            size: a VM size, such as `Standard_NC24ads_A100_v4`; `sizes` lists those of the region.
            max_nodes: most nodes that jobs may start.
            min_nodes: nodes that are kept, and paid around the clock.
            idle_seconds: seconds for which a node without a job is kept, and paid.
            low_priority: cheaper machines, which Azure may take away at any moment.
            identity: `SystemAssigned`, or ids of user-assigned identities.
            tags: labels.
            replace_failed: delete a cluster of this name first that failed, and on which nothing can run.
            timeout: seconds to wait in all.

        Returns:
            The cluster. One of this name with the same size, priority and scale is returned as it is.

        Raises:
            ClusterFailed: the service refused it, and why; a record of it stays behind under its name.
            BadRequest: the service refused it, and nothing stays behind.
            Conflict: a different cluster has this name.
            InvalidInput: an argument that the service would reject; nothing was sent.
            WaitTimeout: it takes longer; it continues.
        """
        check_cluster_name(name)
        check_text("size", size)
        check_mapping("tags", tags or {})
        system_assigned, identities = identities_of(identity)
        request = ClusterRequest(
            size=size,
            scale=Scale(min_nodes=min_nodes, max_nodes=max_nodes, idle_seconds=idle_seconds),
            low_priority=low_priority,
            identities=identities,
            system_assigned=system_assigned,
            tags=tags or {},
        )
        existing = await self._find(name)
        if existing is not None:
            usable = await self._usable(existing, request, replace_failed=replace_failed, timeout=timeout)
            if usable is not None:
                return usable
        cluster, operation = await self._put(name, request, timeout=timeout)
        return await self._settled(cluster, operation, timeout=timeout)

    async def _usable(
        self, existing: Cluster, request: ClusterRequest, *, replace_failed: bool, timeout: float
    ) -> Cluster | None:
        """Return an existing cluster that is what was asked for, or None once one that is of no use is gone."""
        name = existing.name
        if existing.state == ClusterState.DELETING:
            what, resume = f"cluster {name!r}", f"computes.delete({name!r})"
            await wait_until_gone(self._arm, _path(name), what=what, resume=resume, timeout=timeout)
            return None
        try:
            if existing.is_failed:
                raise _failed(existing)
            settled = existing if existing.is_ready else await self._settled(existing, None, timeout=timeout)
        except ClusterFailed:
            if not replace_failed:
                raise
            await self.delete(name, missing_ok=True, timeout=timeout)
            return None
        return _same(settled, request)

    async def _put(self, name: str, request: ClusterRequest, *, timeout: float) -> tuple[Cluster, Operation | None]:
        """Create a cluster once, whatever happens to the replies; raise ClusterFailed for a refusal that left one."""
        body = request.to_document((await self._workspace.get()).location)
        try:
            document, reply = await self._arm.create(_path(name), body)
        except BadRequest as refused:
            if (left := await self._find(name)) is not None:
                await self._refused(left, refused, timeout=timeout)
            raise
        if reply is None:  # read back: it may be another user's
            found = Cluster.read(document)
            return (found if found.is_failed else _same(found, request)), None
        return Cluster.read({"name": name, **document}, reply), operation_of(reply)

    async def _refused(self, left: Cluster, refused: BadRequest, *, timeout: float) -> None:
        """Raise ClusterFailed if a refusal has left a record on which nothing can run."""
        try:
            await self._settled(left, None, timeout=timeout)
        except ClusterFailed as failed:
            raise ClusterFailed(failed.cluster, code=refused.code, detail=refused.detail) from refused
        except NotFound:
            return

    async def get(self, name: str) -> Cluster:
        """Return a cluster; raise NotFound without one."""
        async with self._names_explained(name):
            return Cluster.read(await self._arm.get(_path(name)))

    async def list(self) -> AsyncIterator[Cluster]:
        """Yield the workspace's clusters; pages are fetched as they are needed. Personal machines are left out."""
        async for document in self._arm.pages("/computes"):
            if is_cluster(document):
                yield Cluster.read(document)

    async def nodes(self, name: str) -> tuple[ClusterNode, ...]:
        """Return a cluster's machines and what runs on them; raise NotFound without such a cluster."""
        async with self._names_explained(name):
            document, _ = await self._arm.request("POST", f"{_path(name)}/listNodes", repeatable=True)
        found = [each for each in items(document, "nodes") if is_object(each)]
        # Assumption: The next page of a cluster's nodes is read by a GET, although the first one is by a POST.
        # Shown wrong by: 405 or 404 for the `nextLink` of a cluster with many nodes.
        # Verified by: list clusters, scale cluster
        # If wrong: The nodes of large clusters cannot be listed.
        found += [each async for each in self._arm.pages_from(text(document, "nextLink"), key="nodes")]
        return tuple(ClusterNode.read(each) for each in found)

    @takes_numbers(max_nodes=OFFSET, min_nodes=OFFSET, idle_seconds=SECONDS, timeout=SECONDS)
    async def scale(
        self,
        name: str,
        *,
        min_nodes: int | None = None,
        max_nodes: int | None = None,
        idle_seconds: float | None = None,
        timeout: float = 900.0,
    ) -> Cluster:
        """Change how many nodes a cluster keeps and may have; what is not given stays as it is.

        It sends a PATCH, which changes nothing else: azure-ai-ml 1.35.2 sends a PUT, which resets the priority, the
        identity and everything else that is not repeated.

        Args:
            name: the cluster's name.
            min_nodes: nodes that are kept, and paid around the clock.
            max_nodes: most nodes that jobs may start.
            idle_seconds: seconds for which a node without a job is kept, and paid.
            timeout: seconds to wait in all.

        Returns:
            The cluster with its new scale; nodes come and go after that.

        Raises:
            NotFound: there is no such cluster.
            ClusterFailed, BadRequest: the service refuses the change.
            Conflict: it was accepted, and another user changes it at the same time.
            WaitTimeout: it takes longer; it continues.
        """
        before = Scale.of(await self.get(name))
        wanted = Scale(
            min_nodes=before.min_nodes if min_nodes is None else min_nodes,
            max_nodes=before.max_nodes if max_nodes is None else max_nodes,
            idle_seconds=before.idle_seconds if idle_seconds is None else idle_seconds,
        )
        body = {"properties": {"properties": {"scaleSettings": wanted.to_document()}}}
        start, attempts = self._arm.wire.clock(), SCALE_ATTEMPTS
        while True:
            async with self._names_explained(name):
                document, reply = await self._arm.request("PATCH", _path(name), body, repeatable=True)
            changed = Cluster.read({"name": name, **document}, reply)
            left = max(timeout - (self._arm.wire.clock() - start), 1.0)
            changed = await self._settled(changed, operation_of(reply), timeout=left)
            if (changed.min_nodes, changed.max_nodes) == (wanted.min_nodes, wanted.max_nodes):
                return changed
            if (attempts := attempts - 1) == 0:
                raise _other_scale(changed, wanted)

    @takes_numbers(timeout=SECONDS)
    async def wait(self, name: str | Cluster, *, timeout: float = 900.0, on_update: OnUpdate | None = None) -> Cluster:
        """Wait until a cluster accepts jobs. Its nodes need minutes more, once there is a job.

        Args:
            name: the cluster's name, or what `create` returned.
            timeout: seconds to wait in all.
            on_update: called with the cluster whenever its state has changed.

        Raises:
            ClusterFailed: the service refused it, and why.
            NotFound: there is no such cluster.
            WaitTimeout: it takes longer; it continues.
        """
        segment(name.name if isinstance(name, Cluster) else name)
        cluster = name if isinstance(name, Cluster) else Cluster(name=name)
        operation = None if cluster.operation is None else Operation(cluster.operation, is_status=True)
        return await self._settled(cluster, operation, timeout=timeout, on_update=on_update)

    async def _settled(
        self, cluster: Cluster, operation: Operation | None, *, timeout: float, on_update: OnUpdate | None = None
    ) -> Cluster:
        """Wait until the service has done with a cluster what it was asked to, or raise why it has not."""
        wire, intervals, state = self._arm.wire, poll_intervals(1.0, 30.0), cluster.state
        resume = f"computes.wait({cluster.name!r})"
        wait = Wait(f"cluster {cluster.name!r}", resume, start_clock(wire), timeout, seen=operation is not None)
        if operation is not None:
            await self._follow(cluster, operation, timeout, resume)
            wait.tick(wire.now(), wire.clock())

        def pause(asked: float | None) -> float:
            return wait.next_pause(f"is {cluster.state}", next(intervals), asked, cluster)

        with resume_note(wait.what, resume):
            async for found in Polling(wire, wait, partial(self._poll, cluster.name), pause):
                if found is None:
                    continue
                cluster, before, state = found, state, found.state
                if state != before and on_update is not None:
                    on_update(cluster)
                if cluster.is_failed:
                    raise _failed(cluster)
                if cluster.state in SETTLED:
                    return cluster
        raise AssertionError("unreachable: polling ends with a result or an error")

    async def _follow(self, cluster: Cluster, operation: Operation, timeout: float, resume: str) -> None:
        """Wait for the operation that creates or changes a cluster; only it knows why it failed."""
        try:
            await self._arm.wait_for_operation(operation, timeout=timeout, resume=resume)
        except NotFound:
            return  # operations are forgotten after a day or so
        except OperationFailed as failed:
            left = await self._find(cluster.name)
            if left is None or not left.is_failed:
                raise
            raise ClusterFailed(left, code=failed.code, detail=failed.detail) from failed

    async def _poll(self, name: str) -> tuple[Cluster, float | None]:
        async with self._names_explained(name):
            document, reply = await self._arm.request("GET", _path(name), policy=NO_RETRY, timeout=POLL_TIMEOUT)
        return Cluster.read(document), retry_after(reply)

    @takes_numbers(timeout=SECONDS)
    async def delete(self, name: str, *, missing_ok: bool = False, timeout: float = 900.0) -> None:
        """Delete a cluster with its nodes, and wait until it is gone; jobs that run on it fail.

        Args:
            name: the cluster's name.
            missing_ok: do nothing if there is no such cluster, as when the same call is repeated.
            timeout: seconds to wait in all.

        Raises:
            NotFound: there is no such cluster.
            OperationFailed: the deletion failed.
            WaitTimeout: it takes longer; it continues.
        """
        if not missing_ok:
            await self.get(name)  # first: after a lost reply, a missing cluster has been deleted
        await delete_resource(
            self._arm,
            _path(name),
            what=f"cluster {name!r}",
            resume=f"computes.delete({name!r})",
            timeout=timeout,
            query={"underlyingResourceAction": "Delete"},
            until_gone=True,
        )

    async def _find(self, name: str) -> Cluster | None:
        document = await self._arm.find(_path(name))
        return None if document is None else Cluster.read(document)

    def _names_explained(self, name: str) -> AbstractAsyncContextManager[None]:
        """Add the names of the clusters that there are to an error about one that does not exist."""
        return names_explained(self._arm, name, "/computes")


class Computes(Blocking[AsyncComputes]):
    """The user's own compute: what the region offers, and the workspace's clusters."""

    sizes = blocking(AsyncComputes.sizes)
    quota = blocking(AsyncComputes.quota)
    create = blocking(AsyncComputes.create)
    get = blocking(AsyncComputes.get)
    list = blocking(AsyncComputes.list)
    nodes = blocking(AsyncComputes.nodes)
    scale = blocking(AsyncComputes.scale)
    wait = blocking(AsyncComputes.wait)
    delete = blocking(AsyncComputes.delete)


def _path(name: str) -> str:
    return f"/computes/{segment(name)}"


def _failed(cluster: Cluster) -> ClusterFailed:
    refusal = next(iter((*cluster.refusals, *cluster.errors)), None)
    return ClusterFailed(cluster, code=refusal.code if refusal else "", detail=refusal.message if refusal else "")


def _other_scale(cluster: Cluster, wanted: Scale) -> Conflict:
    there, here = f"{cluster.min_nodes} to {cluster.max_nodes}", f"{wanted.min_nodes} to {wanted.max_nodes}"
    detail = f"it has {there} nodes, and not {here}: another user may be scaling it. Repeat the call"
    return Conflict(f"scale cluster {cluster.name!r}", status=409, detail=detail)


def _same(cluster: Cluster, request: ClusterRequest) -> Cluster:
    """Return the cluster, or raise Conflict for one that is not what was asked for."""
    if differences := request.differences(cluster):
        raise Conflict(
            f"create cluster {cluster.name!r}",
            status=409,
            detail=f"another cluster has this name: {'; '.join(differences)}. `maas computes scale {cluster.name}` "
            "changes the scale; size and priority cannot be changed, so choose another name",
        )
    return cluster
