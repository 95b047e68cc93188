"""The body of a request for a Foundry deployment, checked as Resource Manager does.

Codes and texts of the errors are those that issues of Microsoft's own tools report, such as foundry-for-vscode#497.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from mock_server.core.errors import ServiceError
from mock_server.core.json_values import Json, child, is_object, text
from mock_server.resources import foundry_catalogue, foundry_deployables
from mock_server.resources.foundry_deployables import Deployable
from mock_server.resources.foundry_deployments import Deployment
from mock_server.state.world import World

KEPT_PROPERTIES = (
    "raiPolicyName",
    "versionUpgradeOption",
    "parentDeploymentName",
    "spilloverDeploymentName",
    "capacitySettings",
    "dynamicThrottlingEnabled",
)
KEPT_MODEL_MEMBERS = ("publisher", "source", "sourceAccount", "callRateLimit")


@dataclass(frozen=True, slots=True)
class DeploymentRequest:
    """The content of a valid body."""

    model: Deployable
    sku: Json
    properties: Json
    tags: Json
    shown_model: Json


def parse(world: World, body: Json) -> DeploymentRequest:
    """Parse a body; raises the service's error for an invalid one."""
    properties: object = body.get("properties")
    if not is_object(properties) or not is_object(properties.get("model")):
        raise invalid("properties.model is required.")
    named = child(properties, "model")
    if not all(text(named, member) for member in ("format", "name")):
        raise invalid("properties.model.format and properties.model.name are required.")
    if any(not isinstance(named.get(member, ""), str) for member in ("version", "source", "sourceAccount")):
        raise invalid("properties.model.version must be a string.")
    sku, labels = parse_sku(body.get("sku")), parse_tags(body.get("tags"))
    model = foundry_deployables.find(world, named)
    if model is None:
        shown = f"Format:{named['format'][:100]},Name:{named['name'][:200]},Version:{text(named, 'version')[:100]}"
        raise ServiceError(
            400,
            "DeploymentModelNotSupported",
            f"The model '{shown}' of account deployment is not supported.",
        )
    if named["format"] != model.base.format:  # what the service answers: a failure without a text
        raise ServiceError(500, "InternalServerError", "")
    check_sku(model, sku)
    kept = {member: named[member] for member in KEPT_MODEL_MEMBERS if named.get(member) is not None}
    shown_model = {"format": model.base.format, "name": model.name, "version": model.version, **kept}
    others = {name: properties[name] for name in KEPT_PROPERTIES if properties.get(name) is not None}
    return DeploymentRequest(model, sku, others, labels, shown_model)


def parse_sku(sku: object) -> Json:
    """Return the name and capacity of a SKU; without a capacity it is 1."""
    if not is_object(sku) or not text(sku, "name"):
        raise invalid("sku.name is required.")
    capacity: object = sku.get("capacity", 1)
    if not isinstance(capacity, int) or isinstance(capacity, bool) or not 1 <= capacity < 2**31:
        raise invalid("sku.capacity must be an integer from 1 to 2147483647.")
    return {"name": sku["name"], "capacity": capacity}


def parse_tags(tags: object) -> Json:
    """Return the tags of a resource."""
    if tags is None:
        return {}
    if not is_object(tags) or not all(isinstance(value, str) for value in tags.values()):
        raise invalid("tags must be an object of strings.")
    return tags


def check_sku(model: Deployable, sku: Json) -> None:
    """Raise the service's error for a SKU that a model is not offered with."""
    if sku["name"] in model.base.skus:
        return
    offered = ", ".join(model.base.skus)
    advice = f"It supports {offered}." if offered else "It has no serverless deployment."
    raise invalid(f"The specified SKU '{sku['name'][:60]}' is not supported for model '{model.name}'. {advice}")


def check_quota(
    model: Deployable, sku: Json, others: Iterable[Deployment], *, capacity: int | None = None, is_new: bool
) -> None:
    """Raise the service's error if a deployment does not fit into the quota beside the others.

    Args:
        model: the model to deploy.
        sku: the SKU's name and capacity.
        others: the account's other deployments.
        capacity: what is left of the quota; None for what the others leave.
        is_new: whether the deployment is one more, and not a change of an existing one.
    """
    existing, name = list(others), sku["name"]
    tuned = sum(map(foundry_catalogue.is_tuned, existing))
    if is_new and model.is_tuned and tuned >= foundry_catalogue.MOST_TUNED:
        raise ServiceError(
            400,
            "InsufficientQuota",
            f"The resource has {tuned} deployments of fine-tuned models, which is the maximum. Delete one of them.",
        )
    left = foundry_catalogue.available(existing, model.base, name, tuned=model.is_tuned)
    left = left if capacity is None else capacity
    if sku["capacity"] <= left:
        return
    raise ServiceError(
        400,
        "InsufficientQuota",
        f"This operation require {sku['capacity']} new capacity in quota Tokens Per Minute (thousands) - "
        f"{model.base.name} - {name}, which is bigger than the current available capacity {left}. The current quota "
        f"usage is {foundry_catalogue.QUOTA - left} and the quota limit is {foundry_catalogue.QUOTA}.",
    )


def invalid(message: str) -> ServiceError:
    """Return the error for a body that is JSON but not valid."""
    return ServiceError(400, "InvalidResourceProperties", message)
