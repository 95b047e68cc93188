"""Foundry deployments as stored, and their state at a given time.

Resource Manager reports a deployment as Succeeded before it answers chats: for a while these get DeploymentNotFound,
then DeploymentNotReady. A tuned model's that is not called for 15 days is removed, one of the developer tier after 24
hours, used or not
(MicrosoftDocs/azure-ai-docs `articles/foundry/openai/how-to/fine-tuning-deploy.md`).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from mock_server.core.json_values import Json, child, iso, number, text
from mock_server.faults.rule import Rule
from mock_server.resources.foundry_account import PROVIDER, Account
from mock_server.state.world import World
from mock_server.training import foundry_models
from mock_server.training.foundry_models import DEVELOPER_SKUS, FoundryModel

KIND = "foundry-deployment"
CREATION_SHARE = 0.1  # of a job's nominal duration
LOADING_SHARE = 0.1  # from Succeeded until the first answer; half of it the data plane does not know the name
CHANGE_SHARE = 0.05
UNUSED_SECONDS = 15 * 86_400.0
DEVELOPER_SECONDS = 86_400.0
LEAST_CAPACITY = 10  # of an open model: with less, its adapter fails to load
USE_RESOLUTION = 60.0  # seconds within which a second chat does not count as a later use
REFUSALS = {"not_found": "DeploymentNotFound", "not_ready": "DeploymentNotReady", "not_loaded": "LoadFailed"}


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment at a given time."""

    name: str
    document: Json
    now: float

    @property
    def state(self) -> str:
        """Return the provisioning state: Creating, Succeeded, Failed or Deleting."""
        if self.document.get("deleted") is not None:
            return "Deleting"
        if self.now < self.ready:
            return "Creating"
        return "Failed" if self.failure else "Succeeded"

    @property
    def ready(self) -> float:
        """Return when Resource Manager reports it as ready."""
        return number(self.document.get("ready")) or 0.0

    @property
    def failure(self) -> str:
        """Return why its creation fails, or an empty string."""
        return text(child(self.document, "fault"), "reason")

    @property
    def base(self) -> FoundryModel | None:
        """Return the base model."""
        return foundry_models.find(text(self.document, "base"))

    @property
    def model(self) -> Json:
        """Return what is deployed: format, name and version."""
        return child(self.document, "model")

    @property
    def sku(self) -> Json:
        """Return its SKU and capacity."""
        return child(self.document, "sku")

    @property
    def examples(self) -> str | None:
        """Return the key of a tuned model's training examples; None for a base model."""
        return None if self.document.get("examples") is None else text(self.document, "examples")

    @property
    def capacity(self) -> int:
        """Return its capacity, in thousands of tokens per minute."""
        return int(number(self.sku.get("capacity")) or 0)

    @property
    def refusal(self) -> str | None:
        """Return why chats are refused for now: a key of `REFUSALS`, or None once it answers."""
        if self.state != "Succeeded":
            return "not_found"
        fault = child(self.document, "fault")
        refusal, until, calls = text(fault, "refusal"), number(fault.get("until")), number(fault.get("calls"))
        if refusal and (self.now < until if until is not None else calls is None or calls > 0):
            return refusal
        loading = self.now - self.ready
        loading_seconds = number(self.document.get("loading")) or 0.0
        if loading < loading_seconds:
            return "not_found" if loading < loading_seconds / 2 else "not_ready"
        base = self.base
        is_starved = base is not None and not base.is_openai and self.capacity < LEAST_CAPACITY
        return "not_loaded" if is_starved and self.examples is not None else None

    @property
    def is_refusing_without_end(self) -> bool:
        """Return whether a fault rule keeps it from ever answering chats."""
        fault = child(self.document, "fault")
        return bool(text(fault, "refusal")) and fault.get("until") is None and fault.get("calls") is None

    @property
    def refusal_status(self) -> int:
        """Return the status of a chat that is refused: 404, a rule's 400, or 500 if its adapter does not load."""
        return 500 if self.refusal == "not_loaded" else int(number(child(self.document, "fault").get("code")) or 404)

    @property
    def is_for_a_day(self) -> bool:
        """Return whether it is of the developer tier: removed after 24 hours, used or not."""
        return text(self.sku, "name") in DEVELOPER_SKUS

    @property
    def expires(self) -> float:
        """Return when the service removes it: if it is not called, unless it is for a day; a base model stays."""
        if self.is_for_a_day:
            return self.ready + DEVELOPER_SECONDS
        if self.examples is None:
            return math.inf
        return max(self.ready, number(self.document.get("used")) or 0.0) + UNUSED_SECONDS

    @property
    def is_gone(self) -> bool:
        """Return whether its deletion is over, or the service has removed it."""
        deleted = number(self.document.get("deleted"))
        return self.now >= self.expires if deleted is None else self.now >= deleted


