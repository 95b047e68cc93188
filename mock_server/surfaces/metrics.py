"""Metrics of a run: Azure's list, full and sample, and MLflow's history of one metric."""

import math
import uuid
from collections.abc import Iterable

from starlette.responses import Response

from mock_server.core.errors import ServiceError, user_error
from mock_server.core.json_values import Json, child, number, text
from mock_server.core.scope import NAMESPACE
from mock_server.http.routing import WORKSPACE, Call, json_response, route
from mock_server.resources import jobs
from mock_server.training.job import Job, points
from mock_server.training.simulation import Point

SAMPLE = 100


async def list_metrics(call: Call) -> Response:
    """Return the names of the metrics."""
    names = dict.fromkeys(point.name for point in points(_find(call)))
    properties = {"uxMetricType": "azureml.v1.scalar"}
    value = [{"metricKey": {"name": name}, "columns": {name: "Double"}, "properties": properties} for name in names]
    return json_response({"value": value, "continuationToken": None, "nextLink": None})


async def full(call: Call) -> Response:
    """Return every value of one metric."""
    job, name = _find(call), await _metric(call)
    return json_response(_values(job, name, [point for point in points(job) if point.name == name]))


async def sample(call: Call) -> Response:
    """Return evenly spaced values of one metric."""
    job, name = _find(call), await _metric(call)
    found = [point for point in points(job) if point.name == name]
    stride = max(1, -(-len(found) // SAMPLE))
    return json_response(_values(job, name, found[::stride]))


async def mlflow_history(call: Call) -> Response:
    """Return every value of one metric in MLflow's format."""
    job = _mlflow_run(call)
    name = call.query.get("metric_key", "")
    found = [_mlflow_metric(job, point) for point in points(job) if point.name == name]
    return json_response({"metrics": found})


async def mlflow_run(call: Call) -> Response:
    """Return a run in MLflow's format, with the last value of each metric and the hyperparameters."""
    job = _mlflow_run(call)
    last = {point.name: point for point in points(job)}
    state = job.state
    statuses = {
        "Completed": "FINISHED",
        "Failed": "FAILED",
        "Canceled": "KILLED",
        "Running": "RUNNING",
        "Finalizing": "RUNNING",
    }
    details = child(job.properties, "fineTuningDetails")
    info = {
        "run_id": job.name,
        "run_uuid": job.name,
        "run_name": text(job.properties, "displayName", job.name),
        "experiment_id": "0",
        "user_id": "mock user",
        "status": statuses.get(state.status, "SCHEDULED"),
        "start_time": int((job.created + (state.started or 0.0)) * 1000),
        "artifact_uri": "",
        "lifecycle_stage": "deleted" if job.properties.get("isArchived") else "active",
    } | ({} if state.ended is None else {"end_time": int((job.created + state.ended) * 1000)})
    data = {
        "metrics": [_mlflow_metric(job, point) for point in last.values()],
        "params": [{"key": key, "value": str(value)} for key, value in child(details, "hyperParameters").items()],
        "tags": [{"key": key, "value": str(value)} for key, value in child(job.properties, "tags").items()],
    }
    return json_response({"run": {"info": info, "data": data}})


def _find(call: Call) -> Job:
    scope, now = jobs.scope_and_time(call)
    return jobs.get(call, scope, call.params["run"], now)


def _mlflow_run(call: Call) -> Job:
    scope, now = jobs.scope_and_time(call)
    name = call.query.get("run_id") or call.query.get("run_uuid") or ""
    if not name:
        raise ServiceError(400, "INVALID_PARAMETER_VALUE", "Missing value for required parameter 'run_id'.")
    return jobs.get(call, scope, name, now)


async def _metric(call: Call) -> str:
    name = text(await call.json(), "metricName")
    if not name:
        raise user_error("The request is invalid: metricName is required.")
    return name


def _values(job: Job, name: str, found: Iterable[Point]) -> Json:
    return {
        "dataContainerId": f"dcid.{job.name}",
        "name": name,
        "columns": {name: "Double"},
        "properties": {"uxMetricType": "azureml.v1.scalar", "dataLocation": None},
        "value": [
            {
                "metricId": str(uuid.uuid5(NAMESPACE, f"{job.name}/{point.name}/{point.step}")),
                "createdUtc": job.moment(point.seconds),
                "step": point.step,
                "data": {name: _written(job, point)},
            }
            for point in found
        ],
        "continuationToken": None,
        "nextLink": None,
    }


def _written(job: Job, point: Point) -> float | str:
    """Return a value as JSON has it: one that is not finite becomes a literal that JSON lacks, or text."""
    quoted = job.plan.broken is not None and job.plan.broken.quoted
    return _NAMES[str(point.value)] if quoted and not math.isfinite(point.value) else point.value


_NAMES = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def _mlflow_metric(job: Job, point: Point) -> Json:
    moment = int((job.created + (number(point.seconds) or 0.0)) * 1000)
    # protobuf's JSON writes what is not finite as text
    value = point.value if math.isfinite(point.value) else _NAMES[str(point.value)]
    return {"key": point.name, "value": value, "timestamp": moment, "step": point.step}


METRICS = f"/metric/v2.0{WORKSPACE}/runs/{{run}}"
ROUTES = (
    route("metrics.list", "POST", METRICS + "/list", list_metrics),
    route("metrics.full", "POST", METRICS + "/full", full),
    route("metrics.sample", "POST", METRICS + "/sample", sample),
    route(
        "mlflow.history", "GET", "/mlflow/{version}" + WORKSPACE + "/api/2.0/mlflow/metrics/get-history", mlflow_history
    ),
    route("mlflow.run", "GET", "/mlflow/{version}" + WORKSPACE + "/api/2.0/mlflow/runs/get", mlflow_run),
)
