"""What of a workflow already exists at the service: its model's version, the newest attempt, an endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any

from ..azure.arm import Arm
from ..azure.workspace import AsyncWorkspace
from ..catalog.lookup import known
from ..catalog.model_id import REGISTRY, ModelName
from ..core.errors import NotFound, PermissionDenied, UntrustedHost
from ..core.json_fields import Document, text
from ..core.url_paths import segment
from ..endpoints.endpoint import Endpoint
from ..jobs.spec import JobSpec
from .naming import JobNames, ended_badly

if TYPE_CHECKING:
    from ..endpoints.resource import AsyncEndpoints


@dataclass(frozen=True, slots=True)
class Lookup:
    """Reads what exists, and changes nothing."""

    arm: Arm
    workspace: AsyncWorkspace
    endpoints: Callable[[], AsyncEndpoints]

    async def pinned(self, spec: JobSpec) -> JobSpec:
        """Return the job with its model's newest version in its model's id.

        Where the registry cannot be read, the catalogue's version is used, consistently. But transient errors
        are raised: with another version on the next call, the workflow would create another job.
        """
        wanted = ModelName.parse(spec.model)
        if wanted.registry != REGISTRY or wanted.version is not None:
            return spec
        facts = known(spec.model)
        wanted = replace(wanted, name=facts.name if facts else wanted.name)
        with suppress(NotFound, PermissionDenied, UntrustedHost):
            version = text(await self.workspace.registry_model(wanted.name), "name")
            return replace(spec, model=f"{wanted.registry_id}/versions/{version}") if version else spec
        return spec

    async def attempt(self, names: JobNames, *, again: bool) -> tuple[str, Document | None]:
        """Return the name of the newest attempt and its job's document, None without one.

        With `again`, a failed or canceled attempt is followed by the next one.
        """
        name = names.of(1)
        there = await self.arm.find(_job(name))
        for number in count(2):
            if there is None or not ended_badly(there):
                break
            later = names.of(number)
            found = await self.arm.find(_job(later))
            if found is None:
                return (later, None) if again else (name, there)
            name, there = later, found
        return name, there

    async def endpoint(self, name: str) -> Endpoint | None:
        """Return the endpoint of this name, or None."""
        document = await self.arm.find(f"/serverlessEndpoints/{segment(name)}")
        return None if document is None else Endpoint.read(document)

    async def serving(self, model: str) -> Endpoint | None:
        """Return an endpoint that serves a tuned model of the workspace (`NAME:VERSION`), of whatever name."""
        name, _, version = model.partition(":")
        if not version:
            return None
        home = (await self.workspace.get()).workspace_id
        end = f"/workspaces/{home}/models/{segment(name)}/versions/{segment(version)}".lower()
        async for endpoint in self.endpoints().list():
            if endpoint.model_id.lower().endswith(end) and not endpoint.is_lost:
                return endpoint
        return None


def planned_ids(body: Mapping[str, Any]) -> tuple[str, str, str | None]:
    """Return what a job's request trains, and on which data: the ids of model, training and validation data."""
    details = body["properties"]["fineTuningDetails"]
    training, validation = text(details, "trainingData", "uri"), text(details, "validationData", "uri")
    return text(details, "model", "uri"), training, validation or None


def _job(name: str) -> str:
    return f"/jobs/{segment(name)}"
