"""What a fault rule does to a handler's response; surfaces do not know about it."""

import re

from starlette.responses import Response

from mock_server.app.poll_clock import document_of
from mock_server.core.errors import ServiceError, unauthorized
from mock_server.core.json_values import dump, split_url, text
from mock_server.faults.rule import Rule
from mock_server.http.routing import Call, json_response
from mock_server.resources import deployments


def apply(call: Call, rule: Rule | None, response: Response) -> Response:
    """Return the response to send: changed by the rule, or by an earlier rule that failed an endpoint's creation."""
    if call.operation == "operations.status":
        return _failed_operation(call, response)
    if rule is None:
        return response
    if rule.endpoint is not None and call.operation == "endpoints.create" and response.status_code == 201:
        _apply_endpoint_fault(call, rule, response)
    if rule.next_link is not None:
        response = _with_next_link(response, rule.next_link)
    return with_rule_headers(rule, response, call.world.wall())


def with_rule_headers(rule: Rule | None, response: Response, wall: float) -> Response:
    """Return a response with the headers that a rule adds."""
    response.headers.update(rule.added_headers(wall) if rule else {})
    return response


def expired_token() -> ServiceError:
    """Return the error for an expired token, whatever the token really is."""
    message = "The access token expiry UTC time is earlier than current UTC time. Send a new one."
    return unauthorized("ExpiredAuthenticationToken", message)


def foreign_origin(rule: Rule | None, host: str) -> str | None:
    """Return the origin of a link to another host that a rule puts into the response."""
    links = [rule.next_link, *rule.headers.values()] if rule else []
    found = [split_url(link) for link in links if link and re.match("https?://", link)]
    return next((f"{url.scheme}://{url.netloc}" for url in found if url.netloc != host), None)


def canned_response(rule: Rule, wall: float) -> Response:
    """Return the response that a rule sends instead of calling the handler."""
    is_text = isinstance(rule.body, str)
    content = rule.body if is_text else b"" if rule.body is None else dump(rule.body)
    kind = "text/html" if is_text and str(rule.body).lstrip().startswith("<") else "application/json"
    return Response(content, rule.status or 200, {"content-type": kind, **rule.added_headers(wall)})


def _apply_endpoint_fault(call: Call, rule: Rule, response: Response) -> None:
    scope = call.scope
    endpoint = deployments.get(call.world, scope.guid, call.name(), call.now)
    if endpoint is None:
        return
    deployments.apply_fault(call.world, endpoint, rule)
    operation = split_url(response.headers.get("azure-asyncoperation", "")).path.rpartition("/")[2]
    call.world.store.put("endpoint-fault", "", operation, {"guid": scope.guid, "endpoint": endpoint.name})


def _failed_operation(call: Call, response: Response) -> Response:
    """Report an operation as failed if a fault rule failed its endpoint."""
    fault = call.world.store.get("endpoint-fault", "", call.params["operation"])
    shown = document_of(response)
    if fault is None or shown is None or shown.get("status") != "Succeeded":
        return response
    guid = text(fault, "guid")
    now = call.world.now(call.world.workspace_of(guid) or "")
    endpoint = deployments.get(call.world, guid, text(fault, "endpoint"), now)
    if endpoint is None or not endpoint.failure:
        return response
    return json_response({**shown, "status": "Failed", "error": {"code": "UserError", "message": endpoint.failure}})


def _with_next_link(response: Response, link: str) -> Response:
    document = document_of(response)
    if document is None:
        return response
    return json_response({**document, "nextLink": link}, response.status_code)
