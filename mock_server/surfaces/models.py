"""Models of a workspace: those registered by completed jobs, and those registered by request."""

from starlette.responses import Response

from mock_server.core.errors import ServiceError, not_found, user_error
from mock_server.core.json_values import Json, child, is_object, text
from mock_server.core.scope import Scope
from mock_server.http.routing import WORKSPACE, Call, json_response, route
from mock_server.resources import jobs, model_versions
from mock_server.surfaces.data import system_data
from mock_server.surfaces.paging import in_view, page

TYPES = ("mlflow_model", "custom_model", "triton_model")
MUTABLE = ("description", "tags", "properties", "isArchived", "stage")


async def get_version(call: Call) -> Response:
    """Return one version."""
    scope, _ = jobs.scope_and_time(call)
    return json_response(_version(scope, _find(call, scope)))


async def put_version(call: Call) -> Response:
    """Register a version, or update its mutable fields: never where its files are."""
    requested = _checked(await call.json())
    scope, now = jobs.scope_and_time(call)
    name, version, uri = call.name(), call.name("version"), text(requested, "modelUri")
    existing = call.world.store.get("model", scope.guid, f"{name}:{version}")
    if existing is not None:
        if uri not in ("", text(existing, "uri"), _files(scope, existing)):
            raise ServiceError(409, "UserError", model_versions.PATHS_ARE_FINAL)
        return json_response(_version(scope, _changed(call, scope, existing, requested)))
    if not uri:
        raise user_error("The request is invalid: properties.modelUri is required.")
    found = model_versions.origin(call.world, scope, uri, now)
    document = {
        "name": name,
        "version": version,
        "uri": uri,
        "type": text(requested, "modelType", "custom_model"),
        "job": found.job,
        "base": found.base,
        "examples": found.examples,
        "path": found.path,
        "created": now,
        **{key: requested[key] for key in MUTABLE if requested.get(key) is not None},
    }
    call.world.store.put("model", scope.guid, f"{name}:{version}", document)
    return json_response(_version(scope, document), 201)


async def patch_version(call: Call) -> Response:
    """Change a version's mutable fields."""
    requested = _checked(await call.json())
    scope, _ = jobs.scope_and_time(call)
    return json_response(_version(scope, _changed(call, scope, _find(call, scope), requested)))


async def list_versions(call: Call) -> Response:
    """Return a model's versions, newest first, with azure-ai-ml's filter `listViewType`."""
    scope, _ = jobs.scope_and_time(call)
    found = _versions(call, scope)
    shown = [document for document in found if in_view(call, document)]
    return page(call, shown, lambda document: _version(scope, document))


async def list_models(call: Call) -> Response:
    """Return the workspace's models that are in the view of `listViewType`."""
    scope, _ = jobs.scope_and_time(call)
    names = dict.fromkeys(text(body, "name") for _, body in call.world.store.all("model", scope.guid))
    found = [_container(call, scope, name) for name in names]
    return page(call, [container for container in found if in_view(call, container["properties"])])


async def get_container(call: Call) -> Response:
    """Return a model with its latest version."""
    scope, _ = jobs.scope_and_time(call)
    _versions(call, scope)
    return json_response(_container(call, scope, call.name()))


async def put_container(call: Call) -> Response:
    """Change a model itself: whether it is archived, its tags and its description."""
    requested = _checked(await call.json())
    scope, _ = jobs.scope_and_time(call)
    _versions(call, scope)
    own = call.world.store.get(model_versions.CONTAINER, scope.guid, call.name()) or {}
    changes: Json = {
        key: requested[key] for key in ("description", "tags", "properties", "isArchived") if key in requested
    }
    call.world.store.put(model_versions.CONTAINER, scope.guid, call.name(), {**own, **changes})
    return json_response(_container(call, scope, call.name()))


