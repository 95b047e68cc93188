"""Copying bytes into the store, from a blob of this server or from another server on this machine."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from urllib.parse import SplitResult, unquote, urlsplit

from starlette.requests import Request
from starlette.types import Message

from mock_server.core.copy_origins import is_allowed_origin, loopback_host
from mock_server.core.errors import ServiceError
from mock_server.core.ranges import ByteRange, parse_range
from mock_server.core.scope import container_of
from mock_server.http.routing import Call
from mock_server.journal.journal import parse_query
from mock_server.state.blob_store import Blob, Part
from mock_server.storage import access as storage_access, loopback_source, request_bodies
from mock_server.storage.blob_address import locate
from mock_server.storage.copy_source import (
    CopyRequest,
    CopySource,
    cannot_verify_source,
    check_conditions,
    source_changed,
)

MAX_SECONDS = 600.0  # of a copy whose request has no `timeout`
COPIED = frozenset(name.title() for name in loopback_source.PROPERTIES)


@asynccontextmanager
async def open_source(call: Call, copy_request: CopyRequest) -> AsyncGenerator[CopySource]:
    """Open the source of a copy; rejects one that does not exist, is not allowed, or does not meet its conditions."""
    parts = _parts(copy_request.url)
    if _is_own(call, parts):
        source = _own_source(call, copy_request, parts)
        check_conditions(copy_request, source.etag, source.modified)
        yield source
        return
    # A page that passed the host check, or a client on another machine, must not use this server to reach services that
    # listen on loopback only.
    may_be_read = (
        is_allowed_origin(parts, call.world.settings["copy_sources"]) and call.world.options.admin_token is None
    )
    address = loopback_source.loopback_address(parts) if may_be_read else None
    if address is None:
        message = (
            "This server cannot reach the source: it copies its own blobs, and from the loopback origins "
            "allowed at start-up (--allow-copies-from http://127.0.0.1:PORT)."
        )
        raise cannot_verify_source(403, "Unreachable", message)
    deadline = asyncio.get_running_loop().time() + _seconds(call)
    async with loopback_source.open_url(address, copy_request, deadline) as source:
        check_conditions(copy_request, source.etag, source.modified)
        yield source


async def receive(
    call: Call, copy_request: CopyRequest, source: CopySource, block: str, *, with_md5: bool
) -> tuple[Part, str]:
    """Receive a source's bytes as if they were the request's body; returns the part, and its MD5 or ''."""
    if source.size > request_bodies.MAX_BODY_BYTES:
        limit = request_bodies.MAX_BODY_BYTES
        message = f"The source is too large: {source.size} bytes requested, at most {limit} allowed."
        raise ServiceError(413, "RequestBodyTooLarge", message)
    headers = [(b"content-length", str(source.size).encode())]
    headers += [(b"content-md5", copy_request.md5.encode())] if copy_request.md5 else []
    remaining = source.size
    pieces = source.pieces

    async def receive_piece() -> Message:
        nonlocal remaining
        piece = await anext(pieces, b"")
        remaining -= len(piece)
        if remaining < 0 or (remaining and not piece):
            raise source_changed()
        return {"type": "http.request", "body": piece, "more_body": remaining > 0}

    source_request = Request({**call.request.scope, "headers": headers}, receive_piece)
    async with aclosing(pieces):
        return await request_bodies.receive(replace(call, request=source_request), block, with_md5=with_md5)


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port, parts.hostname  # accessing them validates them
    except ValueError as error:
        raise ServiceError(400, "InvalidHeaderValue", f"x-ms-copy-source is not a URL: {error}.") from error
    return parts


def _is_own(call: Call, parts: SplitResult) -> bool:
    """Return whether an address is this server's: the request's own host, or its port on loopback."""
    server: tuple[str, int | None] | None = call.request.scope.get("server")
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    on_loopback = loopback_host(parts.hostname) is not None
    return parts.netloc.lower() == call.host.lower() or (on_loopback and server is not None and server[1] == port)


def _own_source(call: Call, copy_request: CopyRequest, parts: SplitResult) -> CopySource:
    try:
        blob = _readable_blob(call, copy_request, parts)
        part = parse_range(copy_request.range, blob.size) or ByteRange(0, blob.size)
    except ServiceError as error:
        raise cannot_verify_source(error.status, error.code, error.message) from error
    except ValueError as error:
        message = f"The range specified is invalid for the current size of the resource: {error}."
        raise cannot_verify_source(416, "InvalidRange", message) from error
    properties = {name: value for name, value in blob.headers.items() if name in COPIED}
    return CopySource(part.length, blob.etag, blob.modified, properties, _pieces(call, blob, part))


def _readable_blob(call: Call, copy_request: CopyRequest, parts: SplitResult) -> Blob:
    """Return one of this server's blobs if the caller may read it: the access check is that of Get Blob."""
    path = unquote(parts.path)
    container, name = locate(path)
    workspace = call.world.workspace_of(container.removeprefix(container_of(""))) or ""
    proof = [(b"authorization", copy_request.authorization.encode("latin-1"))] if copy_request.authorization else []
    scope = {**call.request.scope, "method": "GET", "path": path, "raw_path": parts.path.encode("latin-1")}
    read_call = replace(
        call,
        request=Request({**scope, "headers": proof}),
        operation="blob.get",
        params={"container": container, "blob": name, "ws": workspace},
        query=parse_query(parts.query.encode("latin-1")),
        path=path,
        host=parts.netloc,
        base=f"{parts.scheme}://{parts.netloc}",
    )
    storage_access.authorize(read_call)
    blob = call.world.blobs.get(container, name)
    if blob is None:
        raise ServiceError(404, "BlobNotFound", "The specified blob does not exist.")
    return blob


async def _pieces(call: Call, blob: Blob, part: ByteRange) -> AsyncGenerator[bytes]:
    for piece in call.world.blobs.read(blob, part.start, part.length):
        yield piece
        await asyncio.sleep(0)  # lets other requests proceed between chunks


def _seconds(call: Call) -> float:
    requested = call.query.get("timeout", "")
    return min(MAX_SECONDS, float(requested)) if requested.isascii() and requested.isdigit() else MAX_SECONDS
