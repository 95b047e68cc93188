"""JSON Schemas of the answers about models, environments, managed online endpoints and their deployments."""

from collections.abc import Mapping

from tests.judges.schemas import (
    ASSET,
    COUNTED,
    FLAG,
    KEYS,
    MODEL,
    MODEL_VERSION,
    NOTHING,
    STRINGS,
    TEXT,
    TEXT_OR_NULL,
    Schema,
    map_of,
    one_of,
    page_of,
    resource,
    shape,
)

COUNT: Schema = {"type": "integer", "minimum": 0}
DURATION: Schema = {"type": ["string", "null"], "pattern": "^P"}
PERCENTAGES = map_of({"type": "integer", "minimum": 0, "maximum": 100})
IDENTITY = shape(
    {"type": one_of("None", "SystemAssigned", "UserAssigned", "SystemAssigned,UserAssigned")},
    {"principalId": TEXT, "tenantId": TEXT, "userAssignedIdentities": {"type": "object"}},
)
ROUTE = shape({"path": TEXT, "port": COUNT})
ENVIRONMENT_VERSION = resource(
    "/environments/[^/]+/versions/[^/]+",
    "/environments/versions",
    shape(
        {},
        {
            **ASSET,
            "isAnonymous": FLAG,
            "image": TEXT_OR_NULL,
            "condaFile": TEXT_OR_NULL,
            "build": shape({"contextUri": TEXT}, {"dockerfilePath": TEXT}, null=True),
            "environmentType": one_of("Curated", "UserCreated"),
            "inferenceConfig": shape(
                {}, {"livenessRoute": ROUTE, "readinessRoute": ROUTE, "scoringRoute": ROUTE}, null=True
            ),
            "osType": one_of("Linux", "Windows"),
            "provisioningState": TEXT,
        },
    ),
)
ENVIRONMENT = resource("/environments/[^/]+", "/environments", shape({}, {**ASSET, **COUNTED}))
ONLINE_ENDPOINT = resource(
    "/onlineEndpoints/[^/]+",
    "/onlineEndpoints",
    shape(
        {"authMode": one_of("Key", "AMLToken", "AADToken")},
        {
            "compute": TEXT_OR_NULL,
            "description": TEXT_OR_NULL,
            "mirrorTraffic": PERCENTAGES,
            "properties": STRINGS,
            "provisioningState": one_of("Creating", "Deleting", "Succeeded", "Failed", "Updating", "Canceled"),
            "publicNetworkAccess": TEXT,
            "scoringUri": TEXT_OR_NULL,
            "swaggerUri": TEXT_OR_NULL,
            "traffic": PERCENTAGES,
        },
    ),
    location=TEXT,
    tags=STRINGS,
    kind=TEXT_OR_NULL,
    identity=IDENTITY,
)
PROBE = shape(
    {},
    {
        **dict.fromkeys(("initialDelay", "period", "timeout"), DURATION),
        **dict.fromkeys(("failureThreshold", "successThreshold"), COUNT),
    },
)
ONLINE_DEPLOYMENT = resource(
    "/onlineEndpoints/[^/]+/deployments/[^/]+",
    "/onlineEndpoints/deployments",
    shape(
        {"endpointComputeType": {"const": "Managed"}},
        {
            "appInsightsEnabled": FLAG,
            "codeConfiguration": {"type": "object"},
            "description": TEXT_OR_NULL,
            "egressPublicNetworkAccess": TEXT,
            "environmentId": TEXT_OR_NULL,
            "environmentVariables": STRINGS,
            "instanceType": TEXT,
            "livenessProbe": PROBE,
            "model": TEXT,
            "modelMountPath": TEXT,
            "properties": STRINGS,
            "provisioningState": one_of(
                "Creating", "Deleting", "Scaling", "Updating", "Succeeded", "Failed", "Canceled"
            ),
            "readinessProbe": PROBE,
            "requestSettings": shape(
                {}, {"requestTimeout": DURATION, "maxQueueWait": DURATION, "maxConcurrentRequestsPerInstance": COUNT}
            ),
            "scaleSettings": {"type": "object", "required": ["scaleType"]},
        },
    ),
    location=TEXT,
    tags=STRINGS,
    kind=TEXT_OR_NULL,
    sku=shape({"name": TEXT}, {"capacity": COUNT, "family": TEXT, "size": TEXT, "tier": TEXT}),
)
SKU = shape(
    {},
    {
        "capacity": shape(
            {},
            {"default": COUNT, "minimum": COUNT, "maximum": COUNT, "scaleType": one_of("Automatic", "Manual", "None")},
        ),
        "resourceType": TEXT_OR_NULL,
        "sku": shape({"name": TEXT}, {"tier": one_of("Free", "Basic", "Standard", "Premium")}),
    },
)
TOKEN = shape({}, {"accessToken": TEXT, "tokenType": TEXT, "expiryTimeUtc": COUNT, "refreshAfterTimeUtc": COUNT})

ONLINE_ANSWERS: Mapping[str, Schema] = {
    "models.create": MODEL_VERSION,
    "models.change": MODEL_VERSION,
    "models.change_container": MODEL,
    "environments.list": page_of(ENVIRONMENT),
    "environments.get_container": ENVIRONMENT,
    "environments.list_versions": page_of(ENVIRONMENT_VERSION),
    "environments.get": ENVIRONMENT_VERSION,
    "environments.create": ENVIRONMENT_VERSION,
    "online_endpoints.list": page_of(ONLINE_ENDPOINT),
    "online_endpoints.get": ONLINE_ENDPOINT,
    "online_endpoints.put": ONLINE_ENDPOINT,
    "online_endpoints.delete": NOTHING,
    "online_endpoints.list_keys": KEYS,
    "online_endpoints.token": TOKEN,
    "online_endpoints.regenerate_keys": NOTHING,
    "online_deployments.list": page_of(ONLINE_DEPLOYMENT),
    "online_deployments.get": ONLINE_DEPLOYMENT,
    "online_deployments.put": ONLINE_DEPLOYMENT,
    "online_deployments.scale": {"anyOf": [NOTHING, ONLINE_DEPLOYMENT]},
    "online_deployments.delete": NOTHING,
    "online_deployments.skus": page_of(SKU),
    "online_deployments.logs": shape({"content": TEXT}),
}
"""By the operation's name: what a good answer to it is."""
