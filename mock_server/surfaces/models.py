"""Models of a workspace: those registered by completed jobs."""

from starlette.responses import Response

from mock_server.core.errors import not_found
from mock_server.core.json_values import Json, child, text
from mock_server.core.scope import Scope
from mock_server.http.routing import WORKSPACE, Call, json_response, route
from mock_server.resources import jobs
from mock_server.surfaces.data import system_data
from mock_server.surfaces.paging import in_view, page


async def get_version(call: Call) -> Response:
    """Return one version."""
    scope, _ = jobs.scope_and_time(call)
    name, version = call.name(), call.name("version")
    document = call.world.store.get("model", scope.guid, f"{name}:{version}")
    if document is None:
        raise not_found(f"{name}:{version} (modelContainerName:version) not found.")
    return json_response(_version(scope, document))


async def list_versions(call: Call) -> Response:
    """Return a model's versions, newest first, with azure-ai-ml's filter `listViewType`; none here is archived."""
    scope, _ = jobs.scope_and_time(call)
    name = call.name()
    found = [body for _, body in call.world.store.all("model", scope.guid) if text(body, "name") == name]
    if not found:
        raise not_found(f"{name} container was not found.")
    return page(call, found if in_view(call, {}) else [], lambda document: _version(scope, document))


async def list_models(call: Call) -> Response:
    """Return the workspace's models."""
    scope, _ = jobs.scope_and_time(call)
    names = dict.fromkeys(text(body, "name") for _, body in call.world.store.all("model", scope.guid))
    return page(call, [_container(call, scope, name) for name in names] if in_view(call, {}) else [])


async def get_container(call: Call) -> Response:
    """Return a model with its latest version."""
    scope, _ = jobs.scope_and_time(call)
    name = call.name()
    if not any(text(body, "name") == name for _, body in call.world.store.all("model", scope.guid)):
        raise not_found(f"{name} container was not found.")
    return json_response(_container(call, scope, name))


def _files(scope: Scope, document: Json) -> str:
    workspace_uri = (
        f"azureml://subscriptions/{scope.subscription}/resourceGroups/{scope.group}/workspaces/{scope.workspace}"
    )
    return f"{workspace_uri}/datastores/workspaceblobstore/paths/{text(document, 'path')}"


def _container(call: Call, scope: Scope, name: str) -> Json:
    found = [body for _, body in call.world.store.all("model", scope.guid) if text(body, "name") == name]
    latest = text(found[0], "version")
    return {
        "id": f"{scope.arm}/models/{name}",
        "name": name,
        "type": "Microsoft.MachineLearningServices/workspaces/models",
        "properties": {"latestVersion": latest, "nextVersion": str(int(latest) + 1), "isArchived": False, "tags": {}},
        "systemData": system_data(found[-1]),
    }


def _version(scope: Scope, document: Json) -> Json:
    name, version = text(document, "name"), text(document, "version")
    return {
        "id": f"{scope.arm}/models/{name}/versions/{version}",
        "name": version,
        "type": "Microsoft.MachineLearningServices/workspaces/models/versions",
        "properties": {
            "flavors": {"hftransformersv2": {"data": {"task_type": "chat-completion"}}},
            "modelType": "mlflow_model",
            "modelUri": _files(scope, document),
            "jobName": text(document, "job"),
            "tags": child(document, "tags"),
            "properties": {
                "baseModelId": f"azureml://registries/azureml/models/{text(document, 'base')}",
                "model_id": jobs.model_id(scope.guid, name, version),
            },
            "isAnonymous": False,
            "isArchived": False,
            "provisioningState": "Succeeded",
        },
        "systemData": system_data(document),
    }


ROUTES = (
    route("models.list", "GET", WORKSPACE + "/models", list_models),
    route("models.get_container", "GET", WORKSPACE + "/models/{name}", get_container),
    route("models.list_versions", "GET", WORKSPACE + "/models/{name}/versions", list_versions),
    route("models.get", "GET", WORKSPACE + "/models/{name}/versions/{version}", get_version),
)
