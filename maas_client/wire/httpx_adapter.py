"""httpx as both wires use it: requests and responses are bounded, and its errors are converted."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable, Iterator
from contextvars import ContextVar
from threading import Event

from ..core.errors import (
    ClientClosed,
    ConnectionFailed,
    InvalidInput,
    MaasError,
    ReplyLost,
    UnexpectedReply,
)
from ..core.http_messages import Reply, Request
from ..core.redaction import redact, without_traceback
from .attempt import Attempt
from .certificates import advice_on, no_tls as no_tls, tls_context as tls_context  # exported with the rest
from .httpx_import import httpcore, httpx

MAX_REPLY = 64 << 20
"""The largest response, in bytes, that `send` reads; larger ones require `open`."""

IN_FLIGHT = 10
"""Concurrent requests of an AsyncWire on a loop: 3,331 small GETs/s at 10, 3,039 at 100."""

LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy", "httpcore.socks")

STOP: ContextVar[Event | None] = ContextVar("maas_client_stop", default=None)
"""Set by `gather` when one of its operations fails: the others abort their transfers instead of finishing them."""

MOST_STREAMS = 100
"""Maximum number of concurrently streamed responses in one process or on one event loop."""


def timeout_of(request: Request) -> httpx.Timeout:
    """Return the httpx timeouts of a request."""
    return httpx.Timeout(request.timeout, connect=min(request.timeout, 15.0))


def attempt_at(request: Request, clock: Callable[[], float]) -> Attempt:
    """Begin an attempt at a request."""
    size = len(request.body) if isinstance(request.body, bytes) else request.body.size
    return Attempt(request.timeout, size, clock)


def request_name(request: Request) -> str:
    """Name a request in an error, without its secrets."""
    return f"{request.method} {redact(request.url)}"


_NOT_CONNECTED = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.PoolTimeout,
    httpcore.ProxyError,
)
_NOT_SENDABLE = (
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.InvalidURL,
    httpcore.UnsupportedProtocol,
    httpcore.LocalProtocolError,
)
_TIMED_OUT = (httpx.TimeoutException, httpcore.TimeoutException)
_INTERRUPTED = (httpx.HTTPError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.ConnectionNotAvailable)


def error_for(error: BaseException, request: Request, *, is_callers: bool = False) -> BaseException:
    """Convert an error of httpx to one of this library, and remove httpx's frames from any other.

    With `is_callers` the transport is not ours and may raise anything, of which nothing escapes.

    Those frames hold the signed URL and the headers. Raise the result outside the `except` block, so that the
    original error is not its context.
    """
    if isinstance(error, _NOT_CONNECTED):
        return ConnectionFailed(request_name(request), f"could not connect ({_why(error)})")
    if isinstance(error, _NOT_SENDABLE):
        return ConnectionFailed(request_name(request), f"cannot be sent ({_why(error)})")
    if isinstance(error, UnicodeError):  # it contains the header, which may be a secret
        return ConnectionFailed(request_name(request), "cannot be sent (a header or the URL is not ASCII)")
    if isinstance(error, _TIMED_OUT):
        return ReplyLost(request_name(request), f"no response within {round(request.timeout, 2):g} s")
    if isinstance(error, _INTERRUPTED):
        return ReplyLost(
            request_name(request), f"the connection broke before the response was complete ({_why(error)})"
        )
    if isinstance(error, RuntimeError) and "has been closed" in str(error):
        return ClientClosed("the http_client has been closed; nothing was sent. Use a new one")
    if isinstance(error, RuntimeError) and "loop" in str(error):
        return InvalidInput(
            f"{request_name(request)}: an http_client or transport, or an iteration that has begun, belongs to the "
            "event loop that it was first used on; use each on one loop"
        )
    if is_callers and isinstance(error, Exception) and not isinstance(error, MaasError | OSError):
        return ReplyLost(request_name(request), f"the transport failed ({type(error).__name__}: {_why(error)})")
    return without_traceback(error)


def _why(error: BaseException) -> str:
    text = redact(str(error))
    return f"{text}{advice_on(text)}" if text else type(error).__name__


def target_of(url: str) -> tuple[str, str, int | None, str]:
    """Return where httpx would send a request: scheme, host, explicit port, and path.

    Raises ValueError if httpx rejects the URL.
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(str(error)) from None
    path = parsed.raw_path.partition(b"?")[0].decode("ascii")
    return parsed.scheme, parsed.raw_host.decode("ascii").strip("[]"), parsed.port, path


