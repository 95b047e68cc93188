"""The server's own routes: health, time, faults, journal, verdict, state. Faults do not apply to them."""

import asyncio
import hmac

from starlette.responses import Response

from mock_server.core.errors import ServiceError, mock_misuse
from mock_server.core.json_values import Json, is_array, is_object, number, text
from mock_server.faults.rule import parse_rule
from mock_server.http.routing import Call, json_response, route, routed_surface
from mock_server.journal import verdict
from mock_server.resources import running_costs
from mock_server.state import snapshot
from mock_server.state.clock import CENTURY, MODES
from mock_server.surfaces import ui
from mock_server.surfaces.operation_names import OPERATIONS

CLOCK = frozenset({"workspace", "mode", "scale", "advance", "step_on_poll"})
STATE_LIMIT = 256 * 1024 * 1024
MAX_PAGE_ENTRIES = 1_000  # of the journal, per page


async def health(call: Call) -> Response:
    """Report that the server is running."""
    return json_response({"status": "ok", "now": call.world.now(""), "clock": call.world.clocks.describe()["mode"]})


async def reset(call: Call) -> Response:
    """Remove everything but the address, the account key and the time."""
    call.world.reset()
    return json_response({"status": "reset"})


async def get_clock(call: Call) -> Response:
    """Return a clock."""
    return json_response(call.world.clocks.describe(call.query.get("workspace", "")))


async def set_clock(call: Call) -> Response:
    """Change a clock's mode, or advance it."""
    requested = await call.json()
    workspace, mode = text(requested, "workspace"), requested.get("mode")
    scale, advance = number(requested.get("scale", 1.0)), number(requested.get("advance", 0.0))
    step = number(requested["step_on_poll"]) if "step_on_poll" in requested else None
    unknown = sorted(requested.keys() - CLOCK)
    if unknown:
        raise mock_misuse(f"/_mock/clock accepts {sorted(CLOCK)}; got {unknown}: remove it, or correct its spelling")
    if mode is not None and mode not in MODES:
        raise mock_misuse(f"mode must be one of {MODES}; got {str(mode)[:40]!r}")
    given = repr(str(requested.get("scale"))[:40])
    if scale is None or not 0 <= scale <= 1e9:
        raise mock_misuse(f"scale must be seconds per real second, at most 1e9; got {given}")
    if "step_on_poll" in requested and (step is None or not 0 <= step <= CENTURY):
        raise mock_misuse(
            f"step_on_poll must be a non-negative number of seconds; got {str(requested['step_on_poll'])[:40]!r}"
        )
    if step and (mode or call.world.clocks.describe(workspace)["mode"]) != "virtual":
        raise mock_misuse("step_on_poll needs a virtual clock, and this one runs by itself: add mode 'virtual'")
    if advance is None or not 0 <= advance <= CENTURY:
        raise mock_misuse(
            f"advance must be seconds, never negative: time cannot go back; got {str(requested['advance'])[:40]!r}"
        )
    if call.world.now(workspace) + advance > 40 * CENTURY:
        raise mock_misuse("the clock would exceed the calendar; reset the server")
    call.world.clocks.move(workspace, mode=mode, scale=scale, advance=advance, step_on_poll=step)
    return json_response(call.world.clocks.describe(workspace))


async def get_faults(call: Call) -> Response:
    """Return the active rules, and how often each was applied."""
    return json_response({"faults": call.world.faults.describe(call.query.get("workspace"))})


async def add_faults(call: Call) -> Response:
    """Activate a rule, or several under `faults`."""
    requested = await call.json()
    rules_json: object = requested.get("faults", [requested])
    if not is_array(rules_json) or not all(is_object(item) for item in rules_json):
        raise mock_misuse(f"POST /_mock/faults takes one rule, or {{'faults': [rules]}}; got {str(requested)[:80]}")
    try:
        rules = [parse_rule(item, OPERATIONS) for item in rules_json]
    except ValueError as error:
        raise mock_misuse(str(error)) from error
    return json_response({"ids": [call.world.faults.add(rule) for rule in rules]}, 201)


async def clear_faults(call: Call) -> Response:
    """Remove every rule, those of a `workspace`, or the one with this `id`."""
    wanted = call.query.get("id", "")
    if not wanted:
        call.world.faults.clear(call.query.get("workspace"))
    elif not (wanted.isascii() and wanted.isdigit() and call.world.faults.remove(int(wanted[:9]))):
        raise mock_misuse(f"there is no fault rule {wanted[:40]!r}; GET /_mock/faults lists the active rules")
    return json_response({"faults": call.world.faults.describe()})


