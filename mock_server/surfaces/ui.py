"""The page at /_mock/ui: its files, what it shows as it changes, and what it asks for; the admin routes' rules hold.

What only the page needs is imported when it asks: a server that nobody looks at starts without it.
"""

import asyncio
from pathlib import Path

from starlette.responses import Response, StreamingResponse

from mock_server.core.errors import ServiceError
from mock_server.http.routing import Call, json_response, route
from mock_server.journal import verdict
from mock_server.journal.journal import decode_entries
from mock_server.resources import deployments
from mock_server.training.job import job_at

PAGE = "mock.ui"
FOLDER = Path(__file__).parents[1] / "ui" / "static"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
POLICY = (  # everything from this server, nothing inline, and no text that becomes markup
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
MAX_ROWS = 200
MAX_SEARCHED = 5_000  # entries in one go: 50 ms


async def page(call: Call) -> Response:
    """Answer the page, or one of the files that belong to it."""
    name = call.params.get("file", "index.html")
    names = await asyncio.to_thread(lambda: {path.name: path for path in FOLDER.iterdir() if path.suffix in KINDS})
    if name not in names:
        raise ServiceError(404, "InvalidResourceType", f"The page has no file {name[:80]!r}.")
    content = await asyncio.to_thread(names[name].read_bytes)
    return Response(content, 200, HEADERS, KINDS[names[name].suffix])


async def events(call: Call) -> Response:
    """Tell what changes for as long as somebody listens."""
    from mock_server.ui import overview

    return StreamingResponse(overview.events(call.world), 200, {"Cache-Control": "no-store"}, "text/event-stream")


async def curve(call: Call) -> Response:
    """Answer a job's losses until now."""
    from mock_server.ui import overview

    guid, name = call.query.get("guid", ""), call.query.get("job", "")
    document = call.world.store.get("job", guid, name)
    if document is None:
        raise ServiceError(404, "NotFound", f"There is no job {name[:80]!r}: it may have been deleted.")
    now = call.world.now(call.world.workspace_of(guid) or "")
    return json_response(overview.curve(job_at(name, document, now)))


async def journal_rows(call: Call) -> Response:
    """Answer the journal's rows with the `numbers` asked for."""
    from mock_server.ui import request_list

    return json_response({"rows": request_list.rows(call.world.journal, call.numbers("numbers", MAX_ROWS))})


async def journal_search(call: Call) -> Response:
    """Answer the numbers of what has every word of `find`, among `limit` entries after one."""
    from mock_server.ui import request_list

    after, limit = call.number("after", 0), min(call.number("limit", MAX_SEARCHED), MAX_SEARCHED)
    return json_response({"numbers": request_list.search(call.world.journal, call.query.get("find", ""), after, limit)})


async def get_verdict(call: Call) -> Response:
    """Answer the verdict, short enough to be looked at; judged aside, for a long journal takes a while."""
    from mock_server.ui import request_list

    lines, workspace = call.world.journal.newest(), call.query.get("workspace")
    return json_response(
        await asyncio.to_thread(lambda: request_list.charges(verdict.judge(decode_entries(lines, workspace))))
    )


async def key(call: Call) -> Response:
    """Answer the key with which the page's chat asks an endpoint, as any client would."""
    name = call.query.get("endpoint", "")
    endpoint = deployments.find_by_name(call.world, name)
    if endpoint is None:
        raise ServiceError(404, "NotFound", f"There is no endpoint {name[:80]!r}: it may have been deleted.")
    return json_response({"key": endpoint.keys[0]}, headers={"Cache-Control": "no-store"})


ROUTES = (
    route(PAGE, "GET", "/_mock/ui", page),
    route(PAGE, "GET", "/_mock/ui/files/{file}", page),
    route("mock.ui_events", "GET", "/_mock/ui/events", events),
    route("mock.ui_curve", "GET", "/_mock/ui/curve", curve),
    route("mock.ui_rows", "GET", "/_mock/ui/rows", journal_rows),
    route("mock.ui_search", "GET", "/_mock/ui/search", journal_search),
    route("mock.ui_verdict", "GET", "/_mock/ui/verdict", get_verdict),
    route("mock.ui_key", "GET", "/_mock/ui/key", key),
)
