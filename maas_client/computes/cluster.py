"""A compute cluster of the workspace, and its nodes, as values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self

from pydantic import BeforeValidator, Field

from ..azure.arm import operation_of
from ..core.durations import parse_duration
from ..core.http_messages import Reply
from ..core.json_fields import Document, dig, is_array, is_object, text
from ..core.plain_values import PlainValue
from ..core.timestamps import parse_timestamp
from ..core.values import OpenEnum, Text, TextMap, Value, at

KIND = "AmlCompute"
"""What a cluster is called on the wire, among other kinds of compute."""

# Assumption: The codes of errors of a cluster that end by themselves contain `capacity`, `allocation` or
#   `quotareached`, and no others do.
# Shown wrong by: A cluster with another code in `errors` that gets nodes later, or with one of these that never does.
# Verified by: list clusters, create cluster, pipeline job to its end
# If wrong: A cluster counts as failed for a while, or a refused one as usable.
# Also in: mock_server/resources/computes.py
_TRANSIENT = re.compile("capacity|allocation|quotareached", re.IGNORECASE)
"""In the codes of errors that end by themselves: the region has no such machine free, or others use the quota."""


MOST_NODES = 10**9
"""More than any cluster has: what is larger is no number of nodes."""


class ClusterState(OpenEnum):
    """Resource Manager's provisioning state of a cluster."""

    UNKNOWN = "Unknown"
    UPDATING = "Updating"
    CREATING = "Creating"
    DELETING = "Deleting"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    CANCELED = "Canceled"


@dataclass(frozen=True, slots=True)
class ClusterError(PlainValue):
    """What the service says against a cluster: a code and a sentence."""

    code: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.code, self.message) if part) or "no reason given"


def _state(value: object) -> ClusterState:
    return ClusterState(value) if isinstance(value, str) and value else ClusterState.UNKNOWN


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < MOST_NODES else 0


def _counts(value: object) -> dict[str, int]:
    return {key.removesuffix("NodeCount"): _count(each) for key, each in value.items()} if is_object(value) else {}


def _errors(value: object) -> tuple[ClusterError, ...]:
    return tuple(_errors_in(value)) if is_array(value) else ()


def _errors_in(value: object) -> Iterator[ClusterError]:
    """Yield errors from either of the forms that the service uses: `{"error": {…}}`, or the error itself."""
    for each in value if is_array(value) else ():
        error = each.get("error", each) if is_object(each) else None
        if is_object(error):
            yield ClusterError(text(error, "code"), text(error, "message"))


Count = Annotated[int, BeforeValidator(_count)]
_SCALE = ("properties", "properties", "scaleSettings")


class Cluster(Value):
    """A compute cluster. `raw` keeps the service's whole document.

    `size` is its VM size, which the service may return in capitals, and `idle_seconds` how long a node without a job is
    kept, and paid. `nodes` counts its machines by state: idle, running, preparing, unusable, leaving, preempted.
    `errors` are what the service says against it, which may be the only sign that it refused what was asked for.
    `operation` is the URL of the long-running operation that creates or changes it, while one runs.
    """

    name: Text = ""
    size: Annotated[Text, at("properties", "properties", "vmSize")] = ""
    state: Annotated[ClusterState, BeforeValidator(_state), at("properties", "provisioningState")] = (
        ClusterState.UNKNOWN
    )
    min_nodes: Annotated[Count, at(*_SCALE, "minNodeCount")] = 0
    max_nodes: Annotated[Count, at(*_SCALE, "maxNodeCount")] = 0
    idle_seconds: Annotated[
        float | None, BeforeValidator(parse_duration), at(*_SCALE, "nodeIdleTimeBeforeScaleDown")
    ] = None
    low_priority: bool = False
    nodes: Annotated[dict[str, int], BeforeValidator(_counts), at("properties", "properties", "nodeStateCounts")] = (
        Field(default={})
    )
    current_nodes: Annotated[Count, at("properties", "properties", "currentNodeCount")] = 0
    target_nodes: Annotated[Count, at("properties", "properties", "targetNodeCount")] = 0
    allocation_state: Annotated[Text, at("properties", "properties", "allocationState")] = ""
    errors: Annotated[tuple[ClusterError, ...], BeforeValidator(_errors)] = ()
    identity: Annotated[Text, at("identity", "type")] = ""
    location: Text = ""
    tags: TextMap = Field(default={})
    created_at: Annotated[Text, at("properties", "createdOn")] = ""
    kind: Annotated[Text, at("properties", "computeType")] = ""
    operation: str | None = None

    @property
    def created(self) -> datetime | None:
        """When it was created, with its time zone; None if the service does not say."""
        return parse_timestamp(self.created_at)

    @property
    def refusals(self) -> tuple[ClusterError, ...]:
        """The errors that no waiting ends, such as a size that does not come in low priority."""
        return tuple(each for each in self.errors if not _TRANSIENT.search(each.code))

    @property
    def is_failed(self) -> bool:
        """Whether no job can run on it, and none ever will: a refused creation leaves such a record behind."""
        return self.state in {ClusterState.FAILED, ClusterState.CANCELED} or (
            self.state == ClusterState.SUCCEEDED and bool(self.refusals) and not self.current_nodes
        )

    @property
    def is_ready(self) -> bool:
        """Whether it accepts jobs."""
        return self.state == ClusterState.SUCCEEDED and not self.is_failed

    @property
    def busy_nodes(self) -> int:
        """How many nodes run a job."""
        return self.nodes.get("running", 0)

    @property
    def paid_nodes(self) -> int:
        """How many nodes it has, which are paid whether or not a job runs on them."""
        return self.current_nodes

    def __str__(self) -> str:
        return f"cluster {self.name}: {self.state}"

    @classmethod
    def read(cls, document: Document, reply: Reply | None = None) -> Self:
        """Read a cluster's document, and the operation that the answer names."""
        operation = operation_of(reply) if reply is not None else None
        priority = text(document, "properties", "properties", "vmPriority")
        found = (
            *_errors_in(dig(document, "properties", "provisioningErrors")),
            *_errors_in(dig(document, "properties", "properties", "errors")),
        )
        more = {
            "low_priority": priority.lower() == "lowpriority",
            "errors": [each.to_dict() for each in dict.fromkeys(found)],
            "operation": operation.url if operation is not None and operation.is_status else None,
        }
        return super().read({**document, **more})


def is_cluster(document: Document) -> bool:
    """Return whether a document of the workspace's computes is a cluster, and not a user's compute instance."""
    return text(document, "properties", "computeType").lower() in {KIND.lower(), ""}


class ClusterNode(Value):
    """A machine of a cluster; `job` is the job that runs on it. `raw` keeps the service's whole document."""

    id: Annotated[Text, at("nodeId")] = ""
    state: Annotated[Text, at("nodeState")] = ""
    job: Annotated[Text, at("runId")] = ""
    private_ip: Annotated[Text, at("privateIpAddress")] = ""
    public_ip: Annotated[Text, at("publicIpAddress")] = ""

    def __str__(self) -> str:
        return f"node {self.id}: {self.state}"
