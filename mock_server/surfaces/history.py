"""Run history: why a job failed, its log, its metrics, and the same in MLflow's format."""

from dataclasses import replace
from urllib.parse import quote

from starlette.responses import PlainTextResponse, Response

from mock_server.core import sas_and_shared_key as signing
from mock_server.core.bearer_tokens import check_bearer
from mock_server.core.errors import ServiceError, not_found, user_error
from mock_server.core.json_values import Json, child, is_object, text
from mock_server.core.ranges import parse_range
from mock_server.core.scope import Scope
from mock_server.http.routing import WORKSPACE, Call, json_response, route, routed_surface
from mock_server.resources import jobs, pipeline_runs
from mock_server.surfaces import management, metrics
from mock_server.surfaces.paging import page
from mock_server.training.job import Job, log_lines

LOG = "user_logs/std_log.txt"
LOG_HOURS = 24
# Assumption: The runs below a run come on one page.
# Shown wrong by: A `nextLink` in the list of a pipeline's children.
# Verified by: pipeline job results
# If wrong: The mock server has one page where Azure has several; the client reads all of them.
MOST_CHILDREN = 500


async def discovery(call: Call) -> Response:
    """Return the addresses of a workspace's services: all of them are this server."""
    names = ("api", "history", "experimentation", "metrics", "modelmanagement", "cloud", "hyperdrive", "notebooks")
    return json_response(dict.fromkeys(names, call.base))


async def details(call: Call) -> Response:
    """Return a run's details, the only place with the reason of a failure."""
    scope, job = _find(call)
    return json_response(_details(call, scope, job))


async def get_run(call: Call) -> Response:
    """Return a run."""
    return json_response(_run(_find(call)[1]))


async def children(call: Call) -> Response:
    """Return the runs directly below a run, in the order in which they began.

    They are one page unless `$top` asks for less: azure-ai-ml 1.35.2 reads no other (`_runs_operations.py`).
    """
    scope, job = _find(call)
    now = job.created + job.elapsed
    runs = [_run(run) for run in pipeline_runs.children(call.world, scope.guid, job, now)]
    return page(call, runs, at_most=MOST_CHILDREN)


async def patch_run(call: Call) -> Response:
    """Change a run's display name, description, tags or properties, or hide it (as azure-ai-ml's archive does)."""
    requested = await call.json()
    scope, job = _find(call)
    changed = dict(job.properties)
    if isinstance(requested.get("hidden"), bool):
        # Assumption: A job whose run is hidden is archived at once: its own document says so in `isArchived`, and lists
        #   of active jobs leave it out.
        # Shown wrong by: The job in the list after its run was hidden, or an `isArchived` of the job that is false.
        # Verified by: archive job
        # If wrong: `jobs.archive` succeeds, and the job is listed for a while longer.
        changed["isArchived"] = requested["hidden"]
    for name in ("displayName", "description"):
        if isinstance(requested.get(name), str):
            changed[name] = requested[name]
    for name in ("tags", "properties"):
        if is_object(requested.get(name)):
            changed[name] = {**child(changed, name), **requested[name]}
    document = {**job.document, "properties": changed}
    jobs.save(call.world, scope.guid, job, document)
    return json_response(_run(replace(job, document=document)))


async def run_data(call: Call) -> Response:
    """Return a run with its outputs, as azure-ai-ml's download requests it."""
    name = text(await call.json(), "runId")
    if not name:
        raise user_error("The request is invalid: runId is required.")
    scope, now = jobs.scope_and_time(call)
    job = jobs.get(call, scope, name, now)
    return json_response(
        {"runMetadata": _run(job), "runDefinition": None, "jobSpecification": None, "systemSettings": None}
    )


async def log(call: Call) -> Response:
    """Return a log by its signed address; no token is needed."""
    expiry, signature = call.query.get("se", ""), call.query.get("sig", "")
    guid, name = call.params["guid"], call.params["run"]
    workspace = call.world.workspace_of(guid)
    if workspace is None:
        raise not_found(f"Run {name[:200]} was not found.")
    if not signing.equal_in_constant_time(_signature(call, guid, name, expiry), signature):
        raise ServiceError(403, "AuthenticationFailed", "The log's address is not signed by this server.")
    now = call.world.now(workspace)
    if (signing.parse_time(expiry) or 0.0) < now:
        raise ServiceError(
            403, "AuthenticationFailed", "The log's address has expired: request the run's details again."
        )
    job = jobs.find(call.world, guid, name, now)
    if job is None:
        raise not_found(f"Run {name[:200]} was not found.")
    content = "".join(f"{line}\n" for line in log_lines(job)).encode()
    try:
        part = parse_range(call.headers.get("range"), len(content))
    except ValueError as error:
        raise ServiceError(416, "InvalidRange", f"The range specified is invalid: {error}.") from error
    if part is None:
        return PlainTextResponse(content, headers={"Accept-Ranges": "bytes"})
    headers = {"Accept-Ranges": "bytes", "Content-Range": part.header(len(content))}
    return PlainTextResponse(content[part.start : part.start + part.length], 206, headers)


