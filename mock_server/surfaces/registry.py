"""The registry of base models and components: its address and its models."""

from starlette.responses import Response

from mock_server.core.bearer_tokens import check_bearer
from mock_server.core.errors import not_found
from mock_server.core.json_values import Json
from mock_server.http.routing import Call, json_response, route, routed_surface
from mock_server.resources import references
from mock_server.surfaces import components, management
from mock_server.surfaces.paging import page
from mock_server.training import base_models
from mock_server.training.base_models import Model

SUBSCRIPTION = "6d6f636b-0000-4000-8000-000000000000"
GROUP = "registry-builtin-prod-eastus-01"
REGISTRY = (
    "/mferp/managementfrontend/subscriptions/{sub}/resourceGroups/{rg}"
    "/providers/Microsoft.MachineLearningServices/registries/{registry}"
)
MODELS = REGISTRY + "/models"


async def discovery(call: Call) -> Response:
    """Return where a registry is served; the address ends with a slash because azure-ai-ml appends to it."""
    name = _registry(call)
    return json_response(
        {
            "registryName": name,
            "tenantId": "6d6f636b-0000-4000-8000-00000000000a",
            "primaryRegion": "eastus",
            "regions": ["eastus"],
            "subscriptionId": SUBSCRIPTION,
            "resourceGroup": GROUP,
            "primaryRegionResourceProviderUri": f"{call.base}/",
        }
    )


async def list_models(call: Call) -> Response:
    """Return the models."""
    _registry(call)
    return page(call, [_container(model) for model in base_models.MODELS])


async def get_container(call: Call) -> Response:
    """Return a model with its latest version."""
    return json_response(_container(_model(call)))


async def list_versions(call: Call) -> Response:
    """Return a model's versions, newest first."""
    model = _model(call)
    return page(call, [base_models.document(model, version) for version in references.versions(model)])


async def get_version(call: Call) -> Response:
    """Return one version."""
    model, version = _model(call), call.params["version"]
    if version not in references.versions(model):
        raise not_found(f"{model.name}:{version[:80]} (modelContainerName:version) not found.")
    return json_response(base_models.document(model, version))


def _registry(call: Call) -> str:
    name = call.params["registry"]
    if name.lower() != base_models.REGISTRY:
        raise not_found(f"Registry {name[:80]} was not found. This server has {base_models.REGISTRY}.")
    return base_models.REGISTRY


def _model(call: Call) -> Model:
    _registry(call)
    model = base_models.find(call.params["name"])
    if model is None:
        raise not_found(f"{call.params['name'][:80]} container was not found.")
    return model


def _container(model: Model) -> Json:
    return {
        "id": f"azureml://registries/{base_models.REGISTRY}/models/{model.name}",
        "name": model.name,
        "properties": {"latestVersion": str(model.version), "isArchived": False, "tags": {}, "properties": {}},
    }


def authorize(call: Call) -> None:
    """Require a token; API versions here are dates as well as 'v1.0'."""
    check_bearer(call.headers, call.host, call.world.wall())


SURFACE = routed_surface(
    "registry",
    (
        route("registry.discovery", "GET", "/registrymanagement/v1.0/registries/{registry}/discovery", discovery),
        route("registry.list_models", "GET", MODELS, list_models),
        route("registry.get_container", "GET", MODELS + "/{name}", get_container),
        route("registry.list_versions", "GET", MODELS + "/{name}/versions", list_versions),
        route("registry.get_model", "GET", MODELS + "/{name}/versions/{version}", get_version),
        *components.routes(REGISTRY),
    ),
    authorize,
    management.error_response,
)
