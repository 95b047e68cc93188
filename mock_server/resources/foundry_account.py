"""The server's only Foundry account: its name, its two keys and its description.

Every account name in a Resource Manager path means this account. The format is that of Azure/azure-rest-api-specs
`specification/cognitiveservices/resource-manager` (2025-09-01).
"""

import hashlib
import hmac
from dataclasses import dataclass

from mock_server.core.json_values import Json, text
from mock_server.core.sas_and_shared_key import equal_in_constant_time
from mock_server.state.world import World

REGION = "swedencentral"
PROVIDER = "Microsoft.CognitiveServices"
DEFAULT_NAME = "mock"
DEFAULT_GROUP = "mock"
CAPABILITIES = (("MaxFineTuneCount", "500"), ("MaxTrainingFileSize", "512000000"), ("MaxUserFileCount", "100"))
KIND = "foundry-account"


@dataclass(frozen=True, slots=True)
class Account:
    """The account, spelled as in the request."""

    subscription: str
    group: str
    name: str

    @property
    def arm(self) -> str:
        """Return the resource id."""
        return (
            f"/subscriptions/{self.subscription}/resourceGroups/{self.group}/providers/{PROVIDER}/accounts/{self.name}"
        )


def keys(world: World) -> tuple[str, str]:
    """Return the account's two keys: the same after a restart and after a reset, as its address."""
    first, second = (
        hmac.new(world.account_key.encode(), f"Foundry key {number}".encode(), hashlib.sha256).hexdigest()
        for number in (1, 2)
    )
    return first, second


def is_key(world: World, offered: str) -> bool:
    """Return whether a credential is one of the account's keys."""
    return any(equal_in_constant_time(offered, key) for key in keys(world))


def remember(world: World, account: Account) -> None:
    """Store the name of the account that the first request names, for lists of accounts."""
    if world.store.get(KIND, "", "name") is None:
        world.store.put(KIND, "", "name", {"name": account.name})


def name_of(world: World) -> str:
    """Return the account's name: that of the first request that named it."""
    return text(world.store.get(KIND, "", "name") or {}, "name", DEFAULT_NAME)


def to_json(account: Account, base: str) -> Json:
    """Return the account in the management surface's format."""
    addresses = dict.fromkeys(("OpenAI Language Model Instance API", "AI Foundry API"), f"{base}/")
    return {
        "id": account.arm,
        "name": account.name,
        "type": f"{PROVIDER}/accounts",
        "kind": "AIServices",
        "location": REGION,
        "sku": {"name": "S0"},
        "tags": {},
        "identity": {"type": "SystemAssigned", "principalId": "00000000-0000-0000-0000-000000000000"},
        "properties": {
            "endpoint": f"{base}/",
            "endpoints": addresses,
            "provisioningState": "Succeeded",
            "internalId": "00000000000000000000000000000000",
            "customSubDomainName": account.name,
            "publicNetworkAccess": "Enabled",
            "allowProjectManagement": True,
            "disableLocalAuth": False,
            "capabilities": [{"name": name, "value": value} for name, value in CAPABILITIES],
        },
        "systemData": {"createdAt": "2026-01-01T00:00:00Z", "createdBy": "mock user", "createdByType": "User"},
        "etag": '"00000000-0000-0000-0000-000000000000"',
    }
