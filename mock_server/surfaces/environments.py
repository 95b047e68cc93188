"""Environments: containers of versions that name an image, or how to build one; a version never changes.

`EnvironmentVersions` of the service's REST API, 2023-04-01-preview. A deployment needs one only for serving of its own:
a registered MLflow model, and a model of the registry, bring theirs.
"""

from starlette.responses import Response

from mock_server.core.errors import not_found, user_error
from mock_server.core.json_values import Json, child, is_object, text
from mock_server.core.scope import Scope
from mock_server.http.routing import WORKSPACE, Call, json_response, route
from mock_server.resources import references
from mock_server.surfaces.data import system_data
from mock_server.surfaces.paging import in_view, page

FINAL = ("image", "build", "condaFile", "inferenceConfig", "osType")
ROUTES_OF_IMAGE = ("livenessRoute", "readinessRoute", "scoringRoute")


async def put_version(call: Call) -> Response:
    """Create a version, or update its mutable fields."""
    requested = _checked(await call.json())
    scope, name, version = call.scope, call.name(), call.name("version")
    key = f"{name}:{version}"
    existing = call.world.store.get(references.ENVIRONMENTS, scope.guid, key)
    before = child(existing or {}, "properties")
    changed = [part for part in FINAL if existing and (requested.get(part) or None) != (before.get(part) or None)]
    if changed:
        raise user_error(f"Environment {key} exists with another {changed[0]}. Create a new version.")
    document: Json = {
        "name": name,
        "version": version,
        "created": existing["created"] if existing else call.now,
        "properties": {**before, **requested},
    }
    call.world.store.put(references.ENVIRONMENTS, scope.guid, key, document)
    return json_response(_version(scope, document), 200 if existing else 201)


async def get_version(call: Call) -> Response:
    """Return one version."""
    scope, name, version = call.scope, call.name(), call.name("version")
    document = call.world.store.get(references.ENVIRONMENTS, scope.guid, f"{name}:{version}")
    if document is None:
        raise not_found(f"{name}:{version} (environmentContainerName:version) not found.")
    return json_response(_version(scope, document))


async def list_versions(call: Call) -> Response:
    """Return an environment's versions, newest first, with azure-ai-ml's filter `listViewType`."""
    scope = call.scope
    found = [one for one in _versions(call, scope, call.name()) if in_view(call, child(one, "properties"))]
    return page(call, found, lambda document: _version(scope, document))


async def get_container(call: Call) -> Response:
    """Return an environment with its latest version and the next one."""
    scope = call.scope
    return json_response(_container(scope, call.name(), _versions(call, scope, call.name())))


async def list_containers(call: Call) -> Response:
    """Return the workspace's environments."""
    scope = call.scope
    names = dict.fromkeys(text(body, "name") for _, body in call.world.store.all(references.ENVIRONMENTS, scope.guid))
    return page(call, [_container(scope, name, _versions(call, scope, name)) for name in names])


def _checked(body: Json) -> Json:
    requested: object = body.get("properties")
    if not is_object(requested):
        raise user_error("The request is invalid: properties is required.")
    image, build = text(requested, "image"), child(requested, "build")
    if bool(image) == bool(text(build, "contextUri")):
        raise user_error("The request is invalid: an environment has either an image or a build with a contextUri.")
    routes = child(requested, "inferenceConfig")
    for name in ROUTES_OF_IMAGE:
        given = child(routes, name)
        port: object = given.get("port")
        if given and not (text(given, "path").startswith("/") and isinstance(port, int) and 0 < port < 65_536):
            raise user_error(f"The request is invalid: inferenceConfig.{name} must have a path and a port.")
    return {name: value for name, value in requested.items() if value is not None}


def _versions(call: Call, scope: Scope, name: str) -> list[Json]:
    found = [
        body for _, body in call.world.store.all(references.ENVIRONMENTS, scope.guid) if text(body, "name") == name
    ]
    if not found:
        raise not_found(f"{name} container was not found.")
    return found


def _version(scope: Scope, document: Json) -> Json:
    name, version = text(document, "name"), text(document, "version")
    return {
        "id": f"{scope.arm}/environments/{name}/versions/{version}",
        "name": version,
        "type": "Microsoft.MachineLearningServices/workspaces/environments/versions",
        "properties": {
            "environmentType": "UserCreated",
            "osType": "Linux",
            "isAnonymous": False,
            "isArchived": False,
            "tags": {},
            "properties": {},
            "provisioningState": "Succeeded",
            **child(document, "properties"),
        },
        "systemData": system_data(document),
    }


def _container(scope: Scope, name: str, found: list[Json]) -> Json:
    numbers = [int(text(body, "version")) for body in found if text(body, "version").isdecimal()]
    return {
        "id": f"{scope.arm}/environments/{name}",
        "name": name,
        "type": "Microsoft.MachineLearningServices/workspaces/environments",
        "properties": {
            "latestVersion": text(found[0], "version"),
            "nextVersion": str(max(numbers, default=0) + 1),
            "isArchived": False,
            "tags": {},
            "properties": {},
        },
        "systemData": system_data(found[-1]),
    }


BASE = WORKSPACE + "/environments"
ROUTES = (
    route("environments.list", "GET", BASE, list_containers),
    route("environments.get_container", "GET", BASE + "/{name}", get_container),
    route("environments.list_versions", "GET", BASE + "/{name}/versions", list_versions),
    route("environments.get", "GET", BASE + "/{name}/versions/{version}", get_version),
    route("environments.create", "PUT", BASE + "/{name}/versions/{version}", put_version),
)
