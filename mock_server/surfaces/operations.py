"""Long-running operations of the management surface: the addresses to poll, and the responses there."""

import hashlib
import hmac
import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from mock_server.core.errors import ServiceError, not_found
from mock_server.core.json_values import Json, child, iso, number, text
from mock_server.core.scope import LOCATION
from mock_server.http.routing import Call, empty_response, json_response, route

BASE = "/subscriptions/{sub}/providers/Microsoft.MachineLearningServices/locations/{region}"
RETRY_AFTER = {"Retry-After": "1"}  # without it azure-core waits 30 seconds between two polls
TIMEOUT = {"x-ms-async-operation-timeout": "PT1H"}


@dataclass(frozen=True, slots=True)
class Operation:
    """A started operation, with the two addresses to poll."""

    status_url: str
    result_url: str

    @property
    def by_status(self) -> dict[str, str]:
        """Return response headers for polling by a status document."""
        return {"Azure-AsyncOperation": self.status_url, **RETRY_AFTER, **TIMEOUT}

    @property
    def by_location(self) -> dict[str, str]:
        """Return response headers for polling by a status code."""
        return {"Location": self.result_url, **RETRY_AFTER, **TIMEOUT}


def begin(
    call: Call, prefix: str, *, seconds: float, result: Json | None = None, failure: Json | None = None
) -> Operation:
    """Start an operation that ends after `seconds` of the workspace's time, with an error if `failure` is one."""
    scope, now = call.scope, call.now
    name = f"{prefix}:{scope.guid}:{uuid.uuid4()}"
    times = {"started": now, "ends": now + seconds}
    body = {"workspace": scope.workspace, **times, "result": result or {}, "failure": failure}
    call.world.store.put("operation", "", name, body)
    location = f"{call.base}{BASE.format(sub=scope.subscription, region=LOCATION)}"
    version = call.query.get("api-version", "")
    return Operation(
        f"{location}/mfeOperationsStatus/{name}?api-version={version}",
        f"{location}/mfeOperationResults/{name}?api-version={version}",
    )


def begin_compute(call: Call, *, seconds: float, failure: Json | None = None) -> Operation:
    """Start an operation on a cluster, whose address is signed: the query has to be sent back whole.

    A `failure`, the error's code and message, is how it ends.
    """
    now, name = call.now, str(uuid.uuid4())
    body = {"workspace": call.scope.workspace, "started": now, "ends": now + seconds, "failure": failure}
    call.world.store.put("operation", "", name, body)
    place = f"{call.base}{BASE.format(sub=call.scope.subscription, region=LOCATION)}/computeOperationsStatus/{name}"
    query = {"api-version": call.query.get("api-version", ""), "service": "new", "t": str(int(now)), "c": "mock"}
    signed = {**query, **_signatures(call, name, query["t"])}
    url = f"{place}?{urlencode(signed)}"
    return Operation(url, url)


async def compute_status(call: Call) -> Response:
    """Return the status of an operation on a cluster; refuses an address whose signature is not whole."""
    expected = _signatures(call, call.params["operation"], call.query.get("t", ""))
    if any(call.query.get(name) != value for name, value in expected.items()):
        raise ServiceError(
            403, "AuthorizationFailed", "The signature of the operation's address is missing: send the address whole."
        )
    return await status(call)


async def status(call: Call) -> Response:
    """Return an operation's status as a document."""
    operation, now, ends = _find(call)
    name, started = call.params["operation"], number(operation.get("started")) or 0.0
    if now < ends:
        return json_response({"name": name, "status": "InProgress", "startTime": iso(started)}, 200, RETRY_AFTER)
    ended = {"name": name, "status": "Succeeded", "startTime": iso(started), "endTime": iso(ends)}
    failure = child(operation, "failure")
    return json_response({**ended, "status": "Failed", "error": failure} if failure else ended)


async def result(call: Call) -> Response:
    """Return an operation's status as a status code: 202 until it is over, then its result or 204."""
    operation, now, ends = _find(call)
    if now < ends:
        return empty_response(202, {**RETRY_AFTER, "Location": f"{call.base}{call.raw_path}?{urlencode(call.query)}"})
    body = child(operation, "result")
    return json_response(body) if body else empty_response(204)


def _find(call: Call) -> tuple[Json, float, float]:
    name = call.params["operation"]
    operation = call.world.store.get("operation", "", name)
    if operation is None:
        raise not_found(f"Operation {name[:200]} was not found.")
    return operation, call.world.now(text(operation, "workspace")), number(operation.get("ends")) or 0.0


def _signatures(call: Call, name: str, time: str) -> dict[str, str]:
    digest = hmac.new(call.world.account_key.encode(), f"{name} {time}".encode(), hashlib.sha256).hexdigest()
    return {"s": digest[:43], "h": digest[43:]}


ROUTES = (
    route("operations.status", "GET", BASE + "/mfeOperationsStatus/{operation}", status),
    route("operations.result", "GET", BASE + "/mfeOperationResults/{operation}", result),
    route("operations.compute_status", "GET", BASE + "/computeOperationsStatus/{operation}", compute_status),
)
