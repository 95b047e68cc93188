"""Reading from another server on this machine: loopback only, without redirects, in bounded memory and time."""

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import SplitResult

from mock_server.core.copy_origins import loopback_host
from mock_server.core.errors import ServiceError
from mock_server.storage.copy_source import CopyRequest, CopySource, cannot_verify_source

if TYPE_CHECKING:
    import httpx

PIECE = 256 * 1024
IDLE_SECONDS = 10.0
CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(?:\d{1,18}|\*)\Z", re.ASCII)
PROPERTIES = (
    "content-type",
    "content-encoding",
    "content-language",
    "content-disposition",
    "cache-control",
)


@dataclass(frozen=True, slots=True)
class LoopbackAddress:
    """An address on loopback; its host is a literal, so no resolver is used."""

    url: str
    host: str  # as in the original address


def loopback_address(parts: SplitResult) -> LoopbackAddress | None:
    """Return the loopback address of a URL, rebuilt so that it cannot be parsed differently; None if not loopback."""
    literal = loopback_host(parts.hostname)
    if literal is None:
        return None
    port = "" if parts.port is None else f":{parts.port}"
    host = f"[{literal}]" if ":" in literal else literal
    query = f"?{parts.query}" if parts.query else ""
    return LoopbackAddress(f"{parts.scheme}://{host}{port}{parts.path or '/'}{query}", parts.netloc.rpartition("@")[2])


@asynccontextmanager
async def open_url(address: LoopbackAddress, copy_request: CopyRequest, deadline: float) -> AsyncGenerator[CopySource]:
    """Request the source until a deadline on the loop's clock; raises the source's error if it responds with one."""
    import httpx  # importing it takes longer than most servers need to start

    client = httpx.AsyncClient(
        verify=False,  # noqa: S501 - servers under test use self-signed certificates, and no one can intercept loopback
        trust_env=False,  # a proxy could lead off this machine
        follow_redirects=False,
        timeout=IDLE_SECONDS,
    )
    async with client:
        try:
            async with asyncio.timeout_at(deadline):
                request = client.build_request("GET", address.url, headers=_headers(address, copy_request))
                response = await client.send(request, stream=True)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise timed_out() from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise cannot_verify_source(
                403, "Unreachable", f"The source cannot be read: {type(error).__name__}."
            ) from error
        async with aclosing(response):
            yield _source(response, copy_request, deadline)


def timed_out() -> ServiceError:
    """Return the error for a copy that exceeded its time limit."""
    return ServiceError(500, "OperationTimedOut", "The operation could not be completed within the permitted time.")


def _headers(address: LoopbackAddress, copy_request: CopyRequest) -> list[tuple[bytes, bytes]]:
    """Return the request's headers as bytes: values received as Latin-1 are sent unchanged."""
    headers = {"Host": address.host, "Range": copy_request.range, "Authorization": copy_request.authorization}
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items() if value]
    return [*encoded, (b"Accept-Encoding", b"identity")]  # the stored bytes


def _source(response: "httpx.Response", copy_request: CopyRequest, deadline: float) -> CopySource:
    """Read the headers of a response; rejects one that does not match the request."""
    status, headers = response.status_code, response.headers
    headers.encoding = "latin-1"  # these values become headers of this server's own responses
    if status >= 400:
        code = headers.get("x-ms-error-code", response.reason_phrase.replace(" ", ""))
        raise cannot_verify_source(status, code, f"The source answered {status} {response.reason_phrase}.")
    if status not in (200, 206):
        raise cannot_verify_source(403, str(status), f"The source answered {status}: use a URL that does not redirect.")
    size = headers.get("content-length", "")
    if not (size.isascii() and size.isdigit()):
        raise cannot_verify_source(400, "MissingContentLengthHeader", "The source sent no Content-Length.")
    if not _is_range(copy_request.range, status, int(size), headers):
        raise cannot_verify_source(
            400, "InvalidRange", "The source did not send the requested range: it must support bytes=FIRST-LAST."
        )
    return CopySource(
        size=int(size),
        etag=headers.get("etag"),
        modified=_modified(headers.get("last-modified", "")),
        properties={name.title(): headers[name] for name in PROPERTIES if name in headers},
        pieces=_pieces(response, deadline),
    )


def _is_range(copy_request: str | None, status: int, size: int, headers: Mapping[str, str]) -> bool:
    """Return whether a response contains the requested range, or the whole if none was; the range may end early."""
    if copy_request is None:
        return status == 200
    first, _, last = copy_request.removeprefix("bytes=").partition("-")
    content_range = CONTENT_RANGE.match(headers.get("content-range", ""))
    if status != 206 or content_range is None:
        return False
    start, end = int(content_range[1]), int(content_range[2])
    return start == int(first) and end - start + 1 == size and (not last or end <= int(last))


async def _pieces(response: "httpx.Response", deadline: float) -> AsyncGenerator[bytes]:
    import httpx

    pieces = response.aiter_raw(PIECE)
    while True:
        try:
            async with asyncio.timeout_at(deadline):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        except (TimeoutError, httpx.TimeoutException) as error:
            raise timed_out() from error
        except httpx.HTTPError as error:
            raise cannot_verify_source(500, "InternalError", "The source ended before its Content-Length.") from error
        yield piece


def _modified(header: str) -> float | None:
    try:
        return parsedate_to_datetime(header).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