ACCEPTED = "gzip"
"""The only encoding that `GzipDecoder` decompresses."""


def httpx_request(
    request: Request, content: bytes | Iterable[bytes] | AsyncIterable[bytes], attempt: Attempt
) -> httpx.Request:
    """Return a request for httpx with our headers and `Host`, and nothing that an httpx client would add.

    A client would parse the URL twice and merge its defaults, cookies included, into the request of every block.
    """
    headers = {"Accept": "*/*", "Accept-Encoding": ACCEPTED, "Connection": "keep-alive", **request.headers}
    if not isinstance(request.body, bytes):
        headers["Content-Length"] = str(request.body.size)
    extensions = {"timeout": timeout_of(request).as_dict(), "attempt": attempt}
    return httpx.Request(
        request.method,
        request.address(),
        headers=_all(request, headers),
        content=content or None,
        extensions=extensions,
    )


def _all(request: Request, headers: dict[str, str]) -> dict[str, str]:
    """Add the headers that hold secrets."""
    return headers | {name: value.reveal() for name, value in request.secret_headers.items()}


class _NoCookies(httpx.Cookies):
    """Keeps no cookies: one set for a whole domain would be sent to other users' endpoints under it."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Extract no cookies from a response."""


_NONE = _NoCookies()


class _WithoutCookies:
    @property
    def cookies(self) -> httpx.Cookies:
        """The cookie jar that httpx updates after each response, at a tenth of the cost of a request."""
        return _NONE

    @cookies.setter
    def cookies(self, cookies: object) -> None:
        """Ignore new cookies."""


class Client(_WithoutCookies, httpx.Client):
    """httpx's client, without cookies."""


class AsyncClient(_WithoutCookies, httpx.AsyncClient):
    """httpx's asynchronous client, without cookies."""


class BodyReader:
    """The body of a response, bounded in size and time."""

    def __init__(self, request: Request, response: httpx.Response, attempt: Attempt) -> None:
        self._request, self._response, self._attempt = request, response, attempt
        self._headers = headers_of(response)
        self._chunks: list[bytes] = []
        self._size = 0

    def add(self, pieces: Iterable[bytes]) -> None:
        """Add the next bytes; raise if they are too many or too late."""
        for piece in pieces:
            self._chunks.append(piece)
            self._size += len(piece)
            del piece  # a response may be a key, and tracebacks may show local variables
            self._bound()

    def _bound(self) -> None:
        if self._size > MAX_REPLY:
            raise UnexpectedReply(
                request_name(self._request),
                status=self._response.status_code,
                detail=f"the response is larger than {MAX_REPLY} bytes",
            )
        if self._attempt.is_over:
            raise ReplyLost(
                request_name(self._request),
                f"the response was not complete after {round(self._request.timeout, 2):g} s",
            )

    def reply(self, now: float) -> Reply:
        """Return the complete response, received at wall-clock time `now`."""
        return Reply(self._response.status_code, self._headers, b"".join(self._chunks), now)


def headers_of(response: httpx.Response) -> dict[str, str]:
    """Return the headers by lower-case name."""
    return dict(response.headers.items())


def too_many_streams(request: Request) -> ConnectionFailed:
    """Return the error for a stream that waited too long for a free place."""
    why = f"{MOST_STREAMS} responses are already being streamed, and none of them ended within {request.timeout:g} s"
    return ConnectionFailed(request_name(request), why)


def too_many_requests(request: Request, *, most: int) -> ConnectionFailed:
    """Return the error for a request that waited too long for a free connection."""
    why = f"{most} requests are in progress (`limits`), and none of them ended within {request.timeout:g} s"
    return ConnectionFailed(request_name(request), why)


def client_closed() -> ClientClosed:
    """Return the error for a call on a client that has been closed."""
    return ClientClosed("the client has been closed; nothing was sent. Use a new client")


class Stopped(MaasError):
    """An operation was aborted because a concurrent one failed; the caller gets that failure."""


def raise_if_stopped(what: str) -> None:
    """Raise Stopped if a concurrent operation has failed."""
    stop = STOP.get()
    if stop is not None and stop.is_set():
        raise Stopped(f"{what}: stopped, because a concurrent operation failed")


def stoppable(request: Request, body: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pieces of a request's body until it ends, or until a concurrent operation has failed."""
    stop = STOP.get()
    for piece in body:
        if stop is not None and stop.is_set():
            raise_if_stopped(request_name(request))
        yield piece
