"""Operations of compute clusters, of managed online endpoints, and of the model behind one."""

from __future__ import annotations

from dataclasses import replace

from ...core.api_versions import MONITOR
from ..answers import chat, computes, online
from ..answers.common import ASYNC_OPERATION, KEYS, LOCATION, OPERATION, OPERATION_STATUS, RETRY_AFTER
from ..operation import Answer, Level, Opaque
from .services import ONLINE_CHAT, OWN_COMPUTE, REGION

_REGION = replace(OWN_COMPUTE, prefix=REGION)
_CLUSTER = "/computes/{name}"
_NODES = "its nodes by the hour, from their start until they are scaled down"
_COMPUTES = (
    OWN_COMPUTE.operation("computes.list", "GET", "/computes", {200: Answer("computes", computes.COMPUTES)}),
    OWN_COMPUTE.operation("computes.get", "GET", _CLUSTER, {200: Answer("compute", computes.COMPUTE)}, errors=(404,)),
    OWN_COMPUTE.operation(
        "computes.create",
        "PUT",
        _CLUSTER,
        {
            200: Answer("compute", computes.COMPUTE),
            201: Answer("new compute", computes.COMPUTE, (ASYNC_OPERATION,)),
        },
        level=Level.FULL,
        cost=_NODES,
        errors=(400, 409),
    ),
    OWN_COMPUTE.operation(
        "computes.scale",
        "PATCH",
        _CLUSTER,
        {200: Answer("compute", computes.COMPUTE), 202: Answer("accepted", Opaque.ANY, (OPERATION,))},
        level=Level.FULL,
        cost=_NODES,
        errors=(400, 404, 409),
    ),
    OWN_COMPUTE.operation(
        "computes.delete",
        "DELETE",
        _CLUSTER,
        {
            200: Answer("deleted", Opaque.ANY),
            202: Answer("accepted", Opaque.ANY, (OPERATION,)),
            204: Answer("nothing", Opaque.EMPTY),
        },
        level=Level.FULL,
        errors=(404, 409),
    ),
    OWN_COMPUTE.operation(
        "computes.list_nodes", "POST", _CLUSTER + "/listNodes", {200: Answer("nodes", computes.NODES)}, errors=(404,)
    ),
    _REGION.operation("vm_sizes.list", "GET", "/vmSizes", {200: Answer("sizes", computes.SIZES)}),
    _REGION.operation("usages.list", "GET", "/usages", {200: Answer("usages", computes.USAGES)}),
    _REGION.operation(
        "operations.compute_status",
        "GET",
        "/computeOperationsStatus/{operation}",
        {200: Answer("operation status", OPERATION_STATUS)},
        errors=(404,),
    ),
)

