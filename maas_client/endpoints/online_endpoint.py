"""A managed online endpoint and its deployments, on the user's own compute, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, Field

from ..catalog.model_id import plain_name
from ..core.http_messages import Reply
from ..core.json_fields import Document, is_object
from ..core.text import one_line
from ..core.timestamps import parse_timestamp
from ..core.values import Text, TextMap, Value, at
from .endpoint import Endpoint, EndpointState, ProvisioningState, provisioning_of

_UNFINISHED = frozenset(
    {ProvisioningState.CREATING, ProvisioningState.UPDATING, ProvisioningState.SCALING, ProvisioningState.UNKNOWN}
)
_FAILED = frozenset({ProvisioningState.FAILED, ProvisioningState.CANCELED})
_SERVING = frozenset({ProvisioningState.SUCCEEDED, ProvisioningState.UPDATING, ProvisioningState.SCALING})

_STATES: Mapping[ProvisioningState, EndpointState] = {
    ProvisioningState.CREATING: EndpointState.CREATING,
    ProvisioningState.UPDATING: EndpointState.UPDATING,
    ProvisioningState.DELETING: EndpointState.DELETING,
    ProvisioningState.FAILED: EndpointState.CREATION_FAILED,
    ProvisioningState.CANCELED: EndpointState.CREATION_FAILED,
}
"""The state of an endpoint by its provisioning state, unless that is Succeeded: then by its deployments."""

MOST_INSTANCES = 10**9
"""More than any deployment has: what is larger is no number of instances."""


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < MOST_INSTANCES else 0


def _percentages(value: object) -> dict[str, int]:
    return {one_line(name): _count(percent) for name, percent in value.items()} if is_object(value) else {}


def _no_state(_: object) -> EndpointState:
    return EndpointState.UNKNOWN


class OnlineDeployment(Value):
    """A deployment of an online endpoint: a model on instances that are paid for by the hour. `traffic` is in percent.

    A deployment that failed keeps its instances, and costs as much as one that answers, until it is deleted.
    """

    name: Text = ""
    endpoint: Text = ""
    model_id: Annotated[Text, at("properties", "model")] = ""
    model: Text = ""
    instance_type: Annotated[Text, at("properties", "instanceType")] = ""
    instance_count: Annotated[int, BeforeValidator(_count), at("sku", "capacity")] = 0
    provisioning_state: Annotated[
        ProvisioningState, BeforeValidator(provisioning_of), at("properties", "provisioningState")
    ] = ProvisioningState.UNKNOWN
    traffic: Annotated[int, BeforeValidator(_count)] = 0
    location: Text = ""
    tags: TextMap = Field(default={})
    created_at: Annotated[Text, at("systemData", "createdAt")] = ""

    @classmethod
    def read(cls, document: Document, *, endpoint: str = "", traffic: int = 0) -> Self:
        """Read a deployment's document; its endpoint and its share of the traffic are not part of it."""
        properties = document.get("properties")
        model = plain_name(str(properties.get("model") or "")) if is_object(properties) else ""
        return super().read({**document, "model": model, "endpoint": endpoint, "traffic": traffic})

    @property
    def created(self) -> datetime | None:
        """When it was created, with its time zone; None if the service does not say."""
        return parse_timestamp(self.created_at)

    @property
    def is_unfinished(self) -> bool:
        """Whether it is being created or changed."""
        return self.provisioning_state in _UNFINISHED

    @property
    def has_failed(self) -> bool:
        """Whether it cannot answer any more; it continues to cost money until it is deleted."""
        return self.provisioning_state in _FAILED

    @property
    def size(self) -> str:
        """Its instances in words, such as `2 x Standard_NC24ads_A100_v4`."""
        return f"{self.instance_count} x {self.instance_type}"

    def __str__(self) -> str:
        return f"deployment {self.name}: {self.provisioning_state}"


