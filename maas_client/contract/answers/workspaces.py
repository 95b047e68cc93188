"""Workspaces, their datastores, the subscriptions above them, and what the caller may do.

Sources: azure-ai-ml 1.35.2 `_workspace_operations_base.py`, `_datastore_operations.py`, `_azure_environments.py`;
learn.microsoft.com/rest/api/resources/subscriptions/list, …/resources/providers/get,
…/authorization/permissions/list-for-resource.
"""

from __future__ import annotations

from ..shapes import ANY_MAP, ANYTHING, BOOLEAN, TEXT, TEXT_MAP, TEXTS, TIME, ArrayOf, record, words
from .common import IDENTITY, PROVISIONING, listing, resource

WORKSPACE = resource(
    record(
        {
            "workspaceId!": TEXT,
            "discoveryUrl!": TEXT,
            "mlFlowTrackingUri": TEXT,
            "friendlyName": TEXT,
            "description": TEXT,
            "provisioningState": PROVISIONING,
            "publicNetworkAccess": words("Enabled", "Disabled"),
            "hbiWorkspace": BOOLEAN,
            "storageAccount": TEXT,
            "keyVault": TEXT,
            "applicationInsights": TEXT,
            "containerRegistry": TEXT,
            "creationTime": TIME,
            "tenantId": TEXT,
            "imageBuildCompute": TEXT,
            "hubResourceId": TEXT,
            "managedNetwork": ANYTHING,
            "systemDatastoresAuthMode": TEXT,
            "v1LegacyMode": BOOLEAN,
        }
    ),
    {
        "location!": TEXT,
        "kind": words("Default", "Hub", "Project", "FeatureStore", "Lean"),
        "tags": TEXT_MAP,
        "sku": record({"name": TEXT, "tier": TEXT}),
        "identity": IDENTITY,
        "etag": TEXT,
    },
)
WORKSPACES = listing(WORKSPACE)

DISCOVERY = record(
    {
        "api!": TEXT,
        "history": TEXT,
        "experimentation": TEXT,
        "metrics": TEXT,
        "modelmanagement": TEXT,
        "cloud": TEXT,
        "hyperdrive": TEXT,
        "notebooks": TEXT,
    }
)

_CREDENTIALS = record({"credentialsType!": words("AccountKey", "Certificate", "None", "Sas", "ServicePrincipal")})

DATASTORE = resource(
    record(
        {
            "datastoreType!": words("AzureBlob", "AzureDataLakeGen1", "AzureDataLakeGen2", "AzureFile", "OneLake"),
            "accountName!": TEXT,
            "containerName!": TEXT,
            "endpoint!": TEXT,
            "protocol!": words("https", "http"),
            "credentials!": _CREDENTIALS,
            "description": TEXT,
            "isDefault": BOOLEAN,
            "serviceDataAccessAuthIdentity": words("None", "WorkspaceSystemAssignedIdentity"),
            "subscriptionId": TEXT,
            "resourceGroup": TEXT,
            "tags": TEXT_MAP,
            "properties": ANY_MAP,
        }
    )
)

SECRETS = record(
    {"secretsType!": words("Sas", "AccountKey", "Certificate", "ServicePrincipal")},
    by="secretsType",
    variants={"Sas": {"sasToken!": TEXT}, "AccountKey": {"key!": TEXT}},
)

SUBSCRIPTIONS = record(
    {
        "value!": ArrayOf(
            record(
                {
                    "id": TEXT,
                    "subscriptionId!": TEXT,
                    "displayName!": TEXT,
                    "state!": words("Enabled", "Warned", "PastDue", "Disabled", "Deleted"),
                    "tenantId": TEXT,
                    "authorizationSource": TEXT,
                    "managedByTenants": ArrayOf(ANYTHING),
                    "subscriptionPolicies": ANY_MAP,
                    "tags": TEXT_MAP,
                }
            )
        ),
        "nextLink": TEXT,
        "count": ANYTHING,
    }
)

PERMISSIONS = record(
    {
        "value!": ArrayOf(
            record({"actions!": TEXTS, "notActions!": TEXTS, "dataActions": TEXTS, "notDataActions": TEXTS})
        ),
        "nextLink": TEXT,
    }
)

PROVIDER = record(
    {
        "id": TEXT,
        "namespace": TEXT,
        "registrationState!": words("Registered", "Registering", "NotRegistered", "Unregistering", "Unregistered"),
        "registrationPolicy": TEXT,
        "authorizations": ArrayOf(ANYTHING),
        "resourceTypes!": ArrayOf(
            record(
                {
                    "resourceType!": TEXT,
                    "apiVersions!": TEXTS,
                    "locations": TEXTS,
                    "defaultApiVersion": TEXT,
                    "apiProfiles": ArrayOf(ANYTHING),
                    "capabilities": TEXT,
                    "zoneMappings": ArrayOf(ANYTHING),
                    "locationMappings": ArrayOf(ANYTHING),
                }
            )
        ),
    }
)

CLOUD = ArrayOf(
    record(
        {
            "name": TEXT,
            "portal": TEXT,
            "resourceManager": TEXT,
            "authentication": ANY_MAP,
            "suffixes": ANY_MAP,
        }
    )
)
"""The cloud's addresses; the client only wants to know that there is an answer."""
