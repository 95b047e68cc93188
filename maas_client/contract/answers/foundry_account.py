"""The account of Azure AI Foundry at Resource Manager: deployments, their SKUs, models and usages.

Sources: Azure/azure-rest-api-specs `cognitiveservices/resource-manager`, azure-mgmt-cognitiveservices 14.1.0;
Azure/azure-cli recording `test_cognitiveservices_deployment.yaml`.
"""

from __future__ import annotations

from ..shapes import ANY_MAP, ANYTHING, BOOLEAN, INTEGER, NUMBER, TEXT, TEXT_MAP, ArrayOf, record, words
from .common import listing, resource

_SKU = words(
    *("Standard", "GlobalStandard", "DataZoneStandard", "DeveloperTier", "Developer", "ProvisionedManaged"),
    *("GlobalProvisionedManaged", "DataZoneProvisionedManaged", "GlobalBatch", "DataZoneBatch"),
)
_MODEL = record(
    {"format!": TEXT, "name!": TEXT, "version": TEXT, "source": TEXT, "publisher": TEXT, "sourceAccount": TEXT}
)
_LIMIT = record(
    {
        "key": TEXT,
        "renewalPeriod": NUMBER,
        "count": NUMBER,
        "minCount": NUMBER,
        "dynamicThrottlingEnabled": BOOLEAN,
        "rules": ANYTHING,
    }
)

DEPLOYMENT = resource(
    record(
        {
            "model!": _MODEL,
            "provisioningState!": words(
                *("Accepted", "Creating", "Succeeded", "Failed", "Deleting", "Moving", "Disabled", "Canceled")
            ),
            "versionUpgradeOption": TEXT,
            "currentCapacity": INTEGER,
            "capabilities": TEXT_MAP,
            "rateLimits": ArrayOf(_LIMIT),
            "raiPolicyName": TEXT,
            "callRateLimit": ANYTHING,
            "capacitySettings": ANYTHING,
            "dynamicThrottlingEnabled": BOOLEAN,
            "parentDeploymentName": TEXT,
            "spilloverDeploymentName": TEXT,
            "deploymentState": TEXT,
        }
    ),
    {
        "sku!": record({"name!": _SKU, "capacity!": INTEGER, "tier": TEXT, "size": TEXT, "family": TEXT}),
        "etag": TEXT,
        "tags": TEXT_MAP,
    },
)
DEPLOYMENTS = listing(DEPLOYMENT)

_CAPACITY = record(
    {"minimum": INTEGER, "maximum": INTEGER, "step": INTEGER, "default": INTEGER, "allowedValues": ArrayOf(INTEGER)}
)
SKUS = record(
    {
        "value!": ArrayOf(
            record({"resourceType": TEXT, "sku!": record({"name!": _SKU, "tier": TEXT}), "capacity": _CAPACITY})
        ),
        "nextLink": TEXT,
    }
)

_MODEL_SKU = record(
    {
        "name!": _SKU,
        "usageName": TEXT,
        "capacity": _CAPACITY,
        "deprecationDate": TEXT,
        "rateLimits": ANYTHING,
        "cost": ANYTHING,
    }
)
ACCOUNT_MODELS = record(
    {
        "value!": ArrayOf(
            record(
                {
                    "name!": TEXT,
                    "format!": TEXT,
                    "version!": TEXT,
                    "skus": ArrayOf(_MODEL_SKU),
                    "publisher": TEXT,
                    "baseModel": _MODEL,
                    "capabilities": TEXT_MAP,
                    "finetuneCapabilities": TEXT_MAP,
                    "lifecycleStatus": words("GenerallyAvailable", "Preview", "Stable", "Deprecating", "Deprecated"),
                    "deprecation": record({"inference": TEXT, "fineTune": TEXT, "deprecationStatus": TEXT}),
                    "isDefaultVersion": BOOLEAN,
                    "maxCapacity": INTEGER,
                    "modelCatalogAssetId": TEXT,
                    "replacementConfig": ANYTHING,
                    "source": TEXT,
                    "sourceAccount": TEXT,
                    "systemData": ANY_MAP,
                }
            )
        ),
        "nextLink": TEXT,
    }
)

USAGES = record(
    {
        "value!": ArrayOf(
            record(
                {
                    "name!": record({"value!": TEXT, "localizedValue": TEXT}),
                    "currentValue!": NUMBER,
                    "limit!": NUMBER,
                    "unit": TEXT,
                    "quotaPeriod": TEXT,
                    "nextResetTime": TEXT,
                    "status": TEXT,
                }
            )
        ),
        "nextLink": TEXT,
    }
)
