"""The models that the account can deploy, with SKUs, capacity and quota, in Resource Manager's formats.

Members are those of azure-mgmt-cognitiveservices 14.1.0 (`AccountModel`, `SkuResource`, `Usage`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from mock_server.core.json_values import Json, text
from mock_server.resources.foundry_deployables import Deployable
from mock_server.resources.foundry_deployments import Deployment, capabilities
from mock_server.training.foundry_models import DEVELOPER, GLOBAL, MODELS, FoundryModel

QUOTA = 3_000  # thousands of tokens per minute, of each model and SKU
MOST_TUNED = 10  # deployments of tuned models (`quotas-limits.md` of 17 Feb 2026)
DEFAULT_CAPACITY = 100
TUNED = "-finetune"


def models(tuned: Iterable[Deployable]) -> list[Json]:
    """Return every base model and the account's own tuned ones, as rows of a catalogue."""
    return [*map(_model, MODELS), *map(_tuned_model, tuned)]


def skus(deployment: Deployment) -> Iterator[Json]:
    """Return the SKUs that a deployment can be moved to."""
    base = deployment.base
    for name in base.skus if base is not None else ():
        yield {
            "resourceType": "Microsoft.CognitiveServices/accounts/deployments",
            "sku": {"name": name},
            "capacity": _capacity(),
        }


def usages(deployments: Iterable[Deployment]) -> list[Json]:
    """Return how much of each quota is used."""
    existing = list(deployments)
    used: Counter[str] = Counter()
    for one in existing:
        used[_quota_of(one)] += one.capacity
    pairs = [(model, sku) for model in MODELS for sku in model.skus]
    names = [quota_name(model, sku, tuned=tuned) for model, sku in pairs for tuned in (False, True)]
    rows = [_usage(name, used[name], QUOTA) for name in dict.fromkeys(names)]
    return [*rows, _usage("OpenAI.FineTunedDeployments", sum(map(is_tuned, existing)), MOST_TUNED)]


def quota_name(model: FoundryModel | None, sku: str, *, tuned: bool) -> str:
    """Return the name of the quota that a deployment counts against."""
    publisher = "OpenAI" if model is not None and model.is_openai else "AIServices"
    return f"{publisher}.{sku}.{model.name if model else ''}{TUNED if tuned else ''}"


def available(deployments: Iterable[Deployment], model: FoundryModel, sku: str, *, tuned: bool) -> int:
    """Return how much of a quota is left beside some deployments."""
    name = quota_name(model, sku, tuned=tuned)
    return QUOTA - sum(one.capacity for one in deployments if _quota_of(one) == name)


def is_tuned(deployment: Deployment) -> bool:
    """Return whether a deployment serves a tuned model."""
    return deployment.examples is not None


def _quota_of(deployment: Deployment) -> str:
    return quota_name(deployment.base, text(deployment.sku, "name"), tuned=is_tuned(deployment))


def _usage(name: str, used: int, limit: int) -> Json:
    return {
        "name": {"value": name, "localizedValue": name},
        "currentValue": float(used),
        "limit": float(limit),
        "unit": "Count",
    }


def _capacity() -> Json:
    return {"minimum": 1, "maximum": QUOTA, "step": 1, "default": DEFAULT_CAPACITY}


def _model(model: FoundryModel) -> Json:
    return {
        "format": model.format,
        "name": model.name,
        "version": model.version,
        "publisher": model.publisher,
        "isDefaultVersion": True,
        "lifecycleStatus": "GenerallyAvailable" if model.skus else "Preview",
        "maxCapacity": QUOTA,
        "capabilities": capabilities(model) | _training(model),
        "finetuneCapabilities": _training(model),
        "deprecation": {"inference": "2027-10-14T00:00:00Z", "fineTune": "2027-04-14T00:00:00Z"},
        "skus": [
            {"name": sku, "usageName": quota_name(model, sku, tuned=False), "capacity": _capacity()}
            for sku in model.skus
        ],
    }


def _tuned_model(model: Deployable) -> Json:
    base = {"format": model.base.format, "name": model.base.name, "version": model.base.version}
    names = {"name": model.name, "version": model.version, "baseModel": base}
    others = {"capabilities": capabilities(model.base), "finetuneCapabilities": {}, "lifecycleStatus": "Preview"}
    usage = [
        {"name": sku, "usageName": quota_name(model.base, sku, tuned=True), "capacity": _capacity()}
        for sku in model.base.skus
    ]
    return {**_model(model.base), **names, **others, "skus": usage}


def _training(model: FoundryModel) -> dict[str, str]:
    """Return what a catalogue says of training; as in Azure, it does not say which method."""
    flags = {"fineTune": model.is_openai, "globalFineTune": GLOBAL in model.tiers}
    flags["developerFineTune"] = DEVELOPER in model.tiers
    return {name: "true" for name, offered in flags.items() if offered}
