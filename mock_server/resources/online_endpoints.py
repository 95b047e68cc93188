"""Managed online endpoints as stored, and their state at a given time.

The names of members and states are those of the service's REST API (`OnlineEndpoints`, 2024-10-01-preview); the address
of an endpoint is below `/mir/{name}`, which stands for its own host name.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mock_server.core.json_values import Json, child, iso, number, text
from mock_server.core.scope import LOCATION, Scope
from mock_server.state.world import World

KIND = "online-endpoint"
NAMES = "online-name"
CREATION_SHARE = 0.1  # of a job's nominal duration
UPDATE_SHARE = 0.05
DELETION_SHARE = 0.05
PATH = "/mir"
TENANT = "00000000-0000-0000-0000-000000000000"


def ready_at(document: Json) -> float:
    """Return when the current change of an endpoint or deployment ends."""
    return number(document.get("ready")) or 0.0


def provisioning_state(document: Json, now: float) -> str:
    """Return the provisioning state of an endpoint or deployment at a given time."""
    if document.get("deleted") is not None:
        return "Deleting"
    if now < ready_at(document):
        return text(document, "change", "Creating")
    return "Failed" if document.get("failure") else "Succeeded"


@dataclass(frozen=True, slots=True)
class OnlineEndpoint:
    """An endpoint at a given time of its workspace's clock."""

    name: str
    guid: str
    document: Json
    now: float

    @property
    def state(self) -> str:
        """Return the provisioning state: Creating, Updating, Succeeded, Failed or Deleting."""
        return provisioning_state(self.document, self.now)

    @property
    def ready(self) -> float:
        """Return when the current change ends."""
        return ready_at(self.document)

    @property
    def failure(self) -> str:
        """Return why its creation fails, or an empty string."""
        return text(self.document, "failure")

    @property
    def exists(self) -> bool:
        """Return whether it has an address: it was created, and is not being deleted."""
        return self.state in ("Succeeded", "Updating")

    @property
    def auth_mode(self) -> str:
        """Return Key, AMLToken or AADToken."""
        return text(child(self.document, "properties"), "authMode")

    @property
    def keys(self) -> tuple[str, str]:
        """Return the primary and the secondary key."""
        return text(self.document, "primaryKey"), text(self.document, "secondaryKey")

    @property
    def traffic(self) -> Mapping[str, int]:
        """Return the percentages by deployment in lower case that requests are divided by now."""
        return _percentages(self._in_effect, "traffic")

    @property
    def mirrored(self) -> Mapping[str, int]:
        """Return the percentages of requests that are copied to deployments."""
        return _percentages(self._in_effect, "mirrorTraffic")

    @property
    def _in_effect(self) -> Json:
        before = child(self.document, "before")
        return before if before and self.state == "Updating" else child(self.document, "properties")


def get(world: World, guid: str, name: str, now: float) -> OnlineEndpoint | None:
    """Return an endpoint that exists at this time; None once its deletion is over."""
    document = world.store.get(KIND, guid, name.lower())
    if document is None:
        return None
    deleted = number(document.get("deleted"))
    is_gone = deleted is not None and now >= deleted
    return None if is_gone else OnlineEndpoint(text(document, "name"), guid, document, now)


def list_all(world: World, guid: str, now: float) -> Iterator[OnlineEndpoint]:
    """Return a workspace's endpoints, newest first."""
    found = (get(world, guid, name, now) for name, _ in world.store.all(KIND, guid))
    return (endpoint for endpoint in found if endpoint is not None)


def find_by_name(world: World, name: str) -> OnlineEndpoint | None:
    """Return the endpoint of this name in any workspace: the name is a host name of the region."""
    owner = world.store.get(NAMES, "", name.lower())
    if owner is None:
        return None
    guid = text(owner, "guid")
    return get(world, guid, name, world.now(world.workspace_of(guid) or ""))


def create(world: World, guid: str, name: str, document: Json) -> None:
    """Store a new endpoint with two keys, and reserve its name in the region."""
    keys = {"primaryKey": secrets.token_hex(16), "secondaryKey": secrets.token_hex(16)}
    with world.store.transaction():
        world.store.delete(KIND, guid, name.lower())  # of a deleted one: the new one is the newest in the list
        world.store.put(KIND, guid, name.lower(), {"name": name, **document, **keys})
        world.store.put(NAMES, "", name.lower(), {"guid": guid})


def change(world: World, endpoint: OnlineEndpoint, **members: object) -> OnlineEndpoint:
    """Store an endpoint with changed members, and return it."""
    document = {**endpoint.document, **members}
    world.store.put(KIND, endpoint.guid, endpoint.name.lower(), document)
    return OnlineEndpoint(endpoint.name, endpoint.guid, document, endpoint.now)


def to_json(scope: Scope, endpoint: OnlineEndpoint, base: str) -> Json:
    """Return an endpoint in the management surface's format; it has addresses once it is created."""
    properties = child(endpoint.document, "properties")
    arm = f"{scope.arm}/onlineEndpoints/{endpoint.name}"
    host = f"{base}{PATH}/{endpoint.name}"
    # Assumption: An online endpoint has no `scoringUri` before it has been created.
    # Shown wrong by: An address in the answer to the creation.
    # Verified by: deploy on own compute
    # If wrong: The mock server gives the address later than Azure does; the client waits for Succeeded.
    is_made = endpoint.state not in ("Creating", "Failed")
    return {
        "id": arm,
        "name": endpoint.name,
        "type": "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
        "location": text(endpoint.document, "location", LOCATION),
        "tags": child(endpoint.document, "tags"),
        "kind": "Managed",
        "identity": _identity(scope, endpoint),
        "systemData": system_data(endpoint.document),
        "properties": {
            "authMode": endpoint.auth_mode,
            "description": properties.get("description"),
            "properties": {**child(properties, "properties"), "azureml.onlineendpointid": arm.lower()},
            "provisioningState": endpoint.state,
            "scoringUri": f"{host}/score" if is_made else None,
            "swaggerUri": f"{host}/swagger.json" if is_made else None,
            "traffic": child(properties, "traffic"),
            "mirrorTraffic": child(properties, "mirrorTraffic"),
            "publicNetworkAccess": text(properties, "publicNetworkAccess", "Enabled"),
            "compute": None,
        },
    }


def system_data(document: Json) -> Json:
    """Return who made a resource and when: azure-ai-ml 1.35.2 (`online_endpoint.py`) needs both times."""
    created = number(document.get("created")) or 0.0
    changed = number(document.get("changed")) or created
    return {
        "createdAt": iso(created),
        "createdBy": "mock user",
        "createdByType": "User",
        "lastModifiedAt": iso(changed),
        "lastModifiedBy": "mock user",
        "lastModifiedByType": "User",
    }


def _identity(scope: Scope, endpoint: OnlineEndpoint) -> Json:
    given = child(endpoint.document, "identity") or {"type": "SystemAssigned"}
    own = {"principalId": scope.guid, "tenantId": TENANT} if "system" in text(given, "type").lower() else {}
    return {**given, **own}


def _percentages(properties: Json, key: str) -> dict[str, int]:
    return {name.lower(): value for name, value in child(properties, key).items() if isinstance(value, int)}
