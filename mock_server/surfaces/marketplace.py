"""Marketplace subscriptions: required for other publishers' models, rejected for Microsoft's own."""

from starlette.responses import Response

from mock_server.core.errors import not_found, user_error
from mock_server.core.json_values import Json, child, number, text
from mock_server.core.scope import Scope
from mock_server.http.routing import WORKSPACE, Call, empty_response, json_response, route
from mock_server.resources import references
from mock_server.surfaces import operations
from mock_server.surfaces.paging import page
from mock_server.training import base_models


async def create(call: Call) -> Response:
    """Subscribe to a publisher's model."""
    model_id = text(child(await call.json(), "properties"), "modelId")
    scope, name = call.scope, call.name()
    reference = references.parse_model(scope, model_id)
    if reference is None or reference.registry is None:
        raise user_error(
            "The request is invalid: properties.modelId must be azureml://registries/<registry>/models/<name>."
        )
    if reference.registry == base_models.REGISTRY:
        raise user_error(
            f"Marketplace Subscription is not required for model {model_id[:300]}: it is offered by Microsoft."
        )
    existing = call.world.store.get("subscription", scope.guid, name)
    if existing is not None and text(existing, "modelId") != model_id:
        raise user_error(f"Marketplace subscription {name} is for another model.", 409)
    seconds = call.world.options.job_seconds * 0.05
    document = existing or {"modelId": model_id, "model": reference.name, "ready": call.now + seconds}
    call.world.store.put("subscription", scope.guid, name, document)
    if existing is not None:
        return json_response(_view(call, scope, name, document))
    return json_response(
        _view(call, scope, name, document), 201, operations.begin(call, "ms", seconds=seconds).by_status
    )


async def get(call: Call) -> Response:
    """Return one subscription."""
    scope, name = call.scope, call.name()
    document = call.world.store.get("subscription", scope.guid, name)
    if document is None:
        raise not_found(f"Marketplace subscription {name} was not found.")
    return json_response(_view(call, scope, name, document))


async def list_subscriptions(call: Call) -> Response:
    """Return the workspace's subscriptions."""
    scope = call.scope
    found = call.world.store.all("subscription", scope.guid)
    return page(call, [_view(call, scope, name, document) for name, document in found])


async def delete(call: Call) -> Response:
    """End a subscription."""
    scope, name = call.scope, call.name()
    if call.world.store.get("subscription", scope.guid, name) is None:
        return empty_response(204)
    call.world.store.delete("subscription", scope.guid, name)
    return empty_response(202, operations.begin(call, "msd", seconds=call.world.options.job_seconds * 0.05).by_location)


def require(call: Call, scope: Scope, model_id: str) -> str:
    """Return the id of the subscription that allows a third-party model to be deployed; raises if there is none."""
    for name, document in call.world.store.all("subscription", scope.guid):
        if text(document, "modelId").lower() == model_id.lower():
            return f"{scope.arm}/marketplaceSubscriptions/{name}"
    raise user_error(f"Model {model_id[:300]} needs a marketplace subscription, which this workspace does not have.")


def _view(call: Call, scope: Scope, name: str, document: Json) -> Json:
    ready = call.now >= (number(document.get("ready")) or 0.0)
    publisher = text(document, "model").partition("-")[0].lower()
    return {
        "id": f"{scope.arm}/marketplaceSubscriptions/{name}",
        "name": name,
        "type": "Microsoft.MachineLearningServices/workspaces/marketplaceSubscriptions",
        "properties": {
            "modelId": text(document, "modelId"),
            "marketplacePlan": {
                "publisherId": publisher,
                "offerId": f"{publisher}-offer",
                "planId": f"{publisher}-plan",
            },
            "marketplaceSubscriptionStatus": "Subscribed" if ready else "Unsubscribed",
            "provisioningState": "Succeeded" if ready else "Creating",
        },
    }


ROUTES = (
    route("marketplace.list", "GET", WORKSPACE + "/marketplaceSubscriptions", list_subscriptions),
    route("marketplace.get", "GET", WORKSPACE + "/marketplaceSubscriptions/{name}", get),
    route("marketplace.create", "PUT", WORKSPACE + "/marketplaceSubscriptions/{name}", create),
    route("marketplace.delete", "DELETE", WORKSPACE + "/marketplaceSubscriptions/{name}", delete),
)
