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

_DEVELOPER_NAMES = frozenset({DEVELOPER, "Developer"})

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
"""The state of a deployment by its provisioning state, the only one that the service reports (lower case)."""


def _state(value: object) -> EndpointState:
    return _STATES.get(value.lower(), EndpointState.UNKNOWN) if isinstance(value, str) else EndpointState.UNKNOWN


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


class Deployment(Endpoint):
    """A deployment of a model in a Foundry account. `capacity` is in thousands of tokens a minute.

    `expires` is when the service deletes a deployment of the developer tier. Any other is deleted after 15 days without
    a call, and the service does not report when the last one was.
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
        if created is None or not found.is_of_developer_tier:
            return found
        return found.model_copy(update={"expires": created + timedelta(hours=DEVELOPER_HOURS)})

    def reached_at(self, url: str) -> Self:
        """Return it with the URL of the account's API below which it answers, unless it does not exist yet."""
        is_there = self.state is not EndpointState.CREATING and not self.is_lost
        return self.model_copy(update={"scoring_url": url}) if is_there else self

    @property
    def is_being_deleted(self) -> bool:
        """Whether it is on its way out; its name is free afterwards."""
        return self.state is EndpointState.DELETING

    @property
    def serves_tuned_model(self) -> bool:
        """Whether it serves a tuned model or a checkpoint of one."""
        return is_tuned(self.model)

    @property
    def is_of_developer_tier(self) -> bool:
        """Whether it has the SKU that lives for a day."""
        return self.sku in _DEVELOPER_NAMES

    @property
    def ends_unused(self) -> bool:
        """Whether the service deletes it if it is not called for 15 days: it serves a tuned model by the hour."""
        return self.serves_tuned_model and self.sku not in PROVISIONED and not self.is_of_developer_tier

    @property
    def is_hosted_by_the_hour(self) -> bool:
        """Whether it costs money for every hour that it exists, used or not."""
        return self.sku in PROVISIONED or (bool(self.sku) and self.ends_unused)

    @property
    def life(self) -> str:
        """Until when the service keeps it, in a few words."""
        if self.expires is not None:
            return f"until {self.expires:%Y-%m-%d %H:%M} UTC"
        if self.is_of_developer_tier:
            return f"{DEVELOPER_HOURS} hours"
        return f"until unused for {UNUSED_DAYS} days" if self.ends_unused else "until it is deleted"

    @property
    def facts(self) -> dict[str, str]:
        """Its SKU, capacity, life, and how it is paid for."""
        fee = "per hour, used or not" if self.is_hosted_by_the_hour else "none"
        return {"sku": self.sku, "capacity": str(self.capacity or ""), "life": self.life, "hosting fee": fee}

    @property
    def notes(self) -> tuple[str, ...]:
        """What it costs, and until when it lives."""
        if self.is_of_developer_tier:
            return (
                f"deployment {self.name} has no hosting fee and no guaranteed availability",
                f"the service deletes it after {DEVELOPER_HOURS} hours, and keeps the model",
            )
        delete = f"maas endpoints delete {self.name}"
        cost = f"deployment {self.name} is paid for by the hour, used or not, until it is deleted: {delete}"
        end = f"the service deletes a deployment that is not called for {UNUSED_DAYS} days, and keeps the model"
        return (*((cost,) if self.is_hosted_by_the_hour else ()), *((end,) if self.ends_unused else ()))
