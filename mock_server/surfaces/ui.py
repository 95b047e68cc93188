"""The page at /_mock/ui: its files, its events and its queries; access rules are those of the admin routes.

What only the page needs is imported on request, so that a server without a viewer starts without it.
"""

import asyncio
from pathlib import Path

from starlette.responses import Response, StreamingResponse

from mock_server.core.errors import ServiceError
from mock_server.core.json_values import text
from mock_server.http.routing import Call, json_response, route
from mock_server.journal import verdict
from mock_server.journal.journal import decode_entries
from mock_server.resources import deployments, foundry_account, foundry_jobs, jobs
from mock_server.surfaces.operation_names import OPERATIONS
from mock_server.training.job import Job, job_at, log_lines

PAGE = "mock.ui"
FOLDER = Path(__file__).parents[1] / "ui" / "static"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
POLICY = (  # everything from this server, nothing inline, and no text becomes markup
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
FOUNDRY = "foundry"  # in the place of a workspace's id
MAX_ROWS = 200
MAX_LINES = 2_000  # of a log
MAX_SEARCHED = 5_000  # entries per request: 50 ms


async def page(call: Call) -> Response:
    """Return the page, or one of its files."""
    name = call.params.get("file", "index.html")
    names = await asyncio.to_thread(lambda: {path.name: path for path in FOLDER.iterdir() if path.suffix in KINDS})
    if name not in names:
        raise ServiceError(404, "InvalidResourceType", f"The page has no file {name[:80]!r}.")
    content = await asyncio.to_thread(names[name].read_bytes)
    return Response(content, 200, HEADERS, KINDS[names[name].suffix])


async def events(call: Call) -> Response:
    """Stream changes until the client disconnects."""
    from mock_server.ui import overview

    return StreamingResponse(overview.events(call.world), 200, {"Cache-Control": "no-store"}, "text/event-stream")


async def curve(call: Call) -> Response:
    """Return a job's losses so far."""
    from mock_server.ui import overview

    guid, name = call.query.get("guid", ""), call.query.get("job", "")
    if guid == FOUNDRY:
        return json_response(overview.foundry_curve(_foundry_job(call, name)))
    return json_response(overview.curve(_job(call, guid, name)))


async def log(call: Call) -> Response:
    """Return a job's log so far."""
    from mock_server.ui import foundry_overview

    guid, name = call.query.get("guid", ""), call.query.get("job", "")
    if guid == FOUNDRY:
        lines = foundry_overview.log_lines(_foundry_job(call, name))
    else:
        lines = log_lines(_job(call, guid, name))
    return json_response({"lines": lines[-MAX_LINES:], "omitted": max(0, len(lines) - MAX_LINES)})


async def end_job(call: Call) -> Response:
    """Cancel a job, or let it fail with a reason: what its owner or the service would have done."""
    requested = await call.json()
    if call.params["action"] not in ("cancel", "fail"):
        raise ServiceError(404, "NotFound", "A job can be ended with the actions cancel and fail.")
    guid, name = text(requested, "guid"), text(requested, "job")
    reason = text(requested, "reason") or "The job was failed by hand."
    if guid == FOUNDRY:
        _end_foundry_job(call, _foundry_job(call, name), reason)
        return json_response({"job": name})
    job = _job(call, guid, name)
    if job.state.terminal:
        raise _has_ended(job.name, job.state.status)
    if call.params["action"] == "cancel":
        jobs.cancel(call.world, guid, job)
    else:
        jobs.fail(call.world, guid, job, reason)
    return json_response({"job": job.name})


def _end_foundry_job(call: Call, job: foundry_jobs.Job, reason: str) -> None:
    if job.is_final:
        raise _has_ended(job.id, job.status)
    if call.params["action"] == "cancel":
        foundry_jobs.cancel(call.world, job)
    else:
        foundry_jobs.fail(call.world, job, reason)


def _has_ended(name: str, status: str) -> ServiceError:
    return ServiceError(409, "Conflict", f"The job {name} has ended: it is {status}.")


def _foundry_job(call: Call, name: str) -> foundry_jobs.Job:
    return foundry_jobs.get(call.world, name, call.world.now(""))


def _job(call: Call, guid: str, name: str) -> Job:
    """Return a job in its current state."""
    document = call.world.store.get("job", guid, name)
    if document is None:
        raise ServiceError(404, "NotFound", f"There is no job {name[:80]!r}: it may have been deleted.")
    return job_at(name, document, call.world.now(call.world.workspace_of(guid) or ""))


async def operations(call: Call) -> Response:
    """Return the operations that a fault rule can name, and the wildcards for those of one resource."""
    del call
    groups = [name.partition(".")[0] for name in OPERATIONS]
    wildcards = {f"{group}.*" for group in groups if groups.count(group) > 1}
    return json_response({"operations": sorted({*OPERATIONS, *wildcards})})


async def journal_rows(call: Call) -> Response:
    """Return the journal's rows with the given `numbers`."""
    from mock_server.ui import request_list

    return json_response({"rows": request_list.rows(call.world.journal, call.numbers("numbers", MAX_ROWS))})


async def journal_search(call: Call) -> Response:
    """Return the numbers of entries that contain every word of `find`, among `limit` entries after `after`."""
    from mock_server.ui import request_list

    after, limit = call.number("after", 0), min(call.number("limit", MAX_SEARCHED), MAX_SEARCHED)
    return json_response({"numbers": request_list.search(call.world.journal, call.query.get("find", ""), after, limit)})


async def get_verdict(call: Call) -> Response:
    """Return the verdict, with abbreviated entries; computed in a thread because a long journal takes a while."""
    from mock_server.ui import request_list

    lines, workspace = call.world.journal.newest(), call.query.get("workspace")
    return json_response(
        await asyncio.to_thread(lambda: request_list.charges(verdict.judge(decode_entries(lines, workspace))))
    )


async def key(call: Call) -> Response:
    """Return the key with which the page's chat calls an endpoint, as any client would."""
    from mock_server.ui import online_overview

    name = call.query.get("endpoint", "")
    if name.startswith(f"{FOUNDRY}/"):  # a deployment has no key of its own
        return json_response({"key": foundry_account.keys(call.world)[0]}, headers={"Cache-Control": "no-store"})
    found = online_overview.credential(call.world, name) if name.startswith(online_overview.PREFIX) else None
    endpoint = deployments.find_by_name(call.world, name)
    secret = found if endpoint is None else endpoint.keys[0]
    if secret is None:
        raise ServiceError(404, "NotFound", f"There is no endpoint {name[:80]!r}: it may have been deleted.")
    return json_response({"key": secret}, headers={"Cache-Control": "no-store"})


ROUTES = (
    route(PAGE, "GET", "/_mock/ui", page),
    route(PAGE, "GET", "/_mock/ui/files/{file}", page),
    route("mock.ui_events", "GET", "/_mock/ui/events", events),
    route("mock.ui_curve", "GET", "/_mock/ui/curve", curve),
    route("mock.ui_log", "GET", "/_mock/ui/log", log),
    route("mock.ui_end_job", "POST", "/_mock/ui/jobs/{action}", end_job),
    route("mock.ui_operations", "GET", "/_mock/ui/operations", operations),
    route("mock.ui_rows", "GET", "/_mock/ui/rows", journal_rows),
    route("mock.ui_search", "GET", "/_mock/ui/search", journal_search),
    route("mock.ui_verdict", "GET", "/_mock/ui/verdict", get_verdict),
    route("mock.ui_key", "GET", "/_mock/ui/key", key),
)
