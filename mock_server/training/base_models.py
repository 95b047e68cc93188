"""The models of the registry `azureml`, as plain data.

The server keeps the registry as it was while Phi-3 could still be fine-tuned serverlessly; the retirement of these
models is a fact for clients to know, not for a test double to enforce. Sources: Azure/azureml-assets
`assets/models/system/*/spec.yaml` (versions, context, tags through their history) and the region tables of
`region-availability-maas.md`.
"""

from dataclasses import dataclass

from mock_server.core.json_values import Json
from mock_server.training.later_stages import SYSTEM_USER_ASSISTANT, Template

REGISTRY = "azureml"
NO_SYSTEM = Template(roles=("user", "assistant"))
ANY_ROLE = Template(roles=None)
ANY_ROLE_AND_TOOLS = Template(roles=None, tools=True)
SIX_REGIONS = ("eastus2", "eastus", "northcentralus", "westus3", "westus", "southcentralus")


@dataclass(frozen=True, slots=True)
class Model:
    """One registry model; every version from 1 to `version` exists."""

    name: str
    version: int
    context: int
    regions: tuple[str, ...]  # regions with serverless fine-tuning; empty: inference only
    defaults: str  # learning rate of `model_specific_defaults`
    template: Template = SYSTEM_USER_ASSISTANT


MODELS = (
    Model("Phi-3-mini-4k-instruct", 15, 4096, ("eastus2",), "5e-6"),
    Model("Phi-3-mini-128k-instruct", 13, 131072, ("eastus2",), "5e-6"),
    Model("Phi-3-small-8k-instruct", 6, 8192, (), "5e-6", ANY_ROLE),
    Model("Phi-3-small-128k-instruct", 5, 131072, (), "5e-6", ANY_ROLE),
    Model("Phi-3-medium-4k-instruct", 6, 4096, ("eastus2",), "5e-6", NO_SYSTEM),
    Model("Phi-3-medium-128k-instruct", 7, 131072, ("eastus2", "swedencentral"), "5e-6", NO_SYSTEM),
    Model("Phi-3.5-mini-instruct", 6, 131072, SIX_REGIONS, "2e-5"),
    Model("Phi-3.5-MoE-instruct", 5, 131072, SIX_REGIONS, "2e-5"),
    Model("Phi-4", 8, 16384, SIX_REGIONS, "5e-6"),
    Model("Phi-4-mini-instruct", 12, 131072, SIX_REGIONS, "5e-6", ANY_ROLE_AND_TOOLS),
)


PARAMETERS = {"mini": 3.8, "small": 7.4, "medium": 14.0, "moe": 41.9, "phi-4": 14.7}
"""Billions of parameters by what a model's name contains; the first that fits."""


def billions(name: str) -> float:
    """Return the parameters of a model of a name, in billions."""
    return next((size for part, size in PARAMETERS.items() if part in name.lower()), PARAMETERS["mini"])


def find(name: str) -> Model | None:
    """Return a model by its name, ignoring case."""
    return next((model for model in MODELS if model.name.lower() == name.lower()), None)


def document(model: Model, version: str) -> Json:
    """Return one version in the registry's format; azure-ai-ml needs `flavors` to read it."""
    asset = f"azureml://registries/{REGISTRY}/models/{model.name}/versions/{version}"
    return {
        "id": asset,
        "name": version,
        "properties": {
            "description": f"{model.name}, context of {model.context} tokens.",
            "flavors": {},
            "modelType": "mlflow_model",
            "modelUri": f"azureml://registries/{REGISTRY}/models/{model.name}/versions/{version}/mlflow_model_folder",
            "tags": _tags(model),
            "properties": {
                "model-id": f"microsoft/{model.name}",
                "finetuning-tasks": "chat-completion, text-generation",
                **_sizes(model),
            },
            "isAnonymous": False,
            "isArchived": False,
            "provisioningState": "Succeeded",
            "stage": "Production",
        },
        "systemData": {
            "createdAt": "2024-07-24T00:00:00Z",
            "createdBy": "azureml",
            "createdByType": "User",
            "lastModifiedAt": "2024-07-24T00:00:00Z",
        },
    }


A100_SIZES = (
    "Standard_NC24ads_A100_v4",
    "Standard_NC48ads_A100_v4",
    "Standard_NC96ads_A100_v4",
    "Standard_ND96asr_v4",
    "Standard_ND96amsr_A100_v4",
)
LARGE_A100_SIZES = ("Standard_NC96ads_A100_v4", "Standard_ND96amsr_A100_v4")
H100_SIZES = ("Standard_NC40ads_H100_v5", "Standard_NC80adis_H100_v5", "Standard_ND96isr_H100_v5")


def _sizes(model: Model) -> dict[str, str]:
    """Return the sizes that a model is tuned on, as versions published before 2026-07-01 name them.

    Later ones do not (Azure/azureml-assets PR #5190). The samples take a size to serve on from the second list, which
    is the first one here.
    """
    name = model.name
    large = any(part in name for part in ("small", "medium", "MoE"))
    sizes = (*(LARGE_A100_SIZES if large else A100_SIZES), *(H100_SIZES if name.startswith("Phi-4") else ()))
    named = ", ".join(sizes)
    found = {"finetune-recommended-sku": named, "inference-recommended-sku": named}
    if name.startswith("Phi-3-mini"):
        found |= {"finetune-min-sku-spec": "24|1|220|64", "inference-min-sku-spec": "6|1|112|64"}
    return found


def _tags(model: Model) -> dict[str, str]:
    regions = ", ".join(model.regions)
    tuned = {
        "maas-finetuning": "true",
        "maas-finetuning-offer": "true",
        "maas-finetuning-regions": regions,
        "maas-finetuning-deploy-regions": regions,
    }
    return {
        "author": "Microsoft",
        "license": "mit",
        "task": "chat-completion",
        "maas-inference": "true",
        "textContextWindow": str(model.context),
        "maxOutputTokens": "4096",
        "model_specific_defaults": f'{{"learning_rate": "{model.defaults}"}}',
    } | (tuned if model.regions else {})
