"""Serverless endpoints, and what they answer to a chat.

Sources: Azure's REST specification 2024-10-01-preview (`mfe.json`: ServerlessEndpoint, ServerlessInferenceEndpoint,
EndpointAuthKeys), azure-ai-ml 1.35.2 `models/_enums.py` (ServerlessEndpointState).
"""

from __future__ import annotations

from ..shapes import ANYTHING, TEXT, TEXT_MAP, record, words
from .common import IDENTITY, PROVISIONING, listing, resource

_INFERENCE = record({"uri!": TEXT, "headers": TEXT_MAP})
ENDPOINT = resource(
    record(
        {
            "authMode!": words("Key", "AAD", "KeyAndAAD"),
            "provisioningState!": PROVISIONING,
            "endpointState!": words(
                *("Unknown", "Creating", "Deleting", "Suspending", "Reinstating", "Online", "Suspended"),
                *("CreationFailed", "DeletionFailed"),
            ),
            "contentSafety": record({"contentSafetyStatus": words("Enabled", "Disabled"), "contentSafetyLevel": TEXT}),
            "modelSettings!": record({"modelId!": TEXT}),
            "inferenceEndpoint": _INFERENCE,
            "marketplaceSubscriptionId": TEXT,
        },
        by="provisioningState",
        variants={"Succeeded": {"inferenceEndpoint!": _INFERENCE}},
    ),
    {
        "location!": TEXT,
        "tags": TEXT_MAP,
        "kind": TEXT,
        "sku": record({"name": TEXT, "tier": TEXT, "capacity": ANYTHING, "family": TEXT, "size": TEXT}),
        "identity": IDENTITY,
    },
)
ENDPOINTS = listing(ENDPOINT)
