"""Data assets: containers, and versions whose path never changes."""

from starlette.responses import Response

from mock_server.core.errors import not_found, user_error
from mock_server.core.json_values import Json, child, is_object, iso, number, text
from mock_server.core.scope import Scope
from mock_server.http.routing import WORKSPACE, Call, empty_response, json_response, route
from mock_server.resources import references
from mock_server.surfaces.paging import in_view, page

TYPES = ("uri_file", "uri_folder", "mltable")


async def put_version(call: Call) -> Response:
    """Create a version, or update its mutable fields."""
    requested: object = (await call.json()).get("properties")
    scope, name, version = call.scope, call.name(), call.name("version")
    if not is_object(requested):
        raise user_error("The request is invalid: properties is required.")
    if requested.get("dataType", "uri_file") not in TYPES:
        raise user_error(f"The request is invalid: dataType must be one of {', '.join(TYPES)}.")
    if isinstance(references.resolve_path(scope, text(requested, "dataUri")), references.Unresolved):
        raise user_error(
            "The request is invalid: dataUri must be an azureml://datastores/<name>/paths/<path> or a blob URL."
        )
    key = f"{name}:{version}"
    existing = call.world.store.get("data", scope.guid, key)
    if existing and _path(scope, child(existing, "properties")) != _path(scope, requested):
        raise user_error("Asset paths cannot be updated.")
    created = existing["created"] if existing else call.now
    document = {"name": name, "version": version, "created": created, "properties": {**_defaults(), **requested}}
    call.world.store.put("data", scope.guid, key, document)
    return json_response(_version(scope, document), 200 if existing else 201)


async def get_version(call: Call) -> Response:
    """Return one version."""
    scope, name, version = call.scope, call.name(), call.name("version")
    document = call.world.store.get("data", scope.guid, f"{name}:{version}")
    if document is None:
        raise not_found(f"{name}:{version} (dataContainerName:version) not found.")
    return json_response(_version(scope, document))


async def delete_version(call: Call) -> Response:
    """Delete one version; its blob stays."""
    call.world.store.delete("data", call.scope.guid, f"{call.name()}:{call.name('version')}")
    return empty_response(204)


async def list_versions(call: Call) -> Response:
    """Return an asset's versions, newest first, with azure-ai-ml's filter `listViewType`."""
    scope, name = call.scope, call.name()
    found = _versions(call, scope, name)
    if not found:
        raise not_found(f"{name} container was not found.")
    shown = [each for each in found if in_view(call, child(each, "properties"))]
    return page(call, shown, lambda document: _version(scope, document))


async def get_container(call: Call) -> Response:
    """Return an asset with its latest version and the next one."""
    scope, name = call.scope, call.name()
    found = _versions(call, scope, name)
    if not found:
        raise not_found(f"{name} container was not found.")
    return json_response(_container(scope, name, found))


async def list_containers(call: Call) -> Response:
    """Return the workspace's assets that have a version in the view that `listViewType` asks for."""
    scope = call.scope
    found = [body for _, body in call.world.store.all("data", scope.guid) if in_view(call, child(body, "properties"))]
    names = dict.fromkeys(text(document, "name") for document in found)
    return page(call, [_container(scope, name, _versions(call, scope, name)) for name in names])


def _versions(call: Call, scope: Scope, name: str) -> list[Json]:
    return [body for _, body in call.world.store.all("data", scope.guid) if text(body, "name") == name]


def _path(scope: Scope, properties: Json) -> object:
    return references.resolve_path(scope, text(properties, "dataUri"))


def _defaults() -> Json:
    return {"dataType": "uri_file", "isAnonymous": False, "isArchived": False, "tags": {}, "properties": {}}


def _version(scope: Scope, document: Json) -> Json:
    name, version = text(document, "name"), text(document, "version")
    return {
        "id": f"{scope.arm}/data/{name}/versions/{version}",
        "name": version,
        "type": "Microsoft.MachineLearningServices/workspaces/data/versions",
        "properties": child(document, "properties"),
        "systemData": system_data(document),
    }


def _container(scope: Scope, name: str, found: list[Json]) -> Json:
    latest = text(found[0], "version")
    numbers = [int(text(body, "version")) for body in found if text(body, "version").isdecimal()]
    return {
        "id": f"{scope.arm}/data/{name}",
        "name": name,
        "type": "Microsoft.MachineLearningServices/workspaces/data",
        "properties": {
            "dataType": text(child(found[0], "properties"), "dataType", "uri_file"),
            "latestVersion": latest,
            "nextVersion": str(max(numbers, default=0) + 1),
            "isArchived": False,
            "tags": {},
            "properties": {},
        },
        "systemData": system_data(found[-1]),
    }


def system_data(document: Json) -> Json:
    """Return who created a resource and when."""
    moment = iso(number(document.get("created")) or 0.0)
    return {"createdAt": moment, "createdBy": "mock user", "createdByType": "User", "lastModifiedAt": moment}


ROUTES = (
    route("data.list", "GET", WORKSPACE + "/data", list_containers),
    route("data.get_container", "GET", WORKSPACE + "/data/{name}", get_container),
    route("data.list_versions", "GET", WORKSPACE + "/data/{name}/versions", list_versions),
    route("data.get", "GET", WORKSPACE + "/data/{name}/versions/{version}", get_version),
    route("data.create", "PUT", WORKSPACE + "/data/{name}/versions/{version}", put_version),
    route("data.delete", "DELETE", WORKSPACE + "/data/{name}/versions/{version}", delete_version),
)
