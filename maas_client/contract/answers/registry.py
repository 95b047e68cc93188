"""The registry: where it is, its models, and its components.

Sources: azure-ai-ml 1.35.2 `_utils/_registry_utils.py`, `entities/_assets/_artifacts/model.py`,
`entities/_component/pipeline_component.py`; Azure/azureml-assets `training/finetune_acft_hf_nlp/components`.
"""

from __future__ import annotations

from ..shapes import ANY_MAP, ANYTHING, BOOLEAN, TEXT, TEXT_MAP, TEXTS, ArrayOf, MapOf, record, words
from .common import listing, resource

DISCOVERY = record(
    {
        "primaryRegionResourceProviderUri!": TEXT,
        "subscriptionId!": TEXT,
        "resourceGroup!": TEXT,
        "registryName": TEXT,
        "tenantId": TEXT,
        "primaryRegion": TEXT,
        "regions": TEXTS,
    }
)

MODEL = resource(
    record(
        {
            "tags!": TEXT_MAP,
            "properties!": TEXT_MAP,
            "description": TEXT,
            "flavors": ANY_MAP,
            "modelType": TEXT,
            "modelUri": TEXT,
            "jobName": TEXT,
            "isAnonymous": BOOLEAN,
            "isArchived": BOOLEAN,
            "stage": TEXT,
            "provisioningState": TEXT,
            "autoDeleteSetting": ANYTHING,
            "intellectualProperty": ANY_MAP,
            "system_metadata": ANY_MAP,
        }
    )
)
MODELS = listing(MODEL)

_INPUT = record(
    {
        "type!": TEXT,
        "default": ANYTHING,
        "optional": BOOLEAN,
        "enum": ArrayOf(ANYTHING),
        "min": ANYTHING,
        "max": ANYTHING,
        "description": TEXT,
        "mode": TEXT,
    }
)

COMPONENT = resource(
    record(
        {
            "componentSpec!": record(
                {
                    "name!": TEXT,
                    "version!": TEXT,
                    "type": words("pipeline", "command"),
                    "display_name": TEXT,
                    "description": TEXT,
                    "is_deterministic": BOOLEAN,
                    "inputs!": MapOf(_INPUT),
                    "outputs!": MapOf(record({"type!": TEXT, "mode": TEXT, "description": TEXT})),
                    "jobs!": MapOf(ANY_MAP),
                    "tags": TEXT_MAP,
                    "properties": ANY_MAP,
                    "$schema": TEXT,
                }
            ),
            "description": TEXT,
            "isAnonymous": BOOLEAN,
            "isArchived": BOOLEAN,
            "provisioningState": TEXT,
            "stage": TEXT,
            "tags": TEXT_MAP,
            "properties": ANY_MAP,
        }
    )
)
COMPONENTS = listing(COMPONENT)
