"""One entry of the journal, and the response headers by which a client can identify a request."""

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass

from starlette.requests import Request

from mock_server.core.json_values import Json, child, is_array, is_object, parse, text
from mock_server.core.scope import LOCATION
from mock_server.http.exchange import Exchange
from mock_server.journal.journal import safe_body, safe_headers, safe_url

CONTENT_SHA256 = "mock_server.content_sha256"
"""The member of a request's scope that has the hash of the file in its form: the form itself differs every time."""
SALT = secrets.token_bytes(16)  # equal credentials are equal in the journal, but cannot be guessed from it


@dataclass(frozen=True, slots=True)
class Timestamps:
    """A time on the wall clock and on the workspace's clock."""

    wall: float
    clock: float


@dataclass(frozen=True, slots=True)
class RequestStart(Timestamps):
    """When a request arrived, the fault rule applied to it, and the journal's generation at that time."""

    rule: int | None
    generation: int


@dataclass(frozen=True, slots=True)
class RequestOutcome:
    """The operation that a request resolved to, and the status of its handler if it ran."""

    surface: str
    operation: str
    workspace: str
    handler_status: int | None
    error_code: str | None  # of the handler's error
    foreign_origin: str | None  # the address on another host that a fault rule put into the response


def build_entry(
    request: Request, exchange: Exchange, outcome: RequestOutcome, started: RequestStart, ended: Timestamps
) -> Json:
    """Build the journal entry of a request and its response, redacted; a dropped response has no status."""
    proof = request.headers.get("authorization") or request.headers.get("api-key", "")
    secret = proof.rpartition(" ")[2]  # the same key has the same hash under every scheme
    credential = hmac.new(SALT, secret.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:8]
    query = request.scope["query_string"].decode("latin-1")
    path = str(request.scope.get("raw_path", b""), "latin-1") or request.scope["path"]
    url = f"{request.scope['scheme']}://{request.headers.get('host', '')}{path}"
    content_type = request.headers.get("content-type", "")
    return {
        "method": request.scope["method"],
        "url": safe_url(f"{url}?{query}" if query else url),
        "surface": outcome.surface,
        "operation": outcome.operation,
        "workspace": outcome.workspace,
        "worked": outcome.handler_status,
        "status": exchange.status,
        "code": outcome.error_code,
        "request_headers": safe_headers(request.headers.items()),
        "request_body": safe_body(content_type, bytes(exchange.body)),
        "request_bytes": exchange.request_bytes,
        "request_sha256": exchange.sha256,
        "content_sha256": request.scope.get(CONTENT_SHA256),
        "credential": credential if proof else None,
        "response_headers": safe_headers(exchange.response_headers.items()),
        "response_bytes": exchange.response_bytes,
        "time": started.wall,
        "ended": ended.wall,
        "clock": started.clock,
        "clock_ended": ended.clock,
        "fault": started.rule,
        "foreign": outcome.foreign_origin,
        "cut_text": None if exchange.cut_events is None else streamed_text(exchange.cut_events),
    }


def streamed_text(events: bytes) -> str:
    """Return the chat text in the complete events of a stream."""
    content = ""
    for line in events.decode("utf-8", "replace").split("\n\n"):
        try:
            event = parse(line.removeprefix("data: "))
        except ValueError:
            continue
        choices: object = event.get("choices") if is_object(event) else None
        for choice in choices if is_array(choices) else []:
            content += text(child(choice, "delta"), "content") if is_object(choice) else ""
    return content


def azure_headers(surface: str, request: Request, request_id: str) -> list[tuple[bytes, bytes]]:
    """Return the headers that Azure sends with every response."""
    headers = [(b"x-ms-request-id", request_id.encode())]
    client_request_id = request.headers.get("x-ms-client-request-id", "")[: 40 if surface == "scoring" else 128]
    if client_request_id:
        headers.append((b"x-ms-client-request-id", client_request_id.encode("latin-1", "replace")))
    if surface == "blob":
        return [
            *headers,
            (b"x-content-type-options", b"nosniff"),  # a blob's content is untrusted: no browser may run it here
            (b"content-security-policy", b"sandbox; default-src 'none'"),
            (b"x-ms-version", request.headers.get("x-ms-version", "2023-11-03").encode("latin-1", "replace")),
        ]
    if surface == "inference":
        return headers
    if surface == "scoring":
        return [*headers, (b"x-request-id", request_id.encode())]
    if surface == "foundry":
        return [
            *headers,
            (b"apim-request-id", request_id.encode()),
            (b"x-request-id", request_id.encode()),
            (b"x-ms-region", b"Sweden Central"),
        ]
    timestamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()).encode()
    return [
        *headers,
        (b"x-ms-correlation-request-id", request_id.encode()),
        (b"x-ms-routing-request-id", b"EASTUS2:" + timestamp + b":" + request_id.encode()),
        (b"x-ms-ratelimit-remaining-subscription-reads", b"11999"),
        (b"x-aml-cluster", f"vienna-{LOCATION}-01".encode()),
        (b"x-request-time", b"0.010"),
        (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
    ]
