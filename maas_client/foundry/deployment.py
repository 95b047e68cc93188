"""A deployment of a Foundry account as a value: what it serves, how much, until when, and how it is paid for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator

from ..catalog.foundry_lookup import is_tuned
from ..core.http_messages import Reply
from ..core.json_fields import Document
from ..core.timestamps import parse_timestamp
from ..core.values import Text, at
from ..endpoints.endpoint import Endpoint, EndpointState
from .deployment_skus import DEVELOPER, PROVISIONED

UNUSED_DAYS = 15
"""Days without a call after which the service deletes a deployment (azure-ai-docs, fine-tuning-deploy.md)."""

DEVELOPER_HOURS = 24
"""Hours after which the service deletes a deployment of the developer tier, used or not."""

_STATES: Mapping[str, EndpointState] = {
    "accepted": EndpointState.CREATING,
    "creating": EndpointState.CREATING,
    "updating": EndpointState.CREATING,
    "moving": EndpointState.CREATING,
    "succeeded": EndpointState.ONLINE,
    "failed": EndpointState.CREATION_FAILED,
    "canceled": EndpointState.CREATION_FAILED,
    "deleting": EndpointState.DELETING,
    "disabled": EndpointState.SUSPENDED,
}
"""The state of a deployment by its provisioning state, the only one that the service tells (lower case)."""


def _state(value: object) -> EndpointState:
    return _STATES.get(value.lower(), EndpointState.UNKNOWN) if isinstance(value, str) else EndpointState.UNKNOWN


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


class Deployment(Endpoint):
    """A deployment of a model in a Foundry account. `capacity` is in thousands of tokens a minute.

    `expires` is when the service deletes a deployment of the developer tier. Any other is deleted after 15 days without
    a call, and nothing tells when the last one was.
    """

    state: Annotated[EndpointState, BeforeValidator(_state), at("properties", "provisioningState")] = (
        EndpointState.UNKNOWN
    )
    model_id: Annotated[Text, at("properties", "model", "name")] = ""
    model: Annotated[Text, at("properties", "model", "name")] = ""
    model_format: Annotated[Text, at("properties", "model", "format")] = ""
    model_version: Annotated[Text, at("properties", "model", "version")] = ""
    scoring_url: Text = ""
    auth_mode: Text = "account key or token"
    sku: Annotated[Text, at("sku", "name")] = ""
    capacity: Annotated[int, BeforeValidator(_number), at("sku", "capacity")] = 0
    expires: datetime | None = None

    noun: ClassVar[str] = "deployment"

    @classmethod
    def read(cls, document: Document, reply: Reply | None = None) -> Self:
        """Read a deployment's document, and the operation that the answer names."""
        found = super().read(document, reply)
        created = parse_timestamp(found.created_at)
        if created is None or found.sku not in {DEVELOPER, "Developer"}:
            return found
        return found.model_copy(update={"expires": created + timedelta(hours=DEVELOPER_HOURS)})

    def reached_at(self, url: str) -> Self:
        """Return it with the URL of the account's API below which it answers, unless it does not exist yet."""
        is_there = self.state is not EndpointState.CREATING and not self.is_lost
        return self.model_copy(update={"scoring_url": url}) if is_there else self

    @property
    def serves_tuned_model(self) -> bool:
        """Whether it serves a tuned model or a checkpoint of one."""
        return is_tuned(self.model)

    @property
    def is_hosted_by_the_hour(self) -> bool:
        """Whether it costs money for every hour that it exists, used or not."""
        if self.sku in PROVISIONED:
            return True
        return self.serves_tuned_model and bool(self.sku) and self.sku not in {DEVELOPER, "Developer"}

    @property
    def life(self) -> str:
        """Until when the service keeps it, in a few words."""
        if self.sku in PROVISIONED:
            return "until it is deleted"
        if self.expires is not None:
            return f"until {self.expires:%Y-%m-%d %H:%M} UTC"
        if self.sku in {DEVELOPER, "Developer"}:
            return f"{DEVELOPER_HOURS} hours"
        return f"until unused for {UNUSED_DAYS} days"

    @property
    def facts(self) -> dict[str, str]:
        """Its SKU, capacity, life, and how it is paid for."""
        fee = "per hour, used or not" if self.is_hosted_by_the_hour else "none"
        return {"sku": self.sku, "capacity": str(self.capacity or ""), "life": self.life, "hosting fee": fee}

    @property
    def notes(self) -> tuple[str, ...]:
        """What it costs, and until when it lives."""
        delete = f"maas endpoints delete {self.name}"
        if self.sku in {DEVELOPER, "Developer"}:
            cost = f"deployment {self.name} has no hosting fee and no guaranteed availability"
            end = f"the service deletes it after {DEVELOPER_HOURS} hours, and keeps the model"
        else:
            cost = f"deployment {self.name} is paid for by the hour, used or not, until it is deleted: {delete}"
            end = f"the service deletes a deployment that is not called for {UNUSED_DAYS} days, and keeps the model"
        notes = [cost] if self.is_hosted_by_the_hour or self.sku in {DEVELOPER, "Developer"} else []
        return (*notes, *([end] if self.sku not in PROVISIONED else []))