async def get_requests(call: Call) -> Response:
    """Return the journal, optionally only entries with the given operation, method or workspace.

    With `after` and `limit` it is one page: up to `limit` entries numbered above `after`, and the span of numbers. To
    read on, a client requests the page after the last entry it received, until a page is empty.
    """
    if "after" in call.query or "limit" in call.query:
        after, limit = call.number("after", 0), min(call.number("limit", MAX_PAGE_ENTRIES), MAX_PAGE_ENTRIES)
        return json_response({"requests": await _page(call, after, limit), **call.world.journal.span})
    entries = call.world.journal.entries(call.query.get("workspace"))
    return json_response({"requests": [entry for entry in entries if _matches_query(call, entry)]})


async def _page(call: Call, after: int, limit: int) -> list[Json]:
    found: list[Json] = []
    while len(found) < limit and (read := call.world.journal.page(after, MAX_PAGE_ENTRIES)):
        found += [entry for entry in read if _matches_query(call, entry)]
        after = int(read[-1]["n"])
        await asyncio.sleep(0)  # lets other requests proceed
    return found[:limit]


def _matches_query(call: Call, entry: Json) -> bool:
    workspace = call.query.get("workspace", text(entry, "workspace"))
    equal = all(entry[name] == call.query.get(name, entry[name]) for name in ("operation", "method"))
    return equal and text(entry, "workspace").lower() == workspace.lower()


async def clear_requests(call: Call) -> Response:
    """Clear the journal."""
    call.world.journal.clear()
    return json_response({"requests": []})


async def get_verdict(call: Call) -> Response:
    """Return the verdict on the whole journal, or on the entries of one workspace, and what still costs."""
    workspace = call.query.get("workspace")
    judged = verdict.judge(call.world.journal.entries(workspace))
    return json_response({**judged, "costs": running_costs.running(call.world, workspace)})


async def get_state(call: Call) -> Response:
    """Return an export of the state."""
    return json_response(snapshot.export(call.world))


async def set_state(call: Call) -> Response:
    """Import an export into the current state; `settings` alone changes only those."""
    requested = await call.json(STATE_LIMIT)
    if error := snapshot.load(call.world, requested):
        raise mock_misuse(error)
    counts = {name: len(requested.get(name, [])) for name in ("documents", "blobs", "blocks")}
    return json_response({"settings": call.world.settings, **counts})


def authorize(call: Call) -> None:
    """Require the admin token if the server can be reached from other machines."""
    token = call.world.options.admin_token
    if token is None or call.operation in UNAUTHENTICATED:
        return
    if not hmac.compare_digest(call.headers.get("x-mock-token", "").encode(), token.encode()):
        message = (
            "This server can be reached from other machines: send the header X-Mock-Token that it printed at start-up."
        )
        raise ServiceError(401, "MockTokenRequired", message)


def error_response(error: ServiceError, request_id: str, now: float) -> Response:
    """Report an error in a request to the server's own routes."""
    del request_id, now
    return json_response({"error": {"code": error.code, "message": error.message}}, error.status, error.headers)


ROUTES = (
    route("mock.health", "GET", "/_mock/health", health),
    route("mock.reset", "POST", "/_mock/reset", reset),
    route("mock.clock", "GET", "/_mock/clock", get_clock),
    route("mock.clock", "POST", "/_mock/clock", set_clock),
    route("mock.faults", "GET", "/_mock/faults", get_faults),
    route("mock.faults", "POST", "/_mock/faults", add_faults),
    route("mock.faults", "DELETE", "/_mock/faults", clear_faults),
    route("mock.requests", "GET", "/_mock/requests", get_requests),
    route("mock.requests", "DELETE", "/_mock/requests", clear_requests),
    route("mock.verdict", "GET", "/_mock/verdict", get_verdict),
    route("mock.state", "GET", "/_mock/state", get_state),
    route("mock.state", "POST", "/_mock/state", set_state),
)
UNAUTHENTICATED = frozenset({"mock.health", ui.PAGE})  # the page itself contains no data: it asks for the token
SURFACE = routed_surface("admin", (*ROUTES, *ui.ROUTES), authorize, error_response)