def _checked(body: Json) -> Json:
    requested: object = body.get("properties")
    if not is_object(requested):
        raise user_error("The request is invalid: properties is required.")
    for key in ("tags", "properties"):
        if requested.get(key) is not None and not is_object(requested[key]):
            raise user_error(f"The request is invalid: {key} must be an object.")
    if not isinstance(requested.get("isArchived", False), bool | None):
        raise user_error("The request is invalid: isArchived must be true or false.")
    if requested.get("modelType") not in (None, *TYPES):
        raise user_error(f"The request is invalid: modelType must be one of {', '.join(TYPES)}.")
    return requested


def _find(call: Call, scope: Scope) -> Json:
    name, version = call.name(), call.name("version")
    document = call.world.store.get("model", scope.guid, f"{name}:{version}")
    if document is None:
        raise not_found(f"{name}:{version} (modelContainerName:version) not found.")
    return document


def _versions(call: Call, scope: Scope) -> list[Json]:
    found = model_versions.versions(call.world, scope.guid, call.name())
    if not found:
        raise not_found(f"{call.name()} container was not found.")
    return found


def _changed(call: Call, scope: Scope, document: Json, requested: Json) -> Json:
    changed = {**document, **{key: requested[key] for key in MUTABLE if requested.get(key) is not None}}
    call.world.store.put("model", scope.guid, f"{text(document, 'name')}:{text(document, 'version')}", changed)
    return changed


def _files(scope: Scope, document: Json) -> str:
    workspace_uri = (
        f"azureml://subscriptions/{scope.subscription}/resourceGroups/{scope.group}/workspaces/{scope.workspace}"
    )
    return f"{workspace_uri}/datastores/workspaceblobstore/paths/{text(document, 'path')}"


def _container(call: Call, scope: Scope, name: str) -> Json:
    found = model_versions.versions(call.world, scope.guid, name)
    own = call.world.store.get(model_versions.CONTAINER, scope.guid, name) or {}
    return {
        "id": f"{scope.arm}/models/{name}",
        "name": name,
        "type": "Microsoft.MachineLearningServices/workspaces/models",
        "properties": {
            "isArchived": False,
            "tags": {},
            "properties": {},
            **own,
            "latestVersion": text(found[0], "version"),
            "nextVersion": model_versions.next_version(found),
        },
        "systemData": system_data(found[-1]),
    }


def _version(scope: Scope, document: Json) -> Json:
    name, version = text(document, "name"), text(document, "version")
    base = text(document, "base")
    model_type = text(document, "type", "mlflow_model")
    own = {"model_id": jobs.model_id(scope.guid, name, version)}
    own |= {"baseModelId": f"azureml://registries/azureml/models/{base}"} if base else {}
    flavors: Json = {"hftransformersv2": {"data": {"task_type": "chat-completion"}}}
    return {
        "id": f"{scope.arm}/models/{name}/versions/{version}",
        "name": version,
        "type": "Microsoft.MachineLearningServices/workspaces/models/versions",
        "properties": {
            "description": document.get("description"),
            "flavors": flavors if model_type == "mlflow_model" else {},
            "modelType": model_type,
            "modelUri": _files(scope, document),
            "jobName": text(document, "job") or None,
            "tags": child(document, "tags"),
            "properties": {**child(document, "properties"), **own},
            "isAnonymous": False,
            "isArchived": document.get("isArchived") is True,
            "stage": document.get("stage"),
            "provisioningState": "Succeeded",
        },
        "systemData": system_data(document),
    }


ROUTES = (
    route("models.list", "GET", WORKSPACE + "/models", list_models),
    route("models.get_container", "GET", WORKSPACE + "/models/{name}", get_container),
    route("models.change_container", "PUT", WORKSPACE + "/models/{name}", put_container),
    route("models.change_container", "PATCH", WORKSPACE + "/models/{name}", put_container),
    route("models.list_versions", "GET", WORKSPACE + "/models/{name}/versions", list_versions),
    route("models.get", "GET", WORKSPACE + "/models/{name}/versions/{version}", get_version),
    route("models.create", "PUT", WORKSPACE + "/models/{name}/versions/{version}", put_version),
    route("models.change", "PATCH", WORKSPACE + "/models/{name}/versions/{version}", patch_version),
)
