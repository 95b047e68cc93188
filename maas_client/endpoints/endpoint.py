"""An endpoint and its keys as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, Field

from ..azure.arm import operation_of
from ..catalog.model_id import plain_name
from ..core.http_messages import Reply
from ..core.json_fields import Document, text
from ..core.secret_text import Secret
from ..core.timestamps import parse_timestamp
from ..core.values import OpenEnum, Text, TextMap, Value, at
from ..rendering.html import card, escaped, fields, format_timestamp, redacted, state


class EndpointState(OpenEnum):
    """The state of an endpoint (azure-ai-ml 1.35.2 `models/_enums.py`, ServerlessEndpointState).

    The last three are those of online endpoints, for which the service has no such field.
    """

    UNKNOWN = "Unknown"
    CREATING = "Creating"
    DELETING = "Deleting"
    SUSPENDING = "Suspending"
    REINSTATING = "Reinstating"
    ONLINE = "Online"
    SUSPENDED = "Suspended"
    CREATION_FAILED = "CreationFailed"
    DELETION_FAILED = "DeletionFailed"
    UPDATING = "Updating"
    NO_DEPLOYMENT = "NoDeployment"
    NO_TRAFFIC = "NoTraffic"


class ProvisioningState(OpenEnum):
    """Resource Manager's provisioning state of an endpoint."""

    UNKNOWN = "Unknown"
    CREATING = "Creating"
    UPDATING = "Updating"
    SCALING = "Scaling"
    DELETING = "Deleting"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    CANCELED = "Canceled"


def _state(value: object) -> EndpointState:
    return EndpointState(value) if isinstance(value, str) and value else EndpointState.UNKNOWN


def provisioning_of(value: object) -> ProvisioningState:
    """Return a provisioning state, whatever the service says in its place."""
    return ProvisioningState(value) if isinstance(value, str) and value else ProvisioningState.UNKNOWN


class Endpoint(Value):
    """A serverless or online endpoint, or a deployment of Foundry. `raw` keeps the service's whole document.

    `operation` is the URL of the long-running operation that creates it, while one runs; it has the reason of failures.
    """

    name: Text = ""
    state: Annotated[EndpointState, BeforeValidator(_state), at("properties", "endpointState")] = EndpointState.UNKNOWN
    provisioning_state: Annotated[
        ProvisioningState, BeforeValidator(provisioning_of), at("properties", "provisioningState")
    ] = ProvisioningState.UNKNOWN
    model_id: Annotated[Text, at("properties", "modelSettings", "modelId")] = ""
    model: Text = ""
    scoring_url: Annotated[Text, at("properties", "inferenceEndpoint", "uri")] = ""
    auth_mode: Annotated[Text, at("properties", "authMode")] = ""
    location: Text = ""
    tags: TextMap = Field(default={})
    created_at: Annotated[Text, at("systemData", "createdAt")] = ""
    operation: str | None = None

    noun: ClassVar[str] = "serverless endpoint"
    """What its platform calls it, for messages."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of it once it is created, such as what it costs: a sentence each."""
        return ()

    @property
    def facts(self) -> dict[str, str]:
        """What only its platform has to show of it, by title: the SKU, capacity and life of a deployment."""
        return {}

    @property
    def created(self) -> datetime | None:
        """When it was created, with its time zone; None if the service does not say."""
        return parse_timestamp(self.created_at)

    def _repr_html_(self) -> str:
        return endpoint_html(self)

    def __str__(self) -> str:
        return f"endpoint {self.name}: {self.state}"

    @classmethod
    def read(cls, document: Document, reply: Reply | None = None) -> Self:
        """Read an endpoint's document, and the operation that the answer names."""
        operation = operation_of(reply) if reply is not None else None
        model = plain_name(text(document, "properties", "modelSettings", "modelId"))
        url = operation.url if operation is not None and operation.is_status else None
        return super().read({**document, "model": model, "operation": url})

    @property
    def is_online(self) -> bool:
        """Whether the service reports it as online; a successful chat call is the proof."""
        # Assumption: A serverless endpoint that can be called has `endpointState` Online and `provisioningState`
        #   Succeeded, and its address in `inferenceEndpoint.uri`.
        # Shown wrong by: Another pair of states of an endpoint that answers, or no address.
        # Verified by: deploy
        # If wrong: `endpoints.wait` waits until its timeout.
        return self.state == EndpointState.ONLINE and self.provisioning_state == ProvisioningState.SUCCEEDED

    @property
    def is_lost(self) -> bool:
        """Whether it cannot become ready."""
        return self.provisioning_state in {
            ProvisioningState.FAILED,
            ProvisioningState.CANCELED,
            ProvisioningState.DELETING,
        } or self.state in {
            EndpointState.CREATION_FAILED,
            EndpointState.DELETION_FAILED,
            EndpointState.DELETING,
            EndpointState.SUSPENDED,
        }


@dataclass(frozen=True, slots=True)
class EndpointKeys(Secret):
    """An endpoint's two keys; either is valid, so that one can be replaced while the other is in use."""

    primary: str = field(repr=False)
    secondary: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class EndpointToken(Secret):
    """A token for an online endpoint that takes no keys, and when it ends and had better be fetched again."""

    token: str = field(repr=False)
    expires: datetime | None = None
    refresh_after: datetime | None = None


def endpoint_html(endpoint: Endpoint) -> str:
    """Draw an endpoint; keys are never part of it."""
    return card(f"endpoint {endpoint.name}", endpoint_fields(endpoint))


def endpoint_fields(endpoint: Endpoint) -> str:
    """Return an endpoint's fields for display."""
    return fields(
        [
            ("state", state(endpoint.state.value)),
            ("model", escaped(endpoint.model)),
            *((title, escaped(fact)) for title, fact in endpoint.facts.items()),
            ("address", redacted(endpoint.scoring_url)),
            ("authentication", escaped(endpoint.auth_mode)),
            ("region", escaped(endpoint.location)),
            ("created", format_timestamp(endpoint.created_at)),
        ]
    )
