"""Clusters as stored, and their state and nodes at a given time."""

from dataclasses import dataclass
from functools import cached_property

from mock_server.core.json_values import Json, child, is_array, is_object, iso, number, text
from mock_server.core.scope import LOCATION, Scope
from mock_server.resources import node_schedule, vm_sizes
from mock_server.resources.node_schedule import Demand, Node, Scale, Schedule
from mock_server.resources.vm_sizes import VmSize
from mock_server.state.world import World

CREATION_SHARE = 0.05  # of a job's nominal duration
DELETION_SHARE = 0.05
NODE_SHARE = 0.2
"""How long a node takes to be ready, as a share of a job's nominal duration; on the service about five minutes."""
COUNTS = {
    "idle": "idleNodeCount",
    "running": "runningNodeCount",
    "preparing": "preparingNodeCount",
    "unusable": "unusableNodeCount",
    "leaving": "leavingNodeCount",
    "preempted": "preemptedNodeCount",
}
OUT_OF_QUOTA = "ClusterCoreQuotaReached"
NO_CAPACITY = "AllocationFailed"


@dataclass(frozen=True)
class Cluster:
    """A cluster at a given time of its workspace's clock."""

    name: str
    guid: str
    document: Json
    now: float
    prepare: float  # seconds until a new node is ready

    @property
    def state(self) -> str:
        """Return its provisioning state."""
        if self.document.get("deleted") is not None:
            return "Deleting"
        if self.now < (number(self.document.get("ready")) or 0.0):
            return "Creating" if self.document.get("modified") == self.document.get("created") else "Updating"
        return "Failed" if self.failure else "Succeeded"

    @property
    def failure(self) -> Json:
        """Return the error that its creation ended with, or an empty object."""
        return child(self.document, "failure")

    @property
    def size(self) -> VmSize:
        """Return the size of its nodes."""
        size = vm_sizes.find(text(self.settings, "vmSize"))
        if size is None:
            raise LookupError(f"the state contains a cluster of the unknown size {text(self.settings, 'vmSize')!r}")
        return size

    @property
    def settings(self) -> Json:
        """Return the settings, in the service's terms."""
        return child(self.document, "properties")

    @property
    def low_priority(self) -> bool:
        """Return whether its nodes can be taken away."""
        return text(self.settings, "vmPriority") == "LowPriority"

    @property
    def is_usable(self) -> bool:
        """Return whether jobs can run on it, now or once it is created."""
        return not self.failure and self.state != "Deleting"

    @cached_property
    def schedule(self) -> Schedule:
        """Return when its nodes come, work and go."""
        fault = child(self.document, "shortage")
        until = number(fault.get("until")) if fault else 0.0
        scales = [_scale(scale) for scale in _objects(self.document, "scales")]
        no_machines_until = node_schedule.NEVER if until is None or self.document.get("no_low_priority") else until
        settings = node_schedule.Settings(scales, self.prepare, no_machines_until)
        return node_schedule.plan(settings, demands(self.document))

    @property
    def nodes(self) -> list[Node]:
        """Return its nodes now."""
        return [] if self.failure else self.schedule.nodes(self.now)

    @property
    def target(self) -> int:
        """Return how many nodes it should have now."""
        gone = sum(node.state == "leaving" for node in self.nodes)
        return min(self.scale.most, max(self.scale.least, len(self.nodes) - gone + self.schedule.wanted(self.now)))

    @property
    def scale(self) -> Scale:
        """Return the settings for its number of nodes."""
        return self.schedule.settings.at(self.now)

    @property
    def cores(self) -> int:
        """Return the cores that count against the quota: also those of nodes that could not be started."""
        return 0 if self.failure else self.size.cores_of(max(len(self.nodes), self.target))

    @property
    def errors(self) -> list[Json]:
        """Return what keeps it from having the nodes that it should have."""
        found = list(_objects(self.document, "errors"))
        short = self.schedule.wanted(self.now) > 0 or self.scale.least > len(self.nodes)
        shortage = child(self.document, "shortage")
        if shortage and short and self.now < (number(shortage.get("until")) or node_schedule.NEVER):
            found.append({"error": {"code": NO_CAPACITY, "message": text(shortage, "message")}})
        if any(demand.blocked for demand in self.schedule.waiting):
            message = f"Not enough cores are left in the quota for {self.size.name} to start the nodes that jobs need."
            found.append({"error": {"code": OUT_OF_QUOTA, "message": message}})
        return found


