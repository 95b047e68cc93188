"""The ASGI application of a replay: what is not one of its own routes is answered from the cassette."""

import time
from collections.abc import Sequence
from typing import TextIO

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mock_server.core.errors import ServiceError, mock_misuse
from mock_server.core.json_values import Json, dump, is_object, number, parse
from mock_server.http import origin_check, request_log
from mock_server.http.connections import Connections
from mock_server.http.exchange import Dropped, Exchange
from mock_server.http.request_host import host_of
from mock_server.replay.addresses import address_of, local_origin
from mock_server.replay.answers import Answer
from mock_server.replay.exchange import Cassette
from mock_server.replay.player import Lost, Player
from mock_server.replay.requests import ReplayRequest
from mock_server.replay.stand_ins import only_here
from mock_server.replay.timing import ReplayClock, began_at, clock_document
from mock_server.replay.unmatched import Unmatched

LARGEST_BODY = 1 << 30
NOT_IMPLEMENTED = 501
ADMIN = "/_mock/"
SERVICE_URL = "x-mock-url"
"""The header of a client that asks a replay first and the service then: the URL at the service."""


class ReplayApplication:
    """Answers from a cassette; `unmatched` are the requests that fitted no exchange."""

    def __init__(self, cassette: Cassette, connections: Connections | None = None, log: TextIO | None = None) -> None:
        self.player = Player(cassette)
        self.state = self.player.start
        self.unmatched = list[Unmatched]()
        start = began_at(cassette)
        self.clock = ReplayClock(time.time() if start is None else start)
        self._requests = list[Json]()
        self._connections = connections
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            raise RuntimeError(f"this server supports only HTTP; got {scope['type']!r}")
        exchange = Exchange(scope, receive, send, self._connections)
        request = Request(scope, exchange.receive)
        try:
            host = host_of(request)
            origin_check.check(request.headers, host, request.method, any_host=False)
            body = await _body(request)
            is_own = str(scope["path"]).startswith(ADMIN)
            response = self._own(request, body) if is_own else await self._replayed(request, host, body, exchange)
        except Dropped:
            exchange.end()
            return
        except ServiceError as error:
            response = _json({"error": {"code": error.code, "message": error.message}}, error.status)
        await exchange.drain()
        await response(scope, exchange.receive, exchange.send)
        exchange.end()

    def reset(self) -> None:
        """Begin again: nothing was asked, and no placeholder stands for anything."""
        self.state = self.player.start
        self.unmatched.clear()
        self._requests.clear()
        self.clock.restart()

    def described(self) -> Json:
        """Return where the replay is: what was answered, what was not asked for, and what fitted nothing."""
        exchanges = self.player.cassette.exchanges
        return {
            "cassette": str(self.player.cassette.path),
            "exchanges": len(exchanges),
            "answered": [exchanges[index].n for index in self.state.used],
            "unused": [one.n for one in self.player.unused(self.state)],
            "unmatched": [request.sentence for request in self.unmatched],
            "bindings": dict(self.state.bindings.values),
        }

    async def _replayed(self, request: Request, host: str, body: bytes, exchange: Exchange) -> Response:
        asked = _replay_request(request, host, body)
        self.state, played = self.player.play(self.state, asked)
        operation = self._noted(asked, played)
        if self._log is not None:
            request_log.log_at_end(self._log, exchange, exchange.scope, operation, None)
        if isinstance(played, Answer):
            return Response(played.body, played.status, dict(played.headers))
        if isinstance(played, Lost):
            await exchange.drop()
            raise Dropped
        unknown = only_here(asked, self.state.bindings, self.player.start.bindings) if asked.is_of_service else ()
        return _unmatched_response(played, unknown)

    def _noted(self, asked: ReplayRequest, played: Answer | Lost | Unmatched) -> str:
        """Take note of a request and move the clock; return the operation's name."""
        entry: Json = {"method": asked.method, "url": asked.address.shown, "request_bytes": len(asked.body)}
        if isinstance(played, Unmatched):
            self.unmatched.append(played)
            self._requests.append({**entry, "status": NOT_IMPLEMENTED, "operation": "", "n": None})
            return ""
        recorded, status = played.exchange, played.status if isinstance(played, Answer) else None
        self.clock.answered(recorded.ended)
        self._requests.append({**entry, "status": status, "operation": recorded.operation, "n": recorded.n})
        return recorded.operation

    def _own(self, request: Request, body: bytes) -> Response:
        match request.method, request.url.path:
            case "GET", "/_mock/health":
                return _json({"status": "ok", "now": self.clock.now, "clock": "virtual"})
            case "GET", "/_mock/clock":
                return _json(clock_document(self.clock))
            case "POST", "/_mock/clock":
                self._advance(body)
                return _json(clock_document(self.clock))
            case "POST", "/_mock/reset":
                self.reset()
                return _json({"status": "reset"})
            case "GET", "/_mock/replay":
                return _json(self.described())
            case "GET", "/_mock/requests":
                return _json({"requests": self._requests})
            case _:
                raise ServiceError(
                    404,
                    "InvalidResourceType",
                    f"A replay has no {request.method} {request.url.path[:80]}. Known: GET /_mock/health; GET, POST "
                    "/_mock/clock; POST /_mock/reset; GET /_mock/replay; GET /_mock/requests. Correct the path.",
                )

    def _advance(self, body: bytes) -> None:
        try:
            asked = parse(body.strip() or b"{}")
        except ValueError as error:
            raise mock_misuse(f"the request must be JSON: {error}") from error
        fields = asked if is_object(asked) else {"": asked}
        if unknown := sorted(fields.keys() - {"advance"}):
            raise mock_misuse(f"the clock of a replay accepts only `advance`; got {unknown}: remove it")
        seconds = number(fields.get("advance", 0.0))
        if seconds is None or not 0 <= seconds < 1e10:
            raise mock_misuse(f"advance must be seconds, never negative; got {str(fields['advance'])[:40]!r}")
        self.clock.advance(seconds)