def get(world: World, name: str, now: float) -> Deployment | None:
    """Return a deployment that exists at this time."""
    document = world.store.get(KIND, "", name.lower())
    if document is None:
        return None
    found = Deployment(text(document, "name"), document, now)
    return None if found.is_gone else found


def list_all(world: World, now: float) -> Iterator[Deployment]:
    """Return the deployments that exist at this time, newest first."""
    found = (Deployment(text(document, "name"), document, now) for _, document in world.store.all(KIND, ""))
    return (deployment for deployment in found if not deployment.is_gone)


def save(world: World, deployment: Deployment, **changes: object) -> Deployment:
    """Store a deployment with changes; returns it as it is now."""
    changed = Deployment(deployment.name, {**deployment.document, **changes}, deployment.now)
    world.store.put(KIND, "", deployment.name.lower(), changed.document)
    return changed


def mark_used(world: World, deployment: Deployment) -> None:
    """Store that a deployment was called, which keeps it for another 15 days."""
    if deployment.now - (number(deployment.document.get("used")) or 0.0) >= USE_RESOLUTION:
        save(world, deployment, used=deployment.now)


def count_refusal(world: World, deployment: Deployment) -> None:
    """Count one chat that a fault rule lets a deployment refuse."""
    fault = child(deployment.document, "fault")
    calls = number(fault.get("calls"))
    if calls is not None:
        save(world, deployment, fault={**fault, "calls": max(0, int(calls) - 1)})


def fault_of(rule: Rule | None, ready: float) -> Json:
    """Return what a fault rule does to a deployment that is created now and ready at a time."""
    if rule is None or rule.deployment is None:
        return {}
    if rule.deployment == "fail":
        return {"reason": rule.reason or "The creation failed because of a fault rule."}
    if rule.deployment not in REFUSALS:
        return {}
    until = None if rule.seconds is None or rule.calls is not None else ready + rule.seconds
    return {"refusal": rule.deployment, "until": until, "calls": rule.calls, "code": rule.code}


def to_json(account: Account, deployment: Deployment) -> Json:
    """Return a deployment in the management surface's format."""
    created = iso(number(deployment.document.get("created")) or 0.0)
    requested = child(deployment.document, "properties")
    capacity = deployment.capacity
    document: Json = {
        "id": f"{account.arm}/deployments/{deployment.name}",
        "type": f"{PROVIDER}/accounts/deployments",
        "name": deployment.name,
        "sku": deployment.sku,
        "properties": {
            **requested,
            "model": deployment.model,
            "versionUpgradeOption": text(requested, "versionUpgradeOption", "OnceNewDefaultVersionAvailable"),
            "currentCapacity": capacity,
            "capabilities": capabilities(deployment.base),
            "provisioningState": deployment.state,
            "rateLimits": [
                {"key": "request", "renewalPeriod": 10, "count": capacity},
                {"key": "token", "renewalPeriod": 60, "count": capacity * 1000},
            ],
        },
        "systemData": {
            "createdBy": "mock user",
            "createdByType": "User",
            "createdAt": created,
            "lastModifiedBy": "mock user",
            "lastModifiedByType": "User",
            "lastModifiedAt": iso(number(deployment.document.get("modified")) or 0.0),
        },
        "etag": text(deployment.document, "etag"),
    }
    return document | ({"tags": tags} if (tags := child(deployment.document, "tags")) else {})


def capabilities(base: FoundryModel | None) -> dict[str, str]:
    """Return what a model can do, as strings."""
    found = {"chatCompletion": "true", "responses": "true", "area": "US"}
    return found | ({"imageInput": "true"} if base is not None and base.vision else {})