def _find(call: Call) -> tuple[Scope, Job]:
    scope, now = jobs.scope_and_time(call)
    return scope, jobs.get(call, scope, call.params["run"], now)


def _run(job: Job) -> Json:
    state = job.state
    return {
        "runId": job.name,
        "runUuid": job.name,
        "rootRunId": job.place.root if job.place else job.name,
        "parentRunId": job.place.parent if job.place else None,
        "experimentName": text(job.properties, "experimentName", "Default"),
        "experimentId": text(job.properties, "experimentName", "Default"),
        "dataContainerId": f"dcid.{job.name}",
        "displayName": text(job.properties, "displayName", job.name),
        "description": job.properties.get("description"),
        "status": state.status,
        "hidden": job.properties.get("isArchived") is True,
        "tags": child(job.properties, "tags"),
        "properties": child(job.properties, "properties"),
        "createdUtc": job.moment(0.0),
        "startTimeUtc": job.moment(state.started),
        "endTimeUtc": job.moment(state.ended),
        "error": _error(job),
        "warnings": _warnings(job),
        "runType": _run_type(job),
        "target": _target(job),
        "compute": {"target": _target(job)},
        "services": {},
        "outputs": {},  # azure-ai-ml 1.35.2 raises a TypeError for models among them (`get_batch_model_uris`)
    }


def _details(call: Call, scope: Scope, job: Job) -> Json:
    run = _run(job)
    kept = (
        "runId",
        "rootRunId",
        "parentRunId",
        "status",
        "startTimeUtc",
        "endTimeUtc",
        "error",
        "warnings",
        "tags",
        "properties",
    )
    files = {LOG: _log_url(call, scope, job)} if log_lines(job) else {}
    return {name: run[name] for name in kept} | {"target": _target(job), "inputs": {}, "outputs": {}, "logFiles": files}


def _run_type(job: Job) -> str:
    if job.place is not None:
        return "azureml.StepRun"
    return "FineTuning" if job.course is None else "azureml.PipelineRun"


def _target(job: Job) -> str | None:
    if job.place is not None and job.place.step is not None:
        return job.place.step.target
    return (text(job.document, "cluster") or "serverless") if job.course is None else None


def _error(job: Job) -> Json | None:
    if job.state.status != "Failed":
        return None
    error: Json = {"code": job.failure_code, "message": job.failure, "messageParameters": {}, "details": []}
    return {"error": error, "environment": "eastus2", "location": "eastus2", "time": job.moment(job.state.ended)}


def _warnings(job: Job) -> list[Json]:
    message = text(child(job.document, "result"), "warning")
    return [{"source": "data preprocessing", "message": message}] if message and job.state.started is not None else []


def _log_url(call: Call, scope: Scope, job: Job) -> str:
    expiry = signing.format_time(call.now + LOG_HOURS * 3600)
    signature = quote(_signature(call, scope.guid, job.name, expiry), safe="")
    query = f"sv={signing.VERSION}&sr=b&sp=r&se={expiry}&sig={signature}"
    return f"{call.base}/logs/{scope.guid}/{quote(job.name)}/{LOG}?{query}"


def _signature(call: Call, guid: str, name: str, expiry: str) -> str:
    return signing.sign(call.world.account_key, f"r\n{guid}/{name}/{LOG}\n{expiry}")


def authorize(call: Call) -> None:
    """Require a token, except for what azure-ai-ml requests without one."""
    if call.operation not in ("history.discovery", "history.log"):
        check_bearer(call.headers, call.host, call.world.wall())


HISTORY = f"/history/v1.0{WORKSPACE}"
SURFACE = routed_surface(
    "history",
    (
        route("history.discovery", "GET", "/discovery", discovery),
        route("history.details", "GET", HISTORY + "/runs/{run}/details", details),
        route("history.details", "GET", HISTORY + "/experiments/{experiment}/runs/{run}/details", details),
        route("history.children", "GET", HISTORY + "/runs/{run}/children", children),
        route("history.children", "GET", HISTORY + "/experiments/{experiment}/runs/{run}/children", children),
        route("history.get", "GET", HISTORY + "/runs/{run}", get_run),
        route("history.get", "GET", HISTORY + "/experiments/{experiment}/runs/{run}", get_run),
        route("history.update", "PATCH", HISTORY + "/runs/{run}", patch_run),
        route("history.update", "PATCH", HISTORY + "/experiments/{experiment}/runs/{run}", patch_run),
        route("history.run_data", "POST", HISTORY + "/rundata", run_data),
        route("history.log", "GET", "/logs/{guid}/{run}/user_logs/std_log.txt", log),
        *metrics.ROUTES,
    ),
    authorize,
    management.error_response,
)
