"""Deployments of managed online endpoints as stored, and their state at a given time.

The names of members and states are those of the service's REST API (`OnlineDeployments`, 2024-10-01-preview). While a
deployment is changed, and after a change that failed, the settings from before answer requests.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mock_server.core.json_values import Json, child, number, text
from mock_server.core.scope import LOCATION, Scope
from mock_server.resources import online_endpoints
from mock_server.state.world import World

KIND = "online-deployment"
CREATION_SHARE = 0.3  # of a job's nominal duration
CHANGE_SHARE = 0.2
DELETION_SHARE = 0.05
PROBE = {
    "initialDelay": "PT10S",
    "period": "PT10S",
    "timeout": "PT2S",
    "successThreshold": 1,
    "failureThreshold": 30,
}
"""What a probe has that the request does not say (reference-yaml-deployment-managed-online)."""
REQUESTS = {"requestTimeout": "PT5S", "maxConcurrentRequestsPerInstance": 1, "maxQueueWait": "PT0.5S"}
"""What the limits of requests are that the request does not say; an answer may take five seconds."""


@dataclass(frozen=True, slots=True)
class OnlineDeployment:
    """A deployment at a given time of its workspace's clock."""

    endpoint: str
    name: str
    guid: str
    document: Json
    now: float

    @property
    def state(self) -> str:
        """Return the provisioning state: Creating, Updating, Scaling, Succeeded, Failed or Deleting."""
        return online_endpoints.provisioning_state(self.document, self.now)

    @property
    def ready(self) -> float:
        """Return when the current change ends."""
        return online_endpoints.ready_at(self.document)

    @property
    def failure(self) -> Json:
        """Return why the last change fails, with code, message and the container's last lines; else an empty object."""
        return child(self.document, "failure")

    @property
    def is_unrecoverable(self) -> bool:
        """Return whether its first provisioning failed: it can only be deleted."""
        return self.state == "Failed" and not child(self.document, "before")

    @property
    def settings(self) -> Json:
        """Return the requested properties."""
        return child(self.document, "settings")

    @property
    def capacity(self) -> int:
        """Return the number of instances that were asked for, which cost from the creation on."""
        return int(number(self.document.get("capacity")) or 0)

    @property
    def serving(self) -> Json | None:
        """Return the settings that requests are answered with now; None if nothing answers."""
        if self.state == "Succeeded":
            return self.settings
        before = child(self.document, "before")
        return before if before and self.state in ("Updating", "Scaling", "Failed") else None

    @property
    def model_id(self) -> str:
        """Return the reference to the model in the request."""
        return text(self.settings, "model")

    @property
    def instance_type(self) -> str:
        """Return the size of its instances."""
        return text(self.settings, "instanceType")


def get(world: World, guid: str, endpoint: str, name: str, now: float) -> OnlineDeployment | None:
    """Return a deployment that exists at this time; None once its deletion is over."""
    document = world.store.get(KIND, guid, key(endpoint, name))
    return None if document is None else _alive(guid, document, now)


def list_all(world: World, guid: str, now: float, endpoint: str | None = None) -> Iterator[OnlineDeployment]:
    """Return the deployments of an endpoint, or of the whole workspace, newest first."""
    found = (_alive(guid, document, now) for _, document in world.store.all(KIND, guid))
    alive = (deployment for deployment in found if deployment is not None)
    return (one for one in alive if endpoint is None or one.endpoint.lower() == endpoint.lower())


def save(world: World, guid: str, document: Json, *, is_new: bool = False) -> None:
    """Store a deployment's document; a new one is the newest in the list."""
    name = key(text(document, "endpoint"), text(document, "name"))
    if is_new:
        world.store.delete(KIND, guid, name)
    world.store.put(KIND, guid, name, document)


def delete(world: World, deployment: OnlineDeployment, at: float) -> None:
    """Let a deployment be gone at a time, unless it already is to be."""
    if deployment.document.get("deleted") is None:
        save(world, deployment.guid, {**deployment.document, "deleted": at})


def key(endpoint: str, name: str) -> str:
    """Return the name that a deployment is stored by."""
    return f"{endpoint}/{name}".lower()


def to_json(scope: Scope, deployment: OnlineDeployment) -> Json:
    """Return a deployment in the management surface's format, with the service's defaults."""
    settings, endpoint = deployment.settings, f"{scope.arm}/onlineEndpoints/{deployment.endpoint}"
    return {
        "id": f"{endpoint}/deployments/{deployment.name}",
        "name": deployment.name,
        "type": "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments",
        "location": text(deployment.document, "location", LOCATION),
        "tags": child(deployment.document, "tags"),
        "kind": "Managed",
        "sku": {"name": "Default", "capacity": deployment.capacity},
        "systemData": online_endpoints.system_data(deployment.document),
        "properties": {
            "appInsightsEnabled": False,
            "egressPublicNetworkAccess": "Enabled",
            "environmentVariables": {},
            "scaleSettings": {"scaleType": "Default"},
            "properties": {},
            **settings,
            "requestSettings": {**REQUESTS, **child(settings, "requestSettings")},
            "livenessProbe": {**PROBE, **child(settings, "livenessProbe")},
            "readinessProbe": {**PROBE, **child(settings, "readinessProbe")},
            "endpointComputeType": "Managed",
            "provisioningState": deployment.state,
        },
    }


def _alive(guid: str, document: Json, now: float) -> OnlineDeployment | None:
    deleted = number(document.get("deleted"))
    if deleted is not None and now >= deleted:
        return None
    return OnlineDeployment(text(document, "endpoint"), text(document, "name"), guid, document, now)
