"""httpx, as both wires use it: its requests and answers bounded, and its errors turned into ours."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from threading import Event

from ..core.errors import ClientClosed, ConnectionFailed, MaasError, ReplyLost, SettingsError, UnexpectedReply
from ..core.http_messages import Reply, Request
from ..core.redaction import bare, redact
from .attempt import Attempt
from .httpx_import import httpcore, httpx

MAX_REPLY = 64 << 20
"""The largest answer, in bytes, that `send` reads; larger ones are for `open`."""

IN_FLIGHT = 10
"""Requests that an AsyncWire has under way at once on a loop: 3,331 small GETs/s at 10, 3,039 at 100."""

LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy", "httpcore.socks")

STOP: ContextVar[Event | None] = ContextVar("maas_client_stop", default=None)
"""Set by `gather` for what runs in it: once it is set, bodies end in the middle instead of going on for nothing."""

MOST_STREAMS = 100
"""Answers that may be read while they arrive at once, in one process or on one event loop."""


def timeout_of(request: Request) -> httpx.Timeout:
    """Return the limits on each wait for the network."""
    return httpx.Timeout(request.timeout, connect=min(request.timeout, 15.0))


def attempt_at(request: Request, clock: Callable[[], float]) -> Attempt:
    """Begin an attempt at a request."""
    size = len(request.body) if isinstance(request.body, bytes) else request.body.size
    return Attempt(request.timeout, size, clock)


def request_name(request: Request) -> str:
    """Name a request in an error, without its secrets."""
    return f"{request.method} {redact(request.url)}"


_UNREACHED = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.PoolTimeout,
    httpcore.ProxyError,
)
_UNFIT = (
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.InvalidURL,
    httpcore.UnsupportedProtocol,
    httpcore.LocalProtocolError,
)
_LATE = (httpx.TimeoutException, httpcore.TimeoutException)
_BROKEN = (httpx.HTTPError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.ConnectionNotAvailable)


def error_for(error: BaseException, request: Request) -> BaseException:
    """Return what leaves the wire in an error's place: ours for httpx's, and any other without httpx's frames.

    Those hold the signed address and the headers. Raise it outside of the `except` block, so that the error which it
    stands for is not its context.
    """
    if isinstance(error, _UNREACHED):
        return ConnectionFailed(request_name(request), f"could not connect ({_why(error)})")
    if isinstance(error, _UNFIT):
        return ConnectionFailed(request_name(request), f"cannot be sent ({_why(error)})")
    if isinstance(error, UnicodeError):  # it holds the header itself, which may be a secret
        return ConnectionFailed(request_name(request), "cannot be sent (a header or the address is not ASCII)")
    if isinstance(error, _LATE):
        return ReplyLost(request_name(request), f"no answer within {round(request.timeout, 2):g} s")
    if isinstance(error, _BROKEN):
        return ReplyLost(request_name(request), f"the connection broke before the answer was complete ({_why(error)})")
    return bare(error)


def _why(error: BaseException) -> str:
    return redact(str(error)) or type(error).__name__


def target_of(url: str) -> tuple[str, str, int | None, str]:
    """Return where httpx would send a request: scheme, host, port if it is named, and path as they leave the machine.

    Raises ValueError for what httpx takes for no URL.
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(str(error)) from None
    path = parsed.raw_path.partition(b"?")[0].decode("ascii")
    return parsed.scheme, parsed.raw_host.decode("ascii").strip("[]"), parsed.port, path


ACCEPTED = "gzip"
"""The one encoding that `Inflation` undoes."""


def httpx_request(request: Request, content: bytes | Iterable[bytes], attempt: Attempt) -> httpx.Request:
    """Return a request as httpx sends it: with our headers and its `Host`, and nothing that a client would add.

    A client would parse the address twice and merge what it has of each kind, cookies too, into every block's request.
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
    """Keeps no cookie: one set for a whole domain would reach other people's endpoints under it."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Take nothing from an answer."""