def find(world: World, guid: str, name: str, now: float) -> Cluster | None:
    """Return a cluster that exists at this time; None once its deletion is over."""
    document = world.store.get("compute", guid, name.lower())
    if document is None:
        return None
    deleted = number(document.get("deleted"))
    prepare = world.options.job_seconds * NODE_SHARE
    return (
        None
        if deleted is not None and now >= deleted
        else Cluster(text(document, "name"), guid, document, now, prepare)
    )


def list_all(world: World, guid: str, now: float) -> list[Cluster]:
    """Return a workspace's clusters, newest first."""
    found = (find(world, guid, name, now) for name, _ in world.store.all("compute", guid))
    return [cluster for cluster in found if cluster is not None]


def save(world: World, guid: str, name: str, document: Json) -> None:
    """Store a cluster."""
    world.store.put("compute", guid, name.lower(), document)


def with_scale(document: Json, scale: Scale) -> Json:
    """Return a cluster with other settings for its number of nodes, from a time on."""
    one = {"at": scale.at, "least": scale.least, "most": scale.most, "idle": scale.idle}
    return {**document, "scales": [*_objects(document, "scales"), one]}


def demands(document: Json) -> list[Demand]:
    """Return the runs that want nodes of a cluster."""
    return [_demand(one) for one in _objects(document, "demands")]


def to_json(scope: Scope, cluster: Cluster) -> Json:
    """Return a cluster in the management surface's format (azure-rest-api-specs, `Compute/get/AmlCompute`)."""
    document = cluster.document
    created, modified = (number(document.get(name)) or 0.0 for name in ("created", "modified"))
    nodes = cluster.nodes
    counts = {name: sum(node.state == state for node in nodes) for state, name in COUNTS.items()}
    changes = [number(scale.get("at")) or 0.0 for scale in _objects(document, "scales")]
    failed = [{"error": cluster.failure}] if cluster.state == "Failed" else []
    settings = {key: value for key, value in cluster.settings.items() if key != "userAccountCredentials"}
    credentials = child(cluster.settings, "userAccountCredentials")
    return {
        "id": f"{scope.arm}/computes/{cluster.name}",
        "name": cluster.name,
        "type": "Microsoft.MachineLearningServices/workspaces/computes",
        "location": text(document, "location", LOCATION),
        "tags": child(document, "tags"),
        "identity": document.get("identity"),
        "systemData": {"createdAt": iso(created), "createdBy": "mock user", "createdByType": "User"},
        "properties": {
            "computeType": "AmlCompute",
            "computeLocation": text(document, "location", LOCATION),
            "description": document.get("description"),
            "disableLocalAuth": document.get("disable_local_auth") is True,
            "isAttachedCompute": False,
            "resourceId": None,
            "createdOn": iso(created),
            "modifiedOn": iso(modified),
            "provisioningState": cluster.state,
            "provisioningErrors": failed or None,
            "properties": {
                **settings,
                "vmSize": cluster.size.name.upper(),
                "userAccountCredentials": {"adminUserName": text(credentials, "adminUserName")}
                if credentials
                else None,
                "allocationState": "Steady" if cluster.target == len(nodes) else "Resizing",
                "allocationStateTransitionTime": iso(max(changes, default=created)),
                "errors": cluster.errors or None,
                "currentNodeCount": len(nodes),
                "targetNodeCount": cluster.target,
                "nodeStateCounts": counts,
            },
        },
    }


def _scale(saved: Json) -> Scale:
    at, least, most, idle = (number(saved.get(name)) or 0.0 for name in ("at", "least", "most", "idle"))
    return Scale(at, int(least), int(most), idle)


def _demand(saved: Json) -> Demand:
    return Demand(
        run=text(saved, "run"),
        nodes=int(number(saved.get("nodes")) or 1),
        at=number(saved.get("at")) or 0.0,
        seconds=number(saved.get("seconds")),
        released=number(saved.get("released")),
        preempted=saved.get("preempted") is True,
        blocked=saved.get("blocked") is True,
    )


def _objects(document: Json, key: str) -> list[Json]:
    value: object = document.get(key)
    return [one for one in value if is_object(one)] if is_array(value) else []
