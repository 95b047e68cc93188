"""Components of the registry: the list, one by its version, and its versions, newest first."""

from starlette.responses import Response

from mock_server.core.errors import not_found
from mock_server.core.json_values import Json
from mock_server.http.routing import Call, Route, json_response, route
from mock_server.resources import components
from mock_server.resources.components import Component
from mock_server.surfaces.paging import page
from mock_server.training import base_models


async def list_components(call: Call) -> Response:
    """Return the components."""
    _check_registry(call)
    return page(call, [components.container(each) for each in components.COMPONENTS.values()])


async def get_container(call: Call) -> Response:
    """Return a component with its latest version."""
    return json_response(components.container(_component(call)))


async def list_versions(call: Call) -> Response:
    """Return a component's versions: `$orderBy` and `$top` are how azure-ai-ml asks for the label `latest`."""
    found: list[Json] = [components.document(_component(call))]
    return page(call, found)


async def get_version(call: Call) -> Response:
    """Return one version."""
    component = _component(call)
    version = call.params["version"]
    if version != component.version:
        raise not_found(f"{component.name}:{version[:80]} (componentContainerName:version) not found.")
    return json_response(components.document(component))


def _check_registry(call: Call) -> None:
    name = call.params["registry"]
    if name.lower() != base_models.REGISTRY:
        raise not_found(f"Registry {name[:80]} was not found. This server has {base_models.REGISTRY}.")


def _component(call: Call) -> Component:
    _check_registry(call)
    component = components.find(call.params["name"])
    if component is None:
        raise not_found(f"{call.params['name'][:80]} container was not found.")
    return component


def routes(registry: str) -> tuple[Route, ...]:
    """Return the routes below the path of a registry."""
    base = registry + "/components"
    return (
        route("registry.list_components", "GET", base, list_components),
        route("registry.get_component_container", "GET", base + "/{name}", get_container),
        route("registry.list_component_versions", "GET", base + "/{name}/versions", list_versions),
        route("registry.get_component", "GET", base + "/{name}/versions/{version}", get_version),
    )