_ENDPOINT = "/onlineEndpoints/{name}"
_DEPLOYMENT = "/onlineEndpoints/{name}/deployments/{deployment}"
_INSTANCES = "each instance by the hour, from its start to its deletion"
_ENDPOINTS = (
    OWN_COMPUTE.operation(
        "online_endpoints.list", "GET", "/onlineEndpoints", {200: Answer("online endpoints", online.ENDPOINTS)}
    ),
    OWN_COMPUTE.operation(
        "online_endpoints.get", "GET", _ENDPOINT, {200: Answer("online endpoint", online.ENDPOINT)}, errors=(404,)
    ),
    OWN_COMPUTE.operation(
        "online_endpoints.put",
        "PUT",
        _ENDPOINT,
        {
            200: Answer("online endpoint", online.ENDPOINT),
            201: Answer("new online endpoint", online.ENDPOINT, (ASYNC_OPERATION,)),
        },
        level=Level.FULL,
        errors=(400, 409),
    ),
    OWN_COMPUTE.operation(
        "online_endpoints.delete",
        "DELETE",
        _ENDPOINT,
        {
            200: Answer("deleted", Opaque.ANY),
            202: Answer("accepted", Opaque.ANY, (OPERATION,)),
            204: Answer("nothing", Opaque.EMPTY),
        },
        level=Level.FULL,
        errors=(404, 409),
    ),
    OWN_COMPUTE.operation(
        "online_endpoints.list_keys", "POST", _ENDPOINT + "/listKeys", {200: Answer("keys", KEYS)}, errors=(400, 404)
    ),
    OWN_COMPUTE.operation(
        "online_endpoints.token", "POST", _ENDPOINT + "/token", {200: Answer("token", online.TOKEN)}, errors=(400, 404)
    ),
    OWN_COMPUTE.operation(
        "online_endpoints.regenerate_keys",
        "POST",
        _ENDPOINT + "/regenerateKeys",
        {200: Answer("keys", Opaque.ANY), 202: Answer("accepted", Opaque.ANY, (LOCATION, RETRY_AFTER))},
        level=Level.FULL,
        errors=(400, 404),
    ),
)
_DEPLOYMENTS = (
    OWN_COMPUTE.operation(
        "online_deployments.list",
        "GET",
        _ENDPOINT + "/deployments",
        {200: Answer("online deployments", online.DEPLOYMENTS)},
        errors=(404,),
    ),
    OWN_COMPUTE.operation(
        "online_deployments.get",
        "GET",
        _DEPLOYMENT,
        {200: Answer("online deployment", online.DEPLOYMENT)},
        errors=(404,),
    ),
    OWN_COMPUTE.operation(
        "online_deployments.put",
        "PUT",
        _DEPLOYMENT,
        {
            200: Answer("online deployment", online.DEPLOYMENT),
            201: Answer("new online deployment", online.DEPLOYMENT, (ASYNC_OPERATION,)),
        },
        level=Level.FULL,
        cost=_INSTANCES,
        errors=(400, 404, 409),
    ),
    OWN_COMPUTE.operation(
        "online_deployments.scale",
        "PATCH",
        _DEPLOYMENT,
        {200: Answer("online deployment", online.DEPLOYMENT), 202: Answer("accepted", Opaque.ANY, (OPERATION,))},
        level=Level.FULL,
        cost=_INSTANCES,
        errors=(400, 404, 409),
    ),
    OWN_COMPUTE.operation(
        "online_deployments.delete",
        "DELETE",
        _DEPLOYMENT,
        {
            200: Answer("deleted", Opaque.ANY),
            202: Answer("accepted", Opaque.ANY, (OPERATION,)),
            204: Answer("nothing", Opaque.EMPTY),
        },
        level=Level.FULL,
        errors=(404, 409),
    ),
    OWN_COMPUTE.operation(
        "online_deployments.logs",
        "POST",
        _DEPLOYMENT + "/getLogs",
        {200: Answer("container log", online.LOGS)},
        errors=(400, 404),
    ),
    replace(OWN_COMPUTE, source="learn.microsoft.com/rest/api/monitor/metrics/list").operation(
        "monitor.online_endpoint",
        "GET",
        _ENDPOINT + "/providers/Microsoft.Insights/metrics",
        {200: Answer("azure monitor metrics", online.METRICS)},
        api_version=MONITOR.value,
        errors=(400, 404),
    ),
)

_SCORING = replace(ONLINE_CHAT, level=Level.FULL)
_MODELS = (
    _SCORING.operation(
        "scoring.score",
        "POST",
        ("/score", "/mir/{endpoint}/score"),
        {200: Answer("score", chat.SCORE, alternatives=(chat.SCORE_OF_MLFLOW,))},
        errors=(400, 404, 413, 422, 424),
    ),
    _SCORING.operation(
        "scoring.chat",
        "POST",
        ("/v1/chat/completions", "/chat/completions", "/mir/{endpoint}/v1/chat/completions"),
        {200: Answer("completion", chat.COMPLETION, alternatives=(chat.CHUNKS,))},
        errors=(400, 404, 413, 422, 424),
    ),
)

OPERATIONS = (*_COMPUTES, *_ENDPOINTS, *_DEPLOYMENTS, *_MODELS)