class OnlineEndpoint(Endpoint):
    """A managed online endpoint, which answers with its deployments. `traffic` is in percent by deployment.

    `model` is that of the deployment with the most traffic, or of the one that it is `pinned` to. Its deployments are
    paid for by the hour, used or not, until they are deleted; an online endpoint cannot be stopped.
    """

    state: Annotated[EndpointState, BeforeValidator(_no_state), at("properties", "provisioningState")] = (
        EndpointState.UNKNOWN
    )
    scoring_url: Annotated[Text, at("properties", "scoringUri")] = ""
    auth_mode: Annotated[Text, at("properties", "authMode")] = ""
    traffic: Annotated[dict[str, int], BeforeValidator(_percentages), at("properties", "traffic")] = Field(default={})
    deployments: tuple[OnlineDeployment, ...] = ()
    pinned: str = ""

    noun: ClassVar[str] = "online endpoint"

    @classmethod
    def read(cls, document: Document, reply: Reply | None = None, *, deployments: Sequence[Document] = ()) -> Self:
        """Read an endpoint's document with those of its deployments, and the operation that the answer names."""
        own = {name: value for name, value in document.items() if name not in {"deployments", "pinned"}}
        found = super().read(own, reply)
        shares = {name.lower(): percent for name, percent in found.traffic.items()}
        read = tuple(
            OnlineDeployment.read(each, endpoint=found.name, traffic=shares.get(str(each.get("name")).lower(), 0))
            for each in deployments
        )
        return found._with(read)

    def _with(self, deployments: tuple[OnlineDeployment, ...]) -> Self:
        main = max(deployments, key=lambda each: each.traffic, default=None)
        shown = {} if main is None else {"model": main.model, "model_id": main.model_id}
        state = _state_of(self.provisioning_state, deployments)
        return self.model_copy(update={"deployments": deployments, "state": state, **shown})

    def pinned_to(self, name: str) -> Self:
        """Return the endpoint such that chats with it go to one of its deployments, whatever the traffic."""
        one = self.deployment(name)
        shown = {} if one is None else {"model": one.model, "model_id": one.model_id}
        return self.model_copy(update={"pinned": name, **shown})

    def deployment(self, name: str) -> OnlineDeployment | None:
        """Return the deployment of a name, without regard to case; None without one."""
        return next((each for each in self.deployments if each.name.lower() == name.lower()), None)

    @property
    def is_lost(self) -> bool:
        """Whether it cannot become ready."""
        return self.state in {EndpointState.CREATION_FAILED, EndpointState.DELETING}

    @property
    def is_online(self) -> bool:
        """Whether a deployment of it should answer; a successful chat call is the proof."""
        if self.pinned:
            one = self.deployment(self.pinned)
            return self.provisioning_state == ProvisioningState.SUCCEEDED and bool(one and is_serving(one))
        return self.state == EndpointState.ONLINE

    @property
    def facts(self) -> dict[str, str]:
        """Its deployments, with their instances and traffic."""
        return {
            "deployments": ", ".join(
                f"{each.name} ({each.size}, {each.provisioning_state})" for each in self.deployments
            ),
            "traffic": ", ".join(f"{name} {percent} %" for name, percent in self.traffic.items() if percent),
        }

    @property
    def notes(self) -> tuple[str, ...]:
        """What it costs, and what ends it."""
        if not self.deployments:
            return ()
        sizes = ", ".join(each.size for each in self.deployments)
        delete = f"maas endpoints delete {self.name}"
        return (
            f"endpoint {self.name} is paid for by the hour ({sizes}), used or not, until it is deleted: {delete}",
            *(
                f"deployment {each.name} has failed, and costs as much as one that answers until it is deleted"
                for each in self.deployments
                if each.has_failed
            ),
        )


def is_serving(deployment: OnlineDeployment) -> bool:
    """Return whether a deployment answers what it is given: one that is being changed continues to answer."""
    return deployment.provisioning_state in _SERVING


def _state_of(provisioning: ProvisioningState, deployments: Sequence[OnlineDeployment]) -> EndpointState:
    """Return an endpoint's state: its own until it is provisioned, then that of its deployments."""
    if provisioning != ProvisioningState.SUCCEEDED:
        return _STATES.get(provisioning, EndpointState.UNKNOWN)
    if not deployments:
        return EndpointState.NO_DEPLOYMENT
    if any(each.traffic and is_serving(each) for each in deployments):
        return EndpointState.ONLINE
    if any(each.is_unfinished for each in deployments):
        return EndpointState.CREATING
    if all(each.has_failed for each in deployments):
        return EndpointState.CREATION_FAILED
    return EndpointState.NO_TRAFFIC
