"""Operations of an Azure Machine Learning workspace: itself, its data, its jobs, its models, and the registry."""

from __future__ import annotations

from dataclasses import replace

from ...core.api_versions import METADATA, PERMISSIONS, PROVIDERS, SUBSCRIPTIONS
from ..answers import assets, jobs, registry, workspaces
from ..answers.common import LOCATION, OPERATION_STATUS, RETRY_AFTER
from ..operation import Answer, Header, Level, Opaque
from .services import AZURE_ML, HISTORY, REGION, REGISTRIES, WORKSPACE

_SUBSCRIPTION = replace(AZURE_ML, prefix="", source="learn.microsoft.com/rest/api/resources")
_REGION = replace(AZURE_ML, prefix=REGION, source="azure-mgmt-core 1.6.0 `polling/arm_polling.py`")
_PROVIDER = "/subscriptions/{sub}/providers/Microsoft.MachineLearningServices"
_TRAINING = "the tokens of the file times the epochs, at the model's price"

_WORKSPACES = (
    _SUBSCRIPTION.operation(
        "metadata.endpoints",
        "GET",
        "/metadata/endpoints",
        {200: Answer("cloud", workspaces.CLOUD)},
        errors=(400, 404),
        api_version=METADATA.value,
        source="azure-ai-ml 1.35.2 `_azure_environments.py`",
    ),
    _SUBSCRIPTION.operation(
        "subscriptions.list",
        "GET",
        "/subscriptions",
        {200: Answer("subscriptions", workspaces.SUBSCRIPTIONS)},
        api_version=SUBSCRIPTIONS.value,
    ),
    _SUBSCRIPTION.operation(
        "access.provider",
        "GET",
        "/subscriptions/{sub}/providers/{provider}",
        {200: Answer("provider", workspaces.PROVIDER)},
        errors=(404,),
        api_version=PROVIDERS.value,
    ),
    _SUBSCRIPTION.operation(
        "workspaces.list",
        "GET",
        _PROVIDER + "/workspaces",
        {200: Answer("workspaces", workspaces.WORKSPACES)},
        errors=(404,),
    ),
    AZURE_ML.operation("workspaces.get", "GET", "", {200: Answer("workspace", workspaces.WORKSPACE)}),
    AZURE_ML.operation(
        "access.permissions",
        "GET",
        "/providers/Microsoft.Authorization/permissions",
        {200: Answer("permissions", workspaces.PERMISSIONS)},
        api_version=PERMISSIONS.value,
        source="learn.microsoft.com/rest/api/authorization/permissions/list-for-resource",
    ),
    AZURE_ML.operation(
        "datastores.get", "GET", "/datastores/{name}", {200: Answer("datastore", workspaces.DATASTORE)}, errors=(404,)
    ),
    AZURE_ML.operation(
        "datastores.list_secrets",
        "POST",
        "/datastores/{name}/listSecrets",
        {200: Answer("datastore secrets", workspaces.SECRETS)},
    ),
)

_DATA = (
    AZURE_ML.operation("data.list", "GET", "/data", {200: Answer("data names", assets.DATA_NAMES)}),
    AZURE_ML.operation(
        "data.get_container", "GET", "/data/{name}", {200: Answer("data name", assets.DATA_NAME)}, errors=(404,)
    ),
    AZURE_ML.operation(
        "data.list_versions",
        "GET",
        "/data/{name}/versions",
        {200: Answer("data versions", assets.DATA_VERSIONS)},
        errors=(404,),
    ),
    AZURE_ML.operation(
        "data.get",
        "GET",
        "/data/{name}/versions/{version}",
        {200: Answer("data version", assets.DATA_VERSION)},
        errors=(404,),
    ),
    AZURE_ML.operation(
        "data.create",
        "PUT",
        "/data/{name}/versions/{version}",
        {200: Answer("data version", assets.DATA_VERSION), 201: Answer("data version", assets.DATA_VERSION)},
        level=Level.DATA,
        errors=(400, 409),
    ),
)

_MODELS = (
    AZURE_ML.operation("models.list", "GET", "/models", {200: Answer("model names", assets.MODEL_NAMES)}),
    AZURE_ML.operation(
        "models.get_container", "GET", "/models/{name}", {200: Answer("model name", assets.MODEL_NAME)}, errors=(404,)
    ),
    AZURE_ML.operation(
        "models.list_versions",
        "GET",
        "/models/{name}/versions",
        {200: Answer("model versions", assets.MODEL_VERSIONS)},
        errors=(404,),
    ),
    AZURE_ML.operation(
        "models.get",
        "GET",
        "/models/{name}/versions/{version}",
        {200: Answer("model version", assets.MODEL_VERSION)},
        errors=(404,),
    ),
    AZURE_ML.operation(
        "models.create",
        "PUT",
        "/models/{name}/versions/{version}",
        {200: Answer("model version", assets.MODEL_VERSION), 201: Answer("model version", assets.MODEL_VERSION)},
        level=Level.FULL,
        errors=(400, 409),
    ),
)