async def _body(request: Request) -> bytes:
    read = bytearray()
    try:
        async for piece in request.stream():
            read += piece
            if len(read) > LARGEST_BODY:
                raise ServiceError(413, "RequestEntityTooLarge", f"A replay takes at most {LARGEST_BODY} bytes.")
    except ClientDisconnect as error:
        raise ServiceError(400, "RequestBodyIncomplete", "The connection was closed in the request body.") from error
    return bytes(read)


def _replay_request(request: Request, host: str, body: bytes) -> ReplayRequest:
    scope, headers = request.scope, request.headers
    raw: object = scope.get("raw_path")
    path = raw.decode("latin-1") if isinstance(raw, bytes) else str(scope["path"])
    query: bytes = scope["query_string"]
    base = f"{scope['scheme']}://{host}"
    url = f"{base}{path.partition('?')[0]}{'?' if query else ''}{query.decode('latin-1')}"
    at_service = headers.get(SERVICE_URL)
    if at_service is not None:
        url, base = at_service, local_origin(at_service)
    return ReplayRequest(
        request.method,
        address_of(url),
        base,
        content_type=headers.get("content-type", ""),
        range=headers.get("range", "") or headers.get("x-ms-range", ""),
        is_of_service=at_service is not None,
        body=body,
    )


def _unmatched_response(unmatched: Unmatched, unknown: Sequence[str]) -> Response:
    nearest = [{"n": near.exchange.n, "request": near.exchange.named, "why": near.why} for near in unmatched.nearest]
    code, message = "CassetteHasNoMatch", unmatched.sentence
    if unknown:
        code = "CassetteOnlyName"
        message = f"The service does not know {', '.join(unknown)}, a name of the cassette alone. {message}"
    headers = {"x-should-retry": "false", "x-ms-error-code": code}
    error = {"error": {"code": code, "message": message, "nearest": nearest}}
    return Response(dump(error), NOT_IMPLEMENTED, headers, "application/json; charset=utf-8")


def _json(body: Json, status: int = 200) -> Response:
    return Response(dump(body), status, media_type="application/json; charset=utf-8")
