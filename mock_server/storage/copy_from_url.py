"""The bytes of a copy on their way: from a blob of this server, or another server of this machine, into the store."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from urllib.parse import SplitResult, unquote, urlsplit

from starlette.requests import Request
from starlette.types import Message

from mock_server.core.copy_origins import is_allowed, loopback_host
from mock_server.core.errors import ServiceError
from mock_server.core.ranges import Span, span
from mock_server.core.scope import container_of
from mock_server.http.routing import Call
from mock_server.journal.journal import query_of
from mock_server.state.blob_store import Blob, Part
from mock_server.storage import access as storage_access, loopback_source as loopback, request_bodies as bodies
from mock_server.storage.blob_address import locate
from mock_server.storage.copy_source import Source, Wanted, changed, check_conditions, unverified

LONGEST_SECONDS = 600.0  # of a copy whose request has no `timeout`
COPIED = frozenset(name.title() for name in loopback.PROPERTIES)


@asynccontextmanager
async def opened(call: Call, wanted: Wanted) -> AsyncGenerator[Source]:
    """Open the source that a call names; refuses what is not there, not allowed, not here, or not as it must be."""
    parts = _parts(wanted.url)
    if _is_own(call, parts):
        source = _own(call, wanted, parts)
        check_conditions(wanted, source.etag, source.modified)
        yield source
        return
    # Neither a page that got past the checks of its host, nor who reaches this server from elsewhere, may reach through
    # it what listens on this machine alone.
    may_be_read = is_allowed(parts, call.world.settings["copy_sources"])
    place = loopback.place(parts) if may_be_read and call.world.options.admin_token is None else None
    if place is None:
        message = (
            "This server cannot reach the source: it copies its own blobs, and from the origins on loopback that it "
            "was allowed to (--allow-copies-from http://127.0.0.1:PORT)."
        )
        raise unverified(403, "Unreachable", message)
    deadline = asyncio.get_running_loop().time() + _seconds(call)
    async with loopback.opened(place, wanted, deadline) as source:
        check_conditions(wanted, source.etag, source.modified)
        yield source


async def receive(call: Call, wanted: Wanted, source: Source, block: str, *, summed: bool) -> tuple[Part, str]:
    """Take a source's bytes as if the call had brought them; gives the part, and its MD5 or ''."""
    if source.size > bodies.LARGEST_BODY:
        message = (
            f"The source is too large: {source.size} bytes of it are asked for, {bodies.LARGEST_BODY} are allowed."
        )
        raise ServiceError(413, "RequestBodyTooLarge", message)
    headers = [(b"content-length", str(source.size).encode())]
    headers += [(b"content-md5", wanted.md5.encode())] if wanted.md5 else []
    left = source.size
    pieces = source.pieces

    async def arriving() -> Message:
        nonlocal left
        piece = await anext(pieces, b"")
        left -= len(piece)
        if left < 0 or (left and not piece):
            raise changed()
        return {"type": "http.request", "body": piece, "more_body": left > 0}

    fed = Request({**call.request.scope, "headers": headers}, arriving)
    async with aclosing(pieces):
        return await bodies.receive(replace(call, request=fed), block, summed=summed)


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port, parts.hostname  # read for their checks
    except ValueError as error:
        raise ServiceError(400, "InvalidHeaderValue", f"x-ms-copy-source is no address: {error}.") from error
    return parts


def _is_own(call: Call, parts: SplitResult) -> bool:
    """Tell whether an address is this server's: as the request named it, or its port on loopback."""
    server: tuple[str, int | None] | None = call.request.scope.get("server")
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    on_loopback = loopback_host(parts.hostname) is not None
    return parts.netloc.lower() == call.host.lower() or (on_loopback and server is not None and server[1] == port)


def _own(call: Call, wanted: Wanted, parts: SplitResult) -> Source:
    try:
        blob = _admitted(call, wanted, parts)
        part = span(wanted.range, blob.size) or Span(0, blob.size)
    except ServiceError as error:
        raise unverified(error.status, error.code, error.message) from error
    except ValueError as error:
        message = f"The range specified is invalid for the current size of the resource: {error}."
        raise unverified(416, "InvalidRange", message) from error
    properties = {name: value for name, value in blob.headers.items() if name in COPIED}
    return Source(part.length, blob.etag, blob.modified, properties, _pieces(call, blob, part))


def _admitted(call: Call, wanted: Wanted, parts: SplitResult) -> Blob:
    """Give one of this server's blobs to who may read it: the access check is that of a Get Blob."""
    path = unquote(parts.path)
    container, name = locate(path)
    workspace = call.world.workspace_of(container.removeprefix(container_of(""))) or ""
    proof = [(b"authorization", wanted.authorization.encode("latin-1"))] if wanted.authorization else []
    scope = {**call.request.scope, "method": "GET", "path": path, "raw_path": parts.path.encode("latin-1")}
    reading = replace(
        call,
        request=Request({**scope, "headers": proof}),
        operation="blob.get",
        params={"container": container, "blob": name, "ws": workspace},
        query=query_of(parts.query.encode("latin-1")),
        path=path,
        host=parts.netloc,
        base=f"{parts.scheme}://{parts.netloc}",
    )
    storage_access.admit(reading)
    blob = call.world.blobs.get(container, name)
    if blob is None:
        raise ServiceError(404, "BlobNotFound", "The specified blob does not exist.")
    return blob


async def _pieces(call: Call, blob: Blob, part: Span) -> AsyncGenerator[bytes]:
    for piece in call.world.blobs.read(blob, part.start, part.length):
        yield piece
        await asyncio.sleep(0)  # others have their turn between two chunks


def _seconds(call: Call) -> float:
    asked = call.query.get("timeout", "")
    return min(LONGEST_SECONDS, float(asked)) if asked.isascii() and asked.isdigit() else LONGEST_SECONDS