_JOBS = (
    AZURE_ML.operation("jobs.list", "GET", "/jobs", {200: Answer("jobs", jobs.JOBS)}),
    AZURE_ML.operation("jobs.get", "GET", "/jobs/{name}", {200: Answer("job", jobs.JOB)}, errors=(400, 404)),
    AZURE_ML.operation(
        "jobs.create",
        "PUT",
        "/jobs/{name}",
        {200: Answer("job", jobs.JOB), 201: Answer("job", jobs.JOB)},
        level=Level.JOB,
        cost=_TRAINING,
        errors=(400, 409),
    ),
    AZURE_ML.operation(
        "jobs.cancel",
        "POST",
        "/jobs/{name}/cancel",
        {200: Answer("nothing", Opaque.ANY), 202: Answer("accepted", Opaque.ANY, (LOCATION, RETRY_AFTER))},
        level=Level.JOB,
        errors=(400, 404, 409),
    ),
)

_OPERATIONS = (
    _REGION.operation(
        "operations.status",
        "GET",
        "/mfeOperationsStatus/{operation}",
        {200: Answer("operation status", OPERATION_STATUS)},
        errors=(404,),
    ),
    _REGION.operation(
        "operations.result",
        "GET",
        "/mfeOperationResults/{operation}",
        {
            200: Answer("operation result", Opaque.ANY),
            202: Answer("accepted", Opaque.ANY),
            204: Answer("nothing", Opaque.EMPTY),
        },
        errors=(404,),
    ),
)

_HISTORY = replace(HISTORY, prefix="/history/v1.0" + WORKSPACE)
_METRICS = replace(HISTORY, prefix=f"/metric/v2.0{WORKSPACE}/runs/{{run}}")
_RUNS = (
    replace(HISTORY, api_versions=("",)).operation(
        "history.discovery",
        "GET",
        "/discovery",
        {200: Answer("discovery", workspaces.DISCOVERY)},
        source="azure-ai-ml 1.35.2 `_job_operations.py`",
    ),
    _HISTORY.operation(
        "history.details",
        "GET",
        ("/runs/{run}/details", "/experiments/{experiment}/runs/{run}/details"),
        {200: Answer("run details", jobs.RUN_DETAILS)},
        errors=(404,),
    ),
    _HISTORY.operation(
        "history.children",
        "GET",
        ("/runs/{run}/children", "/experiments/{experiment}/runs/{run}/children"),
        {200: Answer("runs", jobs.RUNS)},
        errors=(404,),
    ),
    _HISTORY.operation(
        "history.update",
        "PATCH",
        ("/runs/{run}", "/experiments/{experiment}/runs/{run}"),
        {200: Answer("run", jobs.RUN)},
        level=Level.JOB,
        errors=(404,),
    ),
    replace(HISTORY, api_versions=("",)).operation(
        "history.log",
        "GET",
        "/logs/{guid}/{run}/user_logs/std_log.txt",
        {200: Answer("log", Opaque.BYTES), 206: Answer("log", Opaque.BYTES, (Header(("Content-Range",)),))},
        errors=(404, 416),
        source="azure-ai-ml 1.35.2 `_job_ops_helper.py`; Azure has its logs in blobs",
    ),
    _METRICS.operation(
        "metrics.list", "POST", "/list", {200: Answer("metric names", jobs.METRIC_NAMES)}, errors=(404,)
    ),
    _METRICS.operation("metrics.full", "POST", "/full", {200: Answer("metric", jobs.METRIC)}, errors=(404,)),
)

_REGISTRY = (
    replace(REGISTRIES, prefix="", api_versions=("v1.0",)).operation(
        "registry.discovery",
        "GET",
        "/registrymanagement/v1.0/registries/{registry}/discovery",
        {200: Answer("registry discovery", registry.DISCOVERY)},
        errors=(404,),
    ),
    REGISTRIES.operation(
        "registry.list_versions",
        "GET",
        "/models/{name}/versions",
        {200: Answer("registry models", registry.MODELS)},
        errors=(404,),
    ),
    REGISTRIES.operation(
        "registry.get_model",
        "GET",
        "/models/{name}/versions/{version}",
        {200: Answer("registry model", registry.MODEL)},
        errors=(404,),
    ),
    REGISTRIES.operation(
        "registry.list_component_versions",
        "GET",
        "/components/{name}/versions",
        {200: Answer("components", registry.COMPONENTS)},
        errors=(404,),
    ),
    REGISTRIES.operation(
        "registry.get_component",
        "GET",
        "/components/{name}/versions/{version}",
        {200: Answer("component", registry.COMPONENT)},
        errors=(404,),
    ),
)

OPERATIONS = (*_WORKSPACES, *_DATA, *_MODELS, *_JOBS, *_OPERATIONS, *_RUNS, *_REGISTRY)