_NONE = _NoCookies()


class _WithoutCookies:
    @property
    def cookies(self) -> httpx.Cookies:
        """What httpx hands each answer to, which costs as much as a tenth of a request where it is kept."""
        return _NONE

    @cookies.setter
    def cookies(self, cookies: object) -> None:
        """Take none."""


class Client(_WithoutCookies, httpx.Client):
    """httpx's client, without cookies."""


class AsyncClient(_WithoutCookies, httpx.AsyncClient):
    """httpx's asynchronous client, without cookies."""


class BodyReader:
    """The body of an answer, bounded in size and time."""

    def __init__(self, request: Request, response: httpx.Response, attempt: Attempt) -> None:
        self._request, self._response, self._attempt = request, response, attempt
        self._headers = headers_of(response)
        self._chunks: list[bytes] = []
        self._size = 0

    def add(self, pieces: Iterable[bytes]) -> None:
        """Take the next bytes; raise when they are too many or too late."""
        for piece in pieces:
            self._chunks.append(piece)
            self._size += len(piece)
            del piece  # an answer may be a key, and a traceback may show the locals of its frames
            self._bound()

    def _bound(self) -> None:
        if self._size > MAX_REPLY:
            raise UnexpectedReply(
                request_name(self._request),
                status=self._response.status_code,
                detail=f"the answer is larger than {MAX_REPLY} bytes",
            )
        if self._attempt.is_over:
            raise ReplyLost(
                request_name(self._request), f"the answer was not complete after {round(self._request.timeout, 2):g} s"
            )

    def reply(self, now: float) -> Reply:
        """Return the whole answer, received at `now` of the wall clock."""
        return Reply(self._response.status_code, self._headers, b"".join(self._chunks), now)


def headers_of(response: httpx.Response) -> dict[str, str]:
    """Return the headers under their lower-case names."""
    return dict(response.headers.items())


def tls_context(ca_bundle: str | None = None) -> ssl.SSLContext:
    """Return a context that trusts `ca_bundle`, else MAAS_CA_BUNDLE's or REQUESTS_CA_BUNDLE's file, else certifi's."""
    bundle = ca_bundle or os.environ.get("MAAS_CA_BUNDLE") or os.environ.get("REQUESTS_CA_BUNDLE")
    if not bundle:
        return httpx.create_ssl_context()
    try:
        return ssl.create_default_context(cafile=bundle)
    except OSError as error:
        why = error.strerror or "it holds no certificate"
        raise SettingsError(f"the CA bundle {bundle!r} cannot be used: {why} (MAAS_CA_BUNDLE)") from None


def no_tls() -> ssl.SSLContext:
    """Return a context that trusts nobody, for an endpoint over plain http: loading the authorities takes 40 ms."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def too_many_streams(request: Request) -> ConnectionFailed:
    """Return the error for a stream that found no place in its time."""
    why = f"{MOST_STREAMS} answers are being read already, and none of them ended within {request.timeout:g} s"
    return ConnectionFailed(request_name(request), why)


def client_closed() -> ClientClosed:
    """Return the error for a call on a client that has been closed."""
    return ClientClosed("the client has been closed, and nothing was sent. Use a new one")


class Stopped(MaasError):
    """What ended in the middle because what ran beside it has failed; that failure is what is raised."""


def raise_if_stopped(what: str) -> None:
    """Raise Stopped if what runs beside this has failed."""
    stop = STOP.get()
    if stop is not None and stop.is_set():
        raise Stopped(f"{what}: stopped, because what ran beside it has failed")


def stoppable(request: Request, body: Iterable[bytes]) -> Iterator[bytes]:
    """Read the body of a request in pieces until it ends, or until what runs beside it has failed."""
    stop = STOP.get()
    for piece in body:
        if stop is not None and stop.is_set():
            raise_if_stopped(request_name(request))
        yield piece
