"""Serverless endpoints as stored, and their state at a given time."""

import secrets
from dataclasses import dataclass

from mock_server.core.json_values import Json, child, iso, number, text
from mock_server.core.scope import LOCATION, Scope
from mock_server.faults.rule import Rule
from mock_server.state.world import World

CREATION_SHARE = 0.1  # of a job's nominal duration
DELETION_SHARE = 0.05
UNREADY_SECONDS = 60.0
UNREADY_STATUS = 424
PROVISIONING = {"Online": "Succeeded", "CreationFailed": "Failed"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint at a given time of its workspace's clock."""

    name: str
    guid: str
    document: Json
    now: float

    @property
    def state(self) -> str:
        """Return the endpoint's state: Creating, Online, CreationFailed or Deleting."""
        if self.document.get("deleted") is not None:
            return "Deleting"
        if self.now < (number(self.document.get("ready")) or 0.0):
            return "Creating"
        return "CreationFailed" if self.failure else "Online"

    @property
    def failure(self) -> str:
        """Return why its creation fails, or an empty string."""
        return text(child(self.document, "fault"), "reason")

    @property
    def unready_status(self) -> int | None:
        """Return the status that chats get while the endpoint is Online but its deployment not ready; else None."""
        fault = child(self.document, "fault")
        code, calls, until = (number(fault.get(name)) for name in ("code", "calls", "until"))
        is_failing = bool(calls) if until is None else self.now < until
        return int(code) if code is not None and is_failing else None

    @property
    def model_id(self) -> str:
        """Return the id of the deployed model, as in the request."""
        return text(child(child(self.document, "properties"), "modelSettings"), "modelId")

    @property
    def keys(self) -> tuple[str, str]:
        """Return the primary and the secondary key."""
        return text(self.document, "primaryKey"), text(self.document, "secondaryKey")


def get(world: World, guid: str, name: str, now: float) -> Endpoint | None:
    """Return an endpoint that exists at this time; None once its deletion is over."""
    document = world.store.get("endpoint", guid, name.lower())
    if document is None:
        return None
    deleted_at = number(document.get("deleted"))
    return (
        None if deleted_at is not None and now >= deleted_at else Endpoint(text(document, "name"), guid, document, now)
    )


def list_all(world: World, guid: str, now: float) -> list[Endpoint]:
    """Return a workspace's endpoints, newest first."""
    found = (get(world, guid, name, now) for name, _ in world.store.all("endpoint", guid))
    return [endpoint for endpoint in found if endpoint is not None]


def find_by_name(world: World, name: str) -> Endpoint | None:
    """Return the endpoint of this name in any workspace: names are unique in the region."""
    owner = world.store.get("endpoint-name", "", name.lower())
    if owner is None:
        return None
    guid = text(owner, "guid")
    return get(world, guid, name, world.now(world.workspace_of(guid) or ""))


def apply_fault(world: World, endpoint: Endpoint, rule: Rule) -> None:
    """Make an endpoint's creation fail, or its chats fail for a while once it is Online, as a fault rule says."""
    ready = number(endpoint.document.get("ready")) or 0.0
    fault: Json = {"reason": rule.reason or "The creation failed because of a fault rule."}
    if rule.endpoint == "unready":
        seconds = UNREADY_SECONDS if rule.seconds is None else rule.seconds
        fault = {
            "code": rule.code or UNREADY_STATUS,
            "calls": rule.calls,
            "until": ready + seconds if rule.calls is None else None,
        }
    _save_fault(world, endpoint, fault)


def count_refusal(world: World, endpoint: Endpoint) -> None:
    """Count one chat rejected because the endpoint was not ready."""
    fault = child(endpoint.document, "fault")
    calls = number(fault.get("calls"))
    if calls is not None:
        _save_fault(world, endpoint, {**fault, "calls": int(calls) - 1})


def _save_fault(world: World, endpoint: Endpoint, fault: Json) -> None:
    world.store.put("endpoint", endpoint.guid, endpoint.name.lower(), {**endpoint.document, "fault": fault})


def to_json(scope: Scope, endpoint: Endpoint, base: str) -> Json:
    """Return an endpoint in the management surface's format; it has an address once it is ready."""
    state = endpoint.state
    requested = child(endpoint.document, "properties")
    uri: Json = {"uri": f"{base}/maas/{endpoint.name}", "headers": {}}
    created = iso(number(endpoint.document.get("created")) or 0.0)
    return {
        "id": f"{scope.arm}/serverlessEndpoints/{endpoint.name}",
        "name": endpoint.name,
        "type": "Microsoft.MachineLearningServices/workspaces/serverlessEndpoints",
        "location": text(endpoint.document, "location", LOCATION),
        "tags": child(endpoint.document, "tags"),
        "sku": {"name": "Consumption"},
        "systemData": {"createdAt": created, "createdBy": "mock user", "createdByType": "User"},
        "properties": {
            "authMode": text(requested, "authMode", "Key"),
            "contentSafety": {
                "contentSafetyStatus": text(child(requested, "contentSafety"), "contentSafetyStatus", "Enabled")
            },
            "modelSettings": {"modelId": endpoint.model_id},
            "provisioningState": PROVISIONING.get(state, state),
            "endpointState": state,
            "inferenceEndpoint": uri if state == "Online" else None,
            "marketplaceSubscriptionId": endpoint.document.get("marketplaceSubscriptionId"),
        },
    }


def new_key() -> str:
    """Create a key of 32 characters, like the real ones."""
    return secrets.token_hex(16)
