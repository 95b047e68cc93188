"""Azure Monitor: the metrics of managed online endpoints and of their deployments.

learn.microsoft.com/rest/api/monitor/metrics/list; a filter is one of `deployment eq 'blue'` and `statusCode eq '200'`,
or both, where `'*'` gives a series for each value.
"""

import re
from collections.abc import Mapping, Sequence

from starlette.responses import Response

from mock_server.core.errors import ServiceError
from mock_server.core.json_values import Json, iso
from mock_server.core.scope import LOCATION
from mock_server.http.routing import Call, json_response, route
from mock_server.resources import online_metrics, online_traffic
from mock_server.resources.online_metrics import Metric, Span
from mock_server.surfaces import online_deployments, online_endpoints

NAMESPACE = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
MEMBERS = {"deployment": "deployment", "statuscode": "status"}
CONDITION = re.compile(r"(\w{1,40}) eq '([^']{0,80})'\Z")


async def of_endpoint(call: Call) -> Response:
    """Return metrics of an endpoint: the requests to it, and how long they took."""
    scope, endpoint = online_endpoints.find(call)
    counted = online_traffic.counts(call.world, scope.guid, endpoint.name)
    resource = f"{scope.arm}/onlineEndpoints/{endpoint.name}"
    return _shown(call, resource, online_metrics.ENDPOINT_METRICS, _span(call), counted)


async def of_deployment(call: Call) -> Response:
    """Return metrics of a deployment: the number of its instances now, for all of the time that is shown."""
    scope, deployment = online_deployments.find(call)
    resource = f"{scope.arm}/onlineEndpoints/{deployment.endpoint}/deployments/{deployment.name}"
    span = _span(call)
    capacity = [{"minute": span.start + at * span.step, "capacity": deployment.capacity} for at in span.steps]
    return _shown(call, resource, online_metrics.DEPLOYMENT_METRICS, span, capacity)


def _span(call: Call) -> Span:
    return online_metrics.span(call.query.get("timespan", ""), call.query.get("interval", ""), call.now)


def _shown(call: Call, resource: str, known: Mapping[str, Metric], span: Span, counted: Sequence[Json]) -> Response:
    metrics = online_metrics.chosen(call.query.get("metricnames", ""), known)
    asked = [one.strip().lower() for one in call.query.get("aggregation", "average").split(",")]
    unknown = [one for one in asked if one not in online_metrics.AGGREGATIONS]
    if unknown:
        raise ServiceError(400, "BadRequest", f"The aggregation {unknown[0][:40]!r} is not known.")
    kept, split = _filtered(call.query.get("$filter", ""), counted)
    return json_response(
        {
            "cost": 0,
            "timespan": f"{iso(span.start)}/{iso(span.end)}",
            "interval": span.interval,
            "namespace": NAMESPACE,
            "resourceregion": LOCATION,
            "value": [online_metrics.to_json(resource, metric, kept, span, asked, split) for metric in metrics],
        }
    )


def _filtered(condition: str, counted: Sequence[Json]) -> tuple[Sequence[Json], str | None]:
    """Return the requests that a filter lets through, and the member to split them by."""
    split = None
    for part in condition.split(" and ") if condition else ():
        match = CONDITION.match(part.strip())
        member = MEMBERS.get(match[1].lower()) if match else None
        if match is None or member is None:
            raise ServiceError(400, "BadRequest", f"The filter {condition[:80]!r} is not supported.")
        if match[2] == "*":
            split = member
        else:
            counted = [one for one in counted if str(one.get(member)).lower() == match[2].lower()]
    return counted, split


METRICS = "/providers/microsoft.insights/metrics"
ROUTES = (
    route("monitor.online_endpoint", "GET", f"{online_endpoints.BASE}/{{name}}{METRICS}", of_endpoint),
    route("monitor.online_deployment", "GET", f"{online_deployments.ONE}{METRICS}", of_deployment),
)
