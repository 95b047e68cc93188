"""httpx, as both wires use it: imported lightly, bounded, its errors turned into ours and its log kept clean."""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event
from types import ModuleType

from ..errors import ConnectionFailed, MaasError, ReplyLost, SettingsError, UnexpectedReply
from ..messages import Reply, Request
from ..trust import redact


@contextmanager
def _without_its_command_line() -> Generator[None]:
    """Import httpx as if its command line were absent.

    With click installed, `import httpx` also imports click, rich and pygments for a command that nobody runs here:
    130 ms become 340. An empty module in that place makes httpx take the branch for a missing command line.
    """
    name = "httpx._main"
    if name in sys.modules or "httpx" in sys.modules:
        yield
        return
    sys.modules[name] = ModuleType(name)
    try:
        yield
    finally:
        del sys.modules[name]


with _without_its_command_line():
    import httpx as httpx  # exported: both wires take it from here

MAX_REPLY = 64 << 20
"""The largest answer, in bytes, that `send` reads; larger ones are for `open`."""

IN_FLIGHT = 10
"""Requests that an AsyncWire has under way at once: httpx's pool does 1,413 small GETs/s at 10 and 252 at 100."""

LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy", "httpcore.socks")

STOP: ContextVar[Event | None] = ContextVar("maas_client_stop", default=None)
"""Set by `gather` for what runs in it: once it is set, bodies end in the middle instead of going on for nothing."""

NO_PROXY: dict[str, None] = dict.fromkeys(("all://127.0.0.1", "all://localhost", "all://*.localhost", "all://[::1]"))
"""What is on this machine is reached without the environment's proxy."""

LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=IN_FLIGHT)
CLOSING = httpx.Limits(max_connections=100, max_keepalive_connections=0)


def timeout_of(request: Request) -> httpx.Timeout:
    """Return the limits on each wait; one for a free connection ends with those who hold it."""
    return httpx.Timeout(request.timeout, connect=min(request.timeout, 15.0), pool=None)


def name_of(request: Request) -> str:
    """Name a request in an error, without its secrets."""
    return f"{request.method} {redact(request.url)}"


@contextmanager
def our_errors(request: Request) -> Generator[None]:
    """Turn what httpx raises into what this library promises."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
        raise ConnectionFailed(name_of(request), f"could not connect ({_why(error)})") from None
    except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL) as error:
        raise ConnectionFailed(name_of(request), f"cannot be sent ({_why(error)})") from None
    except UnicodeError:  # it holds the header itself, which may be a secret
        raise ConnectionFailed(name_of(request), "cannot be sent (a header or the address is not ASCII)") from None
    except httpx.TimeoutException:
        raise ReplyLost(name_of(request), f"no answer within {request.timeout:g} s") from None
    except httpx.HTTPError as error:
        raise ReplyLost(
            name_of(request), f"the connection broke before the answer was complete ({_why(error)})"
        ) from None


def _why(error: Exception) -> str:
    return redact(str(error)) or type(error).__name__


ACCEPTED = "gzip"
"""The one encoding that `Inflation` undoes."""


def outgoing(request: Request, content: bytes | Iterable[bytes]) -> httpx.Request:
    """Return a request as httpx sends it: with our headers and its `Host`, and nothing that a client would add.

    A client would parse the address twice and merge what it has of each kind, cookies too, into every block's request.
    """
    headers = {"Accept": "*/*", "Accept-Encoding": ACCEPTED, "Connection": "keep-alive", **request.headers}
    if not isinstance(request.body, bytes):
        headers["Content-Length"] = str(request.body.size)
    timeout = timeout_of(request).as_dict()
    return httpx.Request(
        request.method, request.url, headers=headers, content=content or None, extensions={"timeout": timeout}
    )


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


class Reading:
    """The body of an answer, bounded in size and time."""

    def __init__(self, request: Request, response: httpx.Response, clock: Callable[[], float]) -> None:
        self._request, self._response, self._clock = request, response, clock
        self._headers = headers_of(response)
        self._deadline = clock() + request.timeout
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
                name_of(self._request),
                status=self._response.status_code,
                detail=f"the answer is larger than {MAX_REPLY} bytes",
            )
        if self._clock() > self._deadline:
            raise ReplyLost(name_of(self._request), f"the answer was not complete after {self._request.timeout:g} s")

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


class Stopped(MaasError):
    """What ended in the middle because what ran beside it has failed; that failure is what is raised."""


def go_on(what: str) -> None:
    """Raise Stopped if what runs beside this has failed."""
    stop = STOP.get()
    if stop is not None and stop.is_set():
        raise Stopped(f"{what}: stopped, because what ran beside it has failed")


def stoppable(request: Request, body: Iterable[bytes]) -> Iterator[bytes]:
    """Read the body of a request in pieces until it ends, or until what runs beside it has failed."""
    stop = STOP.get()
    for piece in body:
        if stop is not None and stop.is_set():
            go_on(name_of(request))
        yield piece
