"""Managed online endpoints and their deployments: documents, tokens, logs, and Azure Monitor's metrics of them.

Sources: Azure's REST specification 2024-10-01-preview (OnlineEndpoint, OnlineDeployment, OnlineEndpoint/getToken),
azure-ai-ml 1.35.2 `entities/_endpoint/online_endpoint.py`; learn.microsoft.com/rest/api/monitor/metrics/list.
"""

from __future__ import annotations

from ..shapes import (
    ANY_MAP,
    ANYTHING,
    BOOLEAN,
    INTEGER,
    NUMBER,
    TEXT,
    TEXT_MAP,
    TIME,
    ArrayOf,
    Fields,
    MapOf,
    record,
    words,
)
from .common import IDENTITY, PROVISIONING, listing, resource

ENDPOINT = resource(
    record(
        {
            "authMode!": words("Key", "AMLToken", "AADToken"),
            "provisioningState!": PROVISIONING,
            "traffic!": MapOf(INTEGER),
            "scoringUri": TEXT,
            "swaggerUri": TEXT,
            "mirrorTraffic": MapOf(INTEGER),
            "publicNetworkAccess": words("Enabled", "Disabled"),
            "description": TEXT,
            "properties": ANY_MAP,
            "compute": TEXT,
            "keys": ANYTHING,
        },
        by="provisioningState",
        variants={"Succeeded": {"scoringUri!": TEXT}},
    ),
    {"location!": TEXT, "tags": TEXT_MAP, "kind": words("Managed", "K8S"), "identity": IDENTITY, "sku": ANYTHING},
)
ENDPOINTS = listing(ENDPOINT)

_PROBE = record(
    {"initialDelay": TEXT, "period": TEXT, "timeout": TEXT, "successThreshold": INTEGER, "failureThreshold": INTEGER}
)
DEPLOYMENT = resource(
    record(
        {
            "provisioningState!": words("Scaling", *PROVISIONING.words),
            "instanceType!": TEXT,
            "model!": TEXT,
            "endpointComputeType": words("Managed", "Kubernetes", "AzureMLCompute"),
            "requestSettings": record(
                {"requestTimeout": TEXT, "maxConcurrentRequestsPerInstance": INTEGER, "maxQueueWait": TEXT}
            ),
            "livenessProbe": _PROBE,
            "readinessProbe": _PROBE,
            "startupProbe": _PROBE,
            "scaleSettings": ANY_MAP,
            "appInsightsEnabled": BOOLEAN,
            "egressPublicNetworkAccess": words("Enabled", "Disabled"),
            "environmentVariables": TEXT_MAP,
            "environmentId": TEXT,
            "codeConfiguration": ANYTHING,
            "modelMountPath": TEXT,
            "description": TEXT,
            "properties": ANY_MAP,
            "dataCollector": ANYTHING,
        }
    ),
    {
        "location": TEXT,
        "tags": TEXT_MAP,
        "kind": words("Managed", "K8S"),
        "identity": IDENTITY,
        "sku!": record({"name": TEXT, "capacity!": INTEGER, "tier": TEXT, "family": TEXT, "size": TEXT}),
    },
)
DEPLOYMENTS = listing(DEPLOYMENT)

TOKEN = record(
    {"accessToken!": TEXT, "tokenType": words("Bearer"), "expiryTimeUtc!": INTEGER, "refreshAfterTimeUtc": INTEGER}
)
LOGS = record({"content!": TEXT})

_NAME = record({"value!": TEXT, "localizedValue": TEXT})
_POINT: Fields = {"average": NUMBER, "minimum": NUMBER, "maximum": NUMBER, "total": NUMBER, "count": NUMBER}
METRICS = record(
    {
        "value!": ArrayOf(
            record(
                {
                    "name!": _NAME,
                    "timeseries!": ArrayOf(
                        record(
                            {
                                "data!": ArrayOf(record({"timeStamp!": TIME, **_POINT})),
                                "metadatavalues": ArrayOf(record({"name!": _NAME, "value!": TEXT})),
                            }
                        )
                    ),
                    "id": TEXT,
                    "type": TEXT,
                    "unit": TEXT,
                    "displayDescription": TEXT,
                    "errorCode": TEXT,
                    "errorMessage": TEXT,
                }
            )
        ),
        "cost": NUMBER,
        "timespan": TEXT,
        "interval": TEXT,
        "namespace": TEXT,
        "resourceregion": TEXT,
    }
)
